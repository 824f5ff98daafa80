"""A person's rules tried on a row: the closed tree evaluated, with a third answer where a value is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, assert_never

import orjson
from pydantic import BaseModel

from tools.figures.quantities import Quantity, everything, quantities, without
from workspace.rules import (
    And,
    Arithmetic,
    Between,
    Column,
    Compare,
    Comparison,
    Condition,
    Constant,
    Contains,
    Count,
    Exists,
    Implies,
    In,
    Length,
    Matches,
    Not,
    Or,
    Value,
)
from workspace.sample import Sample, Scalar

Row = Mapping[str, Scalar]
NOISE = 1e-9  # relative: what floating point adds to 0.1 + 0.2
WORDS = re.compile(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+(?:['’.-][^\W\u4e00-\u9fff]+)*")


def values_of(row: Sample) -> dict[str, Scalar]:
    """What rules may name, by `plain_name`: question, answer, label, the fields, and keys of an answer in JSON."""
    found: dict[str, Scalar] = {}
    if row.answer.lstrip().startswith("{"):
        try:
            parsed = orjson.loads(row.answer)
        except orjson.JSONDecodeError:
            parsed = {}
        found |= {k: v for k, v in parsed.items() if isinstance(v, str | int | float | bool)}
    found |= row.fields
    found |= {"question": row.question, "answer": row.answer, "label": row.label}
    return {plain_name(name): value for name, value in found.items()}


def plain_name(name: str) -> str:
    """ "Gross margin", gross_margin and gross-margin are one column."""
    return re.sub(r"[\s_-]+", "", name.casefold())


def columns(node: BaseModel) -> list[str]:
    """The names that a condition speaks of, each once."""
    return list(_columns(node))


@lru_cache(maxsize=1000)
def _columns(node: BaseModel) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n.name for n in walk(node) if isinstance(n, Column)))


def walk(node: BaseModel) -> Iterator[BaseModel]:
    yield node
    for value in dict(node).values():
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, BaseModel):
                yield from walk(part)


def evaluate(condition: Condition, row: Row) -> bool | None:
    """None where a value is missing or can't be compared: then the rule has nothing to say."""
    match condition:
        case Compare():
            return _compare(condition, row)
        case Between():
            low = _order(condition.value, ">=", condition.low, row)
            return _and([low, _order(condition.value, "<=", condition.high, row)])
        case Exists():
            return _text(condition.value, row) not in (None, "")
        case And():
            return _and([evaluate(part, row) for part in condition.all])
        case Or():
            return _not(_and([_not(evaluate(part, row)) for part in condition.any]))
        case Not():
            return _not(evaluate(condition.of, row))
        case Implies():
            return _not(_and([evaluate(condition.when, row), _not(evaluate(condition.then, row))]))
        case In() | Length() | Matches() | Contains() | Count():
            text = _text(condition.value, row)
            return None if text is None else _of_text(condition, text)
        case _:
            assert_never(condition)


def _not(held: bool | None) -> bool | None:
    return None if held is None else not held


def _and(held: list[bool | None]) -> bool | None:
    return False if False in held else None if None in held else True


def _of_text(condition: In | Length | Matches | Contains | Count, text: str) -> bool:
    match condition:
        case In():
            return text.strip().casefold() in {allowed.strip().casefold() for allowed in condition.allowed}
        case Length():
            return _within(len(text) if condition.unit == "characters" else len(WORDS.findall(text)), condition)
        case Matches():
            return compiled(condition.pattern).search(text) is not None
        case Contains():
            return any(contains(text, word) for word in condition.words)
        case Count():
            return _within(sum(1 for _ in compiled(condition.pattern).finditer(text)), condition)


def _within(number: int, bounds: Length | Count) -> bool:
    return (bounds.low is None or number >= bounds.low) and (bounds.high is None or number <= bounds.high)


@lru_cache(maxsize=500)
def compiled(pattern: str) -> Any:
    """RE2: no pattern can take longer than its text is long. Raises re2.error on what RE2 refuses."""
    import re2

    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def contains(text: str, word: str) -> bool:
    """A Latin word stands by itself, its plural too; Chinese has no edges."""
    start = r"(?<![^\W\u4e00-\u9fff])" if word[:1].isascii() and word[:1].isalnum() else ""
    end = r"(?:e?s)?(?![^\W\u4e00-\u9fff])" if word[-1:].isascii() and word[-1:].isalnum() else ""
    return re.search(start + re.escape(word.casefold()) + end, text.casefold()) is not None


# values


def _scalar(value: Value, row: Row) -> Scalar:
    match value:
        case Column():
            return row.get(plain_name(value.name))
        case Constant():
            return value.value
        case Arithmetic():
            found = _amount(value, row)
            return found.low if found else None


def _text(value: Value, row: Row) -> str | None:
    found = _scalar(value, row)
    return None if found is None else str(found)


