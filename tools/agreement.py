"""Whether two quantities say the same, deny each other, or measure different things."""

from __future__ import annotations

from typing import Literal

from tools.figures.quantities import Quantity

Relation = Literal["same", "differs", "apart"]
# Months against days: no one length, but nobody takes three months for three days.
ROUGHLY_SECONDS = {"seconds": 1.0, "months": 30.44 * 86400, "business days": 1.4 * 86400}
ROUGHLY = 0.15


def relation(a: Quantity, b: Quantity) -> Relation:
    """`apart`: they don't measure the same, or one leaves the other open, so neither denies the other."""
    if a.kind == "date" and b.kind == "date":
        return _dates(a, b)
    if a.kind == "clock" or b.kind == "clock":
        if a.kind != b.kind or a.moment is None or b.moment is None:
            return "apart"
        return "same" if a.moment.minutes == b.moment.minutes else "differs"
    if "date" in (a.kind, b.kind):
        return _year_and_number(a, b)
    if a.kind != b.kind or not _one_unit(a.unit, b.unit):
        bare = "count" in (a.kind, b.kind) and not (a.unit and b.unit)
        return "same" if bare and (_equal(a, b) or _written_alike(a, b)) else "apart"
    return "apart" if _one_unscaled(a, b) else _amounts(a, b)


def _one_unit(a: str, b: str) -> bool:
    """ "8座" counts what "8座塔" counts."""
    return a == b or (bool(a and b) and not a.isascii() and not b.isascii() and (a.startswith(b) or b.startswith(a)))


def _written_alike(a: Quantity, b: Quantity) -> bool:
    return a.scale == b.scale and a.low == a.high and b.low == b.high and a.written == b.written != 0


def _one_unscaled(a: Quantity, b: Quantity) -> bool:
    """ "$3.2 million" and the "$3.2" of a table whose head says "in millions"."""
    return abs(a.written) == abs(b.written) != 0 and a.scale != b.scale and 1.0 in (a.scale, b.scale)


def stands(a: Quantity, b: Quantity) -> bool:
    """The one could be where the other was taken from, whatever its sign, scale or unit of a table's head."""
    if a.kind == b.kind and a.unit == b.unit != "" and a.scale == b.scale:
        return relation(a, b) == "same" or (a.low == -b.low and a.high == -b.high)
    return relation(a, b) == "same" or (abs(a.written) == abs(b.written) != 0 and not _named_apart(a, b))


def _named_apart(a: Quantity, b: Quantity) -> bool:
    """Both say a unit, and not the same; or both a scale."""
    unlike = a.kind != b.kind and "count" not in (a.kind, b.kind)
    return unlike or clash(a, b) or (a.scale != b.scale and 1.0 not in (a.scale, b.scale))


def _dates(a: Quantity, b: Quantity) -> Relation:
    if a.moment is None or b.moment is None:
        return "apart"
    both = [(x, y) for x, y in zip(a.moment.parts, b.moment.parts, strict=True) if x is not None and y is not None]
    if any(x != y for x, y in both):
        return "differs"
    more = any(x is not None and y is None for x, y in zip(a.moment.parts, b.moment.parts, strict=True))
    return "apart" if more or not both else "same"


def _year_and_number(a: Quantity, b: Quantity) -> Literal["same", "apart"]:
    """A bare 2019 is borne out by a date of that year, but does not bear the date out."""
    date, other = (a, b) if a.kind == "date" else (b, a)
    if date.moment is None or other.kind != "count" or date.moment.year != other.low:
        return "apart"
    return "same" if date is b or date.moment.month is None else "apart"


def _amounts(a: Quantity, b: Quantity) -> Relation:
    if _equal(a, b):
        if {a.bound, b.bound} == {"at_least", "at_most"}:
            return "differs"
        return "same" if a.bound == b.bound or "about" in (a.bound, b.bound) else "apart"
    ranges = a.low < a.high and b.low < b.high
    if ranges or (a.bound != "exact" and a.bound == b.bound):
        return "differs"
    if "about" in (a.bound, b.bound):
        return "same" if abs(a.low - b.low) <= 0.05 * max(abs(a.low), abs(b.low)) else "differs"
    low_a, high_a, low_b, high_b = *_interval(a), *_interval(b)
    if high_a < low_b or high_b < low_a:
        return "differs"
    return "same" if a.bound != "exact" and low_a <= low_b and high_b <= high_a else "apart"


def _equal(a: Quantity, b: Quantity) -> bool:
    return all(abs(x - y) <= 1e-6 * max(1.0, abs(x), abs(y)) for x, y in ((a.low, b.low), (a.high, b.high)))


def _interval(q: Quantity) -> tuple[float, float]:
    low = float("-inf") if q.bound == "at_most" else q.low
    return low, float("inf") if q.bound == "at_least" else q.high


def clash(a: Quantity, b: Quantity) -> bool:
    """The same figure with another unit: 3 days and 3 weeks, $5 and €5; not where one is about the other."""
    if a.kind != b.kind or a.kind not in ("duration", "measure", "money") or a.unit == b.unit:
        return False
    if a.kind == "duration":
        one, other = (q.high * ROUGHLY_SECONDS[q.unit] for q in (a, b))
        return abs(one - other) > ROUGHLY * max(one, other) and a.written == b.written
    return a.written == b.written


def other_unit(a: Quantity, b: Quantity) -> bool:
    """The same figure of the same kind of thing: 4 minutes and 4 hours, 2 m² and 2 km², $5 and €5."""
    if a.kind != b.kind or not a.written or a.written != b.written or a.scale != b.scale:
        return False
    one_family = a.unit == b.unit and a.kind in ("duration", "measure")
    return clash(a, b) or (one_family and relation(a, b) == "differs")
