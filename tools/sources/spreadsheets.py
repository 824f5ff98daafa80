"""Excel and OpenDocument workbooks: the rows of every sheet, below whatever stands above the column names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path

from tools.sources.headers import LATEST, column_names, header_place, headless
from tools.sources.record import Record
from workspace.errors import UserError
from workspace.words import Words

Cell = str | int | float | bool | date | time | datetime | timedelta
Value = str | int | float | bool | None
Range = tuple[tuple[int, int], tuple[int, int]]
LOOKED_AT = 200
LARGEST_EXACT = 2**53


def read(path: Path) -> Iterator[Record]:
    """`line` is the row of the sheet. What a formula last came to is its value; an error (#REF!) is a missing one.

    Raises UserError where the workbook has a password.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

    try:
        book = CalamineWorkbook.from_path(str(path))
    except PasswordError as error:
        raise protected(path) from error
    except CalamineError:
        # It goes by the file's name, which may be that of another kind of workbook; without one it looks inside.
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
    for sheet in book.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet:
            found = book.get_sheet_by_name(sheet.name)
            if found.start is not None:
                yield from _sheet(sheet.name, found.iter_rows(), found.merged_cell_ranges or [], found.start[1])


def protected(path: Path) -> UserError:
    return UserError(
        Words(f"{path.name} is protected by a password.", f"{path.name} 有密码保护。"),
        Words("Remove the password in its own program and send it again.", "请在原来的程序里去掉密码后再发送。"),
    )


def _sheet(name: str, rows: Iterator[list[Cell]], merged: Sequence[Range], left: int) -> Iterator[Record]:
    grid = _Merged(rows, merged, left)
    first = [row for row in islice(grid, LOOKED_AT) if row.own]
    if not first:
        return
    texts = [[_text(value) for value in row.own_values] for row in first]
    place = header_place(texts)
    for row in first[:place]:
        raw = " ".join(filter(None, map(_text, row.own_values)))
        yield Record(row.number, {"text": raw}, "it stands above the column names", raw, sheet=name)
    if headless(texts[place], texts[place + 1 :]):
        below, names = first[place:], column_names([""] * max(len(row.values) for row in first))
    else:
        last = _last_of_header(first[place:], merged, left)
        header = [row for row in first[place:] if row.number <= last]
        below, names = first[place + len(header) :], _joined(header)
    rows_below = False
    for row in chain(below, grid):
        if row.own:
            rows_below = True
            yield Record(row.number, _by_name(names, row.values), sheet=name)
    if not rows_below:
        raw = " ".join(filter(None, names))
        yield Record(
            first[place].number, {"text": raw}, "it is taken for column names, and has no rows below", raw, sheet=name
        )


class _Row:
    """`own` says whether a cell of its own holds anything, beyond what merged cells reach into it."""

    __slots__ = ("number", "own", "own_values", "values")

    def __init__(self, number: int, own_values: list[Value], values: list[Value]) -> None:
        self.number, self.own_values, self.values = number, own_values, values
        self.own = any(value is not None for value in own_values)


class _Merged:
    """The rows with the value of each merged cell in all the cells that it covers; one over a whole row is a title."""

    def __init__(self, rows: Iterator[list[Cell]], merged: Sequence[Range], left: int) -> None:
        self._rows = enumerate(rows)
        self._left = left
        self._starting: dict[int, list[Range]] = {}
        for one in merged:
            self._starting.setdefault(one[0][0], []).append(one)
        self._open: list[tuple[int, int, int, Value]] = []

    def __iter__(self) -> Iterator[_Row]:
        return self

    def __next__(self) -> _Row:
        number, cells = next(self._rows)
        own = [_value(cell) for cell in cells]
        values = own
        self._open = [one for one in self._open if one[0] >= number]
        for (_, start), (end, stop) in self._starting.get(number, ()):
            start, stop = start - self._left, min(stop - self._left + 1, len(own))
            whole = stop - start >= max(2, len(own)) and end == number
            if 0 <= start < len(own) and not whole:
                self._open.append((end, start, stop, own[start]))
        if self._open:
            values = list(own)
            for _, start, stop, value in self._open:
                values[start:stop] = [value] * (stop - start)
        return _Row(number + 1, own, values)


def _last_of_header(rows: Sequence[_Row], merged: Sequence[Range], left: int) -> int:
    """Column names may take several rows: merged downwards, or with a common name over several of them."""
    first = last = rows[0].number
    for row in rows[:LATEST]:
        if row.number > last:
            break
        for (top, start), (end, stop) in merged:
            if top + 1 != row.number or end + 1 - first > LATEST:
                continue
            last = max(last, end + 1)
            under = next((r.own_values[start - left : stop - left + 1] for r in rows if r.number == end + 2), [])
            if stop > start and end == top and under and all(isinstance(value, str) for value in under):
                last = max(last, end + 2)
    return last


def _joined(header: Sequence[_Row]) -> list[str]:
    """Each column's names from top to bottom, one that spans several rows once."""
    columns = zip(*([_text(value) for value in row.values] for row in header), strict=False)
    return column_names([" ".join(dict.fromkeys(filter(None, column))) for column in columns])


def _by_name(names: Sequence[str], values: Sequence[Value]) -> dict[str, Value]:
    """A column without a name is there only where it holds something."""
    found: dict[str, Value] = {}
    for place, value in enumerate(values, 1):
        name = names[place - 1] if place <= len(names) else f"column {place}"
        if value is not None or not name.startswith("column "):
            found[name] = value
    return found


def _value(cell: Cell) -> Value:
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, float):
        # Excel knows no whole numbers: what it shows as 3 is stored as 3.0.
        return int(cell) if cell.is_integer() and abs(cell) < LARGEST_EXACT else cell
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return cell.isoformat() if isinstance(cell, date | time) else cell


def _text(value: Value) -> str:
    return "" if value is None else str(value)
