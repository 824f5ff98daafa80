"""The grid of what the rows are about: how many there are of each kind, against how many are wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.views.browsing import NAMES, WRITTEN, Line, Trait, value_words
from workspace.words import Language, Words

if TYPE_CHECKING:
    from tools.grid import Want
    from workspace.spec import Spec

ACROSS: tuple[Trait, ...] = ("scenario", "difficulty", "tone", "language")
ALL_ROWS = Words("all rows", "全部数据")


@dataclass(frozen=True)
class Square:
    """`wanted` is None where the specification names no number; `coming` are written and being checked.

    `traits` are those that its rows are found by; none where nothing they have in common would find them.
    """

    there: int
    wanted: int | None
    coming: int
    traits: Mapping[Trait, str]

    @property
    def lacking(self) -> int:
        return max(0, (self.wanted or 0) - self.there)


@dataclass(frozen=True)
class Band:
    """A line of the grid."""

    words: str
    squares: tuple[Square, ...]
    total: Square


@dataclass(frozen=True)
class Grid:
    """`axes` are what can be laid across; `columns` are the words of the one that is, `sums` what they add up to."""

    across: Trait
    axes: tuple[tuple[Trait, str], ...]
    columns: tuple[str, ...]
    bands: tuple[Band, ...]
    sums: tuple[Square, ...]
    total: Square


def grid(spec: Spec, lines: Sequence[Line], asked: str, language: Language) -> Grid:
    """Accepted rows, by label or else by difficulty, over one kind of situation."""
    wants = _wants(spec, lines)
    axes = _axes(spec)
    across = next((axis for axis in axes if axis == asked), axes[0])
    down: Trait | None = "label" if _classifies(spec) else next((axis for axis in axes if axis != across), None)
    there = Counter(_place(line, down, across) for line in lines if line.standing == "kept")
    coming = Counter(_place(line, down, across) for line in lines if line.standing == "writing")
    wanted = Counter[tuple[str, str]]()
    for want in wants:
        wanted[_of(want, down) if down else "", _of(want, across)] += want.count
    places = {*there, *coming, *wanted}
    columns = _values(across, spec, places, 1)
    rows = _values(down, spec, places, 0) if down else [""]

    def square(ys: Sequence[str], xs: Sequence[str]) -> Square:
        places = [(y, x) for y in ys for x in xs]
        known = [wanted[place] for place in places if place in wanted]
        traits: dict[Trait, str] = {"standing": "kept"}
        if down and len(ys) == 1:
            traits[down] = ys[0]
        if len(xs) == 1:
            traits[across] = xs[0]
        if across == "language" and list(xs) == [""]:  # in whatever language they are
            traits = {}
        whole = sum(known) if known else None
        return Square(sum(there[p] for p in places), whole, sum(coming[p] for p in places), traits)

    bands = tuple(
        Band(
            value_words(down, y, language) if down else ALL_ROWS.to(language),
            tuple(square([y], [x]) for x in columns),
            square([y], columns),
        )
        for y in rows
    )
    heads = tuple(value_words(across, x, language) for x in columns)
    names = tuple((axis, NAMES[axis].to(language)) for axis in axes)
    sums = tuple(square(rows, [x]) for x in columns)
    return Grid(across, names, heads, bands, sums, square(rows, columns))


def _wants(spec: Spec, lines: Sequence[Line]) -> list[Want]:
    from tools.grid import at_most, wanted
    from tools.mixing import room_to_write

    found = Counter(
        line.of("label") or None
        for line in lines
        if line.standing == "kept" and line.of("split") != "test" and line.of("origin") != WRITTEN
    )
    room, wants = room_to_write(spec), wanted(spec, found)
    return wants if room is None else at_most(wants, room)


def _classifies(spec: Spec) -> bool:
    from tools.grid import labels

    return labels(spec) != [None]


def _axes(spec: Spec) -> tuple[Trait, ...]:
    """Those of which the specification names more than one value."""
    given = {"scenario": spec.scenarios, "difficulty": spec.difficulty, "tone": spec.tones, "language": spec.languages}
    found = tuple(axis for axis in ACROSS if (stated := given[axis]) is not None and len(stated.value) > 1)
    return found or ("scenario",)


def _place(line: Line, down: Trait | None, across: Trait) -> tuple[str, str]:
    return (_cell(line, down) if down else ""), _cell(line, across)


def _cell(line: Line, trait: Trait) -> str:
    """A row of the person's own has no cell, whatever language it is in."""
    return "" if trait == "language" and line.of("origin") != WRITTEN else line.of(trait)


def _of(want: Want, trait: Trait) -> str:
    cell = want.cell
    given = {
        "label": want.label,
        "scenario": cell.scenario,
        "difficulty": cell.difficulty,
        "tone": cell.tone,
        "language": cell.language,
    }
    return given[trait] or ""


def _values(trait: Trait, spec: Spec, places: Iterable[tuple[str, str]], side: int) -> list[str]:
    """In the specification's order; then what else there is; the person's own rows come first."""
    given: dict[str, list[str]] = {
        "label": [label.name for label in spec.labels.value] if spec.labels else [],
        "scenario": [share.name for share in spec.scenarios.value] if spec.scenarios else [],
        "difficulty": [share.name for share in spec.difficulty.value] if spec.difficulty else [],
        "tone": list(spec.tones.value) if spec.tones else [],
        "language": [*spec.languages.value] if spec.languages else [],
    }
    named = given[trait]
    found = {place[side] for place in places}
    own = [""] if "" in found and trait != "label" else []
    rest = sorted(found - {*named, *own, ""}) + ([""] if "" in found and trait == "label" else [])
    return [*own, *named, *rest]
