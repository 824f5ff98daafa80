"""JSON and JSONL, strictly: what is no JSON is told apart from JSON that holds no rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from tools.sources.decoding import CUT, LONGEST_LINE, opened
from tools.sources.decoding import lines as lines_of
from tools.sources.headers import column_names
from tools.sources.record import Record, unreadable
from workspace.errors import UserError
from workspace.exact import json_text, strict_json
from workspace.words import Words

LARGEST_JSON = 64_000_000
PIECE = 1 << 20
SPACE = re.compile(r"[ \t\r\n]*")
DEEP = 250
WRAPPERS = {"data", "result", "results", "response", "payload", "body", "hits", "数据"}


def read_lines(path: Path) -> Iterator[Record]:
    """One object a line. Only "\\n" ends it: U+2028 and a lone "\\r" may stand inside a row."""
    with opened(path, newline=_end(path)) as file:
        for number, line in enumerate(lines_of(file), 1):
            if line.strip():
                yield _parsed(number, line)


def read(path: Path) -> Iterator[Record]:
    """The rows of a list, of the one list of objects inside an object, or a single object.

    Raises UserError where it is no JSON, and another one where it is JSON that holds no rows.
    """
    with opened(path) as file:
        if path.stat().st_size > LARGEST_JSON:
            yield from _long_list(file, path)
            return
        text = file.read()
    try:
        found = strict_json(text)
    except ValueError as error:
        if _starts_as_lines(text):
            yield from read_lines(path)
            return
        raise unreadable(path, f"it is not JSON ({error})") from error
    rows, names = _rows(found, path)
    for number, row in enumerate(rows, 1):
        yield _object(number, row) if names is None else _listed(number, row, names)


def starts(path: Path) -> bool:
    """A file of another name is JSON, or begins with a line that is."""
    with opened(path) as file:
        text = file.read(LARGEST_JSON)
    try:
        strict_json(text)
    except ValueError:
        return _starts_as_lines(text)
    return True


def _end(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(PIECE)
    return "\r" if b"\r" in head and b"\n" not in head else "\n"


def _parsed(number: int, line: str) -> Record:
    if line.endswith(CUT):
        return Record(number, {}, f"it is longer than {LONGEST_LINE} characters", line[:PIECE])
    try:
        return _object(number, strict_json(line), line)
    except ValueError as error:
        return Record(number, {}, f"not JSON ({error})", line)


def _object(number: int, found: object, line: str | None = None) -> Record:
    """`line`: the text it stands in; where that has few brackets, nothing in it is nested too deeply."""
    raw = line or ""
    if line is None or line.count("[") + line.count("{") > DEEP:
        try:
            raw = json_text(found)
        except ValueError as error:
            return Record(number, {}, str(error))
    if isinstance(found, dict) and found:
        return Record(number, found)
    return Record(number, {}, "not an object with columns", raw)


def _listed(number: int, row: object, names: Sequence[str]) -> Record:
    cells = row if isinstance(row, list) else []
    if len(cells) != len(names):
        why = f"it has {len(cells)} of the header's {len(names)} columns"
        return Record(number, dict(zip(names, cells, strict=False)), why, json_text(row))
    return Record(number, dict(zip(names, cells, strict=True)))


def _starts_as_lines(text: str) -> bool:
    """JSONL under the name .json: the first line is whole by itself."""
    first, _, rest = text.lstrip("\ufeff").partition("\n")
    return bool(rest.strip()) and bool(_parsed(1, first).values)


def _rows(found: object, path: Path) -> tuple[Sequence[object], Sequence[str] | None]:
    """(rows, column names): the names where the rows are lists, below one that holds them."""
    if isinstance(found, dict) and found:
        return _rows_inside(found) or [found], None
    if isinstance(found, list) and any(isinstance(row, dict) and row for row in found):
        return found, None
    if isinstance(found, list) and len(found) > 1 and all(isinstance(row, list) for row in found):
        header = found[0]
        if header and all(isinstance(name, str) for name in header):
            return found[1:], column_names(header)
    raise _without_rows(path)


def _rows_inside(found: dict[str, object]) -> Sequence[object]:
    """The one list of objects in an object, or in an object in it that is called a wrapper; or its columns' cells."""
    if {"messages", "conversations"} & set(found):
        return []
    inner = [v for v in found.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    if len(inner) == 1:
        return inner[0]
    for name, wrapped in found.items():
        if name.lower() in WRAPPERS and isinstance(wrapped, dict) and not inner and (rows := _rows_inside(wrapped)):
            return rows
    columns = list(found.values())
    cells = [value for column in columns if isinstance(column, list) for value in column]
    alike = all(isinstance(column, list) and len(column) == len(cells) // len(columns) for column in columns)
    if len(columns) > 1 and cells and alike and not any(isinstance(value, list | dict) for value in cells):
        return [dict(zip(found, row, strict=True)) for row in zip(*columns, strict=True)]
    return []


def _without_rows(path: Path) -> UserError:
    return UserError(
        Words(f"{path.name} is JSON, but holds no rows.", f"{path.name} 是 JSON，但里面没有数据行。"),
        Words(
            "Send a list of objects that have columns, such as a question and an answer.",
            "请发送由对象组成的列表，每个对象要有列，例如问题和答案。",
        ),
    )


def _long_list(file: TextIO, path: Path) -> Iterator[Record]:
    """The objects of a list that is too long to be held in memory, one by one."""
    decoder, buffer, number, expected = json.JSONDecoder(), file.read(PIECE), 0, "["
    at = SPACE.match(buffer).end()  # type: ignore[union-attr]
    if buffer[at : at + 1] != "[":
        raise unreadable(path, f"it is larger than {LARGEST_JSON // 10**6} MB and no list; save it as JSONL")
    while True:
        if len(buffer) - at < PIECE and (more := file.read(PIECE)):
            buffer, at = buffer[at:] + more, 0
            continue
        at = SPACE.match(buffer, at).end()  # type: ignore[union-attr]
        sign = buffer[at : at + 1]
        if sign == "]" or sign != expected:
            break
        start = SPACE.match(buffer, at + 1).end()  # type: ignore[union-attr]
        if expected == "[" and buffer[start : start + 1] == "]":
            raise _without_rows(path)
        try:
            _, at = decoder.raw_decode(buffer, start)
            record = _object(number + 1, strict_json(buffer[start:at]))
        except (ValueError, RecursionError) as error:
            yield Record(number + 1, {}, f"not JSON from here on ({error})", buffer[start : start + PIECE])
            return
        number, expected = number + 1, ","
        yield record
    if sign != "]" or buffer[at + 1 :].strip():
        yield Record(number + 1, {}, "not JSON from here on (the list is not closed as it should be)")
