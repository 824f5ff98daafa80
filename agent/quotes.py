"""What a person's own words say, read by code: a weak model copies words well and reads numbers badly."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.figures import numerals
from workspace.words import Language

WIDE = "".join(map(chr, range(0xFF01, 0xFF5F)))
ASCII = "".join(map(chr, range(0x21, 0x7F)))
NARROW = str.maketrans(WIDE + "\u3000“”„‘’", ASCII + ' """\'\'')
PUNCTUATION = " \t\r\n.,;:!?~…·-–—。，、；：！？～*•"

FRACTIONS = {
    r"(?:a |one )?half(?! a )|一半|半数": 1 / 2,
    r"two[- ]thirds": 2 / 3,
    r"(?:a|one)[- ]third": 1 / 3,
    r"three[- ]quarters": 3 / 4,
    r"(?:a|one) quarter": 1 / 4,
}
# People count in these; "5 in 7 languages" is no share of 7.
WHOLES = (5, 10, 20, 50, 100, 200, 500, 1000)
PERCENT = re.compile(r"\s*(?:%|percent\b|per cent\b|pct\b)", re.I)
OUT_OF = re.compile(r"\s*(?:times |right |correct )?(?:out of|in|of|/)\s*(?:every |each |a )?", re.I)
AMONG = re.compile(r"\s*[条个份次篇封句]?(?:里面?|中|当中)[^\d，。,]{0,8}")
MEASURE = "条行个份篇封句万千百%成"


@dataclass(frozen=True, slots=True)
class Number:
    """`share`: written as a part of a whole (95%, nine in ten, 九成五), and then between 0 and 1."""

    value: float
    start: int
    end: int
    share: bool = False


def narrow(text: str) -> str:
    """Full-width letters, digits and signs as ASCII, character for character, so that positions stay."""
    return text.translate(NARROW)


def found(quote: str, text: str) -> str | None:
    """The words of `text` that `quote` repeats, whatever the width, case and spaces; None if it doesn't."""
    places = [i for i, c in enumerate(text) if not c.isspace()]
    folded = "".join(_fold(text[i]) for i in places)
    wanted = "".join(_fold(c) for c in quote.strip(PUNCTUATION + "\"'“”‘’") if not c.isspace())
    at = folded.find(wanted) if wanted else -1
    return text[places[at] : places[at + len(wanted) - 1] + 1] if at >= 0 else None


def _fold(char: str) -> str:
    return narrow(char).lower()[:1]


def sentences(text: str) -> list[str]:
    """Trimmed pieces of the text itself, so that each can serve as a quote."""
    pieces = re.split(r"[!?。！？；;\n]+|[~～]+(?=\s|$)|…+|(?<!e\.g)(?<!i\.e)(?<!\betc)(?<!\bvs)\.+(?=\s|$)", text)
    return [piece.strip(" \t,，、") for piece in pieces if piece.strip(PUNCTUATION)]


def words(text: str) -> list[str]:
    """English words and Chinese characters: what tells how much was said."""
    return re.findall(r"[a-zA-Z']+|[\u4e00-\u9fff]", text)


def clauses(text: str) -> list[str]:
    return [
        part.strip() for s in sentences(text) for part in re.split(r"[，,](?!\d{3}\b)| - | – |——", s) if part.strip()
    ]


# numbers


def numbers(text: str) -> list[Number]:
    """Every number, in the order of the text; what is written as a share is read as one, not as its parts."""
    flat = numerals.plain(narrow(text))
    told = numerals.numbers(flat)
    taken: list[Number] = []
    for i, number in enumerate(told):
        if taken and number.start < taken[-1].end:
            continue
        read = _share(flat, number, told[i + 1] if i + 1 < len(told) else None) or _plain(flat, number)
        if read is not None:
            taken.append(read)
    for pattern, value in FRACTIONS.items():
        for match in re.finditer(rf"(?<![a-z])(?:{pattern})(?![a-z])", flat.lower()):
            taken = [n for n in taken if n.end <= match.start() or n.start >= match.end()]
            taken.append(Number(round(value, 6), match.start(), match.end(), share=True))
    return sorted(taken, key=lambda n: n.start)


