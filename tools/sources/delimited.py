"""Tables that are written as text: CSV in its many dialects, and columns set apart by spaces."""

from __future__ import annotations

import csv
import io
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TextIO

from tools.sources.decoding import CUT, LONGEST_LINE, opened
from tools.sources.decoding import lines as lines_of
from tools.sources.headers import column_names, header_place, headless
from tools.sources.record import PREVIEW, Record
from tools.spreadsheet import cells_of, read_csv, typed

DELIMITERS = ",;\t|"
LONGEST_RECORD = 500_000
LONGEST_SAMPLE = 2_000_000
csv.field_size_limit(2 * LONGEST_RECORD)

TOO_LONG = f"it is longer than {LONGEST_LINE} characters"

Parsed = tuple[int, list[str], str, str]


def read(path: Path) -> Iterator[Record]:
    """Exactly as we wrote it; with the types that its columns had, where somebody has changed it since.

    Raises UserError where the file is absent or no text.
    """
    cells = cells_of(path)
    exact = read_csv(path, cells) if cells else None
    if exact:
        return (Record(line, values) for line, values in exact)
    if cells is None:
        return _read(path)
    return (record if record.problem else replace(record, values=typed(record.values, cells)) for record in _read(path))


def _read(path: Path) -> Iterator[Record]:
    with opened(path) as file:
        sample = _sample(file)
        yield from _records(sample, file, _dialect(sample))


def read_text(path: Path) -> Iterator[Record]:
    """The lines of a text; or the rows of a table, where all lines are cut alike by a sign or by spaces."""
    with opened(path) as file:
        sample = _sample(file)
        if path.suffix.lower() in (".txt", ".text") and (sign := _cut_by(sample)):
            yield from _records(sample, file, _dialect(sample, sign))
            return
        starts = _fixed_columns(sample) if path.suffix.lower() in (".txt", ".text") else []
        if starts:
            yield from _fixed(chain(sample, lines_of(file)), starts)
            return
        for number, line in enumerate(chain(sample, lines_of(file)), 1):
            if line.endswith(CUT):
                yield Record(number, {}, TOO_LONG, line[:LONGEST_RECORD])
            elif line.strip():
                yield Record(number, {"text": line.strip()})


def is_table(path: Path) -> bool:
    """A text of unknown kind is a table: nearly all its lines are cut alike."""
    with opened(path) as file:
        return bool(_cut_by(_sample(file)))


def csv_lines(text: str) -> Iterator[Parsed]:
    """(line, cells, problem, the text itself) of a whole CSV text, its head among them; the texts joined are `text`."""
    sample = _sample(io.StringIO(text))
    return _rows(_Lines(io.StringIO(text)), _dialect(sample))


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
        if self._size > LONGEST_RECORD and len(self.taken) > 1:
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


def _sample(file: TextIO) -> list[str]:
    sample, size = [], 0
    for line in lines_of(file):
        sample.append(line)
        size += len(line)
        if len(sample) == PREVIEW or size > LONGEST_SAMPLE:
            break
    return sample


def _records(sample: Sequence[str], rest: TextIO, dialect: type[csv.Dialect]) -> Iterator[Record]:
    grid = [cells for cells in _loose(sample, dialect.delimiter) if any(map(str.strip, cells))]
    place = header_place(grid)
    above, columns = place, list[str]()
    for line, cells, problem, raw in _rows(_Lines(chain(sample, lines_of(rest))), dialect):
        if problem:
            yield Record(line, dict.fromkeys(columns, ""), problem, raw)
        elif columns:
            if cells:
                yield _record(line, columns, cells, raw)
        elif any(map(str.strip, cells)) and above:
            above -= 1
            yield Record(line, {"text": raw.strip()}, "it stands above the column names", raw)
        elif any(map(str.strip, cells)) and headless(cells, grid[place + 1 :]):
            columns = column_names([""] * len(cells))
            yield _record(line, columns, cells, raw)
        elif any(map(str.strip, cells)):
            columns = column_names(_without_empty_end(cells, grid))


def _without_empty_end(header: list[str], grid: Sequence[Sequence[str]]) -> list[str]:
    """Many programs end each line with separators: columns without a name that hold nothing are no columns."""
    used = max((place for row in grid for place, cell in enumerate(row, 1) if cell.strip()), default=0)
    return header[: max(used, 1)]


def _record(line: int, columns: Sequence[str], cells: list[str], raw: str) -> Record:
    while len(cells) > len(columns) and not cells[-1].strip():
        cells.pop()
    if len(cells) == len(columns):
        return Record(line, dict(zip(columns, cells, strict=True)))
    why = f"it has {len(cells)} of the header's {len(columns)} columns"
    if len(cells) > len(columns):
        why = f"it has {len(cells)} columns, the header {len(columns)}; a text with the separator in it needs quotes"
    return Record(line, dict(zip(columns, cells, strict=False)), why, raw)


