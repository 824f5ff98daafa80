"""What a text says in figures: amounts with their units, dates and times, in a form that can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from tools.figures.dates import Moment, moments
from tools.figures.numerals import Number, numbers, plain

Kind = Literal["percent", "money", "duration", "measure", "count", "date", "clock"]
Bound = Literal["exact", "about", "at_most", "at_least"]

# unit as written: (kind, family, how many of the family's base unit)
UNITS: dict[str, tuple[Kind, str, float]] = {}


def _unit(kind: Kind, family: str, **spelled: float) -> None:
    UNITS.update({name.replace("_", " "): (kind, family, factor) for name, factor in spelled.items()})


_unit("percent", "%", **{"%": 1, "percent": 1, "per cent": 1, "‰": 0.1, "成": 10})
_unit("percent", "points", **{"percentage points": 1, "percentage point": 1, "个百分点": 1})
_unit("money", "CNY", 元=1, 块钱=1, 人民币=1, rmb=1, cny=1, yuan=1)
_unit("money", "USD", 美元=1, 美金=1, dollars=1, dollar=1, usd=1, cents=0.01, 美分=0.01)
_unit("money", "EUR", 欧元=1, euros=1, euro=1, eur=1)
_unit("money", "GBP", 英镑=1, gbp=1)
_unit("money", "HKD", 港元=1, 港币=1, hkd=1)
_unit("money", "JPY", 日元=1, yen=1, jpy=1)
_unit("duration", "seconds", seconds=1, second=1, secs=1, sec=1, 秒=1, 秒钟=1, minutes=60, minute=60, mins=60, min=60)
_unit("duration", "seconds", 分钟=60, hours=3600, hour=3600, hrs=3600, hr=3600, 小时=3600, 个小时=3600, 钟头=3600)
_unit("duration", "seconds", days=86400, day=86400, calendar_days=86400, 天=86400, 日内=86400, 个自然日=86400)
_unit(
    "duration", "seconds", 自然日=86400, weeks=604800, week=604800, 周=604800, 个星期=604800, 星期=604800, 个礼拜=604800
)
_unit(
    "duration", "months", months=1, month=1, 个月=1, quarters=3, quarter=3, 个季度=3, years=12, year=12, 周年=12, 年=12
)
_unit("duration", "business days", business_days=1, business_day=1, working_days=1, working_day=1, 个工作日=1, 工作日=1)
_unit("measure", "g", mg=1e-3, 毫克=1e-3, g=1, grams=1, gram=1, 克=1, kg=1e3, kilograms=1e3, kilogram=1e3, 公斤=1e3)
_unit("measure", "g", 千克=1e3, 斤=500, 吨=1e6, tonnes=1e6, tonne=1e6)
_unit("measure", "m", mm=1e-3, 毫米=1e-3, cm=1e-2, 厘米=1e-2, 公分=1e-2, metres=1, meters=1, metre=1, meter=1, 米=1)
_unit("measure", "m", km=1e3, kilometres=1e3, kilometers=1e3, kilometre=1e3, kilometer=1e3, 公里=1e3, 千米=1e3)
_unit(
    "measure", "m", miles=1609.344, mile=1609.344, 英里=1609.344, feet=0.3048, foot=0.3048, inches=0.0254, 英寸=0.0254
)
_unit("measure", "l", ml=1e-3, 毫升=1e-3, litres=1, liters=1, litre=1, liter=1, 升=1)
_unit("measure", "byte", kb=1e3, mb=1e6, gb=1e9, tb=1e12)
_unit("measure", "°c", **{"°c": 1, "℃": 1, "摄氏度": 1})
_unit(
    "measure",
    "m2",
    平方米=1,
    平方公里=1e6,
    平方千米=1e6,
    公顷=1e4,
    square_metres=1,
    square_meters=1,
    square_kilometres=1e6,
)
_unit("measure", "km/h", **{"km/h": 1, "公里/小时": 1})

SIGNS = {"$": "USD", "us$": "USD", "¥": "CNY", "€": "EUR", "£": "GBP", "hk$": "HKD"}
MEASURES = "组个件种名位人次家项条份张台辆部款层间所座场岁倍套只支本篇页字票点"
NEAR = 24  # characters before a figure in which its sign or bound stands
SKIP_AFTER = "a an the of and or in on at to by for from with is are was were be than as per that which who".split()

_SPELLED = "|".join(re.escape(u) + (r"(?![a-z])" if u[-1].isascii() and u[-1].isalpha() else "") for u in
                    sorted(UNITS, key=len, reverse=True))  # fmt: skip
UNIT = re.compile(rf"[\s-]?\s*({_SPELLED})", re.I)
SIGN = re.compile(r"(us\$|hk\$|[$¥€£])\s*$", re.I)
PERCENT_BEFORE = re.compile(r"([百千万])分之$")
NOUN = re.compile(r"[\s-]+([A-Za-z]{2,})")
COUNTED = re.compile(rf"\s*([多余]?)([{MEASURES}])([\u4e00-\u9fff]{{0,2}})")
RANGE = re.compile(r"\s*(?:-|–|—|~|to|and|至|到|和)\s*", re.I)
# "Sales rose $9 million to $24 million": two figures, no range.
CHANGED = re.compile(
    r"\b(?:increas|decreas|grew|grow|rose|rise|fell|fall|declin|drop|improv|reduc|chang)\w*[^.;]*$|[增降减升跌涨][^。；]*$",
    re.I,
)
HALVED = re.compile("[hH][aA][lL][fF]|半")
HALF = re.compile(r"\bhalf (?:an? |of )|一半|半(?=个?小时|年|天|个月)", re.I)
AT_MOST = re.compile(
    r"(?:up to|at most|no (?:more|longer|later) than|not more than|within|maximum of|under|below|less than|fewer than|"
    r"不超过|最多|至多|不得超过|不多于|不高于|少于|低于|不到|不足|小于)\s*$",
    re.I,
)
AT_LEAST = re.compile(
    r"(?:at least|no (?:less|fewer) than|minimum of|more than|over|above|exceeding|"
    r"至少|不少于|不低于|超过|高于|多于|最少|大于|逾)\s*$",
    re.I,
)
ABOUT = re.compile(r"(?:about|around|approximately|roughly|nearly|almost|some|约|大约|近|大概|将近|约为)\s*$", re.I)
AFTER: tuple[tuple[Bound, re.Pattern[str]], ...] = (
    ("at_most", re.compile(r"\s*(?:or (?:less|fewer)|at most|以内|以下|之内|内(?!容))", re.I)),
    ("at_least", re.compile(r"\s*(?:or (?:more|above|over)|以上|\+)", re.I)),
    ("about", re.compile(r"\s*(?:左右|上下)")),
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """`low == high` but for a range, in the base unit of `unit`'s family; a date or a time of day has `moment`.

    `written` is the figure without its unit and scale: 3 of "3 weeks" and of "$3 million", whose `scale` is 1e6.
    """

    kind: Kind
    unit: str
    low: float
    high: float
    start: int
    end: int
    bound: Bound = "exact"
    moment: Moment | None = None
    written: float = 0.0
    scale: float = 1.0


def quantities(text: str) -> list[Quantity]:
    """In the order of the text; start and end are offsets into it."""
    return list(_quantities(plain(text)))


@lru_cache(maxsize=2048)  # several checks read the same sentence
def _quantities(text: str) -> tuple[Quantity, ...]:
    dated = [Quantity(m.kind, "", 0, 0, m.start, m.end, moment=m) for m in moments(text)]
    masked = _blank(text, [(q.start, q.end) for q in dated])
    plainly = [q for n in numbers(masked) if (q := _measured(masked, n))]
    halves = [q for m in HALF.finditer(masked) if (q := _half(masked, m))] if HALVED.search(masked) else []
    ranges = _ranges(masked, sorted((*plainly, *halves), key=lambda q: q.start))
    bounded = [q if (bound := _bound(text, q)) == "exact" else replace(q, bound=bound) for q in ranges]
    return tuple(sorted((*dated, *bounded), key=lambda q: q.start))


def without(text: str, found: list[Quantity]) -> str:
    """The text with its quantities blanked, of the same length."""
    return _blank(text, [(q.start, q.end) for q in found])


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    characters = list(text)
    for start, end in spans:
        characters[start:end] = " " * (end - start)
    return "".join(characters)


def _quantity(number: Number, kind: Kind, unit: str, value: float, start: int, end: int) -> Quantity:
    written = round(number.value / number.scale, 9)
    return Quantity(kind, unit, value, value, start, end, written=written, scale=number.scale)


def _measured(text: str, number: Number) -> Quantity | None:
    """None for a lone Chinese numeral that counts nothing."""
    if before := PERCENT_BEFORE.search(text, max(0, number.start - NEAR), number.start):
        share = number.value * {"百": 1.0, "千": 0.1, "万": 0.01}[before[1]]
        return _quantity(number, "percent", "%", share, before.start(), number.end)
    if before := SIGN.search(text, max(0, number.start - NEAR), number.start):
        return _quantity(number, "money", SIGNS[before[1].lower()], number.value, before.start(), number.end)
    if after := UNIT.match(text, number.end):
        kind, family, factor = UNITS[after[1].lower()]
        half = kind == "duration" and text.startswith("半", after.end())
        value = round((number.value + half / 2) * factor, 9)
        return _quantity(number, kind, family, value, number.start, after.end() + half)
    return _counted(text, number)


def _counted(text: str, number: Number) -> Quantity | None:
    chinese, noun, end = COUNTED.match(text, number.end), "", number.end
    if chinese:
        if number.bare and number.value == 1:  # 一个 is an article, not a count
            return None
        noun, end = chinese[2] + chinese[3], chinese.end(2)
    elif number.bare:
        return None
    elif (word := NOUN.match(text, number.end)) and word[1].lower() not in SKIP_AFTER:
        noun = singular(word[1].lower())
    if not number.digits and number.value == 1 and not chinese:  # "one" is more often a pronoun than a count
        return None
    return _quantity(number, "count", noun, number.value, number.start, end)


def singular(word: str) -> str:
    """Good enough to see that two counts are of the same thing."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word