def _amount(value: Value, row: Row) -> Quantity | None:
    if isinstance(value, Arithmetic):
        left, right = _amount(value.left, row), _amount(value.right, row)
        return _computed(value, left, right) if left and right else None
    found = _scalar(value, row)
    if isinstance(found, bool) or found is None:
        return None
    return everything(found) if isinstance(found, str) else _bare(float(found))


def _bare(number: float) -> Quantity:
    return Quantity("count", "", number, number, 0, 0)


def _computed(value: Arithmetic, left: Quantity, right: Quantity) -> Quantity | None:
    """Percentages are parts of 1 where they multiply. Units survive as long as one side has none, or both the same."""
    if left.moment or right.moment:
        return None
    if value.operator in "*/":
        left, right = _fraction(left), _fraction(right)
    elif not _same_unit(left, right):
        return None
    a, b = left.low, right.low
    if value.operator == "/" and b == 0:
        return None
    number = {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else 0.0}[value.operator]
    keeper = left if left.unit else right
    if value.operator == "/" and left.unit and left.unit == right.unit:
        keeper = _bare(0)
    return replace(keeper, low=number, high=number, bound="exact")


def _fraction(quantity: Quantity) -> Quantity:
    return _bare(quantity.low / 100) if quantity.kind == "percent" else quantity


def _same_unit(a: Quantity, b: Quantity) -> bool:
    """A bare number takes the other's unit, but not where units convert: 7 against "2 weeks" is 7 of what?"""
    if a.unit == b.unit and a.kind == b.kind:
        return True
    named = a if a.unit else b
    return "" in (a.unit, b.unit) and named.kind in ("count", "percent", "money")


# comparing


def _order(value: Value, operator: Comparison, bound: float | None, row: Row) -> bool | None:
    return True if bound is None else _compare(Compare(left=value, operator=operator, right=Constant(value=bound)), row)


def _compare(condition: Compare, row: Row) -> bool | None:
    left, right = _scalar(condition.left, row), _scalar(condition.right, row)
    if left is None or right is None:
        return None
    if isinstance(left, str) and isinstance(right, str) and not (_is_amount(left) and _is_amount(right)):
        same = left.strip().casefold() == right.strip().casefold()
        if condition.operator in ("==", "!="):
            return same == (condition.operator == "==")
    a, b = _amount(condition.left, row), _amount(condition.right, row)
    if a is None or b is None:
        return None
    a, b = _as_percent(a, b, condition.left), _as_percent(b, a, condition.right)
    if a.moment or b.moment:
        return _moments(a, b, condition.operator)
    return _numbers(a, b, condition) if _same_unit(a, b) else None


def _is_amount(text: str) -> bool:
    """The whole text is a figure; "Studio 54" is a name."""
    return everything(text) is not None and not re.search(r"\w", without(text, quantities(text)))


def _as_percent(quantity: Quantity, other: Quantity, value: Value) -> Quantity:
    """profit / revenue gives 0.35 where the field says 35%; whoever wrote "* 100" has done it already."""
    hundred = any(isinstance(n, Constant) and n.value == 100 for n in walk(value))
    computed = isinstance(value, Arithmetic) and not hundred
    if computed and other.kind == "percent" and not quantity.unit:
        return replace(quantity, low=quantity.low * 100, high=quantity.high * 100)
    return quantity


def _numbers(a: Quantity, b: Quantity, condition: Compare) -> bool | None:
    """A range, as in "5 to 7 days", obeys only if all of it does; where only part does, there is nothing to say."""
    slack = condition.tolerance + NOISE * max(abs(a.low), abs(b.low), 1.0)
    found = {_holds(x, y, condition.operator, slack) for x in (a.low, a.high) for y in (b.low, b.high)}
    return found.pop() if len(found) == 1 else None


def _holds(a: float, b: float, operator: Comparison, slack: float) -> bool:
    match operator:
        case "==":
            return abs(a - b) <= slack
        case "!=":
            return abs(a - b) > slack
        case "<":
            return a < b - NOISE * max(abs(a), abs(b), 1.0)
        case "<=":
            return a <= b + slack
        case ">":
            return a > b + NOISE * max(abs(a), abs(b), 1.0)
        case ">=":
            return a >= b - slack
        case _:
            assert_never(operator)


def _moments(a: Quantity, b: Quantity, operator: Comparison) -> bool | None:
    """Dates of unlike detail are compared as far as both go; None where that does not decide."""
    parts_a, parts_b = _parts(a), _parts(b)
    if parts_a is None or parts_b is None or len(parts_a) != len(parts_b):
        return None
    for x, y in zip(parts_a, parts_b, strict=True):
        if x is None and y is None:
            continue
        if x is None or y is None:
            return None
        if x != y:
            return _holds(x, y, operator, 0.0)
    return _holds(0, 0, operator, 0.0)


def _parts(quantity: Quantity) -> tuple[int | None, ...] | None:
    if quantity.moment is None:
        return (int(quantity.low), None, None) if quantity.kind == "count" and not quantity.unit else None
    return (quantity.moment.minutes,) if quantity.kind == "clock" else quantity.moment.parts
