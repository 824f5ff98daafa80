"""Numbers as people write them, in digits or in English or Chinese words, with the place where they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
SMALL = {w: float(n) for n, w in enumerate(ONES)} | {w: 10.0 * n for n, w in enumerate(TENS, 2)} | {"dozen": 12.0}
AFTER_DIGITS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "k": 1e3, "bn": 1e9, "mn": 1e6} | {
    "万亿": 1e12,
    "千万": 1e7,
    "百万": 1e6,
    "亿": 1e8,
    "万": 1e4,
    "千": 1e3,
    "百": 1e2,
}
WORDS = frozenset((*SMALL, *SCALES))
WORD = "|".join((*SMALL, *SCALES))
LETTERS = re.compile("[a-z]+")
FIGURES = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
LARGE = {"亿": 1e8, "万": 1e4, "千": 1e3, "百": 1e2, "十": 1e1}
CHINESE = "零〇一二两三四五六七八九十百千万亿"

# A letter, # or "x-" before digits makes them part of a name: A12, #W77, COVID-19. So does 第, or "st" after them.
DIGITS = re.compile(
    r"(?<![A-Za-z0-9_#第.])(?<![A-Za-z]-)(?<![A-Za-z]/)(-(?<![\w)%]-))?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?!\d|st\b|nd\b|rd\b|th\b|\.\d)"
    r"(\s*(?:万亿|千万|百万|亿|万|千|百(?!分))|\)?\s*(?:thousand|million|billion|trillion)\b|(?:k|bn|mn)\b)?",
    re.I,
)
ENGLISH = re.compile(
    rf"(?<![A-Za-z-])(?:{WORD})(?:(?:-|\s+and\s+|\s+)(?:{WORD}))*(?:\s+and\s+a\s+half)?(?![A-Za-z])(?!-(?!\w+\b))", re.I
)
CHINESE_NUMBER = re.compile(rf"(?<!第)[{CHINESE}]+(?:点[零〇一二三四五六七八九]+)?")
OTHER = re.compile("[^\x00-\x7f\u4e00-\u9fff]")  # than what is as narrow as it can be: ASCII and Chinese characters
# Words that begin like a number and aren't one.
NOT_NUMBERS = re.compile(
    r"一[些般起定样直旦边切致次性]|万[一分]|十分(?!钟|之)|千万别|四处|三番|五花|七上|两者|百姓|不二"
)


@dataclass(frozen=True, slots=True)
class Number:
    """`bare` is a single Chinese numeral, which counts only before a unit; `digits` was written in figures.

    `scale` is what a scale word after the figures multiplied them by: 1e6 of "3 million".
    """

    value: float
    start: int
    end: int
    digits: bool
    bare: bool = False
    scale: float = 1.0


def plain(text: str) -> str:
    """Full-width figures, letters and signs made narrow, character by character, so that offsets stay."""
    return text if text.isascii() else OTHER.sub(lambda m: _narrow(m.group()), text)


@cache
def _narrow(character: str) -> str:
    narrow = unicodedata.normalize("NFKC", character)
    return (narrow if len(narrow) == 1 else character).replace("−", "-")


def numbers(text: str) -> list[Number]:
    """All numbers of a `plain` text in order, none overlapping another."""
    return list(_numbers(text))


@lru_cache(maxsize=2048)  # the same passages are read for claim after claim
def _numbers(text: str) -> tuple[Number, ...]:
    found: list[Number] = []
    for number in sorted((*_digits(text), *_english(text), *_chinese(text)), key=lambda n: (n.start, -n.end)):
        if not found or number.start >= found[-1].end:
            found.append(number)
    return tuple(found)


def _digits(text: str) -> Iterator[Number]:
    for match in DIGITS.finditer(text):
        sign, figures, scale = match.groups()
        factor = AFTER_DIGITS.get((scale or "").strip(") ").lower(), 1.0)
        value = float(figures.replace(",", "")) * factor
        yield Number(round(-value if sign else value, 6), match.start(), match.end(), digits=True, scale=factor)


def _english(text: str) -> Iterator[Number]:
    if WORDS.isdisjoint(LETTERS.findall(text.lower())):
        return
    for match in ENGLISH.finditer(text):
        words = [w for w in re.split(r"[\s-]+", match.group().lower()) if w not in ("and", "a")]
        value = _value(words)
        if value is not None:
            yield Number(value, match.start(), match.end(), digits=False)


def _value(words: list[str]) -> float | None:
    """None for words in a row that are no one number, as in "two three"."""
    total, group, last = 0.0, 0.0, 1e15
    for word in words:
        if word == "half":
            return total + group + 0.5
        if word in SCALES or word == "dozen":
            scale = SCALES.get(word, 12.0)
            group, last = max(group, 1.0) * scale, scale
            if scale > 100:
                total, group = total + group, 0.0
        else:
            small = SMALL[word]
            if group and not (last >= 20 and small < last):
                return None
            group, last = group + small, small
    return total + group


def _chinese(text: str) -> Iterator[Number]:
    if text.isascii():
        return
    for match in CHINESE_NUMBER.finditer(text):
        word = match.group()
        if word[0] in "百千万亿" or NOT_NUMBERS.match(text, match.start()):
            continue
        value = chinese_value(word)
        if value is not None:
            yield Number(value, match.start(), match.end(), digits=False, bare=len(word) == 1)


@cache
def chinese_value(word: str) -> float | None:
    """二十五万 as 250000.0, 三万五 as 35000.0; None for what is no number, as in 三三两两."""
    if re.fullmatch(r"[零〇一二三四五六七八九]{2,}", word):
        return float("".join(str(FIGURES[c]) for c in word))
    whole, _, decimals = word.partition("点")
    value = _grouped(whole)
    if value is None or not decimals:
        return value
    return value + float("0." + "".join(str(FIGURES[c]) for c in decimals))


def _grouped(word: str) -> float | None:
    """What stands before the largest unit is a number of its own, and so is what stands after it."""
    for unit, size in LARGE.items():
        before, found, after = word.rpartition(unit)
        if found:
            left = 1.0 if unit == "十" and not before.strip("零〇") else _grouped(before)
            right = _grouped(after) if after else 0.0
            if not left or right is None or right >= size:
                return None
            # 三万五 is 35,000: a lone figure at the end counts the next smaller unit.
            return left * size + right * (size / 10 if len(after) == 1 and size > 10 else 1)
    word = word.lstrip("零〇") or word[:1]
    return float(FIGURES[word]) if len(word) == 1 else None
