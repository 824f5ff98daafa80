"""A CSV among a person's documents: its columns by what they are called, its lines with their places in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.names import folded
from tools.sources.delimited import csv_lines
from tools.sources.documents import document
from tools.sources.reading import TABLES
from workspace.errors import UserError
from workspace.sample import Evidence
from workspace.words import Words

Heads = Mapping[str, tuple[str, ...]]  # what a column is for, and the names under which it is known


@dataclass(frozen=True, slots=True)
class Line:
    """The cells by what they are for. `place` quotes the line, of the document `place.document`, without its end."""

    number: int
    cells: Mapping[str, str]
    place: Evidence


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that can't be used, counted from 1."""

    document: str
    line: int
    reason: Words


def is_table(path: Path) -> bool:
    return path.suffix.lower() in TABLES


def columns(path: Path, heads: Heads) -> tuple[str, ...]:
    """What each column of the file is for, "" for one of no known name; nothing for a file that can't be read."""
    try:
        text = document(path)
    except UserError:
        return ()
    cells = next((cells for _, cells, _, _ in csv_lines(text) if cells), [])
    return _parts(cells, heads)


def lines(path: Path, heads: Heads) -> Iterator[Line | Refused]:
    """Those below the head that are not blank."""
    text, start = document(path), 0
    parts: tuple[str, ...] = ()
    for number, cells, problem, raw in csv_lines(text):
        if parts and problem:
            yield Refused(path.name, number, Words(problem, f"引号不配对（{problem}）"))
        elif parts and any(map(str.strip, cells)):
            quote = raw.rstrip("\n")
            place = Evidence(document=path.name, start=start, end=start + len(quote), quote=quote)
            yield _line(number, cells, parts, place)
        parts = parts or _parts(cells, heads)
        start += len(raw)


def _line(number: int, cells: Sequence[str], parts: Sequence[str], place: Evidence) -> Line | Refused:
    if any(cell.strip() for cell in cells[len(parts) :]):
        more = Words(
            f"it has {len(cells)} columns, the head has {len(parts)}; a text with the separator in it needs quotes",
            f"有 {len(cells)} 列，而表头只有 {len(parts)} 列；含分隔符的文字要加引号",
        )
        return Refused(place.document, number, more)
    found = {part: " ".join(cell.split()) for part, cell in zip(parts, cells, strict=False) if part}
    return Line(number, found, place)


def _parts(cells: Sequence[str], heads: Heads) -> tuple[str, ...]:
    """The first column of a name counts; a second one of the same meaning is an extra column."""
    found: list[str] = []
    for cell in cells:
        name = re.sub(r"[\s_\-]+", " ", folded(cell)).strip()
        part = next((part for part, names in heads.items() if name in names), "")
        found.append("" if part in found else part)
    return tuple(found)


def several(cell: str) -> list[str]:
    """Parts of a cell that holds a list: separated by ; or |."""
    return [part.strip() for part in re.split(r"[;；|｜]", cell) if part.strip()]
