"""Numbers and dates of a column that lie far from the others, or are written in another unit or another way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

from tools.figures.dates import Moment, moments
from tools.figures.numerals import plain
from tools.figures.quantities import UNITS
from tools.wrong_cells.columns import Column
from workspace.words import Words

if TYPE_CHECKING:
    import numpy as np

NUMBER = re.compile(
    r"(?P<sign>[-−+(]?)\s*(?P<before>[$€£¥￥]|US\$|HK\$|RMB|CNY|USD)?\s*(?P<minus>-?)"
    r"(?P<figures>\d{1,3}(?:[,，']\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d+(?:[.,]\d+)?|\.\d+)"
    r"(?P<power>[eE][-+]?\d+)?\s*(?P<after>[^\d\s.,][^\d]{0,15}?)?\)?"
)
LEAST_ROWS, LEAST_DIFFERENT = 20, 8
SIGMA, ROBUST = 3.0, 6.0
MOSTLY = 0.9
MOST_TRIED = 2000  # different values by which it is known what a column holds
GAP = 3.0  # robust standard deviations in which nothing lies
MADE_NORMAL = 1.4826  # of a normal distribution's median absolute deviation, one standard deviation
PLACEHOLDERS = frozenset((-1.0, -9.0, -99.0, -999.0, -9999.0, 999.0, 9999.0, 99999.0, 999999.0, 99999999.0, 9999999.0))


@dataclass(frozen=True, slots=True)
class Amount:
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Odd:
    """Why a value is odd in its column, and what is meant where that is plain."""

    why: Words
    meant: str | None
    sure: float


def amount(text: str) -> Amount | None:
    """A number with its unit, the whole text and nothing else; "1,200" is 1200 and "1,5" is 1.5."""
    found = NUMBER.fullmatch(plain(text).strip())
    if found is None:
        return None
    figures = found["figures"].replace("'", "").replace("，", ",")
    if re.fullmatch(r"\d+,\d{1,2}|\d+,\d{4,}", figures):
        figures = figures.replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(\.\d{3}){2,}(,\d+)?", figures):
        figures = figures.replace(".", "").replace(",", ".")
    value = float(figures.replace(",", "") + (found["power"] or ""))
    negative = found["sign"] in ("-", "−", "(") or found["minus"]
    return Amount(-value if negative else value, (found["before"] or found["after"] or "").strip().lower())


def is_numeric(column: Column) -> bool:
    """Nearly all that stands there are numbers."""
    return _share(column, lambda value: amount(value) is not None) >= MOSTLY


def is_measured(column: Column) -> bool:
    """Numbers with decimals, with a unit behind them, or of any length, unless the column's name says they name."""
    fine = _share(column, lambda value: (found := amount(value)) is not None and ("." in value or bool(found.unit)))
    if fine >= 0.5 or not is_numeric(column):
        return fine >= 0.5
    lengths = Counter[int]()
    for value, rows in islice(column.present(), MOST_TRIED):
        lengths[len(value)] += rows
    return lengths.most_common(1)[0][1] < MOSTLY * lengths.total() and not _is_code(column.name, {})


def _share(column: Column, holds: Callable[[str], bool]) -> float:
    """Of the rows that say something; of many different values, the first tell."""
    present = list(islice(column.present(), MOST_TRIED))
    return sum(rows for value, rows in present if holds(value)) / max(1, sum(rows for _, rows in present))


def odd_numbers(column: Column) -> dict[str, Odd]:
    """By value. Nothing where the column is no column of numbers."""
    read = {value: amount(value) for value, _ in column.present()}
    rows = dict(column.present())
    numbers = {value: found for value, found in read.items() if found is not None}
    if sum(rows[value] for value in numbers) < MOSTLY * column.filled or column.filled < LEAST_ROWS:
        return {}
    units = Counter[str]()
    for value, found in numbers.items():
        units[found.unit] += rows[value]
    usual, most = units.most_common(1)[0]
    odd = {value: _no_number() for value in read if value not in numbers}
    strange = {value: n for value, n in numbers.items() if n.unit != usual and units[n.unit] <= 0.1 * most}
    odd |= {value: _other_unit(found, usual) for value, found in strange.items()}
    if len(units) - len({n.unit for n in strange.values()}) > 1:
        return odd
    like = {value: found.value for value, found in numbers.items() if value not in strange}
    if _is_code(column.name, like):
        return odd
    return odd | _far(like, rows)


def _is_code(name: str, like: Mapping[str, float]) -> bool:
    """Numbers that name something: all of one length with zeros in front, or in a column that is called so."""
    called = re.search(r"(?i)(?:^|[\W_])(?:id|no|code|zip|postcode|phone|tel|mobile|fax|year)(?:$|[\W_\d])", name)
    called = called or re.search(
        r"(?:Id|ID|Code|Number|Phone|Zip)$|编号|编码|代码|号码|电话|手机|邮编|序号|学号|工号|身份证|年份", name
    )
    return bool(called) or any(len(value) > 1 and value[0] == "0" and value.isdigit() for value in like)