def _half(text: str, match: re.Match[str]) -> Quantity | None:
    word = match.group().lower()
    if word in ("half of ", "一半"):
        return Quantity("percent", "%", 50, 50, match.start(), match.start() + len(word.strip()))
    spelled = "年" if text[match.end() : match.end() + 1] == "年" else None
    after = UNIT.match(text, match.end())
    if spelled:
        return Quantity("duration", "months", 6, 6, match.start(), match.end() + 1)
    if after is None:
        return None
    kind, family, factor = UNITS[after[1].lower()]
    return Quantity(kind, family, factor / 2, factor / 2, match.start(), after.end())


def _ranges(text: str, found: list[Quantity]) -> list[Quantity]:
    """ ""5 to 7 days" is one quantity, not a bare 5 and 7 days."""
    merged: list[Quantity] = []
    for quantity in found:
        last = merged[-1] if merged else None
        if last and last.low == last.high and _one_range(text, last, quantity):
            scale = quantity.low / _bare(text, quantity) if not last.unit and _bare(text, quantity) else 1.0
            merged[-1] = replace(quantity, low=round(last.low * scale, 9), start=last.start)
        elif last and _one_duration(text, last, quantity):
            merged[-1] = replace(last, low=last.low + quantity.low, high=last.high + quantity.high, end=quantity.end)
        else:
            merged.append(quantity)
    return merged


