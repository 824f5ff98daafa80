"""Every page of a PDF comes out, as its text or with the reason why it can't be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tools.sources.pdf import read
from tools.sources.record import Record
from workspace.errors import UserError

Lines = Sequence[tuple[int, int, str]]


def pdf(path: Path, pages: Sequence[Lines], *, rotate: int = 0, wide: int = 612) -> Path:
    """A PDF of these lines, each at its place from the bottom left in points."""
    numbers = [4 + 2 * n for n in range(len(pages))]
    kids = " ".join(f"{n} 0 R" for n in numbers)
    parts = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    for number, lines in zip(numbers, pages, strict=True):
        drawn = "\n".join(f"BT /F 10 Tf {x} {y} Td ({text}) Tj ET" for x, y, text in lines)
        parts[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide} 792] /Rotate {rotate} "
            f"/Resources << /Font << /F 3 0 R >> >> /Contents {number + 1} 0 R >>"
        )
        parts[number + 1] = f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream"
    body, places = "%PDF-1.4\n", {}
    for number, part in sorted(parts.items()):
        places[number] = len(body)
        body += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{places[n]:010} 00000 n \n" for n in sorted(parts))
    end = f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(parts) + 1} /Root 1 0 R >>\n"
    path.write_text(f"{body}{end}startxref\n{len(body)}\n%%EOF\n", encoding="latin-1")
    return path


def texts(path: Path) -> list[object]:
    return [record.values.get("text", record.problem) for record in read(path)]


def test_a_record_a_page(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [[(72, 700, "One page.")], [(72, 700, "Another.")]])
    assert list(read(path)) == [
        Record(1, {"text": "One page."}, page=1),
        Record(2, {"text": "Another."}, page=2),
    ]


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_turned_page(tmp_path: Path, rotate: int) -> None:
    assert texts(pdf(tmp_path / "a.pdf", [[(72, 700, "Turned it is.")]], rotate=rotate)) == ["Turned it is."]


def test_an_empty_page_is_refused_by_itself(tmp_path: Path) -> None:
    assert texts(pdf(tmp_path / "a.pdf", [[], [(72, 700, "Here.")]])) == ["the page is empty", "Here."]


class TestRunningHeaders:
    def test_are_a_column_from_the_second_page_on(self, tmp_path: Path) -> None:
        pages = [
            [(72, 760, "ACME handbook"), (72, 700, f"Part {'abcd'[n]} says this."), (72, 30, f"Page {n + 1}")]
            for n in range(4)
        ]
        first, second, *_ = read(pdf(tmp_path / "a.pdf", pages))
        assert first.values == {"text": "ACME handbook\n\nPart a says this.\n\nPage 1"}
        assert second.values == {"text": "Part b says this.", "running header": "ACME handbook\nPage 2"}

    def test_lines_that_are_on_some_pages_only_stay(self, tmp_path: Path) -> None:
        heads = ["ACME handbook", "Prices", "ACME handbook", "Fees", "Terms"]
        pages = [[(72, 760, head), (72, 700, f"Text of {head}.")] for head in heads]
        assert [text for text in texts(pdf(tmp_path / "a.pdf", pages)) if "handbook\n" in str(text)] == [
            "ACME handbook\n\nText of ACME handbook."
        ] * 2

    def test_a_page_of_nothing_else_keeps_it(self, tmp_path: Path) -> None:
        assert texts(pdf(tmp_path / "a.pdf", [[(72, 760, "Only this")]] * 4)) == ["Only this"] * 4


class TestBadFiles:
    @pytest.mark.parametrize("content", [b"", b"%PDF-1.7 and no more", b"PK\x03\x04" + b"\0" * 100])
    def test_no_pdf(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(content)
        with pytest.raises(UserError) as caught:
            list(read(path))
        assert "no PDF" in caught.value.problem.en

    def test_one_broken_page_costs_only_itself(self, tmp_path: Path) -> None:
        path = pdf(tmp_path / "a.pdf", [[(72, 700, "One.")], [(72, 700, "Two.")], [(72, 700, "Three.")]])
        path.write_bytes(path.read_bytes().replace(b"6 0 obj\n<< /Type /Page /", b"6 0 obj\n<< /Type /Junk /"))
        found = texts(path)
        assert (len(found), found[0], found[2]) == (3, "One.", "Three.")

    def test_what_takes_too_long_is_read_as_far_as_it_goes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tools.sources.pdf.LONGEST", 0)
        (record,) = read(pdf(tmp_path / "a.pdf", [[(72, 700, "One.")]] * 3))
        assert "pages 1 to 3 are not read" in record.problem

    def test_a_password(self) -> None:
        path = Path("../shared/data/real_docs/pypdf/encrypted-file.pdf")
        if not path.exists():
            pytest.skip("the shared data is not here")
        with pytest.raises(UserError) as caught:
            list(read(path))
        assert "password" in caught.value.problem.en