def _far(like: Mapping[str, float], rows: Mapping[str, int]) -> dict[str, Odd]:
    """Beyond three standard deviations and six robust ones (median absolute deviation), of logs where skewed."""
    import numpy as np

    texts = list(like)
    weights = np.array([rows[text] for text in texts])
    values = np.array([like[text] for text in texts])
    if weights.sum() < LEAST_ROWS or len(set(values.tolist())) < LEAST_DIFFERENT:
        return {}
    scaled = _unskewed(values, weights)
    every = np.repeat(scaled, weights)
    middle, spread = np.median(every), np.median(np.abs(every - np.median(every))) * MADE_NORMAL
    inside = every[np.abs(every - middle) <= ROBUST * spread] if spread else every
    if spread == 0 or inside.std() == 0:
        return {}
    # A skewed column spreads more on one side: each has a deviation of its own.
    above = max(spread, float(np.median(every[every >= middle] - middle)) * MADE_NORMAL)
    below = max(spread, float(np.median(middle - every[every <= middle])) * MADE_NORMAL)
    robust = (scaled - middle) / np.where(scaled > middle, above, below)
    plainly = (scaled - inside.mean()) / inside.std()
    found = {}
    usual = float(np.median(np.repeat(values, weights)))
    far = (np.abs(robust) > ROBUST) & (np.abs(plainly) > SIGMA) & _apart(robust)
    for n in np.flatnonzero(far).tolist():
        if _alone(n, scaled, weights, float(spread)):
            how = abs(float(robust[n]))
            words = _placeholder(values[n]) or Words(
                f"far from the others, whose median is {usual:g} ({how:.0f} robust standard deviations)",
                f"远离其他值，中位数是 {usual:g}（相差 {how:.0f} 个稳健标准差）",
            )
            found[texts[n]] = Odd(words, None, min(0.95, 0.5 + how / 40))
    return found


def _apart(robust: np.ndarray) -> np.ndarray:
    """Those beyond the first gap outside of what is usual, on either side: a long tail has none."""
    import numpy as np

    found = np.zeros(len(robust), dtype=bool)
    for side in (robust, -robust):
        ordered = np.sort(side)
        edges = np.flatnonzero((ordered[1:] > ROBUST) & (np.diff(ordered) >= GAP))
        if len(edges):
            found |= side >= ordered[edges[0] + 1]
    return found


def _placeholder(value: float) -> Words | None:
    if value in PLACEHOLDERS:
        return Words("a number that is written where nothing is known", "像是表示“未知”的占位数字")
    return None


def _alone(n: int, scaled: np.ndarray, weights: np.ndarray, spread: float) -> bool:
    """Few rows lie as far out on its side, so it is no long tail."""
    import numpy as np

    beyond = np.abs(scaled - scaled[n]) <= ROBUST / 2 * spread
    return bool(weights[beyond].sum() <= max(2, 0.01 * weights.sum()))


def _unskewed(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Logarithms where all are positive and most of the spread lies above the median."""
    import numpy as np

    every = np.repeat(values, weights)
    low, middle, high = np.quantile(every, (0.1, 0.5, 0.9))
    if every.min() >= 0 and (high - middle > 2 * (middle - low) or high > 10 * low):
        logarithms: np.ndarray = np.log(values) if every.min() > 0 else np.log1p(values)
        return logarithms
    return values


def _no_number() -> Odd:
    return Odd(Words("no number, as the others of the column are", "不是数字，而这一列的其他值都是数字"), None, 0.9)


def _other_unit(found: Amount, usual: str) -> Odd:
    if usual and found.unit != usual and found.unit.endswith(usual) and found.unit not in UNITS:
        return _no_number()
    here = f"“{found.unit}”" if found.unit else "none"
    there = f"“{usual}”" if usual else "none"
    why = Words(
        f"its unit is {here}, that of the others {there}",
        f"单位是{here if found.unit else '空'}，其他值的单位是{there if usual else '空'}",
    )
    return Odd(why, _in_unit(found, usual), 0.9)


def _in_unit(found: Amount, usual: str) -> str | None:
    """The same amount in the column's unit, where both are units of one kind."""
    theirs, ours = UNITS.get(found.unit), UNITS.get(usual)
    if not theirs or not ours or theirs[:2] != ours[:2]:
        return None
    return f"{found.value * theirs[2] / ours[2]:.10g} {usual}"


# dates

FORMS = re.compile(r"\d+")
WHOLE = re.compile(r"(?P<y>\d{4})(?P<s>[-/.年])(?P<m>\d{1,2})(?:(?P=s)|月)(?P<d>\d{1,2})日?")


def odd_dates(column: Column) -> dict[str, Odd]:
    """By value: another form than nearly all have, or a day that no calendar has."""
    rows = dict(column.present())
    read = {value: moments(plain(value)) for value in rows if len(value) <= 30}
    dated = {value for value, found in read.items() if len(found) == 1 and _is_whole(value, found[0])}
    if sum(rows[value] for value in dated) < MOSTLY * column.filled or column.filled < LEAST_ROWS:
        return {}
    forms = Counter[str]()
    for value in dated:
        forms[_form(value)] += rows[value]
    usual, most = forms.most_common(1)[0]
    odd = {}
    for value in rows:
        whole = WHOLE.match(plain(value))
        if whole and not _exists(whole):
            odd[value] = Odd(Words("no calendar has that day", "日历上没有这一天"), None, 0.95)
        elif value not in dated:
            odd[value] = Odd(
                Words("no date, as the others of the column are", "不是日期，而这一列的其他值都是日期"), None, 0.9
            )
        elif _form(value) != usual and forms[_form(value)] <= 0.1 * most:
            why = Words(f"a date written otherwise than the others ({usual})", f"日期写法与其他值（{usual}）不同")
            odd[value] = Odd(why, None, 0.8)
    return odd


def _is_whole(value: str, found: Moment) -> bool:
    """A date, with a time of day at most behind it."""
    return found.kind == "date" and found.month is not None and found.end - found.start >= len(value) - len(" 00:00:00")


def _form(text: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d{4}", "Y", text)) if text.isascii() else FORMS.sub("9", text)


def _exists(found: re.Match[str]) -> bool:
    try:
        date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return False
    return True
