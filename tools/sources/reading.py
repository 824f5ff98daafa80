"""From a file to its records: CSV, JSON, JSONL and plain lines, each bad one with what is wrong with it."""

from __future__ import annotations

import csv
import io
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

import orjson

from tools.sources.decoding import lines as lines_of
from tools.sources.decoding import opened
from tools.sources.kinds import READERS, foreign
from tools.spreadsheet import cells_of, read_csv, typed
from workspace.errors import UserError
from workspace.words import Words

DELIMITERS = ",;\t|"
PREVIEW = 200
LONGEST_RECORD = 500_000
LARGEST_JSON = 300_000_000
TABLES = (".csv", ".tsv", ".tab")
LISTS = (".jsonl", ".ndjson")
DOCUMENTS = (".txt", ".md", ".markdown", ".text")
csv.field_size_limit(2 * LONGEST_RECORD)


@dataclass(frozen=True, slots=True)
class Record:
    """`line` counts from 1. Where `problem` says something, `raw` is what stands there and `values` may lack some.

    `file` is the member of a folder or zip that it stands in; `page` counts from 1; `confidence`: see Origin.
    """

    line: int
    values: Mapping[str, object]
    problem: str = ""
    raw: str = ""
    file: str = ""
    sheet: str | None = None
    page: int | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class Table:
    """`preview` holds the first records, which `records` yields again."""

    columns: tuple[str, ...]
    preview: tuple[Record, ...]
    records: Iterator[Record]


def table(path: Path) -> Table:
    """Raises UserError where the file can't be opened, is no text, is of no kind that is read, or holds no rows."""
    records = _records(path)
    preview = tuple(islice(records, PREVIEW))
    columns = tuple(dict.fromkeys(name for record in preview for name in record.values))
    if not preview:
        raise _no_rows(path)
    if not columns:
        raise _unreadable(path, f"line {preview[0].line}: {preview[0].problem}")
    return Table(columns, preview, chain(preview, records))


def strict_json(text: str) -> object:
    """JSON and nothing else: no NaN, no lone surrogates, no nesting without end. Raises ValueError."""
    found: object = orjson.loads(text)
    return found


def json_text(value: object) -> str:
    """The value as JSON. Raises ValueError where it is nested deeper than can be written."""
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        raise ValueError("it is nested too deeply") from error


def _records(path: Path) -> Iterator[Record]:
    if parsed := foreign(path):
        from tools.sources.child import read_apart

        return read_apart(path, READERS[parsed])
    kind = path.suffix.lower()
    if kind in TABLES:
        return _noted_csv(path)
    if kind in LISTS:
        return _jsonl(path)
    if kind == ".json":
        return _json(path)
    if kind in DOCUMENTS:
        return _plain(path)
    with opened(path):
        pass
    raise UserError(
        Words(
            f"I don't read files of the kind {path.suffix or path.name!r}.", f"不支持 {path.suffix or path.name} 文件。"
        ),
        Words(
            "Send rows as CSV, JSON or JSONL, documents as .txt or .md.",
            "数据请用 CSV、JSON 或 JSONL，文档请用 .txt 或 .md。",
        ),
    )


def _no_rows(path: Path) -> UserError:
    return UserError(
        Words(f"{path.name} has no rows.", f"{path.name} 里没有数据行。"),
        Words("Put at least one row below the column names.", "请在列名下面至少放一行数据。"),
    )


def _unreadable(path: Path, why: str) -> UserError:
    return UserError(
        Words(f"{path.name} can't be read: {why}.", f"无法读取 {path.name}：{why}。"),
        Words("Correct it there, or save it as CSV.", "请更正该处，或另存为 CSV。"),
    )


# Lines, JSONL and JSON


def _plain(path: Path) -> Iterator[Record]:
    with opened(path) as file:
        for number, line in enumerate(lines_of(file), 1):
            if line.strip():
                yield Record(number, {"text": line.strip()})


def _jsonl(path: Path) -> Iterator[Record]:
    # Only "\n" ends a line: U+2028 and a lone "\r" may stand inside a row.
    with opened(path, newline="\n") as file:
        for number, line in enumerate(lines_of(file), 1):
            if line.strip():
                yield _parsed(number, line)


def _parsed(number: int, line: str) -> Record:
    try:
        found = strict_json(line)
    except ValueError as error:
        return Record(number, {}, f"not JSON ({error})", line)
    return _object(number, found)


def _object(number: int, found: object) -> Record:
    try:
        raw = json_text(found)
    except ValueError as error:
        return Record(number, {}, str(error))
    if isinstance(found, dict) and found:
        return Record(number, found)
    return Record(number, {}, "not an object with columns", raw)


def _json(path: Path) -> Iterator[Record]:
    if path.exists() and path.stat().st_size > LARGEST_JSON:
        raise _unreadable(path, "it is larger than 300 MB; save it as JSONL, one row a line")
    with opened(path) as file:
        text = file.read()
    try:
        found = strict_json(text)
    except ValueError as error:
        if _starts_as_lines(text):
            yield from _jsonl(path)
            return
        raise _unreadable(path, f"it is not JSON ({error})") from error
    for number, row in enumerate(_list(found, path), 1):
        yield _object(number, row)


