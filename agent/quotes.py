"""What a person's own words say, read by code: a weak model copies words well and reads numbers badly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workspace.words import Language

WIDE = "".join(map(chr, range(0xFF01, 0xFF5F)))
ASCII = "".join(map(chr, range(0x21, 0x7F)))
NARROW = str.maketrans(WIDE + "\u3000“”„‘’", ASCII + ' """\'\'')
PUNCTUATION = " \t\r\n.,;:!?~…·-–—。，、；：！？～*•"

CHINESE = "[零〇一二两三四五六七八九十百千万亿]"
LOW = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
ROUND = "twenty thirty forty fifty sixty seventy eighty ninety"
UNITS = {word: n for n, word in enumerate(LOW.split())}
TENS = {word: n * 10 for n, word in enumerate(ROUND.split(), 2)}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
WORD = rf"(?:{'|'.join([*TENS, *sorted(UNITS, key=len, reverse=True), *SCALES])})"
WORDS = rf"\b(?:(?:a|half a|a couple(?: of)?) )?{WORD}s?(?:(?:[ -]| and ){WORD})*\b"
DIGITS = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
PLAIN = rf"(?:(?:{DIGITS})(?:\s?(?:[kK]|thousand|hundred|million)(?![a-zA-Z])|\s?[万千百])?|{CHINESE}+|{WORDS})"
FRACTIONS = {
    r"(?:a |one )?half|一半|半数": 1 / 2,
    r"two[- ]thirds": 2 / 3,
    r"(?:a|one)[- ]third": 1 / 3,
    r"three[- ]quarters": 3 / 4,
    r"(?:a|one) quarter(?! ?ly)": 1 / 4,
}
LOOK_OUT = r"(?<![\w.])"  # a share starts a word, but may follow a Chinese character
SHARES = (
    (rf"(?P<x>{PLAIN})\s*(?:times )?(?:out of|in|of|/)\s*(?:every |each )?(?P<y>{PLAIN})", "ratio"),
    (rf"(?P<y>{PLAIN})\s*[条个份次]?(?:里面?|中|当中)[^\d，。,]{{0,6}}?(?P<x>{PLAIN})\s*[条个份次]", "ratio"),
    (rf"百分之\s*(?P<x>{CHINESE}+|\d+(?:\.\d+)?)", "percent"),
    (rf"(?P<y>{CHINESE}+|\d+)分之(?P<x>{CHINESE}+|\d+)", "ratio"),
    (rf"(?P<x>{PLAIN})\s*(?:%|percent\b|per cent\b|pct\b)", "percent"),
    (r"(?P<x>[一二两三四五六七八九十\d])成(?P<y>[一二三四五六七八九半\d])?", "tenths"),
)


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


def clauses(text: str) -> list[str]:
    return [
        part.strip() for s in sentences(text) for part in re.split(r"[，,](?!\d{3}\b)| - | – |——", s) if part.strip()
    ]


# numbers


def number_of(words: str) -> float | None:
    """The value of one number written in digits, English or Chinese; 一万 is 10000, 1.5k is 1500."""
    words = words.strip().lower()
    if match := re.fullmatch(rf"({DIGITS})\s?(k|thousand|hundred|million|[万千百])?", words):
        scale = {"k": 1e3, "万": 1e4, "千": 1e3, "百": 1e2, **SCALES}.get(match[2] or "", 1)
        return round(float(match[1].replace(",", "")) * scale, 6)
    if re.fullmatch(f"{CHINESE}+", words):
        return _chinese(words)
    return _english(words)


def _chinese(words: str) -> float | None:
    import cn2an

    try:
        return float(cn2an.cn2an(words, "smart"))
    except ValueError:
        return None


def _english(words: str) -> float | None:
    factor = 0.5 if words.startswith("half a ") else 2.0 if words.startswith("a couple") else 1.0
    total, current = 0.0, 0.0
    for word in re.findall(r"[a-z]+", words):
        word = word if word in SCALES or word in UNITS or word in TENS else word.removesuffix("s")
        if word in SCALES:
            current = (current or 1) * SCALES[word]
            if SCALES[word] >= 1000:
                total, current = total + current, 0.0
        else:
            current += UNITS.get(word, TENS.get(word, 0))
    return (total + current) * factor or None


def numbers(text: str) -> list[Number]:
    """Every number, in the order of the text; what is written as a share is read as one, not as its parts."""
    flat = narrow(text).lower()
    shares = sorted(_shares(flat), key=lambda n: (n.start, -n.end))
    taken: list[Number] = []
    for share in shares:
        if not taken or share.start >= taken[-1].end:
            taken.append(share)
    for match in re.finditer(PLAIN, flat):
        free = all(match.end() <= n.start or match.start() >= n.end for n in taken)
        glued = match[0][0].isdigit() and re.search(r"[a-z_]$", flat[: match.start()])
        value = number_of(match[0]) if free and not glued and not _no_number(match, flat) else None
        if value is not None:
            taken.append(Number(value, match.start(), match.end()))
    return sorted(taken, key=lambda n: n.start)


