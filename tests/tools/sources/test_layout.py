"""Lines come in the order a person reads them: columns one after the other, tables row by row."""

from __future__ import annotations

import math

from tools.sources.layout import Piece, deskewed, in_order

WIDE, HIGH = 400, 20


def piece(text: str, left: float, y: float, width: float = WIDE, score: float = 1.0) -> Piece:
    return Piece(text, score, left + width / 2, y, width, HIGH)


def ordered(*pieces: Piece) -> list[str]:
    return [line.text for line in in_order(pieces)]


def test_two_columns_below_a_heading_and_above_a_footer() -> None:
    left = [piece(f"left {n}", 0, 100 + 30 * n) for n in range(5)]
    right = [piece(f"right {n}", 450, 100 + 30 * n) for n in range(5)]
    found = ordered(*right, piece("heading", 0, 40, 850), *left, piece("footer", 0, 400, 850))
    assert found == ["heading", *(f"left {n}" for n in range(5)), *(f"right {n}" for n in range(5)), "footer"]


def test_a_table_is_read_row_by_row() -> None:
    cells = [piece(f"{'abc'[column]}{row}", column * 300, row * 30, 60) for row in range(4) for column in range(3)]
    assert ordered(*cells) == [f"a{row}\tb{row}\tc{row}" for row in range(4)]


def test_parts_of_one_line_are_joined() -> None:
    assert ordered(piece("the end", 110, 1, 90), piece("This is", 0, 0, 100)) == ["This is the end"]
    assert ordered(piece("退款", 102, 1, 90), piece("申请", 0, 0, 100)) == ["申请退款"]


def test_a_crooked_scan() -> None:
    slope = math.radians(2)
    flat = [(0, 0, "a"), (1000, 0, "b"), (0, 30, "c"), (1000, 30, "d")]
    turned = [
        Piece(
            text,
            1,
            x * math.cos(slope) - y * math.sin(slope),
            x * math.sin(slope) + y * math.cos(slope),
            200,
            20,
            slope,
        )
        for x, y, text in flat
    ]
    assert [line.text for line in in_order(deskewed(turned))] == ["a\tb", "c\td"]


def test_the_score_of_a_line_weighs_its_letters() -> None:
    (line,) = in_order([piece("abc", 0, 0, 60, 1.0), piece("d", 300, 0, 20, 0.6)])
    assert math.isclose(line.score, 0.9)
