"""Parquet with the types that trainers expect, and a note in it by which the same rows are read again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Literal

from pydantic import BaseModel

from workspace.exact import json_bytes, json_text, strict_json
from workspace.project import writing

if TYPE_CHECKING:
    import pyarrow

Values = dict[str, object]
NOTE = b"tunesmith"
BATCH = 2000
# An object with more names than this is a table of its own rather than a shape.
MOST_FIELDS = 60
EXACT = 2**53
Kind = Literal["text", "truth", "whole", "number", "list", "object"]


class Note(BaseModel):
    """How a value was before it was a Parquet value. `absent`: a null stands for nothing at all.

    `json`: the text is JSON; `whole`: a number without a fraction is a whole one; `inside`: by name, "*" for items.
    """

    absent: bool = False
    json_text: bool = False
    whole: bool = False
    inside: dict[str, Note] = {}

    @property
    def says_nothing(self) -> bool:
        return not (self.absent or self.json_text or self.whole or self.inside)


@dataclass
class Shape:
    """All that stands at one place of many rows."""

    times: int = 0
    kinds: set[Kind] = field(default_factory=set)
    nulls: bool = False
    round: bool = False
    largest: int = 0
    fields: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    objects: int = 0

    def see(self, value: object) -> None:
        self.times += 1
        if value is None:
            self.nulls = True
        elif isinstance(value, bool):
            self.kinds.add("truth")
        elif isinstance(value, int):
            self.kinds.add("whole")
            self.largest = max(self.largest, abs(value))
        elif isinstance(value, float):
            self.kinds.add("number")
            self.round = self.round or value.is_integer()
        elif isinstance(value, str):
            self.kinds.add("text")
        else:
            self._see_inside(value)

    def _see_inside(self, value: object) -> None:
        if isinstance(value, list):
            self.kinds.add("list")
            self.items = self.items or Shape()
            for item in value:
                self.items.see(item)
        elif isinstance(value, dict):
            self.kinds.add("object")
            self.objects += 1
            if len(self.fields) <= MOST_FIELDS:
                for name, inner in value.items():
                    self.fields.setdefault(name, Shape()).see(inner)


def write_parquet(lines: Iterable[Values], path: Path) -> None:
    """The types are known after the last row, so the rows wait on disk."""
    import pyarrow
    from pyarrow import parquet

    whole = Shape()
    with writing(path) as file, TemporaryFile(dir=path.parent) as waiting:
        for line in lines:
            whole.see(line)
            waiting.write(json_bytes(line) + b"\n")
        types, note = {}, Note()
        for name, shape in whole.fields.items():
            types[name], note.inside[name] = _column(shape, whole.objects)
        noted = {NOTE: note.model_dump_json(exclude_defaults=True).encode()}
        schema = pyarrow.schema(list(types.items()), metadata=noted)
        texts = [name for name, inner in note.inside.items() if inner.json_text]
        with parquet.ParquetWriter(file, schema, compression="zstd") as out:
            for batch in _batches(waiting, texts):
                out.write_table(pyarrow.Table.from_pylist(batch, schema=schema))


def _batches(waiting: IO[bytes], texts: list[str]) -> Iterator[list[Values]]:
    waiting.seek(0)
    while lines := list(islice(waiting, BATCH)):
        batch = [row for row in map(strict_json, lines) if isinstance(row, dict)]
        for row in batch:
            row |= {name: json_text(row[name]) for name in texts if name in row}
        yield batch


def _column(shape: Shape, rows: int) -> tuple[pyarrow.DataType, Note]:
    """Its own type where there is one that holds it all, else a text of JSON."""
    import pyarrow

    found = _typed(shape, rows)
    return found or (pyarrow.string(), Note(absent=True, json_text=True))


def _typed(shape: Shape, times: int) -> tuple[pyarrow.DataType, Note] | None:
    """(type, how to read it back); none where a value could not be told from another."""
    import pyarrow

    absent = shape.times < times
    if absent and shape.nulls:
        return None
    if shape.kinds == {"whole", "number"} and not shape.round and shape.largest < EXACT:
        return pyarrow.float64(), Note(absent=absent, whole=True)
    if len(shape.kinds) > 1 or shape.largest >= 2**63:
        return None
    kind = next(iter(shape.kinds), "text")
    plain = {"text": pyarrow.string(), "truth": pyarrow.bool_(), "whole": pyarrow.int64(), "number": pyarrow.float64()}
    if kind in plain:
        return plain[kind], Note(absent=absent)
    return _list(shape, absent) if kind == "list" else _object(shape, absent)


def _list(shape: Shape, absent: bool) -> tuple[pyarrow.DataType, Note] | None:
    import pyarrow

    items = shape.items or Shape()
    inner = _typed(items, items.times)
    if inner is None:
        return None
    return pyarrow.list_(inner[0]), Note(absent=absent, inside=_told("*", inner[1]))


def _object(shape: Shape, absent: bool) -> tuple[pyarrow.DataType, Note] | None:
    import pyarrow

    if not shape.fields or len(shape.fields) > MOST_FIELDS:
        return None
    found = {name: _typed(inner, shape.objects) for name, inner in shape.fields.items()}
    types = [(name, typed[0]) for name, typed in found.items() if typed]
    if len(types) < len(found):
        return None
    inside = {name: note for name, typed in found.items() if typed for note in _told(name, typed[1]).values()}
    return pyarrow.struct(types), Note(absent=absent, inside=inside)


def _told(name: str, note: Note) -> dict[str, Note]:
    return {} if note.says_nothing else {name: note}


# Reading


def restored(values: Values, note: Note) -> Values:
    """A row of Parquet as it was before it was one."""
    found: Values = {}
    for name, value in values.items():
        inner = note.inside.get(name)
        if value is None and inner and inner.absent:
            continue
        found[name] = _before(value, inner) if inner else value
    return found


def _before(value: object, note: Note) -> object:
    if value is None:
        return None
    if note.json_text and isinstance(value, str):
        return strict_json(value)
    if note.whole and isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return restored(value, note)
    if isinstance(value, list) and (inner := note.inside.get("*")):
        return [_before(item, inner) for item in value]
    return value


def note_of(text: bytes | None) -> Note | None:
    """The note that stands in a Parquet file's own description, if we wrote the file."""
    try:
        return Note.model_validate_json(text) if text else None
    except ValueError:
        return None
