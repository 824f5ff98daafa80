"""How people say rules in English and Chinese, as patterns: lengths, words, limits, relations between columns."""

from __future__ import annotations

import re
from typing import Literal

from workspace.rules import Comparison
from workspace.words import Words

Subject = Literal["question", "answer"]

SUBJECTS: dict[str, Subject] = {
    **dict.fromkeys("answer answers reply replies response responses 回答 答案 答复 回复".split(), "answer"),
    **dict.fromkeys("question questions message messages query queries 问题 提问 消息 用户消息".split(), "question"),
}
# Words for the row as a whole: which side is meant is told by whoever asks.
WHOLE = "it they text texts row rows everything output outputs 文本 内容 每条 数据 每条数据 句子 全文".split()
_SUBJECT = "|".join(sorted((*SUBJECTS, *WHOLE), key=len, reverse=True))
_ALL = r"(?:(?:the|an?|every|each|all|any|its|our)\s+)*"
_MUST = r"(?:must|should|may|can|shall|has to|have to|needs? to|is to|are to)"
_WHO = rf"^(?:{_ALL}(?P<subject>{_SUBJECT})\s+)?"
_WHO_ZH = rf"^(?P<subject>{_SUBJECT})?(?:里面?|当?中)?(?:都|均)?"
_HOLDS = r"(?:mentions?|contains?|includes?|uses?|says?|have|has)"
_HOLDS_ZH = r"(?:出现|提到|提及|包含|含有|使用|有)"

