"""The words by which a sentence shows what it is about, in English and Chinese."""

from __future__ import annotations

import re

from workspace.stated import Privacy, Task

# What makes a sentence be about a field when nobody asked for it.
PERSONAL = (
    r"phone|mobile|personal|private|\bnames?\b|e-?mail|address|card numbers?|account numbers?|\bssn\b|passport|"
    r"plates?\b|identit|date of birth|手机|电话|姓名|名字|身份证|地址|卡号|个人信息|隐私|车牌|邮箱|住址|病历号"
)
# A person who wants to look at some rows before there are more.
SPOT_CHECK = (
    r"\bspot[- ]?check|\b(?:look at|review|check|see|show me)\b[^.!?]{0,20}\b(?:sample|rows)\b[^.!?]{0,20}"
    r"\b(?:first|before)\b|"
    r"先(?:给我|让我|由我)?(?:看|检查|审核|抽查)[^，。]{0,8}(?:条|样)|人工(?:抽查|抽检)|抽[查检]"
)
# A number of rows as a clause of its own: "at least 90% right, 200 rows"; "we have 200 rows" counts what is there.
COUNTED_ROWS = (
    r"(?:^|[,;]|\band\b)\s*(?:(?:and|about|around|roughly|say|with|some|in)\s+)*"
    r"(?:\d[\d,.]*k?|(?:(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|\w+ty|couple|of|few|half|"
    r"hundred|thousand|and)[\s-]+)+(?<=\s))\s*(?:rows|samples|data points|training examples)"
    r"(?: (?:in (?:all|total)|altogether|please|or so))*\s*(?=$|[,;])|"
    r"(?:^|[,;])\s*(?:大概|大约|差不多|共|一共|总共|先|就|来|要)*\s*[\d一二两三四五六七八九十百千万]+\s*[条行]"
    r"(?:数据|样本)?(?:左右|就行|就够|吧|即可)*\s*(?=$|[,;])"
)
CUES: dict[str, str] = {
    "threshold": r"\bright\b|\bcorrect|accura|good enough|threshold|准确|正确|达标|答对|对的?就|及格|分对",
    "privacy": PERSONAL,
    "languages": r"\b(?:in|some|half|both|mostly|mainly|only|all|partly)(?: \w+)? (?:english|chinese|mandarin)|"
    r"(?:english|chinese|mandarin)(?:[- ]only| texts?| messages?| emails?|,? (?:and|or|some|half) .{0,12}(?:chinese|"
    r"english))|中英|"
    r"(?:用|是|写|发|说|都|为)的?(?:英[文语]|中文)|(?:英[文语]|中文)的?(?:短信|消息|文本|邮件|稿)",
    "rows": r"(?:make|generate|create|build|produce|give me|want|need|about|around)\b[^.!?]{0,30}?\b(?:rows|samples|"
    r"data points|training examples)|(?:rows|samples|data points) (?:in (?:all|total)|altogether)|"
    r"(?:做|生成|造|要|凑|准备)[^，。]{0,8}[条行](?:数据|样本|左右|就|吧|$)|一共[^，。]{0,8}[条行]|" + COUNTED_ROWS,
    "gate": SPOT_CHECK,
    "examples": r"\b(?:no|any|without)\b[^.!?]{0,12}\b(?:examples?|samples?)\b|"
    r"没有[^，。]{0,6}(?:样例|例子|样本|真实数据)",
}
GOAL = re.compile(
    r"\b(?:want|need|would like|'d like|looking for|trying to|help|build|model|sort|classif|tells?|answer|extract|"
    r"rewrite|write|detect|summar)|想|希望|需要|帮|要|做|模型|分类|回答|提取|识别",
    re.I,
)
# In a list of labels these answer our question, unless yes and no are the labels.
REPLY = re.compile(
    r"(?:yes|yeah|no|nope|not (?:these|those|that|quite|really|at all)|(?:that'?s )?wrong|不|不是|不对|不是的?这些|"
    r"没有|是的?|对|有)",
    re.I,
)
# No part of a goal: what comes with a file, and what need not be.
ASIDE = re.compile(
    r"(?:here (?:are|is|you)|attached|i(?:'ve| have) attached|see (?:the )?attach|(?:there'?s )?no(?:t|thing)?\b|"
    r"don'?t\b|"
    r"附上|附件|这是|如附|不用|不需要|没必要)",
    re.I,
)
# A clause that only says what is not there, or which language: beside a goal, and none by itself.
LACKING = re.compile(
    r"(?:(?:and|but|so|well|also)\s+)*(?:i|we|there|it)(?:'ve|'s)?\s*(?:really |just |currently |still )?"
    r"(?:(?:have|has|had|got|is|are)?(?: got)? ?(?:no|none|nothing|not any|not much)\b|(?:don'?t|do not|didn'?t|"
    r"haven'?t|isn'?t|aren'?t)(?: really| yet)? ?(?:have|got|own|use|any)?\b)|"
    r"(?:我们?|咱们?|这边|我这|手[头上里边]*|目前|暂时|现在|也|都|还|就|其实|但|可是?)*(?:没有?|无)(?!法|论)",
    re.I,
)
LANGUAGE_ONLY = re.compile(
    r"(?:all |only |mostly |just )*(?:in )?(?:english|chinese)(?: (?:only|please))?|(?:都|全|只|用)*[英中][文语]", re.I
)
# 没有什么要求 wants nothing, for all its 要.
WANTLESS = re.compile(r"没(?:有)?(?:什么|啥|任何)?(?:特别的?)?(?:要求|想法|需要|需求)|(?:do(?:n'?t| not)) need\b", re.I)
MUST = re.compile(
    r"\b(?:must(?:n'?t)?|never|always|has to|have to|should(?:n'?t)?|may not|can ?not|can'?t|at most|at least|"
    r"(?:more|longer|fewer|less|shorter|greater|smaller|larger|bigger|higher|lower|later|earlier) than|equals?|between|"
    r"only|up to|exactly|no longer|required|forbidden|avoid)\b|[≤≥<>=]|"
    r"必须|不得|不能|不可|不要|不准|禁止|不许|不超过|不少于|不低于|不高于|至少|最多|最长|最少|之间|等于|大于|小于|以内|"
    r"只能|应该?|别出现|要有",
    re.I,
)
# Said without being asked, only these are strong enough; "we must hurry" is about people.
FIRM = re.compile(
    r"\b(?:must|never|has to|have to|at most|no longer than|cannot exceed|may not)\b|[≤≥]|"
    r"必须|不得|不许|禁止|不能?超过|不能出现|不能有|等于|不要超过|不要出现",
    re.I,
)
PEOPLE = re.compile(
    r"^(?:and |but |so |also )*(?:i|we|you|they|he|she|my|our (?:team|boss|staff))\b|^(?:我们?|你们?|咱们?)", re.I
)
# "Our mails are never long" tells how they are; beside "I don't know" it asks for nothing.
DESCRIBED = re.compile(r"\b(?:is|are|was|were)\s+(?:never|always|only|usually|between|mostly)\b", re.I)
NO_RULES = re.compile(
    r"(?:no|nope|nah|none|nothing|not really|(?:i'?m )?afraid not|not\b.*)(?:$|[,.!]|\s+(?:rules?|nothing|none|not|i|"
    r"we|thanks?|"
    r"thank|there|that|special|particular|really|at all|yet)\b)|there (?:isn'?t|aren'?t|is no|are no|is none)|"
    r"(?:暂时|目前|好像|应该)?(?:没|无|不用|不需要|不必)(?:有|啥|什么|需|了|的|吧|$|[,.!。，])",
    re.I,
)
WITHHELD = re.compile(
    r"can'?t (?:share|give|send)|confidential|\bno (?:examples?|samples?|documents?|files?)\b|给不了|拿不[到出]|"
    r"不方便|没法给|"
    r"不能(?:给|提供|外传)|没有(?:样例|文档)",
    re.I,
)
TASK_WORDS: tuple[tuple[Task, str, str], ...] = (
    (
        "classification",
        r"\b(?:sort|split|divide|put|file|group|rout\w+)\b[^.!?]{0,40}\binto\b|classif|categori[sz]|分类|归类|"
        r"分[成到为]|区分",
        r"\bsort(?:ed|ing|s)?\b|\b(?:tells?|know|detect|recogni[sz]e|identify)\b[^.!?]{0,20}\b(?:what|which|whether|"
        r"if|apart)|intents?\b|"
        r"triage|spam|"
        r"sentiment|\broute|\btag\b|看出|分辨|辨别|哪一?[类种]|是[^，。]{1,12}还是|判断|识别|意图|打标|情感",
    ),
    (
        "extraction",
        r"\bextract|\bpick(?:s|ing)? out|\bpull(?:s|ing)? out|提取|抽取|抓取",
        r"\bfind(?:s)? the (?:date|amount|name)|找出",
    ),
    (
        "rewriting",
        r"\bre-?writ|\brephras|\btranslat|\bsummari[sz]|\bparaphras|改写|润色|翻译|总结|摘要",
        r"simplif|polish|简化|压缩",
    ),
    (
        "question-answering",
        r"\b(?:answer(?:s|ing)?|repl(?:y|ies)(?: to)?|respond(?:s|ing)?(?: to)?)\b[^.!?]{0,40}\b(?:questions?|"
        r"customers?|queries)|\bfaq|回答[^，。]{0,12}(?:问题|咨询|"
        r"提问)|问答|答疑",
        r"\banswer|回答|解答|回复|客服",
    ),
    (
        "dialogue",
        r"\bchat ?bot|hold a conversation|\bdialogue|聊天机器人|多轮对话|陪聊",
        r"\bchat|conversation|对话|聊天",
    ),
    (
        "writing",
        r"\b(?:writ|draft|generat|compos)(?:e|es|ing|s)\b[^.!?]{0,40}\b(?:reports?|texts?|letters?|descriptions?|"
        r"emails?|posts?)|"
        r"(?:写|生成|撰写|出)[^，。]{0,12}(?:报告|周报|月报|季报|文案|邮件|通知|说明)",
        r"\bwrit(?:e|es|ing)\b|\bdraft|report|写|撰写|报告|文案",
    ),
)
NUMBERED: dict[str, str] = {
    "temperature": r"(?:temperature|温度)[^\d]{0,12}(\d+(?:\.\d+)?)",
    "top_k": r"top[- _]?k[^\d]{0,12}(\d+)",
    "seed": r"(?:\bseed|随机种子)[^\d]{0,8}(\d+)",
    "budget_minutes": r"(?:within|budget|at most|no (?:more|longer) than|takes? up to|不超过|预算|以内|最多)[^\d]{0,12}"
    r"(\d+(?:\.\d+)?)\s*(?:minutes?|mins?|分钟)",
    "budget_money": r"(?:budget|spend|cost|预算|花费|最多花)[^\d]{0,24}(\d+(?:\.\d+)?)\s*(?:dollars|usd|美元|刀)|"
    r"(?:budget|spend|cost)[^\d]{0,24}\$\s?(\d+(?:\.\d+)?)",
}
KEYWORDS: tuple[tuple[str, str, str], ...] = (
    ("export", "alpaca", r"\balpaca\b"),
    ("export", "sharegpt", r"\bsharegpt\b"),
    ("metric", "macro_f1", r"macro[- _]?f1|宏平均"),
    ("metric", "exact_match", r"exact match|完全一致"),
    ("metric", "chrf", r"\bchrf\b"),
    ("metric", "bleu", r"\bbleu\b"),
    ("metric", "rougeL", r"\brouge(?:[- ]?l)?\b"),
    ("method", "lora", r"\blora\b"),
    ("method", "qlora", r"\bqlora\b"),
    ("method", "full", r"\bfull (?:fine[- ]?)?tuning|全量(?:微调|训练)|全参(?:数)?(?:微调|训练)"),
    ("method", "prompt", r"\bprompt[- ]tuning|提示微调"),
    ("method", "prefix", r"\bprefix[- ]tuning|前缀微调"),
    ("method", "encoder", r"\bencoder classifier|\b(?:use|train|with) an encoder\b|用编码器|编码器分类"),
)