def _share(flat: str, x: numerals.Number, y: numerals.Number | None) -> Number | None:
    """95%, 百分之九十五, 九成五, 三分之二, nine in ten, 十条里对九条: `x` and what follows it."""
    if percent := PERCENT.match(flat, x.end):
        return _part(x.value / 100, x.start, percent.end())
    if flat[: x.start].endswith("百分之"):
        return _part(x.value / 100, x.start - 3, x.end)
    if re.match(r"\s?成(?![为了功本立绩])", flat[x.end :]) and x.value < 10:
        return _tenths(flat, x)
    if y is None:
        return None
    between = flat[x.end : y.start]
    if between == "分之":
        return _part(y.value / x.value if x.value else 2, x.start, y.end)
    if OUT_OF.fullmatch(between) and y.value in WHOLES:
        return _part(x.value / y.value, x.start, y.end)
    if AMONG.fullmatch(between) and x.value in WHOLES:
        return _part(y.value / x.value, x.start, y.end)
    return None


def _tenths(flat: str, x: numerals.Number) -> Number | None:
    end = flat.index("成", x.end) + 1
    more = flat[end : end + 1]
    five = "半" if more == "半" else more if more and more in "一二三四五六七八九123456789" else ""
    hundredths = 5 if five == "半" else numerals.numbers(five + "个")[0].value if five else 0
    return _part(x.value / 10 + hundredths / 100, x.start, end + len(five))


def _part(value: float, start: int, end: int) -> Number | None:
    return Number(round(value, 6), start, end, share=True) if 0 <= value <= 1 else None


def _plain(flat: str, number: numerals.Number) -> Number | None:
    """一 in 一下, and "one" in "the one", count nothing; "half a thousand" is 500."""
    words = flat[number.start : number.end].lower()
    if words == "one" or (number.bare and flat[number.end : number.end + 1] not in MEASURE):
        return None
    lead = re.search(r"(?:half a|a couple(?: of)?) $", flat[: number.start], re.I)
    factor = 1.0 if lead is None else 0.5 if lead[0].lower().startswith("half") else 2.0
    return Number(number.value * factor, number.start, number.end)


def fraction(text: str, bare: bool = False) -> float | None:
    """The first share in the text, between 0 and 1. `bare`: the question was how many of 100, so 95 is one too."""
    for n in numbers(text):
        if n.share:
            return n.value
        if bare and 0 < n.value <= 100:
            return n.value if n.value <= 1 else n.value / 100
    return None


def count(text: str) -> int | None:
    """The first plain whole number; 五六百 is at least 500."""
    text = re.sub(r"([一二两三四五六七八九])[二三四五六七八九](?=[百千万])", r"\1", text)
    return next((int(n.value) for n in numbers(text) if not n.share and n.value >= 1), None)


# yes, no, and talk

