"""Whether two texts ask the same: what is left of each without politeness, order and filling words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache

from rapidfuzz.distance import OSA

from tools.facts.claims import stem
from workspace.words import language_of

MOST_TERMS = 40  # from here on a text is compared as a whole alone
LEAST_LETTERS = 5  # of a word in which one wrong letter is a slip

NOT = re.compile(r"\bcan(?:no|['’])t\b|\bcan ?not\b|\bwon['’]t\b|n['’]t\b", re.I)
POLITE = re.compile(
    r"\b(?:hi|hello|hey|good (?:morning|afternoon|evening)|dear (?:all|team|support|sir|madam)|excuse me|pardon me|"
    r"please|kindly|thanks(?: a lot| so much)?|thank you(?: so much| very much)?|in advance|cheers|regards|sincerely|"
    r"(?:so )?sorry(?: to bother(?: you)?| but)?|(?:much|i(?:'d)?) appreciated?(?: it)?|ok(?:ay)?|well|listen|look|"
    r"urgent|asap|help|(?:just )?(?:one|two|some) (?:more |last |quick |other )+(?:things?|questions?)|real quick|fyi|"
    r"(?:just )?(?:a |an?other |one |my |the |here'?s (?:my|a) )?(?:quick |simple |short )?question(?: is| for you)?|"
    r"(?:just )?(?:curious|wondering|asking)|out of curiosity|if (?:i|you) may|if you don'?t mind|if possible|"
    r"by the way|as you know|in short|briefly|in other words|simply put|by any chance|to be clear|"
    r"just to (?:confirm|check|be sure|clarify)|for (?:my|our) (?:records|information|reference)|"
    r"(?:can|could|would|will) (?:you|someone|anyone|somebody) (?:please |kindly |also )?"
    r"(?:tell|explain|inform|let|help|show|clarify|confirm|advise)(?: to)?(?: me| us)?(?: know| understand| out)?|"
    r"(?:can|could|may|might) i (?:please |just )?(?:ask|know)(?: you)?|do you (?:happen to )?know|"
    r"does (?:anyone|anybody|someone|somebody) (?:here )?know|"
    r"i(?:'d| would|'m going| just)? (?:like|love|want|need|wish) to (?:know|ask|understand|find out|learn|check)"
    r"(?: about| whether| if)?|i need (?:some )?help(?: with| understanding)?|"
    r"i(?:'m| am| was| have been)? (?:just )?(?:curious|wondering|wonder)(?: about| if you know| to know| whether)?|"
    r"(?:tell|inform) me|let me know|any idea|would you mind telling me|i have (?:a|one|another) question(?: about)?|"
    r"help me (?:to )?understand|what i want to know is|have a (?:nice|good|great) (?:day|one|weekend))\b",
    re.I,
)
POLITE_CHINESE = re.compile(
    r"(?:您|你|大家)好|哈喽|嗨|亲+爱?的?(?=[，,])|在吗|打扰(?:一下)?了?|不好意思|麻烦了|辛苦了|劳驾|求助|在线等|急+(?=[，,！!])|"
    r"麻烦(?:您|你)?(?:问一下|告诉我|解答一下)?|(?:我)?(?:很|有点)?好奇(?:的是)?|(?:还有|另外|再问)(?:一个问题|一下)?(?=[，,：:])|"
    r"(?:我)?(?:有)?(?:个|一个)(?:小)?(?:问题|疑问)(?=[，,：:])|方便的话|如果可以的话|简单(?:来)?说|"
    r"(?:我)?(?:还)?(?:想|想要|要)?(?:请)?(?:问|咨询|请教|了解|知道|确认)(?:一下|下)?(?=[^题答号卷])|请告诉我|请说明|请回答|"
    r"(?:能|可以|能否|可否|是否可以)(?:麻烦)?(?:您|你)?(?:请)?(?:告诉|解释|说明|说)(?:一下|下)?(?:我)?|"
    r"(?:您|你)知道|有(?:人|谁)知道|告诉我|(?:非常)?(?:谢谢|多谢|感谢)(?:您|你|了|啦)?|拜托了?|那个(?=[，,])"
)
# How a thing is asked for, by what it asks for: the first that fits counts.
ASKED = tuple(
    (re.compile(rf"\b(?:{pattern})\b", re.I), f" {name} ")
    for name, pattern in {
        "wlong": r"how (?:long|soon|quickly|fast)|how many (?:(?:business|working|calendar) )?(?:days?|weeks?|months?|"
        r"hours?|minutes?|years?)|(?:what(?:'s| is)|in what) (?:the )?(?:duration|timeframe|time frame)",
        "wwhen": r"when|(?:at |by )?what (?:time|date|day|year|month)|(?:on |in )?which (?:date|day|year|month)",
        "wcost": r"how (?:much|expensive)(?: money)?|"
        r"what(?:'s| is| are| was| were)? (?:the )?(?:price|cost)s?(?: of| for)?|what price|price of|cost of",
        "wmany": r"how many|(?:what(?:'s| is)? )?(?:the )?number of",
        "wwho": r"who(?:'s|m|se)?|which (?:person|people)|what person",
        "wwhere": r"where|(?:at |in )?(?:what|which) place",
        "wwhy": r"why|how come|for what reason|what(?:'s| is) the reason(?: that| why| for)?",
        "wcan": r"can|could|may|(?:is it|am i|are we|are you|is one) (?:possible|allowed|permitted|able)(?: to)?",
    }.items()
)
ASKED_CHINESE = tuple(
    (re.compile(pattern), f" {mark} ")
    for mark, pattern in {
        "久": r"多久|多长时间|(?:几|多少)(?:个)?(?:天|日|工作日|自然日|小时|分钟|周|星期|月|年)",
        "时": r"什么时候|什么时间|何时|啥时候|几点|哪(?:一)?[天年月]|几月几[日号]",
        "价": r"(?:价格|价钱|费用|售价)?(?:是|为)?(?:多少钱|多少元|几块钱|几元|什么价格?|多贵)|"
        r"(?:价格|价钱|售价)(?:是|为)?多少|怎么卖",
        "量": r"多少|几(?=[个种件位名次张台条家人])",
        "地": r"(?:在)?(?:哪里|哪儿|什么地方|何处|何地|哪个(?:城市|国家|地方|地区))",
        "谁": r"谁|哪位|什么人|哪个人",
        "因": r"为什么|为何|为啥|什么原因|(?:是)?(?:因为|由于)什么|怎么会",
        "法": r"怎么样?|怎样|如何|咋|怎么办",
        "物": r"什么|啥|哪(?:一)?[个些种款]|何",
        "否": r"能不能|可不可以|可否|能否|是否(?:可以|能)?|是不是|有没有|要不要|(?<=.)吗",
    }.items()
)
MARKS = frozenset("久时价量地谁因法物否")
LIGHT = frozenset(
    "a an the of to is are am be been being do does doing it its this that these those there i me my mine we us our "
    "you your yours and so then well also just exactly actually really currently usually normally typically generally "
    "approximately about roughly right now today please would will shall should if what which take takes taking took "
    "get gets getting got receive have has having had s d ll ve re m t for in on at with as by one ones".split()
)
PAST = frozenset(("was", "were", "did"))
SAME = {
    "buy": "purchas", "bought": "purchas", "begin": "start", "commence": "start", "finish": "end", "send": "ship",
    "cellphone": "phone", "mobile": "phone", "photo": "picture", "movie": "film", "delivered": "deliver",
    "delivery": "deliver", "shipping": "ship", "shipment": "ship", "repair": "fix", "company": "firm",
    "big": "larg", "quick": "fast", "cannot": "not", "without": "not", "no": "not",
}  # fmt: skip
NUMBERS = dict(zip("zero two three four five six seven eight nine ten eleven twelve".split(),
                   "0 2 3 4 5 6 7 8 9 10 11 12".split(), strict=True))  # fmt: skip
TOKEN = re.compile(r"[a-zA-Z]+|\d+(?:[.,]\d+)*|[^\W\d_]+|[%$€£¥+#]")
FILLING = re.compile(
    r"[的了呢啊吧呀啦嘛哦么请会就都也又才将]|需要|要|应该|应当|可以|能够|能|是|为|在|于|(?:我|你|您|他|她)们?(?:的)?|大概|大约|一般|"
    r"通常|正常|目前|现在|到底|究竟|具体|一共|总共|共|有|一下|想|花(?=费)|所|那|这"
)
APART = re.compile(r"[\s\W_]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """`terms` in order, as `words` spell them, each with what stands before it.

    `marks`: what is asked for; `plain`: Chinese, in one piece.
    """

    terms: tuple[str, ...]
    words: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    plain: str = ""

    @property
    def keys(self) -> set[int]:
        """An even one for all words, and odd ones for all but one, where two texts meet that differ in one word."""
        key = (sum(map(hash, self.terms)) + 31 * hash(self.marks)) % 2**63
        if self.plain or not 1 < len(self.terms) <= MOST_TERMS:
            return {2 * key}
        misspelt = [term for term in self.terms if len(term) >= LEAST_LETTERS - 1 and term.isalpha()]
        return {2 * key} | {2 * ((key - hash(term)) % 2**63) + 1 for term in misspelt}


def asked(text: str) -> Asked:
    """What a text asks, in a form that another wording of the same shares."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _chinese(plain.strip()) if language_of(plain) == "zh" else _english(plain)


