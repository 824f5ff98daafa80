"""A CSV whose cells keep their types and run nothing: how it is written, and how exactly the same is read from it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Literal

import orjson
from pydantic import BaseModel, ValidationError

from workspace.exact import json_bytes, json_text, strict_json
from workspace.project import file_hash, writing

Values = dict[str, object]
ABSENT = object()
# Where a cell of texts is empty: there was no such column in the row, a null stood there, or an empty text.
Empty = Literal["absent", "null", "text"]
ABSENCES = {r"\A": ABSENT, r"\N": None, r"\E": ""}
LOOKS_ABSENT = re.compile(r"\\+[ANE]")
# What a spreadsheet may run. A number with a sign is none, nor is a sign alone.
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠].", re.DOTALL)
NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d*)?(?:[eE][+-]?\d+)?%?|[+-]?\.\d+%?")
LONGEST_CELL = 2**31 - 1


class Column(BaseModel):
    """`json`: every cell is JSON; `text`: it is the text itself."""

    name: str
    kind: Literal["text", "json"]
    empty: Empty


class Cells(BaseModel):
    """What must be known of a CSV to read it exactly; `sha256` is the file's own.

    `plain`: it is nothing but texts, each as it stands, so that anyone reads the same without being told.
    """

    sha256: str
    columns: list[Column]
    plain: bool = False


@dataclass
class _Seen:
    """What stands in a column."""

    rows: int = 0
    texts: bool = False
    others: bool = False
    nulls: bool = False
    blanks: bool = False
    marked: bool = False

    def see(self, value: object) -> None:
        self.rows += 1
        if isinstance(value, str):
            self.texts, self.blanks = self.texts or bool(value), self.blanks or not value
            self.marked = self.marked or _marked(value) != value
        elif value is None:
            self.nulls = True
        else:
            self.others = True

    def column(self, name: str) -> Column:
        empty: Empty = "text" if self.blanks else "null" if self.nulls else "absent"
        if self.others:
            return Column(name=name, kind="json", empty="absent")
        return Column(name=name, kind="text", empty=empty)


# Writing


def write_csv(
    lines: Iterable[Values], path: Path, delimiter: str, narrowed: Callable[[Values], Values] | None = None
) -> Cells:
    """What must be noted so that the same is read again. Which columns there are is known after the last row, so the
    rows wait on disk. Excel knows UTF-8 by the mark at the beginning."""
    seen: dict[str, _Seen] = {}
    with writing(path) as file, TemporaryFile(dir=path.parent) as waiting:
        for line in lines:
            waiting.write(json_bytes(line) + b"\n")
        rows = 0
        for line in _again(waiting, narrowed):
            rows += 1
            for name, value in line.items():
                seen.setdefault(name, _Seen()).see(value)
        columns = [found.column(name) for name, found in seen.items()]
        out = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False)
        out.write(_row([_safe(column.name) for column in columns], delimiter))
        for line in _again(waiting, narrowed):
            out.write(_row([_cell(line.get(column.name, ABSENT), column) for column in columns], delimiter))
        out.flush()
        out.detach()
    plain = not any(s.others or s.nulls or s.marked or s.rows < rows for s in seen.values())
    return Cells(sha256=file_hash(path), columns=columns, plain=plain and all(_safe(name) == name for name in seen))


def _again(waiting: IO[bytes], narrowed: Callable[[Values], Values] | None) -> Iterator[Values]:
    waiting.seek(0)
    for line in waiting:
        values = strict_json(line)
        assert isinstance(values, dict)
        yield narrowed(values) if narrowed else values


def _row(cells: Sequence[str], delimiter: str) -> str:
    """A space at either end is quoted too: many readers drop it otherwise; so is a row that would be a blank line."""
    quoted = [_quoted(cell, delimiter) for cell in cells]
    return (delimiter.join(quoted) if any(quoted) or len(quoted) != 1 else '""') + "\r\n"


def _quoted(cell: str, delimiter: str) -> str:
    if cell and (delimiter in cell or '"' in cell or "\n" in cell or "\r" in cell or cell != cell.strip()):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _cell(value: object, column: Column) -> str:
    if column.kind == "json":
        return "" if value is ABSENT else json_text(value)
    if isinstance(value, str) and value:
        return _marked(value)
    absent, sign = _absence(value)
    return "" if column.empty == absent else sign


def _absence(value: object) -> tuple[Empty, str]:
    if value is ABSENT:
        return "absent", r"\A"
    return ("null", r"\N") if value is None else ("text", r"\E")


def _marked(text: str) -> str:
    return "\\" + text if LOOKS_ABSENT.fullmatch(text) else _safe(text)


def _safe(text: str) -> str:
    """With an apostrophe before what a spreadsheet would run, or what looks as if it had got one."""
    return "'" + text if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


# Reading


def cells_of(path: Path) -> Cells | None:
    """What was noted of this file in the dataset_info.json beside it."""
    try:
        known = orjson.loads(path.with_name("dataset_info.json").read_bytes())
        entry = next(one for one in known.values() if one.get("file_name") == path.name and "tunesmith" in one)
        return Cells.model_validate(entry["tunesmith"]["cells"])
    except (OSError, orjson.JSONDecodeError, StopIteration, AttributeError, KeyError, TypeError, ValidationError):
        return None


def read_csv(path: Path, cells: Cells) -> Iterator[tuple[int, Values]] | None:
    """(line, values) of every row, exactly as they were written; none where the file has been changed since."""
    if not path.is_file() or file_hash(path) != cells.sha256:
        return None
    return _rows(path, cells)


def _rows(path: Path, cells: Cells) -> Iterator[tuple[int, Values]]:
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = csv.reader(file, delimiter="\t" if path.suffix.lower() != ".csv" else ",", strict=True)
        next(found, None)
        line = found.line_num + 1
        for row in found:
            yield line, dict(_values(row, cells.columns))
            line = found.line_num + 1


def _values(row: Sequence[str], columns: Sequence[Column]) -> Iterator[tuple[str, object]]:
    for cell, column in zip(row, columns, strict=False):
        if (value := _value(cell, column)) is not ABSENT:
            yield column.name, value


def typed(values: Mapping[str, object], cells: Cells) -> Values:
    """The values of a row of a file that has been changed since, with the types that its columns had."""
    columns = {" ".join(_safe(column.name).split()): column for column in cells.columns}
    found: Values = {}
    for name, cell in values.items():
        column = columns.get(name)
        value = _value(cell, column) if column and isinstance(cell, str) else cell
        if value is not ABSENT:
            found[column.name if column else name] = value
    return found


def _value(cell: str, column: Column) -> object:
    if column.kind == "json":
        try:
            return strict_json(cell) if cell else ABSENT
        except ValueError:
            return cell
    if not cell:
        return {"absent": ABSENT, "null": None, "text": ""}[column.empty]
    if LOOKS_ABSENT.fullmatch(cell):
        return ABSENCES.get(cell, cell[1:])
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) and not NUMBER.fullmatch(cell) else cell
