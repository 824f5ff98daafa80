"""What a reply asks for beyond answering: start, go back, show, change something, leave it to me, no more questions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agent.quotes import PUNCTUATION, clauses, is_talk, narrow, sentences, without_talk

Kind = Literal["start", "back", "show", "change", "unsure", "enough"]

# The whole message must be one of these, politeness aside: "start" inside a sentence starts nothing.
WHOLE: tuple[tuple[Kind, str], ...] = (
    (
        "start",
        r"(?:please )?(?:let'?s )?(?:start|go|begin|go ahead|do it|run it|build it|get started|start (?:now|building|"
        r"it)|"
        r"go for it)(?: now| already| please)?|looks good,? (?:start|go)|"
        r"(?:那)?(?:就)?(?:请)?(?:开始|开工|启动|动手|可以开始了?)(?:吧|做吧|了|呗)?",
    ),
    (
        "back",
        r"(?:please )?(?:can (?:we|i) )?(?:go|step|one step|take me) back(?: (?:one|a step|please))?|back(?: please)?|"
        r"previous(?: question)?|undo(?: that)?|(?:sorry,? |no,? )?(?:scrap|strike) that|"
        r"(?:请)?(?:后退|撤销|上个问题|(?:返回|回退|退回)(?:到?上一[个步题](?:问题)?)?|"
        r"(?:回到?|退到)?上一[个步题](?:问题)?)(?:吧|一下)?",
    ),
    (
        "show",
        r"(?:please )?(?:can you |could you )?show me(?: (?:what you have|everything|the (?:spec(?:ification)?|plan|"
        r"page|draft)|"
        r"it)(?: so far)?)?|what (?:do you have|have you got|did you understand)(?: so far)?|where are we|"
        r"summary(?: please)?|"
        r"(?:给我|让我)?(?:看看|看一下|看下)(?:规格(?:说明)?|现在的?(?:规格|内容)|记了(?:些)?什么|目前的?(?:规格|"
        r"内容))?(?:吧)?|"
        r"(?:现在|目前)(?:都)?记(?:下)?了(?:些)?什么|总结一下",
    ),
    (
        "enough",
        r"(?:that'?s )?enough(?: questions?)?(?: already)?|no more questions?|stop asking(?: me)?(?: questions)?|"
        r"(?:just )?(?:use|take) (?:the )?defaults? for (?:the rest|everything(?: else)?)|"
        r"(?:the )?rest (?:is )?(?:by )?defaults?|"
        r"skip the rest|you decide the rest|别(?:再)?问了|不要(?:再)?问了|问(?:得)?够了|够了|(?:剩下|其余|"
        r"其他)的?(?:都|全)?"
        r"(?:用|按|走)?(?:默认|随便|你定|你(?:来)?决定|你看着办)(?:的|值)?(?:就行|吧|好了)?",
    ),
)
UNSURE = re.compile(
    r"(?:i )?(?:really |honestly |just )?(?:don'?t|do not|dont|dunno|wouldn'?t) ?(?:really |even )?(?:know|care|"
    r"mind)?(?: that| yet|"
    r" about that| either)?|dunno|idk|no idea|no clue|no preference|(?:i'?m )?not (?:really |so |too |"
    r"quite )?sure(?: about (?:that|it|this))?|(?:couldn'?t|can'?t) (?:really )?(?:say|tell|judge)|you tell me|"
    r"hard to say|"
    r"unsure|whatever(?: you (?:think|like|want|prefer|say|decide))?(?: is (?:best|fine|good|right))?|"
    r"(?:it'?s |that'?s )?up to you|(?:you|pls|please you) (?:decide|choose|pick)|you(?:'re| are) the expert|"
    r"your (?:call|choice|pick)|as you (?:like|think|wish)|(?:any|anything|either)(?:thing)? (?:is )?(?:fine|ok|"
    r"works|goes)|"
    r"(?:use |take |just |go with )*(?:the )?(?:defaults?|usual|standard)(?: (?:one|value|is fine|please|then|works))*|"
    r"(?:doesn'?t|does not) matter|skip(?: (?:it|this|that))?(?: one)?|pass|surprise me|"
    r"(?:这个|这)?我?(?:也)?(?:真)?(?:不太?|没)(?:知道|懂|清楚|确定|了解|想法|概念|想好)(?:的|了|啊|呢|诶)?|"
    r"(?:都)?随便|随意|(?:就)?(?:你|您)(?:来)?(?:定|决定|看着办|看着来|选|说了算|觉得(?:呢|怎么好|合适就行|"
    r"行就行))(?:吧|就行|就好|好了)?|"
    r"(?:就|都|那就)?(?:用|按|走)?默认(?:的|值|设置)?(?:吧|就行|就好|即可)?|无所谓|都(?:行|可以|好)|看着办(?:吧)?|"
    r"跳过|听你的|没想法|说不[好准清]|难说|(?:你|您)看着(?:来|办|弄)(?:吧)?|(?:就)?按(?:你|您)的来(?:吧)?|"
    r"没(?:什么)?要求"
    r"|你觉得.*就.*",
    re.I,
)
# Said beside any of these, and changing nothing in them.
ASIDE = re.compile(
    r"^(?:honestly|really|actually|frankly|sorry|to be honest|tbh|i|但|其实|老实说|真的?|我?也|我)\s*|"
    r"\s*(?:really|honestly|sorry|tbh|to be honest|yet|though|haha|lol|please)$",
    re.I,
)
CORRECTION = re.compile(
    r"\b(?:no,? wait|wait|actually|i mean(?:t)?|scratch that|on second thoughts?|correction|rather|instead|"
    r"(?:let'?s )?(?:change|make) (?:it|that|this)|sorry,? (?:make|it)|change|update)\b|"
    r"(?:^|[,;:]\s*|\b(?:sorry|no|oh|please) )(?:scrap|forget|drop|ignore|strike)(?: about)? (?:that|it|this|"
    r"what i said)(?=\s*(?:$|[,;.:!-]))|\btake (?:that|it) back\b|(?:^|[,;]\s*)never ?mind\b|"
    r"(?<![打计预估推盘运演])算了(?!解)|当我没说|作废|不要了|"
    r"不对|哦不|等等|其实|说错了?|更正|改成|改为|改到|换成|调到|调成|应该是|还是",
    re.I,
)
# Which of several numbers holds, in one breath.
SETTLED = re.compile(rf"{CORRECTION.pattern}|\blet'?s (?:say|go with|take|make it)\b|那就|就定", re.I)
ALIASES: dict[str, str] = {
    "threshold": r"threshold|accuracy|good enough|target|bar|达标线?|准确率|正确率|阈值|门槛",
    "rows": r"(?:number of )?rows|size|amount|数据量|条数|行数|数量",
    "labels": r"labels?|categories|kinds|classes|类别|标签|分类",
    "scenarios": r"scenarios?|situations?|mix|shares?|场景|占比|比例",
    "languages": r"languages?|语言|语种",
    "privacy": r"privacy|personal data|隐私|个人信息",
    "rules": r"rules?|规则",
    "task": r"(?:kind of )?task|任务(?:类型)?",
    "goal": r"goal|aim|目标|目的",
    "temperature": r"temperature|温度",
    "top_k": r"top[- _]?k",
    "seed": r"seed|种子",
    "budget_minutes": r"(?:time )?(?:budget|limit)|time|时间(?:上限)?|时限",
    "budget_money": r"(?:money )?budget|money|spend(?:ing)?|预算|花费",
    "metric": r"metric|measure|指标|衡量标准",
    "export": r"(?:file |export )?format|export|格式",
    "base": r"base(?: model)?|基础模型|底座",
    "method": r"(?:tuning )?method|way of tuning|(?:微调|训练)(?:方式|方法)",
    "tones": r"tones?|语气",
    "gate": r"gate|spot[- ]?checks?|sample review|人工抽查|抽查|抽检|人工抽检",
    "difficulty": r"difficulty|难度",
    "confidence": r"confidence|置信度",
}
# "For the situations: …", 关于场景：… is about that field, whatever was asked.
NAMED_EN = (
    r"^(?:(?:no,? wait|wait|sorry|no|oh|ok|and|but|actually|hm+|as)[,.\s]+)*(?:for|about|regarding|concerning|on)\s+"
    r"(?:the\s+|my\s+|our\s+)?(?P<field>{alias})\s*(?:[:,]|\s-+|—+)\s*(?P<value>.+)"
)
NAMED_ZH = (
    r"^(?:(?:不对|等一?[等下]|哦不|不|对了|那个|算了)[,\s]*)*(?:关于|至于|对于|说到)"
    r"(?P<field>{alias})(?:的话|这[一]?[块点个项])?\s*[:,]\s*(?P<value>.+)"
)
NAMED: dict[str, str] = {
    name: ALIASES[name] for name in ("threshold", "rows", "labels", "languages", "privacy", "rules", "task", "goal")
} | {
    "scenarios": rf"(?:{ALIASES['scenarios']})(?:[和及与](?:{ALIASES['scenarios']}))?",
    "examples": r"examples?|samples?|样例|例子",
    "knowledge": r"documents?|文档|资料",
}
RULES_GONE = re.compile(
    r"\b(?:scrap|forget(?: about)?|drop|ignore|delete|remove|strike|no|without)(?: (?:all|any|the|my|of|those|more))*"
    r" rules(?: (?:at all|then|please|after all|any ?more))?\s*(?=$|[,;])|"
    r"\brules,? (?:scrap|forget|drop) (?:that|it|them)|"
    r"(?:没有?|不要|不用|取消|删掉|去掉)(?:什么|任何|这些?|那些?|所有)?规则|"
    r"规则(?:都|就|全|也|还是)*(?:算了|不要|作废|取消|没有|删)",
    re.I,
)
# The speaker's own doubt; a model that "must say I don't know" is in none.
DOUBT = re.compile(
    r"\bi(?:'m| am| was)? (?:really |honestly |just |still )*(?:(?:don'?t|do not|can'?t|couldn'?t|wouldn'?t) "
    r"(?:really |even )?(?:know|tell|say)|not (?:really |so |too |quite |entirely )?(?:sure|certain)|"
    r"have no (?:idea|clue))\b|"
    r"(?:^|[,;]\s*|- )(?:(?:honestly|well|sorry|but|hm+|um+)[,\s]+)*(?:no (?:idea|clue)|"
    r"not (?:really |so |too |quite )?(?:sure|certain)|don'?t (?:really )?know|dunno|idk|unsure)\b|"
    r"我(?:们|也|还|真的?|其实|现在|暂时)*(?:不太?|没)(?:知道|懂|清楚|确定|了解|想好)|说不[好准清]|"
    r"(?:^|[,;]\s*)(?:也|还|真的?|其实|现在|暂时|这个|嗯+|呃+)*(?:不太?|没)(?:知道|清楚|确定|想好)",
    re.I,
)
SUPPOSED = re.compile(r"\bi (?:suppose|guess|reckon|imagine|assume)\b|我(?:猜|估计)", re.I)
SPOKEN = re.compile(
    r"(?:\b(?:say|says|saying|answer|answers|reply|replies|respond|responds|write|writes)(?: (?:with|that|so))?|"
    r"[说答写]|回复)[\s:,]*[\"']?$|[\"'「『]$",
    re.I,
)
REST = re.compile(r"\b(?:otherwise|rest|else|apart from|other than|beyond|besides)\b|别的|其[他它余]|除此", re.I)
SET = r"\b(?:change|set|make|update|put|switch)\s+(?:the\s+|my\s+)?"
TO_EN = SET + r"(?P<field>{alias})\s+(?:to|=|as|into|at)?\s*(?P<value>.+)"
TO_ZH = (
    r"(?:把|将)?(?P<field>{alias})(?:还是|就)?(?:改成|改为|改到|换成|设为|设成|调到|调成|调为|变成|应该是|"
    r"应当是)(?:了)?(?P<value>.+)"
)


ANEW = (
    r"(?:please )?(?:change|edit|redo|correct|fix) (?:the |my )?{alias}|"
    r"(?:我?(?:要|想))?(?:改|修改|重填)(?:一下)?{alias}"
)
SCRAP = (
    r"(?:sorry,? |no,? |please )*(?:scrap|forget(?: about)?|drop|ignore|undo)(?: that,?)? (?:the |my ){alias}|"
    r"(?:算了[,\s]*)?{alias}(?:作废|重来|重新[来填])(?:吧)?"
)


@dataclass(frozen=True, slots=True)
class Command:
    """`field` and `text` say what a change is about; `text` is empty where the new value was not told."""

    kind: Kind
    field: str | None = None
    text: str = ""


def command(text: str) -> Command | None:
    """What the whole message asks for, or None where it only tells something."""
    words = narrow(without_talk(text)).lower().strip(PUNCTUATION)
    for kind, pattern in WHOLE:
        if re.fullmatch(rf"{pattern}", words):
            return Command(kind, text=text)
    for field, alias in ALIASES.items():
        if field != "rules" and re.fullmatch(SCRAP.format(alias=f"(?:{alias})"), words):
            return Command("change", field)
        if re.fullmatch(ANEW.format(alias=f"(?:{alias})"), words):
            return Command("change", field)
    if is_unsure(text):
        return Command("unsure", text=text)
    return next(change for s in sentences(text) if (change := change_in(s))) if _changes(text) else None


def _changes(text: str) -> bool:
    return any(change_in(s) for s in sentences(text))


def is_unsure(text: str) -> bool:
    """ "hmm, not sure, whatever you think": nothing in it but doubt."""
    parts = [p for c in clauses(text) for p in [without_talk(c).strip(PUNCTUATION)] if not is_talk(p)]
    return bool(parts) and all(UNSURE.fullmatch(p) or UNSURE.fullmatch(_bare(p)) for p in map(narrow, parts))


def _bare(words: str) -> str:
    before = None
    while before != words:
        before, words = words, ASIDE.sub("", words).strip(PUNCTUATION)
    return words


def change_in(sentence: str) -> Command | None:
    """ "change the threshold to 95%", 把达标线改成 95%: the field that is named, and the words after."""
    flat = narrow(sentence)
    if named := _named(sentence, flat):
        return named
    for field, alias in ALIASES.items():
        for pattern in (TO_EN, TO_ZH):
            if match := re.search(pattern.format(alias=f"(?:{alias})"), flat, re.I):
                return Command("change", field, sentence[match.start("value") : match.end("value")])
    return None


def _named(sentence: str, flat: str) -> Command | None:
    for field, alias in NAMED.items():
        for pattern in (NAMED_EN, NAMED_ZH):
            if match := re.match(pattern.format(alias=f"(?:{alias})"), flat, re.I):
                return Command("change", field, sentence[match.start("value") : match.end("value")])
    return None


def drops_rules(sentence: str) -> bool:
    """ "Scrap that, there are no rules", 规则不要了: said at any question."""
    flat = narrow(sentence)
    return bool(RULES_GONE.search(flat)) and (
        corrects(sentence) or re.match(r"\W*(?:\w+,? )?(?:scrap|forget|drop|ignore|delete|remove|strike)\b", flat, re.I)
        is not None
    )  # fmt: skip


def elsewhere(sentence: str, asked: str) -> bool:
    """Whether the sentence names another field than the one that was asked for, and so answers nothing here."""
    named = _named(sentence, narrow(sentence))
    return (named is not None and named.field != asked) or (asked != "rules" and drops_rules(sentence))


def in_doubt(text: str) -> bool:
    """Whether the speaker says not to know, or leaves it to us, somewhere in the text."""
    return any(
        any(is_unsure(c) for c in clauses(s))
        or any(not SPOKEN.search(narrow(s)[: m.start()]) for m in DOUBT.finditer(narrow(s)))
        for s in sentences(text)
    )


def hedged(sentence: str) -> bool:
    """A guess and no demand; doubt about the rest ("otherwise I don't know") leaves the demand standing."""
    return (bool(SUPPOSED.search(narrow(sentence))) or in_doubt(sentence)) and not REST.search(sentence)


def corrects(sentence: str) -> bool:
    """Whether it takes back something said before."""
    return bool(CORRECTION.search(narrow(sentence)))


def latest(text: str) -> str:
    """What stands after the last "no wait" or 不对; the whole text if there is none."""
    marks = list(SETTLED.finditer(narrow(text)))
    return text[marks[-1].end() :] if marks and text[marks[-1].end() :].strip(PUNCTUATION) else text