def _english(text: str) -> Asked:
    capitals = not text.isupper()
    text = POLITE.sub(" ", NOT.sub(" not", text.replace("’", "'")))
    for pattern, mark in ASKED:
        text = pattern.sub(mark, text)
    terms, words, before, marks, last = list[str](), list[str](), list[str](), set[str](), ""
    for match in TOKEN.finditer(text):
        word = match.group()
        term = _term(word, capitals and match.start() > 0)
        if len(term) > 3 and term[0] == "w" and term in _MARKED:
            marks.add(term)
        elif term:
            terms.append(term)
            words.append(word.lower())
            before.append(last)
        last = term or word.lower()
    return Asked(tuple(terms), tuple(words), tuple(before), frozenset(marks))


_MARKED = frozenset(mark.strip() for _, mark in ASKED)


def _term(word: str, inside: bool) -> str:
    """Empty for a word that only fills. A lone capital inside a sentence is a name: "plan A"."""
    if len(word) == 1 and word.isalpha():
        return word.upper() if word not in "aIisdtm" and (inside or word != "A") else ""
    if word[0].isdigit():
        return word.replace(",", "")
    return _word(word.lower())


@cache
def _word(low: str) -> str:
    if low in _MARKED:
        return low
    if low in PAST:
        return "-past"
    if low in NUMBERS:
        return NUMBERS[low]
    if low in SAME:
        return SAME[low]
    if low in LIGHT:
        return ""
    stemmed = stem(low)
    return SAME.get(stemmed, stemmed)


