"""Lines that only wrap become one paragraph; lists, tables and verses keep their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.sources.test_pdf import pdf, texts
from tools.sources.paragraphs import PLAIN

PROSE = (
    "When a customer returns a product within thirty days of the delivery",
    "we refund the whole price, unless the product was damaged or is not in",
    "its box any more. The costs of shipping are ours.",
)


def page(tmp_path: Path, *lines: tuple[int, int, str]) -> str:
    (text,) = texts(pdf(tmp_path / "a.pdf", [lines]))
    return str(text)


def set_at(left: int, top: int, *lines: str) -> list[tuple[int, int, str]]:
    return [(left, top - 12 * n, line) for n, line in enumerate(lines)]


def test_wrapped_lines(tmp_path: Path) -> None:
    assert page(tmp_path, *set_at(72, 700, *PROSE)) == " ".join(PROSE)


def test_paragraphs_apart_and_indented(tmp_path: Path) -> None:
    lines = (*set_at(72, 700, *PROSE), *set_at(72, 640, *PROSE), *set_at(90, 604, "Here a paragraph begins."))
    assert page(tmp_path, *lines) == f"{' '.join(PROSE)}\n\n{' '.join(PROSE)}\nHere a paragraph begins."


def test_a_word_cut_at_the_end_of_a_line(tmp_path: Path) -> None:
    lines = ("A ware is dan-", "gerous if it is well-", "known in 2019-", "2020, as a well-known one is.")
    found = page(tmp_path, *set_at(72, 700, *lines))
    assert ("dangerous" in found, "well-known in" in found, "2019-2020" in found) == (True, True, True)


@pytest.mark.parametrize(
    "lines",
    [
        ("Ten apples", "Seven pears from the garden", "Nuts", "A loaf of bread"),
        ("1. Pack the product into its own box", "2. Put the paper in", "3. Send it by post to our address"),
    ],
)
def test_lists_keep_their_lines(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert page(tmp_path, *set_at(72, 700, *lines)) == "\n".join(lines)


def test_cells_of_a_row(tmp_path: Path) -> None:
    rows = [
        (72 + 150 * x, 700 - 14 * y, cell)
        for y, row in enumerate(("Item Fee", "Post 12"))
        for x, cell in enumerate(row.split())
    ]
    assert page(tmp_path, *rows) == "Item\tFee\nPost\t12"


def test_radicals_and_ligatures_become_what_people_type() -> None:
    assert "⼤⻓⾦ﬁ\uf0b7\0".translate(PLAIN) == "大长金fi•\ufffd"


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_page_shown_turned_keeps_its_lines(tmp_path: Path, rotate: int) -> None:
    (text,) = texts(pdf(tmp_path / "a.pdf", [set_at(72, 700, *PROSE)], rotate=rotate))
    assert " ".join(str(text).split()) == " ".join(PROSE)


@pytest.mark.parametrize(("matrix", "across", "step"), [("0 1 -1 0", 100, 12), ("0 -1 1 0", 500, -12)])
def test_text_that_is_drawn_lying_on_its_side(tmp_path: Path, matrix: str, across: int, step: int) -> None:
    path = pdf(tmp_path / "a.pdf", [[(1000 + n, 1000, line) for n, line in enumerate(PROSE)]])
    content = path.read_text("latin-1")
    for n in range(len(PROSE)):
        content = content.replace(f"{1000 + n} 1000 Td", f"{matrix} {across + step * n} 400 Tm")
    path.write_text(content, "latin-1")
    assert texts(path) == [" ".join(PROSE)]
