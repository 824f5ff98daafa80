"""Text cut into figures, signs, words and equals signs, so that a calculation can be read out of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, NamedTuple

from tools.figures.numerals import SMALL, chinese_value

Kind = Literal["number", "op", "open", "close", "equals", "word", "sign", "fraction", "of", "line", "stop", "bad"]

ONE = Fraction(1)
MOST_DIGITS = 400  # of one figure; longer ones are no figure that anybody calculated
WIDE = str.maketrans(
    {chr(c): chr(c - 0xFEE0) for c in (*range(0xFF10, 0xFF1A), *map(ord, "＋－＝％（）／＊．＄［］＜＞"))}
    | {"−": "-", "–": "-", "﹣": "-", "\u00a0": " ", "\u3000": " ", "￥": "¥"}
)
SCALES = {"万亿": 10**12, "千万": 10**7, "百万": 10**6, "亿": 10**8, "万": 10**4, "千": 10**3, "百": 10**2}
SCALES |= {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "hundred": 10**2, "k": 10**3}
SCALES |= {"m": 10**6, "bn": 10**9, "b": 10**9, "mn": 10**6, "dozen": 12}
PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
PART = re.compile(rf"(?:{'|'.join(PARTS)})s?|halves", re.I)
MULTIPLES = {"twice": 2, "double": 2, "triple": 3, "thrice": 3}
OPERATORS = {"×": "*", "·": "*", "∙": "*", "•": "*", "⋅": "*", "÷": "/", "**": "^", "x": "*", "plus": "+", "minus": "-"}
OPERATORS |= {"times": "*", "multiplied by": "*", "divided by": "/", "\\times": "*", "\\cdot": "*", "\\div": "/"}
OPERATORS |= {"加": "+", "加上": "+", "减": "-", "减去": "-", "乘": "*", "乘以": "*", "除以": "/"}
ABOUT = {"≈", "≒", "\\approx", "约等于", "约为", "约是"}
WEAK = {"is", "are", "是", "为", "makes", "gives"}  # "3 plus 4 is 7", but also "the room is 7"
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")

_FIGURE = r"(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+)(?:\.\d+)?|\.\d+"
_NAMES = "|".join(sorted(SMALL, key=len, reverse=True))
TOKEN = re.compile(
    rf"""(?P<line>[ \t]*(?:\r?\n[ \t]*)+(?:(?:[-*+•]|\d+[.)、])[ ]+)?)