def _chinese(text: str) -> Asked:
    text = APART.sub("", POLITE_CHINESE.sub(" ", text))
    marks: set[str] = set()
    for pattern, mark in ASKED_CHINESE:
        if pattern.search(text):
            marks.add(mark.strip())
            text = pattern.sub("\0", text)
    plain = FILLING.sub("", text).replace("\0", "").lower()
    return Asked(tuple(plain), marks=frozenset(marks), plain=plain or "\0")


def same(a: Asked, b: Asked) -> bool:
    """One wording of the other: the same words in the same company, or one of them misspelt. Strict, for another
    product, place, number or date is another question."""
    if a.marks != b.marks or bool(a.plain) != bool(b.plain) or not a.terms or not b.terms:
        return False
    if a.plain or a.terms == b.terms:
        return a.terms == b.terms
    if Counter(a.terms) == Counter(b.terms):
        # "from A to B" is not "from B to A": a word that moved must have taken along what stands before it.
        return _company(a) == _company(b)
    unlike = [i for i, (x, y) in enumerate(zip(a.terms, b.terms, strict=False)) if x != y]
    return len(a.terms) == len(b.terms) and len(unlike) == 1 and _slip(a.words[unlike[0]], b.words[unlike[0]])


def _company(a: Asked) -> Counter[tuple[str, str]]:
    """Which word follows which; what is asked for may stand anywhere, so the word behind it begins anew."""
    return Counter((_begins(before), term) for before, term in zip(a.before, a.terms, strict=True))


def _begins(before: str) -> str:
    return "" if before in _MARKED or before in STARTS else before


STARTS = frozenset(
    ("", "does", "do", "is", "are", "a", "an", "the", "my", "your", "-past", "i", "you", "we", "will", "it")
)


def _slip(a: str, b: str) -> bool:
    """One letter wrong, or two that changed places, in a word long enough to tell."""
    return min(len(a), len(b)) >= LEAST_LETTERS and a.isalpha() and b.isalpha() and OSA.distance(a, b) <= 1