def _no_number(match: re.Match[str], text: str) -> bool:
    """一 in 一下, and "one" in "the one", count nothing."""
    if match[0] == "one":
        return True
    return (
        len(match[0]) == 1
        and match[0] in "零〇一两千万百十亿"
        and text[match.end() : match.end() + 1] not in "条行个份"
    )


def _shares(flat: str) -> Iterator[Number]:
    for pattern, kind in SHARES:
        for match in re.finditer(pattern, flat):
            value = _share(match, kind)
            if value is not None and 0 <= value <= 1 + 1e-9:
                yield Number(round(value, 6), match.start(), match.end(), share=True)
    for pattern, value in FRACTIONS.items():
        # "half a thousand" is a count
        for match in re.finditer(rf"(?<![a-z])(?:{pattern})(?![a-z]| a (?:{'|'.join(SCALES)}))", flat):
            yield Number(value, match.start(), match.end(), share=True)


def _share(match: re.Match[str], kind: str) -> float | None:
    x = number_of(match["x"])
    if x is None or kind == "percent":
        return None if x is None else x / 100
    if kind == "tenths":
        return x / 10 + {"半": 0.05}.get(match["y"] or "", (number_of(match["y"]) or 0) / 100 if match["y"] else 0)
    y = number_of(match["y"])
    # "5 in 7 languages" is no share of 7; people count in tens
    round_whole = y is not None and (y in (10, 20, 50, 100, 200, 500, 1000) or "分之" in match[0])
    return x / y if y and round_whole and x <= y else None


def fraction(text: str, bare: bool = False) -> float | None:
    """The first share in the text, between 0 and 1. `bare`: the question was how many of 100, so 95 is one too."""
    for n in numbers(text):
        if n.share:
            return n.value
        if bare and 0 < n.value <= 100:
            return n.value if n.value <= 1 else n.value / 100
    return None


def count(text: str) -> int | None:
    """The first plain whole number."""
    return next((int(n.value) for n in numbers(text) if not n.share and n.value >= 1), None)


# yes, no, and talk

YES = (
    r"(?:yes|yeah|yep|yup|sure|of course|right|correct|ok(?:ay)?|please do|exactly|"
    r"好的?|是的?|对的?|有的?|可以|行|没错|嗯|要的?|当然)"
)
NO = (
    r"(?:no|nope|nah|none|nothing|not really|not yet|don'?t have|haven'?t|we can'?t|"
    r"没有|没|无|不|不用|不需要|暂时没有?|还没|暂无)"
)
HESITATION = r"(?:h+m+|u+m+|u+h+|e+r+m*|well|so|oh|ah|ok(?:ay)?|hey|hi|hello|嗯+|呃+|额+|哦+|那个|唉|啊|这个嘛)"
SMALL_TALK = re.compile(
    rf"(?:{HESITATION}|"
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|dear)(?: (?:there|all|team|everyone|guys))?|"
    r"thanks?(?: you)?(?: (?:so|very) much| a lot| in advance)?|cheers|please|sorry|lol|haha+|btw|[:;]-?[)(dp]|"
    r"(?:i )?hope you.*|have a .*(?:day|one|weekend).*|how are you.*|nice to meet you|not urgent.*|.*\bweather\b.*|"
    r"你好[呀啊哦]?|您好[呀啊]?|大家好|在[吗不]|早上?好|下午好|晚上好|谢谢[您你了啦]*|辛苦[了啦您你]*|哈+|麻烦[了您你]*|.*天气.*|不急.*|多谢)",
    re.I,
)  # fmt: skip


def is_talk(words: str) -> bool:
    """Greetings, thanks and hesitations: nothing in them belongs to a specification."""
    return not words.strip(PUNCTUATION) or bool(SMALL_TALK.fullmatch(narrow(words).strip(PUNCTUATION)))


def without_talk(text: str) -> str:
    """The text from its first word that means something."""
    start = re.match(rf"(?:{HESITATION}(?=[\W\u4e00-\u9fff])[\s,，.!！?？~～…。、:]*)+", text, re.I)
    return text[start.end() :] if start and start.end() < len(text) else text


def yes_no(text: str) -> bool | None:
    """How the answer starts, hesitations aside; None if neither."""
    words = narrow(without_talk(text)).lower().strip(PUNCTUATION)
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
