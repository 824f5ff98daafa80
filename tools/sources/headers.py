"""Where in a grid of cells the column names stand, how many rows they take, and what the columns are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

LATEST = 20
VALUE = re.compile(
    r"[-+]?[$€£¥￥]?\s?\d[\d.,]*(?:[eE][-+]?\d+)?\s?%?|\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?(?:[T ][\d:.]+\S*)?"
)
YEAR = re.compile(r"(?:19|20)\d\d")

Row = Sequence[str]


def header_place(rows: Sequence[Row]) -> int:
    """Which of the first rows holds the column names: titles and comments above it fill less than half as many cells.

    Blank rows don't count as rows.
    """
    widths = Counter(width for row in rows if (width := _width(row)) > 1)
    if not widths:
        return 0
    usual = widths.most_common(1)[0][0]
    if widths[usual] * 2 <= len(rows) - LATEST:
        return 0
    for place, row in enumerate(rows[:LATEST]):
        if sum(1 for cell in row if cell.strip()) * 2 > usual:
            return place
    return 0


def headless(header: Row, below: Sequence[Row]) -> bool:
    """The first row is a row like those below it: numbers and dates stand over numbers and dates, and no name does.

    A year is a name as well as a number.
    """
    signs = 0
    for place, head in enumerate(map(str.strip, header)):
        values = [cell for row in below if place < len(row) and (cell := row[place].strip())]
        if not head or not all(map(VALUE.fullmatch, values)):
            # Names may be numbers; over texts they tell nothing.
            signs -= bool(VALUE.fullmatch(head)) and bool(values)
            continue
        if VALUE.fullmatch(head):
            signs += not YEAR.fullmatch(head)
        elif values:
            return False
    return signs > 0


def column_names(header: Row) -> list[str]:
    """Without spaces around; one that is missing or there twice is told apart by its place."""
    names: list[str] = []
    for place, cell in enumerate(header, 1):
        name = " ".join(cell.split())
        names.append(name if name and name not in names else f"{name or 'column'} {place}")
    return names


def _width(row: Row) -> int:
    """Cells up to the last that says something."""
    return next((len(row) - n for n, cell in enumerate(reversed(row)) if cell.strip()), 0)