# Whoever hedges states no rule that every row must obey.
HEDGED = re.compile(
    r"[?？]$|\b(?:unless|except|usually|normally|preferably|ideally)\b|除非|除了|一般|通常|尽量|最好(?!的)", re.I
)
# "must never be longer than" and "no message may be longer than", in the order that the patterns below read.
TURNED = (
    (re.compile(r"\b(?:never|not) be (?=(?:longer|more|shorter|fewer|less) than)", re.I), "be never "),
    (re.compile(rf"^no (?P<one>{_SUBJECT}) {_MUST} be (?=(?:longer|shorter) than)", re.I), r"every \g<one> is never "),
)
LENGTH_EN = re.compile(
    rf"{_WHO}(?:{_MUST}\s+)?(?:(?:be|is|are|have|has|contain|contains|use|keep to)\s+)?"
    r"(?P<bound>never (?:more|longer) than|never (?:less|fewer|shorter) than|no more than|not more than|no longer than|"
    r"(?:not|never) exceed|at most|up to|a maximum of|max(?:imum)?|under|below|fewer than|less than|shorter than|"
    r"more than|longer than|over|at least|no (?:fewer|less|shorter) than|not (?:fewer|less) than|a minimum of|"
    r"min(?:imum)?|exactly)\s+(?P<number>[\w,-]+(?: [a-z]+)?)\s+(?P<unit>words?|characters?|letters?)"
    r"(?: long| in length)?$",
    re.I,
)
LENGTH_ZH = re.compile(
    rf"^(?:每[条个])?(?P<subject>{_SUBJECT})?的?(?:长度|字数)?(?:都|均)?(?:必须|应该?|需?要|需)?(?:控制)?在?"
    r"(?P<bound>不(?:能|得|要|可)?超过|不多于|不大于|最多|至多|少于|小于|不(?:能|得)?少于|至少|最少|超过|多于|大于)?"
    r"(?P<number>\d+|[一二三四五六七八九十百千两]+)个?(?P<unit>字符|汉?字)(?P<after>以内|之内|以下|以上)?$"
)
FORBID = (
    re.compile(
        rf"{_WHO}(?:{_MUST}\s+(?:not|never)|mustn't|shouldn't|can't|cannot|may not|never|do(?:es)? not|do(?:es)?n't)\s+"
        rf"(?:ever\s+)?{_HOLDS}\s+(?P<list>.+)$",
        re.I,
    ),
    re.compile(
        rf"^(?P<list>(?:the )?(?:words?|phrases?|terms?) .+?) (?:{_MUST} (?:not|never)|cannot|can't|mustn't|never|"
        rf"do(?:es)? not) (?:occurs?|appears?|be (?:used|mentioned|said))(?: in (?:the )?(?P<subject>{_SUBJECT}))?$",
        re.I,
    ),
    re.compile(
        rf"{_WHO_ZH}(?:绝对|一律)?(?:不能|不得|不可以?|不要|不许|禁止|严禁|不应该?|不准)再?{_HOLDS_ZH}(?P<list>.+)$"
    ),
)
NEED = (
    re.compile(
        rf"{_WHO}(?:must|should|shall|has to|have to|needs? to|always)\s+(?:always\s+)?"
        r"(?:mentions?|contains?|includes?)\s+(?P<list>.+)$",
        re.I,
    ),
    re.compile(rf"{_WHO_ZH}(?:必须|一定要|需要|应该|要)(?:出现|提到|提及|包含|含有)(?P<list>.+)$"),
)
RELATIONS: tuple[tuple[str, Comparison], ...] = (
    (
        r"<=|≤|never (?:after|later than|above|over|more than|greater than|higher than|exceeds?|bigger than)|at most|"
        r"up to|no (?:later|more|higher|greater) than|"
        r"(?:不(?:能|得|可以?|应)?|从不)(?:晚于|迟于|超过|高于|大于|多于)|最多|至多|最高",
        "<=",
    ),
    (
        r">=|≥|never (?:before|earlier than|below|under|less than|lower than|smaller than)|at least|"
        r"no (?:earlier|less|lower|fewer) than|(?:不(?:能|得|可以?|应)?|从不)(?:早于|低于|小于|少于)|至少|最少|最低",
        ">=",
    ),
    (r"<|before|earlier than|less than|lower than|below|under|smaller than|早于|小于|低于|少于", "<"),
    (r">|after|later than|more than|greater than|higher than|above|over|exceeds?|晚于|大于|高于|超过|多于", ">"),
    (r"equals?|equal to|the same as|=|等于|是", "=="),
)
# "must not be", "isn't", "may never" are all one "never".
NEVER = re.compile(
    rf"\b(?:(?:{_MUST}|is|are|was|were|do(?:es)?)\s+(?:not|never)|cannot|can't|isn't|mustn't)(?:\s+be)?\b", re.I
)
RELATION_EN = (
    r"^(?:the\s+)?(?P<left>[a-z][\w '-]*?)(?:\s+|\s*(?=[<>=≤≥]))(?:(?:must|should|may|can|is|are|be|was|has to be)\s+)*"
)
RELATION_ZH = r"^(?P<left>[\u4e00-\u9fffA-Za-z_]+?)\s*(?:必须|应该?|要|都|永远|绝对|的值)*"
# What is counted or paid: two columns with such names can be compared, whatever else they are called.
AMOUNTS = re.compile(
    r"(?:revenue|cost|profit|price|amount|total|balance|discount|budget|quantity|stock|limit|income|expenses?|fee|tax|"
    r"salary|sales|assets|liabilities|收入|成本|利润|价格|金额|总额|余额|折扣|预算|数量|库存|限额|支出|费用|税额|工资|销售额|"
    r"资产|负债|营收|单价|总价)$",
    re.I,
)
SLACK = re.compile(
    r"(?:,?\s*(?:within|with a tolerance of|give or take|±)|[，,]?\s*(?:允许)?误差(?:不超过|在|为)?)\s*"
    r"(?P<number>\d+(?:\.\d+)?)(?:以内|之内)?$",
    re.I,
)
BETWEEN = (
    re.compile(
        r"^(?:the\s+)?(?P<left>[a-z][\w '-]*?)\s+(?:must |should )?(?:is |be |lies? )(?:always )?"
        r"between (?P<low>\S+(?: \w+)?) and (?P<high>\S+(?: \w+)?)$",
        re.I,
    ),
    re.compile(r"^(?P<left>\w+?)(?:必须|应该?|要)?在(?P<low>\S+?)(?:到|至|和|与|-|~)(?P<high>\S+?)之间$"),
)
IF = (
    re.compile(r"^if\s+(?P<when>.+?),?\s+then\s+(?P<then>.+)$", re.I),
    re.compile(r"^if\s+(?P<when>[^,]+),\s+(?P<then>.+)$", re.I),
    re.compile(r"^(?:如果|若|当)(?P<when>.+?)(?:的话|时)?[，,](?:那么|则|就)?(?P<then>.+)$"),
)
LABEL = re.compile(
    r"^(?:the )?(?:label|category|类别|标签|分类)\s*(?:is|=|equals|是|为)\s*[\"'“「]?(?P<label>[\w -]+?)[\"'”」]?$",
    re.I,
)
PRESENT = (
    re.compile(r"^(?:the )?(?P<name>[a-z][\w -]*?) (?:must|should) (?:be present|not be empty|be filled in)$", re.I),
    re.compile(r"^(?P<name>\w+?)(?:不能为空|必填|不得为空)$"),
)

