"""A claim's figures against the cells of a table that the claim, or its question, names by their heads."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tools.agreement import relation
from tools.facts.claims import Reading, coverage, read
from tools.facts.polarity import DENIED, negated, turned_round
from tools.facts.tabular import YEAR, Cell, Table, head_words
from tools.figures.derivations import Step, all_asked, follows, follows_anywhere
from tools.figures.quantities import Quantity, without
from workspace.words import Words

Found = Literal["supported", "contradicted"]
Ground = Literal["cell", "scale", "derived"]
# Of a row's head, words that the claim doesn't say weigh this much against those it does.
UNSAID = 0.3
# A figure that stands nowhere is wrong where at least this much of the head of a row is spoken of.
MOSTLY = 0.5
# What a question calls by one name may be another's.
ALIKE: tuple[Step, ...] = ("growth", "share", "difference", "sum")


@dataclass(frozen=True, slots=True)
class Told:
    """What the table says of the claim, and the cell it says it with."""

    outcome: Found
    reason: Words
    cell: Cell
    ground: Ground


@dataclass(frozen=True, slots=True)
class Around:
    """What stands beside the table: a figure as it is, or figures that one follows from; `alone`: in one document."""

    stands: Callable[[Quantity], bool]
    groups: Sequence[Sequence[float]]
    alone: bool


@dataclass(frozen=True, slots=True)
class Named:
    """The cells that the question names; `fully` where it says all of their row's head and fits no other row."""

    cells: tuple[Cell, ...]
    line: tuple[Cell, ...]
    fully: bool


def told_by(table: Table, claim: Reading, question: str, around: Around) -> Told | None:
    values = [q for q in claim.quantities if q.low and not _is_date(q) and not _given(q, question)]
    asked = head_words(f"{question} {without(claim.text, values)}")
    named = named_cells(table, asked)
    if not values or named is None:
        return None
    steps = all_asked(question or claim.text)
    told = [_one(q, claim, table, named, steps, around, asked) for q in values]
    denies = bool((negated(claim.text) - negated(question)) % 2) or turned_round(claim.text, question)
    wrong = next((t for t in told if t and t.outcome == "contradicted"), None)
    if wrong or not all(t and t.outcome == "supported" for t in told):
        return None if denies else wrong
    return replace(told[0], outcome="contradicted", reason=DENIED) if denies and told[0] else told[0]


def _is_date(quantity: Quantity) -> bool:
    year = quantity.kind == "count" and not quantity.unit and 1900 <= quantity.low <= 2100 and quantity.low % 1 == 0
    return quantity.kind in ("date", "clock") or year


def _given(quantity: Quantity, question: str) -> bool:
    if any(relation(quantity, asked) == "same" for asked in read(question).quantities):
        return True
    return bool(re.search(rf"(?<![\d.,]){re.escape(_figure(quantity))}(?![\d]|[.,]\d)", question))


def _figure(quantity: Quantity) -> str:
    return f"{quantity.written:g}"


def named_cells(table: Table, asked: frozenset[str]) -> Named | None:
    lines: dict[int, list[Cell]] = {}
    for cell in table.cells:
        lines.setdefault(cell.line, []).append(cell)
    weights = {n: _weight(cells[0].row, asked) for n, cells in lines.items()}
    best = max(weights.values(), default=0.0)
    chosen = [n for n, weight in weights.items() if weight == best]
    if best <= 0.4:
        return None
    line = tuple(cell for n in chosen for cell in lines[n])
    fully = len(chosen) == 1 and line[0].row <= asked
    return Named(_columns(line, asked), line, fully)


def _weight(head: frozenset[str], asked: frozenset[str]) -> float:
    return len(head & asked) - UNSAID * len(head - asked)


def _columns(line: Sequence[Cell], asked: frozenset[str]) -> tuple[Cell, ...]:
    """Those under the years that are asked for, or under the most of the words; all where the heads don't tell."""
    years = {word for word in asked if YEAR.fullmatch(word)}
    dated = [cell for cell in line if cell.column & years]
    if years and dated:
        return tuple(dated)
    most = max(len(cell.column & asked) for cell in line)
    return tuple(cell for cell in line if len(cell.column & asked) == most)


