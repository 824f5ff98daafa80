"""From pieces of text with their places on a page to lines in the order a person reads them, column by column."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

# Columns of prose fill their width; columns of a table don't, and are read row by row.
FILLED = 0.6
FEWEST = 3
WIDE = re.compile("[\u2e80-\uffef]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A line or a part of one. Pixels from the top left; `slope` in radians; `score` from 0 to 1."""

    text: str
    score: float
    x: float
    y: float
    width: float
    height: float
    slope: float = 0.0

    @classmethod
    def of(cls, corners: Sequence[Sequence[float]], text: str, score: float) -> Piece:
        """From four corners, clockwise from the top left; `x` and `y` are the middle."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
        width = (math.dist(corners[0], corners[1]) + math.dist(corners[3], corners[2])) / 2
        height = (math.dist(corners[0], corners[3]) + math.dist(corners[1], corners[2])) / 2
        return cls(
            text, score, (ax + bx + cx + dx) / 4, (ay + by + cy + dy) / 4, width, height, math.atan2(by - ay, bx - ax)
        )

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2

    def lower(self, by: float) -> Piece:
        return replace(self, y=self.y + by)


def deskewed(pieces: Sequence[Piece]) -> list[Piece]:
    """Turned by the slope that most of the text has, so that a row of a crooked scan is level."""
    long = [piece.slope for piece in pieces if piece.width > 4 * piece.height]
    slope = median(long) if long else 0.0
    cos, sin = math.cos(-slope), math.sin(-slope)
    return [replace(p, x=p.x * cos - p.y * sin, y=p.x * sin + p.y * cos) for p in pieces]


def in_order(pieces: Sequence[Piece]) -> list[Piece]:
    """Lines from top to bottom; pieces side by side are one line, with a tab where they stand far apart."""
    gutter = _gutter(pieces)
    if gutter is None:
        return [_joined(row) for row in _rows(pieces)]
    lines: list[Piece] = []
    for band in _bands(pieces, gutter):
        left = [p for p in band if p.x < gutter]
        right = [p for p in band if p.x >= gutter]
        # What spans both columns stands alone in its band.
        lines += in_order(left) + in_order(right) if left and right else [_joined(row) for row in _rows(band)]
    return lines


def _gutter(pieces: Sequence[Piece]) -> float | None:
    """Where a page of two columns is parted: few lines cross it, and both sides are filled with prose."""
    if len(pieces) < 2 * FEWEST:
        return None
    low, high = min(p.left for p in pieces), max(p.right for p in pieces)
    places = [p.right + 1 for p in pieces if 0.25 < (p.right - low) / (high - low) < 0.75]
    crossed = {place: sum(p.left < place < p.right for p in pieces) for place in places}
    fewest = min(crossed.values(), default=len(pieces))
    if not crossed or fewest * 4 > len(pieces):
        return None
    gutter = max(place for place, count in crossed.items() if count == fewest)
    sides = [p for p in pieces if p.right < gutter], [p for p in pieces if p.left > gutter]
    return gutter if all(map(_prose, sides)) and _beside(*sides) else None


def _prose(side: Sequence[Piece]) -> bool:
    if len(side) < FEWEST:
        return False
    width = max(p.right for p in side) - min(p.left for p in side)
    height = median(p.height for p in side)
    return median(p.width for p in side) > FILLED * width and width > 8 * height


def _beside(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    return min(p.y for p in left) < max(p.y for p in right) and min(p.y for p in right) < max(p.y for p in left)


def _bands(pieces: Sequence[Piece], gutter: float) -> Iterator[list[Piece]]:
    """Cut, from top to bottom, at the lines that cross the gutter; each of these is a band of its own."""
    band: list[Piece] = []
    for piece in sorted(pieces, key=lambda p: p.y):
        if piece.left < gutter < piece.right:
            if band:
                yield band
            yield [piece]
            band = []
        else:
            band.append(piece)
    if band:
        yield band


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.y):
        row = rows[-1] if rows else None
        if row and abs(piece.y - row[0].y) < 0.5 * min(piece.height, row[0].height):
            row.append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda p: p.left) for row in rows]


def _joined(row: Sequence[Piece]) -> Piece:
    text, before = row[0].text, row[0]
    for piece in row[1:]:
        gap = (piece.left - before.right) / max(min(piece.height, before.height), 1)
        close = gap < 0.3 and WIDE.match(piece.text) and WIDE.match(before.text[-1])
        text += ("\t" if gap > 1.5 else "" if close else " ") + piece.text
        before = piece
    letters = sum(len(p.text) for p in row)
    score = sum(p.score * len(p.text) for p in row) / letters
    return replace(row[0], text=text, score=score, width=before.right - row[0].left)