YES = (
    r"(?:yes|yeah|yep|yup|sure|of course|right|correct|ok(?:ay)?|please do|exactly|"
    r"好的?|是的?|对的?|有的?|可以|行|没错|嗯|要的?|当然)"
)
NO = (
    r"(?:no|nope|nah|none|nothing|not|don'?t have|haven'?t|(?:we |i )?can'?t|(?:i'?m )?afraid not|"
    r"there (?:isn'?t|aren'?t|is no|are no)|i don'?t think so|没有|没|无(?!论)|不|不用|不需要|暂时没有?|还没|暂无|"
    r"目前没有?)"
)
HESITATION = (
    r"(?:h+m+|u+m+|u+h+|e+r+m*|well|so|oh|ah|ok(?:ay)?|hey|hiya?|hello|hallo|(?:good )?(?:morning|afternoon|evening)|"
    r"dear (?:all|team|\w+)(?=,)|嗯+|呃+|额+|哦+|那个|唉|啊|这个嘛|哈[喽啰]|嗨|你好[呀啊哦]?|您好[呀啊]?)"
)
SMALL_TALK = re.compile(
    rf"(?:{HESITATION}|"
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|dear)(?: (?:there|all|team|everyone|guys))?|"
    r"(?:many )?thanks?(?: you)?(?: (?:so|very) much| a lot| in advance)?(?:,? \w+)?|"
    r"(?:cheers|best|regards|best (?:wishes|regards)|kind regards|yours)(?:,? \w+)?|please|sorry|lol|haha+|btw|"
    r"[:;]-?[)(dp]|"
    r"(?:i )?hope you.*|have a .*(?:day|one|weekend).*|how are you.*|nice to meet you|not urgent.*|"
    r"(?:(?:what )?(?:a )?(?:nice|lovely|great|awful|terrible) weather|(?:the )?weather is).*|"
    r"你好[呀啊哦]?|您好[呀啊]?|大家好|在[吗不]|早上?好|下午好|晚上好|谢谢[您你了啦]*|辛苦[了啦您你]*|哈+|"
    r"麻烦[了您你]*|"
    r"(?:今天)?天气(?:真|很|好|不错|太).*|不急.*|多谢)",
    re.I,
)  # fmt: skip


def is_talk(words: str) -> bool:
    """Greetings, thanks and hesitations: nothing in them belongs to a specification."""
    whole, *parts = (part.strip(PUNCTUATION) for part in [narrow(words), *narrow(words).split(",")])
    return bool(SMALL_TALK.fullmatch(whole)) or all(not p or SMALL_TALK.fullmatch(p) for p in parts)


def without_talk(text: str) -> str:
    """The text from its first word that means something."""
    start = re.match(rf"(?:{HESITATION}(?=[\W\u4e00-\u9fff])[\s,，.!！?？~～…。、:]*)+", text, re.I)
    return text[start.end() :] if start and start.end() < len(text) else text


# "No wait" takes back and denies nothing; 不对 alone does answer "are these the kinds?".
TAKING_BACK = re.compile(
    r"\s*(?:no[,.]? wait(?: a (?:moment|minute|second|sec))?|wait(?: a (?:moment|minute|second|sec))?|hold on|"
    r"sorry|等一?[等下]|稍等|慢着|哦?不对(?=\s*[,，。!！:：])|哦不(?=\s*[,，。!！:：]))(?![a-z])[\s,，。.!！:：…]*",
    re.I,
)


def yes_no(text: str) -> bool | None:
    """How the answer starts, hesitations and marks of correction aside; None if neither."""
    rest = without_talk(text)
    while mark := TAKING_BACK.match(rest):
        rest = rest[mark.end() :]
    words = narrow(rest).lower().strip(PUNCTUATION)
    if re.match(rf"{NO}(?![a-z])", words) or re.match(r"(?:i|we) (?:don'?t|do not|haven'?t|have no)\b", words):
        return False
    return True if re.match(rf"{YES}(?![a-z])", words) else None


# closed sets

LANGUAGES: tuple[tuple[Language, str], ...] = (
    ("en", r"\benglish\b|英[文语]|中英"),
    ("zh", r"\bchinese\b|\bmandarin\b|中文|汉语|国语|普通话|简体|中英"),
)


def languages(text: str) -> tuple[Language, ...]:
    """Named in the text, those that are named with a "not" left out."""
    flat = re.sub(
        r"(?:\bnot|\bno|不是|没有|非)\s*(?:in )?(?:any )?(?:english|chinese|英[文语]|中文)", "", narrow(text).lower()
    )
    return tuple(language for language, pattern in LANGUAGES if re.search(pattern, flat))
