"""Errors put into right answers, one at a time and of ten kinds, by means that what looks for them doesn't share."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Literal, get_args

Kind = Literal[
    "number", "money", "percentage", "date", "duration", "unit", "scale", "name", "negation", "ordering"
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
# (text, document it comes from, chance) -> the text with one error, or None where it holds nothing of the kind
Change = Callable[[str, str, random.Random], str | None]

MONTHS = "January February March April May June July August September October November December".split()
YEAR = r"(?<!\d)(1[5-9]\d\d|20[0-3]\d)(?=年|[^\d%,.年]|[.,]?$|[.,]\s)"
DATES = rf"{YEAR}|(\d+)(?=[月日](?!元))|\b({'|'.join(MONTHS)})\b(?= \d)"
FIGURE = r"(?<![\d.,A-Za-z#-])\d+(?:,\d{3})*(?:\.\d+)?(?![\d,]*\d)"
LENGTHS = r"seconds?|minutes?|hours?|(?:business |calendar |working )?days?|weeks?|months?|years?"
LENGTHS_ZH = r"秒钟?|分钟|个?小时|天|个?工作日|周(?!年)|个?星期|个月|(?<![12]\d\d\d)(?<!\d\d\d)年(?!代)"
MEASURED = rf"{LENGTHS}|km|kilomet\w+|met(?:er|re)s?|miles?|kg|kilograms?|grams?|tons?|tonnes?"
MEASURED_ZH = rf"{LENGTHS_ZH}|公里|千米|米|厘米|公斤|千克|克|吨|平方公里|平方米|亩|公顷"
NUMERALS = "一二三四五六七八九"
UNITS = (
    ("second", "minute"), ("minute", "hour"), ("hour", "day"), ("day", "week"), ("week", "month"), ("month", "year"),
    ("km", "miles"), ("kg", "g"), ("$", "€"), ("€", "£"), ("dollar", "euro"),
    ("秒", "分钟"), ("分钟", "小时"), ("小时", "天"), ("天", "周"), ("工作日", "星期"), ("星期", "月"), ("个月", "年"),
    ("公里", "米"), ("千米", "厘米"), ("厘米", "米"), ("米", "厘米"), ("公斤", "克"), ("吨", "公斤"),
    ("平方公里", "平方米"), ("平方米", "公顷"), ("亩", "平方公里"), ("美元", "欧元"), ("日元", "美元"), ("元", "美元"),
)  # fmt: skip
SCALES = (
    ("million", "billion"), ("billion", "million"), ("thousand", "million"), ("亿", "万"), ("万", "亿"), ("千", "万"),
)  # fmt: skip
ORDERS = (
    ("more than", "less than"), ("at least", "at most"), ("before", "after"), ("increas", "decreas"),
    ("higher", "lower"), ("earlier", "later"), ("larger", "smaller"), ("first", "last"), ("maximum", "minimum"),
    ("above", "below"), ("up to", "at least"), ("within", "after"),
    ("之前", "之后"), ("以前", "以后"), ("以上", "以下"), ("增加", "减少"), ("上升", "下降"), ("最大", "最小"),
    ("最高", "最低"), ("最多", "最少"), ("最早", "最晚"), ("高于", "低于"), ("超过", "不到"), ("至少", "至多"),
)  # fmt: skip
DENIALS = (
    (r"\b(can|must|may|should|will|is|are|was|were|does|do|did|has|have) not\b", r"\1"),
    (r"\bcannot\b", "can"),
    (r"\b(can|must|may|should|will)\b(?! not| only)", r"\1 not"),
    (r"\b(is|are|was|were)\b(?! not)", r"\1 not"),
    ("不能|不可以?|无法", "可以"),
    ("不得", "可"),
    ("没有", "有"),
    ("并?不是", "是"),
    (r"(?<![不并])(可以|能够|需要|会被)", r"不\1"),
    (r"(?<![不并])(属于|位于|包括|采用|使用|担任|参加)", r"没有\1"),
    (r"(?<=[\u4e00-\u9fff])(?<![不并但可若就只总凡于还或老正即便算])是(?![否非])", "不是"),
)
NAMES = (
    r"(?<![A-Za-z.!?] )(?<!^)(?<!\w)[A-Z][a-zA-Z]{2,}(?: [A-Z][a-zA-Z]+)*",
    r"《[^》]{2,20}》",
    r"“[^”]{2,10}”",
    r"[\u4e00-\u9fff]{2,6}·[\u4e00-\u9fff]{2,6}",
    r"[\u4e00-\u9fff]{2,5}?(?:公司|大学|学院|集团)",
    r"(?<=[在于从到自为由、和与是至])[\u4e00-\u9fff]{2}(?:市|省|县|镇|区|国|州)(?![\u4e00-\u9fff]*[长民])",
    r"(?<=[\u4e00-\u9fff，、“（(])[A-Z][A-Za-z]{2,}(?: [A-Z][a-zA-Z]+)*",
    r"\b(?:gift|credit) cards?\b|\bpaypal\b|\bcertificates?\b|\beconomy\b|\bbusiness class\b",
)


def other(figure: str, rng: random.Random) -> str:
    """A figure of the same look and about the same size, never the same."""
    if figure in NUMERALS:
        return rng.choice([c for c in NUMERALS[1:] if c != figure])
    decimals = len(figure.split(".")[1]) if "." in figure else 0
    value = float(figure.replace(",", ""))
    step = rng.choice([-3, -2, -1, 1, 2, 3, 5]) if value <= 100 else value * rng.choice([-0.3, -0.1, 0.1, 0.2, 0.5])
    changed = max(10.0**-decimals, value + step)
    written = f"{changed:,.{decimals}f}" if "," in figure else f"{changed:.{decimals}f}"
    return written if float(written.replace(",", "")) != value else str(int(value) + 1)


def swapped_figure(pattern: str) -> Change:
    """The first group of the pattern, anywhere in the text, is a figure that becomes another."""

    def change(text: str, document: str, rng: random.Random) -> str | None:
        found = list(re.finditer(pattern, text, re.I))
        if not found:
            return None
        match = rng.choice(found)
        place = next(i for i in range(1, (match.re.groups or 1) + 1) if match.group(i))
        return text[: match.start(place)] + other(match.group(place), rng) + text[match.end(place) :]

    return change


def other_date(text: str, document: str, rng: random.Random) -> str | None:
    """A year, a month or a day."""
    found = list(re.finditer(DATES, text))
    if not found:
        return None
    match = rng.choice(found)
    old = match.group()
    if old in MONTHS:
        new = rng.choice([m for m in MONTHS if m != old])
    elif match[1]:
        new = str(int(old) + rng.choice([-20, -3, -2, -1, 1, 2, 5, 10]))
    else:
        new = str((int(old) + rng.randint(1, 9)) % 12 + 1)
        new = new if new != old else str(int(old) % 12 + 1)
    return text[: match.start()] + new + text[match.end() :]


def swapped_word(pairs: tuple[tuple[str, str], ...], near_figure: bool, both: bool = False) -> Change:
    """One word of a pair for the other; `near_figure` where it follows a figure only."""

    def change(text: str, document: str, rng: random.Random) -> str | None:
        places = []
        for one, two in (*pairs, *((b, a) for a, b in pairs if both)):
            before = r"(?<=[\d一二两三四五六七八九十百千万亿个半])\s*" if near_figure else ""
            word = re.escape(one) if not one.isascii() or one in "$€" else rf"\b{one}"
            edge = "(?![\u4e00-\u9fff]?\\d)" if one == "年" else r"(?![A-Z])"
            if one in "$€" and near_figure:
                before = r"(?=.\s*\d)"
            places += [(m, one, two) for m in re.finditer(before + word + edge, text, re.I)]
        if not places:
            return None
        match, one, two = rng.choice(places)
        return text[: match.start()] + re.sub(re.escape(one), two, match.group(), flags=re.I) + text[match.end() :]

    return change


def other_name(text: str, document: str, rng: random.Random) -> str | None:
    """A name for another of its kind in the same document."""
    places = []
    for pattern in NAMES:
        known = {name for m in re.finditer(pattern, document) if _is_name(name := m.group(), document)}
        for match in re.finditer(pattern, text):
            rivals = [n for n in known if n not in text and match.group() not in n and n not in match.group()]
            places += [(match, rng.choice(sorted(rivals)))] if rivals else []
    if not places:
        return None
    match, rival = rng.choice(places)
    return text[: match.start()] + rival + text[match.end() :]


def _is_name(found: str, document: str) -> bool:
    """No word that only opens a sentence or a line: "The", "Consequently"."""
    first = found.split()[0]
    return not first.istitle() or first.lower() not in [*re.findall(r"[a-z]+", document), "the", "this", "our"]


def denied(text: str, document: str, rng: random.Random) -> str | None:
    """A "not" taken out, or put in where there is none."""
    for there, away in DENIALS:
        if found := list(re.finditer(there, text)):
            match = rng.choice(found)
            return text[: match.start()] + match.expand(away) + text[match.end() :]
    return None


CHANGES: dict[Kind, Change] = {
    "number": swapped_figure(
        rf"({FIGURE})(?!\s*(?:%|元|美元|日元|人民币|million|billion|thousand|[万亿年月日]|{MEASURED}|{MEASURED_ZH}))"
    ),
    "money": swapped_figure(rf"[$¥€£]\s*({FIGURE})|({FIGURE})(?=[万亿]?(?:元|美元|日元|人民币)| dollars| yuan)"),
    "percentage": swapped_figure(rf"({FIGURE})\s*(?:%|percent)|百分之([{NUMERALS}])"),
    "date": other_date,
    "duration": swapped_figure(
        rf"({FIGURE})[ -](?:{LENGTHS})\b|({FIGURE})(?:{LENGTHS_ZH})|([{NUMERALS}])(?:{LENGTHS_ZH})"
    ),
    "unit": swapped_word(UNITS, near_figure=True),
    "scale": swapped_word(SCALES, near_figure=True),
    "name": other_name,
    "negation": denied,
    "ordering": swapped_word(ORDERS, near_figure=False, both=True),
}  # fmt: skip
