"""Figures that follow from a table's by one step: a difference, a change in percent, an average, a sum, a share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Literal

from tools.facts.tabular import Cell

# Among more figures than these, the share of two together in a third is anything.
WIDEST = 16

Step = Literal["difference", "growth", "average", "sum", "share"]
# What a question asks to be computed; the first that fits.
ASKED: tuple[tuple[Step, re.Pattern[str]], ...] = (
    ("growth", re.compile(
        r"(?:percent(?:age)?|%|relative) (?:change|increase|decrease|growth|decline)|(?:growth|change) rate|"
        r"(?:change|increase|decrease|grow\w*).{0,20}(?:in percent|%)|"
        r"增长率|增幅|降幅|变化率|同比|环比|增长了?百分之", re.I)),
    ("average", re.compile(r"\b(?:average|mean)\b|平均", re.I)),
    ("share", re.compile(r"\b(?:percentage|proportion|share|ratio|fraction)\b|占|比例|比重|比率|倍", re.I)),
    ("difference", re.compile(
        r"\b(?:change|difference|increase|decrease|decline|growth|drop|variance|gap|exceed\w*)\b|"
        r"how (?:much|many) (?:more|less|fewer|higher|lower)|变化|变动|差|增加|减少|多多少|少多少|多了|少了", re.I)),
    ("sum", re.compile(r"\b(?:total|sum|combined|altogether|together)\b|合计|总共|一共|总和|之和|共计", re.I)),
)  # fmt: skip


def asked_for(question: str) -> Step | None:
    return next(iter(all_asked(question)), None)


def all_asked(question: str) -> list[Step]:
    """The first is the likeliest."""
    return [step for step, pattern in ASKED if pattern.search(question)]


def follows(value: float, written: str, cells: Sequence[Cell], step: Step) -> bool:
    """Some step of the kind over the cells gives the value, as far as it was rounded; its sign may be said in words."""
    slack = rounding(written)
    return any(abs(abs(value) - abs(got)) <= max(slack, 1e-4 * abs(got)) for got in results(cells, step))


def follows_anywhere(value: float, written: str, groups: Iterable[Sequence[float]], step: Step) -> bool:
    """Two figures of one group give the value, or for a sum and an average all between two of them.

    A group is a row or a column of a table, or the figures of a text.
    """
    slack = max(rounding(written), 1e-4 * abs(value))
    return any(abs(abs(value) - abs(got)) <= slack for some in groups for got in _one_step(some, step))


def groups_of(cells: Sequence[Cell]) -> list[tuple[float, ...]]:
    lines, places = ({c.line for c in cells}, {c.place for c in cells})
    return [
        *(tuple(c.value for c in cells if c.line == n) for n in sorted(lines)),
        *(tuple(c.value for c in cells if c.place == n) for n in sorted(places)),
    ]


def _one_step(figures: Sequence[float], step: Step) -> Iterator[float]:
    if step in ("average", "sum"):
        for n, first in enumerate(figures):
            total = first
            for size, value in enumerate(figures[n + 1 :], 2):
                total += value
                yield from (total, total / size, (first + value) / 2, first + value)
        return
    for a, b in combinations(figures, 2):
        yield from _of_two(a, b, step)
    if step == "share" and len(figures) <= WIDEST:
        for a, b in combinations(figures, 2):
            yield from (part for c in figures if c for part in ((a + b) / c * 100, (a + b) / c))


def rounding(written: str) -> float:
    """Half of the last place written, and a little."""
    decimals = re.search(r"\.(\d+)", written)
    return 0.51 * 10.0 ** -(len(decimals[1]) if decimals else 0)


def results(cells: Sequence[Cell], step: Step) -> Iterator[float]:
    values = [cell.value for cell in cells]
    if step in ("average", "sum"):
        for size in range(2, min(len(values), 5) + 1):
            for some in combinations(values[:12], size):
                yield sum(some) / (size if step == "average" else 1)
        return
    for a, b in combinations(values, 2):
        yield from _of_two(a, b, step)


def _of_two(a: float, b: float, step: Step) -> Iterator[float]:
    if step == "difference":
        yield a - b
        return
    for over, under in ((a, b), (b, a)):
        if under:
            share = over / under
            yield from ((share - 1) * 100,) if step == "growth" else (share * 100, share)
