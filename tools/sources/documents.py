"""A person's document as the one text that places are counted in, whatever it was written with; read once and kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import orjson

from tools.sources.child import read_apart
from tools.sources.decoding import opened
from tools.sources.kinds import READERS, foreign
from tools.sources.reading import DOCUMENTS
from tools.sources.record import Record
from workspace.project import file_hash, write_text, writing

EXTRACTED = ("pdf", "docx", "html", "picture")


@dataclass(frozen=True, slots=True)
class Document:
    """`unread`: why parts of it are not in the text, each with its place."""

    text: str
    unread: tuple[str, ...] = ()


def is_document(path: Path) -> bool:
    """A text, a PDF, a Word document, a web page or a picture: not rows, and nothing that can't be read at all."""
    return foreign(path) in EXTRACTED or path.suffix.lower() in DOCUMENTS


def document(path: Path, kept: Path | None = None) -> str:
    """Its text. `kept`: the folder that remembers what was extracted, so that a text is the same at every reading.

    Raises UserError where it can't be read.
    """
    return extracted(path, kept).text


def extracted(path: Path, kept: Path | None = None) -> Document:
    """See document()."""
    kind = foreign(path)
    if kind not in EXTRACTED:
        with opened(path, newline=None) as file:
            return Document(_clean(file.read()))
    place = kept / file_hash(path) if kept else None
    if place and place.with_suffix(".txt").exists():
        return _remembered(place)
    records = [record for record in read_apart(path, READERS[kind]) if not record.problem.startswith("left out")]
    found = Document(_clean(_joined(records)), tuple(_unread(records)))
    if place:
        _remember(place, found)
    return found


def _clean(text: str) -> str:
    """What can't be decoded becomes U+FFFD."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _joined(records: Iterable[Record]) -> str:
    """Texts one below the other; the rows of a table as Markdown has them, where figures are found by their heads."""
    parts: list[str] = []
    for sheet, group in groupby((record for record in records if not record.problem), lambda record: record.sheet):
        rows = list(group)
        parts += [str(row.values.get("text", "")) for row in rows] if sheet is None else [_table(rows)]
    return "\n\n".join(parts) + "\n"


def _table(rows: list[Record]) -> str:
    columns = list(rows[0].values)
    cells = [[_cell(row.values.get(column)) for column in columns] for row in rows]
    lines = [list(map(_cell, columns)), ["---"] * len(columns), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    return "" if value is None else " ".join(str(value).replace("|", "｜").split())


def _unread(records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        if record.problem:
            yield f"page {record.page}: {record.problem}" if record.page else record.problem


def _remembered(place: Path) -> Document:
    unread = place.with_suffix(".json")
    said = orjson.loads(unread.read_bytes()) if unread.exists() else ()
    return Document(place.with_suffix(".txt").read_bytes().decode(), tuple(said))


def _remember(place: Path, found: Document) -> None:
    if found.unread:
        with writing(place.with_suffix(".json")) as file:
            file.write(orjson.dumps(found.unread))
    # Last, for where this is, the rest is.
    write_text(place.with_suffix(".txt"), found.text)