def _starts_as_lines(text: str) -> bool:
    """JSONL under the name .json: the first line is whole by itself."""
    first, _, rest = text.partition("\n")
    return bool(rest.strip()) and bool(_parsed(1, first).values)


def _list(found: object, path: Path) -> Sequence[object]:
    """The rows: a list, the one list of objects inside an object, or a single row."""
    if isinstance(found, list):
        return found
    if isinstance(found, dict) and found:
        inner = [v for v in found.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        turns = {"messages", "conversations"} & set(found)
        return inner[0] if len(inner) == 1 and not turns else [found]
    raise _unreadable(path, "it holds no list of rows")


# CSV


class _Lines:
    """Hands lines to the CSV reader and can take all but the first back, so that a record gone wrong costs one line."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self._size = 0
        self.taken: list[str] = []
        self.line = 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) > 1 and self._size > LONGEST_RECORD:
            raise csv.Error("a quote is never closed")
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        self._size += len(line)
        return line

    def go_on(self) -> None:
        self.line += len(self.taken)
        self.taken, self._size = [], 0

    def go_back(self) -> None:
        self._again.extendleft(reversed(self.taken[1:]))
        self.line += 1
        self.taken, self._size = [], 0


def _noted_csv(path: Path) -> Iterator[Record]:
    """Exactly as we wrote it; with the types that its columns had, where somebody has changed it since."""
    cells = cells_of(path)
    exact = read_csv(path, cells) if cells else None
    if exact:
        return (Record(line, values) for line, values in exact)
    if cells is None:
        return _csv(path)
    return (record if record.problem else replace(record, values=typed(record.values, cells)) for record in _csv(path))


def _csv(path: Path) -> Iterator[Record]:
    with opened(path) as file:
        sample = list(islice(lines_of(file), PREVIEW))
        source = _Lines(chain(sample, lines_of(file)))
        rows = _rows(source, _dialect(sample))
        header = next((names for _, names, problem, _ in rows if names or problem), None)
        if not header:
            raise _no_rows(path)
        columns = _columns(header)
        for line, cells, problem, raw in rows:
            if problem:
                yield Record(line, dict.fromkeys(columns, ""), problem, raw)
            elif cells:
                yield _record(line, columns, cells, raw)


def csv_lines(text: str) -> Iterator[tuple[int, list[str], str, str]]:
    """(line, cells, problem, the text itself) of a whole CSV text, its head among them; the texts joined are `text`."""
    sample = list(islice(io.StringIO(text), PREVIEW))
    return _rows(_Lines(io.StringIO(text)), _dialect(sample))


def _record(line: int, columns: Sequence[str], cells: list[str], raw: str) -> Record:
    while len(cells) > len(columns) and not cells[-1].strip():
        cells.pop()
    if len(cells) != len(columns):
        why = f"it has {len(cells)} of the header's {len(columns)} columns"
        if len(cells) > len(columns):
            why = (
                f"it has {len(cells)} columns, the header {len(columns)}; a text with the separator in it needs quotes"
            )
        return Record(line, dict(zip(columns, cells, strict=False)), why, raw)
    return Record(line, dict(zip(columns, cells, strict=True)))


def _columns(header: Sequence[str]) -> list[str]:
    """Names without spaces around; one that is missing or there twice is told apart by its place."""
    names: list[str] = []
    for place, cell in enumerate(header, 1):
        name = " ".join(cell.split())
        names.append(name if name and name not in names else f"{name} {place}".strip())
    return names


def _rows(source: _Lines, dialect: type[csv.Dialect]) -> Iterator[tuple[int, list[str], str, str]]:
    """(line, cells, problem, the text itself); blank lines have neither cells nor a problem."""
    while True:
        line = source.line
        try:
            cells = next(csv.reader(source, dialect))
        except StopIteration:
            return
        except csv.Error as error:
            raw = source.taken[0] if source.taken else ""
            source.go_back()
            yield line, [], f"the quotes in it don't match ({error})", raw
            continue
        raw = "".join(source.taken)
        source.go_on()
        yield line, cells, "", raw


def _dialect(sample: Sequence[str]) -> type[csv.Dialect]:
    text = "".join(sample)
    # Some programs write \" for a quote inside quotes, where CSV has "".
    slashed = '\\"' in text and '""' not in text

    class Found(csv.Dialect):
        delimiter = _delimiter(sample)
        quotechar = '"'
        doublequote = not slashed
        escapechar = "\\" if slashed else None
        lineterminator = "\n"
        quoting = csv.QUOTE_MINIMAL
        skipinitialspace = True
        strict = True

    return Found


def _delimiter(sample: Sequence[str]) -> str:
    """The sign that cuts the rows as it cuts the header; of several, the one that makes more columns."""
    best, most = ",", (0.0, 0)
    for sign in DELIMITERS:
        widths = [len(cells) for cells in _loose(sample, sign) if cells]
        if widths and widths[0] > 1:
            score = round(Counter(widths)[widths[0]] / len(widths), 1), widths[0]
            best, most = (sign, score) if score > most else (best, most)
    return best


def _loose(sample: Sequence[str], sign: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(sample, delimiter=sign, skipinitialspace=True)
    except csv.Error:
        return