def _rows(source: _Lines, dialect: type[csv.Dialect]) -> Iterator[Parsed]:
    """(line, cells, problem, the text itself); blank lines have neither cells nor a problem."""
    reader = csv.reader(source, dialect)
    while True:
        line = source.line
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raw = source.taken[0] if source.taken else ""
            long = raw.endswith(CUT)
            source.go_back()
            yield line, [], TOO_LONG if long else f"the quotes in it don't match ({error})", raw
            continue
        taken = source.taken
        raw = taken[0] if len(taken) == 1 else "".join(taken)
        source.go_on()
        if raw.endswith(CUT):
            yield line, [], TOO_LONG, raw
        else:
            yield line, cells, "", raw


def _dialect(sample: Sequence[str], sign: str = "") -> type[csv.Dialect]:
    text = "".join(sample)
    # Some programs write \" for a quote inside quotes, where CSV has "".
    slashed = '\\"' in text and '""' not in text
    by = sign or _delimiter(sample)
    # A space behind the separator is part of the text, but where the file has one behind each of them.
    head = sample[0] if sample else ""
    spaced = f'{by} "' in text or (by in head and head.count(by) == head.count(by + " "))

    class Found(csv.Dialect):
        delimiter = by
        quotechar = '"'
        doublequote = not slashed
        escapechar = "\\" if slashed else None
        lineterminator = "\n"
        quoting = csv.QUOTE_MINIMAL
        skipinitialspace = spaced
        strict = True

    return Found


def _delimiter(sample: Sequence[str]) -> str:
    """The sign that cuts the rows as it cuts the header; of several, the one that makes more columns.

    Where no sign cuts the first row, that is a title, and most rows tell.
    """
    widths = {sign: [len(cells) for cells in _loose(sample, sign) if cells] for sign in DELIMITERS}
    titled = all(not found or found[0] < 2 for found in widths.values())
    best, most = ",", (0.0, 0)
    for sign, found in widths.items():
        usual = Counter(width for width in found if width > 1).most_common(1)[0][0] if max(found, default=0) > 1 else 0
        width = usual if titled else found[0] if found else 0
        if width > 1:
            score = round(Counter(found)[width] / len(found), 1), width
            best, most = (sign, score) if score > most else (best, most)
    return best


def _loose(sample: Sequence[str], sign: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(sample, delimiter=sign, skipinitialspace=True)
    except csv.Error:
        return


# Tables in files of text


def _cut_by(sample: Sequence[str]) -> str:
    """The sign that cuts nearly all lines into as many columns: no prose does that."""
    for sign, fewest in (("\t", 2), ("|", 2), (";", 3), (",", 3)):
        widths = [len(cells) for cells in _loose(sample, sign) if any(map(str.strip, cells))]
        if len(widths) > 1 and widths[0] >= fewest and widths.count(widths[0]) * 10 >= len(widths) * 9:
            return sign
    return ""


def _fixed_columns(sample: Sequence[str]) -> list[int]:
    """Where the columns of a table set in spaces start; nothing where it is no such table."""
    lines = [line.rstrip("\r\n") for line in sample if line.strip()]
    width = max(map(len, lines), default=0)
    if len(lines) < 4 or width > 2000 or any("\t" in line for line in lines):
        return []
    blank = [all(place >= len(line) or line[place] == " " for line in lines) for place in range(width)]
    starts = [n for n in range(width) if not blank[n] and (n == 0 or blank[n - 1])]
    gaps = [n - max(m for m in range(n) if not blank[m]) for n in starts if n]
    filled = sum(bool(line[n : n + 1].strip()) for line in lines for n in starts)
    aligned = len(starts) > 2 and min(gaps, default=0) > 1 and filled * 10 >= len(starts) * len(lines) * 6
    return starts if aligned else []


def _fixed(lines: Iterable[str], starts: Sequence[int]) -> Iterator[Record]:
    ends = [*starts[1:], None]
    names: list[str] = []
    for number, line in enumerate(lines, 1):
        cells = [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]
        if not line.strip() or set(line.strip()) <= set("-= "):
            continue
        if not names:
            names = column_names(cells)
        elif line.endswith(CUT) or any(start and line[start - 1 : start].strip() for start in starts):
            yield Record(number, {}, "it is not cut into columns as the others are", line[:LONGEST_RECORD])
        else:
            yield Record(number, dict(zip(names, cells, strict=True)))
