"""Headings, paragraphs and table rows as they come out of a document, gathered into records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tools.sources.record import Record

# A section longer than this is cut between two paragraphs.
LONGEST_SECTION = 4000


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, a list item with its mark, or a heading of this level (1 to 6; 0: none)."""

    text: str
    heading: int = 0

    @property
    def written(self) -> str:
        return f"{'#' * self.heading} {self.text}" if self.heading else self.text


@dataclass(frozen=True, slots=True)
class Grid:
    """A table's rows; the first holds what its columns are called."""

    rows: tuple[tuple[str, ...], ...]


Block = Text | Grid


def records(blocks: Iterable[Block]) -> Iterator[Record]:
    """A record a section, with its headings, and one a row of a table. `line` counts paragraphs and rows from 1."""
    section: list[Text] = []
    start, line, tables = 1, 0, 0
    for block in blocks:
        if isinstance(block, Grid) or _ends(section, block):
            yield from _section(start, section)
            section = []
        if isinstance(block, Text):
            line += 1
            start = start if section else line
            section.append(block)
            continue
        tables += 1
        yield from _rows(line + 1, block, f"table {tables}")
        line += len(block.rows)
    yield from _section(start, section)


def grid(rows: Iterable[Sequence[str]]) -> Iterator[Block]:
    """A table of at least two rows and columns; what is smaller is text that somebody put in a frame."""
    filled = [tuple(" ".join(cell.split()) for cell in row) for row in rows if any(cell.strip() for cell in row)]
    width = max(map(len, filled), default=0)
    if len(filled) > 1 and width > 1:
        yield Grid(tuple(row + ("",) * (width - len(row)) for row in filled))
        return
    for row in filled:
        yield Text(" | ".join(filter(None, row)))


def named(header: Sequence[str]) -> list[str]:
    """What the columns are called; one without a name, or with one that is there twice, is told apart by its place."""
    names: list[str] = []
    for place, cell in enumerate(header, 1):
        names.append(cell if cell and cell not in names else f"{cell or 'column'} {place}")
    return names


def _ends(section: Sequence[Text], block: Text) -> bool:
    if block.heading:
        return any(not text.heading for text in section)
    return sum(len(text.text) for text in section) >= LONGEST_SECTION


def _section(start: int, section: Sequence[Text]) -> Iterator[Record]:
    if section:
        yield Record(start, {"text": "\n\n".join(text.written for text in section)})


def _rows(line: int, block: Grid, sheet: str) -> Iterator[Record]:
    header, *rows = block.rows
    columns = named(header)
    for number, row in enumerate(rows, line + 1):
        yield Record(number, dict(zip(columns, row, strict=True)), sheet=sheet)