|(?P<space>[ \t]+|&(?==)|\\(?:left|right|boxed|displaystyle|,|;|!|\ )|`)
|(?P<emphasis>(?<![\w)])[*_]{{1,2}}(?=[$¥€£]?\d)|(?<=[\w%])\*{{1,2}}(?![ ]?(?:[\d($¥€£\\]|-?\.?\d)|\w))
|(?P<bad>(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?!\d)|\d{{1,2}}/\d{{1,2}}/\d{{4}}|\d+(?:\.\d+){{2,}}
   |\d+[:：]\d+(?:[:：]\d+)*|\d+(?:st|nd|rd|th)\b|[=!<>]=+>?|=>|\\[a-z]*sqrt|[√±@])
|(?P<mixed>\d+[ ]\d{{1,3}}/\d{{1,3}}(?![\d.,]))
|(?P<number>(?:{_FIGURE})(?:[eE][+-]?\d+(?![\w.]))?)
|(?P<zhpart>(?P<below>百|千|[\u4e00-\u9fff]{{1,2}}?)分之(?P<above>\d+(?:\.\d+)?|[一二三四五六七八九十百零点]+)|一半)
|(?P<zhnumber>(?<![\u4e00-\u9fff])[零一二两三四五六七八九十百千万亿]+(?=[加减乘除等])|(?<=[加减乘去以于得])[零一二两三四五六七八九十百千万亿]+(?=[加减乘除等得]|(?![\u4e00-\u9fff])))
|(?P<equals>=|≈|≒|\\approx|(?:约等于|等于|约为|约是|得到|得出|得|是|为)(?=\s*[\d$¥€£一二两三四五六七八九十]|\s*-\d)
   |(?:is[ ])?equal(?:s|[ ]to)\b|(?:gives|makes|are|is)\b)
|(?P<op>\*\*|[-+*/×·∙•⋅÷^]|\\(?:times|cdot|div)(?![a-z])|(?:plus|minus|times|multiplied[ ]by|divided[ ]by)\b
   |加上?|减去?|乘以?|除以)
|(?P<raised>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)
|(?P<fraction>\\[dt]?frac)
|(?P<text>\\(?:text|mathrm|textbf)\{{[^{{}}]*\}})
|(?P<sign>\\?\$|[¥€£]|(?:US|HK)\$)
|(?P<percent>\\?%|percentage[ ]points?\b|percent\b|per[ ]cent\b|个百分点)
|(?P<open>[([{{])|(?P<close>[)\]}}])
|(?P<cross>(?<=[\d)])[xX](?=\d))
|(?P<spelled>(?:{_NAMES})(?![\w-]))
|(?P<of>of(?:[ ](?:the|his|her|their|its))?\b|的)
|(?P<word>[A-Za-z_][\w'’]*(?:-[A-Za-z]+)*|[\u4e00-\u9fff°'’])
|(?P<stop>.)""",
    re.X | re.I | re.S,
)
SCALE = re.compile(
    r"\s*(万亿|千万|百万|亿|万|千(?![克米瓦卡])|百(?!分))|\s*(thousand|million|billion|trillion|hundred|dozen)\b|"
    r"(k|K|M|B|bn|mn)(?![A-Za-z])"
)
PLAIN_WORD = re.compile(r"([ \t]*)([A-Za-z]+)(?![\w'’$-])")
# Words that are, or begin, something else than a word.
TELLING = frozenset("is are equal equals gives makes percentage percent per of x halves".split()).union(
    (word.split()[0] for word in OPERATORS if word.isalpha() or " " in word),
    SMALL,
    PARTS,
    (f"{part}s" for part in PARTS),
    MULTIPLES,
)
GLUED = re.compile(r"[A-Za-z]+")
OF_NEXT = re.compile(r"\s+of\b(?!\s+(?:fiscal\s+|FY\s*)?(?:19|20)\d\d\b)")  # the last quarter of 2019
EQUALS_NEXT = re.compile(r"\s*&?\s*(?:=(?!=)|≈)")
CROSSED = re.compile(r"\s*[\d.($¥€£\\]|\s+-\d")
FIGURE_NEXT = re.compile(rf"\s*(?:\.?\d|[($¥€£\\-]|(?:{_NAMES})\b)", re.I)
BULLET = re.compile(r"\s*(?:(?:[-*+•]|\d+[.)、])[ ]+)?")
CUT = re.compile(r"[.,]\d")  # 1.200,50 is a figure of another custom
LONELY = re.compile(r"[mgshlLdt](?![\w])")  # 5m may be metres, millions or five times m


class Token(NamedTuple):
    """`step` is one unit of the last digit written; `doubtful` where it may be read in another way as well."""

    kind: Kind
    text: str
    start: int
    end: int
    value: Fraction = Fraction(0)
    step: Fraction = Fraction(0)
    percent: bool = False
    scale: str = ""
    doubtful: bool = False
    spaced: bool = False


def tokens(text: str) -> list[Token]:
    """In order, without the spaces; offsets into `text`, which must have been through `narrow`."""
    found: list[Token] = []
    position, spaced = BULLET.match(text).end(), True  # type: ignore[union-attr]
    while position < len(text):
        word = PLAIN_WORD.match(text, position)
        if word and word[2].lower() not in TELLING:
            position = word.end()
            found.append(Token("word", word[2], word.start(2), position, spaced=spaced or bool(word[1])))
            spaced = False
            continue
        match = TOKEN.match(text, position)
        if match is None:
            break
        position = match.end()
        kind = match.lastgroup or "stop"
        if kind == "space":
            spaced = True
            continue
        for token in _read(match, kind, text, spaced, found):
            found.append(token)
            position = token.end
        spaced = kind == "line"
    return found


def narrow(text: str) -> str:
    """Full-width figures and signs made narrow, character by character; commas stay, as 8，200 is two figures."""
    return text.translate(WIDE)


def _read(match: re.Match[str], kind: str, text: str, spaced: bool, before: list[Token]) -> Iterator[Token]:
    start, end, said = match.start(), match.end(), match.group()
    if kind == "emphasis" and (
        text[end : end + 1].isspace() or not before or before[-1].kind != "number" or not spaced
    ):
        return
    if kind == "emphasis":
        yield Token("op", "*" if len(said) == 1 else "^", start, end, spaced=spaced)
    elif kind in ("number", "mixed"):
        yield _number(match, text, spaced)
    elif kind in ("below", "above", "zhpart", "zhnumber", "spelled", "raised"):
        yield from _spelled(match, spaced)
    elif kind == "percent":
        if before and before[-1].kind == "number":
            last = before.pop()
            yield Token(
                "number", text[last.start : end], last.start, end, last.value / 100, last.step / 100, True, "%",
                last.doubtful, last.spaced,
            )  # fmt: skip
    elif kind == "text":
        yield Token("word", said, start, end, spaced=spaced)
    elif kind == "cross":
        yield Token("op", "*", start, end)
    elif kind == "word" and said in ("x", "X"):
        yield Token("op" if _crossed(text, end, before) else "bad", "*", start, end, spaced=spaced)
    elif kind == "word" and PART.fullmatch(said) and OF_NEXT.match(text, end):
        yield _part(said.lower(), start, end, spaced, before)
    elif kind == "word" and said.lower() in MULTIPLES:
        yield Token("number", said, start, end, Fraction(MULTIPLES[said.lower()]), spaced=spaced, scale="twice")
    elif kind == "op" and said.isalpha() and said.isascii() and not FIGURE_NEXT.match(text, end):
        yield Token("word", said, start, end, spaced=spaced)
    elif kind == "op":
        yield Token("op", OPERATORS.get(said.lower(), said), start, end, spaced=spaced)
    elif kind == "line" and EQUALS_NEXT.match(text, start) and before:
        return
    else:
        yield Token(kind, said, start, end, spaced=spaced)  # type: ignore[arg-type]


def _number(match: re.Match[str], text: str, spaced: bool) -> Token:
    """A figure with its scale; what is glued to it tells whether it is one."""
    start, end, said = match.start(), match.end(), match.group()
    if match.lastgroup == "mixed":
        whole, above, below = map(int, re.split(r"[ /]", said))
        if not 0 < above < below:
            end = start + said.index(" ")
            said = text[start:end]
        else:
            return Token("number", said, start, end, whole + Fraction(above, below), spaced=spaced)
    mantissa, _, power = said.lower().replace(",", "").partition("e")
    if len(mantissa) > MOST_DIGITS or len(power) > 4 or abs(int(power or 0)) > MOST_DIGITS or CUT.match(text, end):
        return Token("bad", said, start, end)
    if mantissa.isdecimal() and not power:
        value, step = Fraction(int(mantissa)), ONE
    else:
        decimals = len(mantissa.partition(".")[2])
        value, step = Fraction(mantissa) * Fraction(10) ** int(power or 0), Fraction(10) ** (int(power or 0) - decimals)
    scale, factor = "", 1
    if found := SCALE.match(text, end):
        scale, end = found.group(), found.end()
        factor = SCALES[scale.strip().lower()]
    doubtful = len(scale) == 1 and scale in "kKMB" and text[start - 1 : start] not in tuple("$¥€£")
    doubtful = doubtful or re.match(r"0\d", said) is not None  # 0900 is a time
    glued = GLUED.match(text, end)
    alone = glued is not None and len(glued.group()) == 1 and glued.group() not in "xX"
    if alone and not LONELY.match(text, end):
        return Token("bad", said, start, end)
    doubtful = doubtful or alone
    if scale:
        value, step = value * factor, step * factor
    return Token("number", text[start:end], start, end, value, step, False, scale, doubtful, spaced)


def _spelled(match: re.Match[str], spaced: bool) -> Iterator[Token]:
    start, end, said = match.start(), match.end(), match.group()
    if match["raised"]:
        power = said.translate(RAISED)
        yield Token("op", "^", start, start)
        yield Token("number" if re.fullmatch(r"-?\d{1,4}", power) else "bad", said, start, end, Fraction(power or 0))
    elif match["spelled"]:
        yield Token("number", said, start, end, Fraction(SMALL[said.lower()]), Fraction(1), spaced=spaced, scale="word")
    elif match["zhnumber"]:
        value = chinese_value(said)
        yield Token("bad" if value is None else "number", said, start, end, Fraction(value or 0), Fraction(1))
    elif said == "一半":
        yield Token("number", said, start, end, Fraction(1, 2), spaced=spaced, scale="part")
    else:
        below = {"百": 100.0, "千": 1000.0}.get(match["below"]) or chinese_value(match["below"])
        above = float(match["above"]) if match["above"][0].isdigit() else chinese_value(match["above"])
        if not below or above is None:
            yield Token("bad", said, start, end)
        else:
            part = Fraction(str(above)) / Fraction(below)
            yield Token("number", said, start, end, part, percent=below == 100, spaced=spaced, scale="part")


def _part(said: str, start: int, end: int, spaced: bool, before: list[Token]) -> Token:
    """ "two thirds" and "2 thirds" are one figure; so is "a third"."""
    below = PARTS["half" if said == "halves" else said.removesuffix("s")]
    above = Fraction(1)
    if before and before[-1].kind == "number" and said not in PARTS:
        last = before.pop()
        above, start = last.value, last.start
    return Token("number", said, start, end, above / below, spaced=spaced, scale="part")


def _crossed(text: str, end: int, before: list[Token]) -> bool:
    """An x is a sign between two figures, and an unknown everywhere else."""
    return CROSSED.match(text, end) is not None and bool(before) and before[-1].kind in ("number", "close", "word")
