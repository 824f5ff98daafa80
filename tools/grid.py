"""The quota grid: how many rows of which kind the specification wants, and which of them are still lacking."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import floor

from workspace.sample import Cell, Sample
from workspace.spec import Spec


@dataclass(frozen=True, slots=True)
class Want:
    """`count` rows of one cell; `label` is None where the task has no labels."""

    label: str | None
    cell: Cell
    count: int


def portions(total: int, shares: Sequence[float], tie: Sequence[str] = ()) -> list[int]:
    """`total` split by `shares` into whole numbers that add up to it: the largest remainders are rounded up.

    Equal remainders go by the hash of `tie`, so that a small total does not always favour the first.
    """
    whole = sum(shares)
    exact = [total * share / whole for share in shares]
    counts = [floor(x + 1e-9) for x in exact]
    names = list(tie) or [""] * len(exact)
    order = sorted(range(len(exact)), key=lambda i: (round(counts[i] - exact[i], 9), _hash(names[i]), i))
    for i in order[: total - sum(counts)]:
        counts[i] += 1
    return counts


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def lacking(spec: Spec, rows: Iterable[Sample]) -> list[Want]:
    """What the grid still wants beside `rows`, label by label; empty once it is full.

    A real row has no cell but its label, so it lessens its label's total before that is split into cells.
    """
    found, written = Counter[str | None](), Counter[tuple[str | None, Cell]]()
    for row in rows:
        if row.kept and row.split != "test":
            if row.origin.source == "generate":
                written[row.label, row.cell] += 1
            else:
                found[row.label] += 1
    return [
        replace(want, count=want.count - written[want.label, want.cell])
        for want in wanted(spec, found)
        if want.count > written[want.label, want.cell]
    ]


def wanted(spec: Spec, found: Mapping[str | None, int]) -> list[Want]:
    """The whole grid, label by label, beside the real rows that were `found` for each."""
    return [
        Want(label, cell, count)
        for label, total in zip(labels(spec), _label_totals(spec), strict=True)
        for cell, count in _cell_quotas(spec, label, max(0, total - found.get(label, 0)))
        if count
    ]


def at_most(wants: Sequence[Want], most: int) -> list[Want]:
    """The same in proportion, `most` rows in all."""
    if sum(want.count for want in wants) <= most:
        return list(wants)
    names = [f"{want.label}{want.cell.model_dump_json()}" for want in wants]
    counts = portions(most, [float(want.count) for want in wants], names)
    return [replace(want, count=count) for want, count in zip(wants, counts, strict=True) if count]


def labels(spec: Spec) -> list[str | None]:
    """The names of the labels, or one None where the task has none."""
    if spec.task and spec.task.value == "classification" and spec.labels:
        return [label.name for label in spec.labels.value]
    return [None]


def _label_totals(spec: Spec) -> list[int]:
    names = labels(spec)
    return portions(spec.rows.value if spec.rows else 0, [1.0] * len(names), [f"{name}" for name in names])


def _cell_quotas(spec: Spec, label: str | None, total: int) -> list[tuple[Cell, int]]:
    cells = list(_cells(spec))
    shares = [share for _, share in cells]
    names = [f"{label}{cell.model_dump_json()}" for cell, _ in cells]
    return [(cell, count) for (cell, _), count in zip(cells, portions(total, shares, names), strict=True)]


def _cells(spec: Spec) -> Iterable[tuple[Cell, float]]:
    scenarios = [(s.name, s.share) for s in spec.scenarios.value] if spec.scenarios else []
    difficulty = [(s.name, s.share) for s in spec.difficulty.value] if spec.difficulty else []
    languages = [(name, 1.0) for name in spec.languages.value] if spec.languages else []
    tones = [(name, 1.0) for name in spec.tones.value] if spec.tones else []
    nothing: list[tuple[str | None, float]] = [(None, 1.0)]
    for (s, a), (d, b), (la, c), (t, e) in product(
        scenarios or nothing, difficulty or nothing, languages or nothing, tones or nothing
    ):
        yield Cell(scenario=s, difficulty=d, language=la, tone=t), a * b * c * e