def _one_range(text: str, first: Quantity, second: Quantity) -> bool:
    between = text[first.end : second.start]
    if not RANGE.fullmatch(between) or (first.low >= _bare(text, second) and first.unit != second.unit):
        return False
    if between.strip().lower() in ("and", "和"):
        return bool(re.search(r"(?:between|在)\s*$", text[max(0, first.start - NEAR) : first.start], re.I))
    if between.strip().lower() in ("to", "到", "至") and CHANGED.search(
        text[max(0, first.start - 2 * NEAR) : first.start]
    ):
        return False
    return first.unit in ("", second.unit) and (first.unit == second.unit or first.kind == "count")


def _one_duration(text: str, first: Quantity, second: Quantity) -> bool:
    """ "1 hour and 30 minutes", "1小时30分钟"."""
    joined = text[first.end : second.start].strip().lower() in ("", "and", "零", "又")
    return joined and first.kind == second.kind == "duration" and first.unit == second.unit and first.low > second.high


def _bare(text: str, quantity: Quantity) -> float:
    """The figure as written, before its unit multiplied it."""
    found = numbers(text[quantity.start : quantity.end])
    return found[-1].value if found else quantity.low


def _bound(text: str, quantity: Quantity) -> Bound:
    before = text[max(0, quantity.start - NEAR) : quantity.start]
    for bound, pattern in AFTER:
        if pattern.match(text, quantity.end):
            return bound
    if AT_MOST.search(before):
        return "at_most"
    if AT_LEAST.search(before):
        return "at_least"
    return "about" if ABOUT.search(before) else "exact"


def everything(text: str) -> Quantity | None:
    """The one quantity that the whole text is, or None: "¥3.5" is one, "$5 in 3 days" is not."""
    found = quantities(text)
    return found[0] if len(found) == 1 else None