def _one(
    quantity: Quantity,
    claim: Reading,
    table: Table,
    named: Named,
    steps: Sequence[Step],
    around: Around,
    asked: frozenset[str],
) -> Told | None:
    said = claim.text[quantity.start : quantity.end].strip()
    step = steps[0] if steps else None
    match = next((cell for cell in named.cells if _same(quantity, cell, table)), None)
    if match:
        if wrong := _unit(quantity, said, match, table):
            return wrong
        return Told("supported", _stands(match), match, "cell")
    if there := next((cell for cell in table.cells if _same(quantity, cell, table)), None):
        return _unit(quantity, said, there, table)
    if around.stands(quantity):
        return None
    if quantity.kind == "percent" and set(steps) <= {"share"} and all(cell.percent for cell in named.line):
        step = None  # the table gives the shares itself
    if step and (step != "sum" or "total" not in named.line[0].row):
        return _computed(quantity, said, named, step, table, around)
    if step and follows_anywhere(quantity.written, _digits(said), around.groups, step):
        return None
    if not named.fully and (not around.alone or coverage(named.line[0].row, asked) < MOSTLY):
        return None
    return Told("contradicted", _another(said, named.cells[0]), named.cells[0], "cell")


def _unit(quantity: Quantity, said: str, cell: Cell, table: Table) -> Told | None:
    """The table's figure, but in millions where it counts by thousands, or in a currency that it doesn't speak of."""
    as_written = abs(quantity.written) == abs(cell.value)
    if table.scale and quantity.scale not in (1.0, table.scale) and as_written and not cell.percent:
        return Told("contradicted", _counts_by(said, cell, table.scale), cell, "scale")
    if quantity.kind == "money" and table.currencies and quantity.unit not in table.currencies:
        return Told("contradicted", _another(said, cell), cell, "scale")
    return None


def _same(quantity: Quantity, cell: Cell, table: Table) -> bool:
    """As written, or after the table's scale; a cell's sign may be said in words."""
    if abs(abs(quantity.written) - abs(cell.value)) <= 1e-6 * max(1.0, abs(cell.value)):
        return True
    scaled = abs(cell.value) * (table.scale or 1.0)
    return quantity.kind != "percent" and abs(abs(quantity.low) - scaled) <= 1e-6 * max(1.0, scaled)


def _computed(quantity: Quantity, said: str, named: Named, step: Step, table: Table, around: Around) -> Told | None:
    """Supported or denied only by the row that is named; a figure that other rows give is left open."""
    steps = {step, "growth", "share"} if quantity.kind == "percent" else {step}
    steps |= {"difference"} if step == "growth" else set()
    value, figure = quantity.written, _digits(said) or f"{abs(quantity.written):.10f}".rstrip("0")
    if any(follows(value, figure, named.line, s) for s in steps):
        if quantity.kind != "percent" and (wrong := _counted(quantity, said, named.line[0], table)):
            return wrong
        words = Words(f"{said} follows from the table's row.", f"{said}可由表中该行算出。")
        return Told("supported", words, named.line[0], "derived")
    if not named.fully and not around.alone:
        return None
    if any(follows_anywhere(value, figure, around.groups, s) for s in (*steps, *ALIKE)):
        return None
    words = Words(f"{said} does not follow from the table's row.", f"{said}与表中该行的数字算不出来。")
    return Told("contradicted", words, named.line[0], "derived")


def _digits(said: str) -> str:
    return re.sub(r"[^\d.]", "", said)


def _counted(quantity: Quantity, said: str, cell: Cell, table: Table) -> Told | None:
    """What is computed counts by what the table counts by."""
    if table.scale and quantity.scale not in (1.0, table.scale):
        return Told("contradicted", _counts_by(said, cell, table.scale), cell, "scale")
    if quantity.kind == "money" and table.currencies and quantity.unit not in table.currencies:
        return Told("contradicted", _another(said, cell), cell, "scale")
    return None


def _stands(cell: Cell) -> Words:
    return Words(f"The table says {cell.written}.", f"表中的数字是{cell.written}。")


def _another(said: str, cell: Cell) -> Words:
    return Words(f"It says {said}, the table says {cell.written}.", f"这里写的是{said}，表中是{cell.written}。")


def _counts_by(said: str, cell: Cell, scale: float) -> Words:
    return Words(
        f"It says {said}, the table says {cell.written} and counts by {scale:,.0f}.",
        f"这里写的是{said}，表中是{cell.written}，单位是{scale:,.0f}。",
    )