# Lists of words
MARK = re.compile(
    r"^(?:(?:the|any of the|one of the|these|following|either) )*(?:words?|phrases?|terms?)\s*:?\s+|"
    r"^(?:词语|字样|词|字眼)[:：]?",
    re.I,
)
TAIL = re.compile(r"(?:这?[几两三]?个?(?:词语?|字眼?|字样|词汇))$")
GLUE = re.compile(r"\b(?:and|or|nor|the|words?|either|both)\b|[\s,，、;/和或与及者等]|这样的|之类的?|词语?|字眼?", re.I)
SPLIT = re.compile(r"\s*(?:,|，|、|/|\bor\b|\band\b|\bnor\b|或者|或|和|与|及)\s*", re.I)
QUOTED = re.compile(r"[\"“‘「『']([^\"“”‘’「」『』']+)[\"”’」』']")
# A word that stands for many others is not itself what must be looked for.
CONCEPTS = re.compile(
    r"^(?:competitors?|prices?|names?|numbers?|profanity|slang|emojis?|insults?|emotions?|opinions?|politics|swear|"
    r"personal|dates?|links?|urls?|addresses|promises|anything|something|it|them|other|others|any|"
    r"竞争对手|竞品|价格|姓名|人名|数字|脏话|粗话|表情|个人信息|隐私|敏感词|敏感信息|电话|地址|链接|英文|错别字|"
    r"日期|时间|金额|结论|称呼|问候语?|原因|理由|.*(?:等|之类|相关|类|的|名称|名字).*)$",
    re.I,
)
NOT_A_NAME = re.compile(
    r"\b(?:not|never|must|should|is|are|be|than|if|when|or|and|of|we|you|i|please|do|any|no|every|each|all|there|that|"
    r"it|they|how|what|who|with|for|to|in|on|at|by|from)\b|"
    r"不|没|如果|必须|应该|或|和|以及|每|所有|任何|请|我|你|您|它|是否|的时候|要|能",
    re.I,
)
# What can be seen in a text by its form: what people call it, the pattern, and its name where it is told back.
CONTENT = (
    (r"(?:tele)?phone numbers?|phone|电话号码|电话|手机号码?|联系电话", r"(?:^|"
    r"[^\d.])(?:\+?\d{1,3}[ -]?)?(?:\d[ -]?){6,12}\d(?:$|[^\d])", Words("a phone number", "电话号码")),
    (r"e-?mail(?: address(?:es)?)?s?|邮箱(?:地址)?|电子邮件地址?", r"[\w.+-]+@[\w-]+\.[A-Za-z]{2,}",
    Words("an email address", "邮箱地址")),
    (r"links?|urls?|web addresses?|链接|网址", r"(?i)https?://|www\.", Words("a link", "链接")),
    (r"dates?|日期", r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|(?i)\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|"
    r"oct|nov|dec)[a-z]* \d{1,2}|\d{1,2}月\d{1,2}日", Words("a date", "日期")),
    (r"numbers?|digits?|figures?|数字", r"\d", Words("a digit", "数字")),
    (r"questions?|question marks?|问句|疑问句|问号", r"[?？]", Words("a question mark", "问号")),
    (r"emojis?|表情符号?", r"[\x{1F300}-\x{1FAFF}\x{2600}-\x{27BF}]", Words("an emoji", "表情符号")),
)  # fmt: skip
COUNTED = (
    (
        r"steps?|bullet points?|bullets|items|points|个?步骤|步|个?要点|条要点|点",
        r"(?m)(?:^|[\s。；;，,])(?:\d{1,2}[.)、．）](?:\D|$)|(?i:step \d)|第[一二三四五六七八九十\d]+步|"
        r"[①-⑳]|(?i:first|then|next|finally)\b)|"
        r"^\s*[-*•]\s|首先|其次|然后|接着|最后",
        Words("steps", "个步骤"),
    ),
    (r"sentences?|句话?|个?句子", r"[.!?](?:\s|$)|[。！？]", Words("sentences", "句话")),
    (r"paragraphs?|个?段落?", r"(?m)^\s*\S", Words("paragraphs", "个段落")),
    (r"questions?|个?问题|个?问句", r"[?？]", Words("questions", "个问句")),
)
SIGNS: tuple[tuple[str, Literal["+", "-", "*", "/"]], ...] = (
    (r"\s*\+\s*|\s+plus\s+|加上?", "+"),
    (r"\s+-\s+|(?<=[\u4e00-\u9fff])-(?=[\u4e00-\u9fff])|\s+minus\s+|减去?", "-"),
    (r"\s*[*×]\s*|\s+times\s+|乘以?", "*"),
    (r"\s*[/÷]\s*|\s+divided by\s+|除以", "/"),
)


def edge_of(pattern: str) -> tuple[Literal["start", "end"], str] | None:
    """Which end of a text the pattern is about, and the word that must stand there."""
    edge: Literal["start", "end"] = "start" if pattern.startswith(r"^\s*") else "end"
    rest = pattern.removeprefix(r"^\s*").removesuffix(r"\s*$")
    word = re.sub(r"\\(.)", r"\1", rest)
    return (edge, word) if len(rest) == len(pattern) - 4 and re.escape(word) == rest else None