# privacy; the first two are tried before the others, as "keep only the city" asks for neither of those
HASH = (
    r"\bhash|pseudonym|tokeni[sz]|\balias|\bcodes? (?:each|of its own)|\b(?:same|a|an|own|random) (?:code|token)\b|"
    r"哈希|散列|代号|假名|化名|同一个(?:编号|代码)|换成(?:编号|代码)"
)
GENERALISE = (
    r"generali[sz]|coarse|\bonly (?:keep )?(?:the |their )?(?:city|cities|surnames?|last names?|months?|age)|"
    r"\bage (?:bands?|ranges?|groups?|brackets?)\b|泛化|模糊化|年龄段|只(?:保?留|写|要)到?(?:大概|城市|市|姓|月)"
)
MASK = (
    r"\bmask|\bhide|\bhidden|remov|anonymi[sz]|redact|\bblur|strip|scrub|without|打码|隐藏|脱敏|去掉|去除|遮|屏蔽|抹|"
    r"隐去|"
    r"替换|不要(?:有|出现|带|泄)|不能(?:有|出现|带|泄)|不得|must not|should ?n[o']t|\bnever\b"
)
KEEP = (
    r"\bkeep|\bleave|\bas (?:it|they|is)\b|unchanged|(?:don'?t|no need to|do not|needn'?t) (?:mask|hide|remove)|"
    r"保持|保留|原样|不用(?:打码|处理|脱敏)|不需要(?:打码|处理|脱敏)|不必|别打码"
)
# An order to hide holds against an earlier "there is none".
HIDE = re.compile(
    r"^(?:(?:and|also|but|so|oh|yes|no|then|please|just|always|better|do|you (?:should|must|can)|we (?:should|must))"
    r"[\s,]+)*(?:mask|hide|remove|anonymi[sz]e|redact|blur|strip|scrub)\b|"
    r"^(?:请|要|还要|另外|对了|[,，\s])*(?:把|将).*(?:打码|隐藏|脱敏|去掉|去除|遮|屏蔽|抹|隐去)|"
    r"(?:都|全)?(?:要|得|请|必须)(?:都|全)?(?:打码|隐藏|脱敏|隐去|屏蔽)|^(?:打码|隐藏|脱敏|隐去|屏蔽|遮住|抹掉|去掉)",
    re.I,
)
ABSENT = (
    r"\bno (?:personal|private|sensitive)|nothing (?:personal|private)|\bno\b.*\b(?:in (?:there|them|it)|at all)\b|"
    r"(?:没有|不含|不涉及|没)(?:任何|什么)?(?:个人|隐私|敏感)|there(?:'s| is| are) (?:none|no\b)"
)
PRIVATELY: tuple[tuple[Privacy, str], ...] = (
    ("hash", HASH), ("generalise", GENERALISE), ("keep", KEEP), ("none", ABSENT), ("mask", MASK),
)  # fmt: skip
