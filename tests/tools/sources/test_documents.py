"""A document's text is the same at every reading, whatever it was written with, and is extracted only once."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from tests.tools.sources.test_pdf import pdf
from tools.facts.tabular import tables
from tools.sources.documents import document, extracted, is_document
from workspace.errors import UserError


def word(path: Path) -> Path:
    made = docx.Document()
    made.add_heading("Fees", 1)
    made.add_paragraph("Fees are as follows.")
    table = made.add_table(3, 2)
    for row, cells in zip(table.rows, [("Way", "Fee (EUR)"), ("Post|air", "12"), ("Train", "7")], strict=True):
        row.cells[0].text, row.cells[1].text = cells
    made.save(str(path))
    return path


def test_a_table_is_one_that_figures_are_found_in(tmp_path: Path) -> None:
    text = document(word(tmp_path / "a.docx"))
    rows = "| Way | Fee (EUR) |\n| --- | --- |\n| Post｜air | 12 |\n| Train | 7 |\n"
    assert text == f"# Fees\n\nFees are as follows.\n\n{rows}"
    (found,) = tables(text)
    assert [(cell.value, sorted(cell.row)) for cell in found.cells] == [(12.0, ["air", "post"]), (7.0, ["train"])]


def test_a_web_page(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<nav>Home</nav><h1>退款</h1><p>七天内可以退款。", encoding="utf-8")
    assert extracted(tmp_path / "a.html").text == "# 退款\n\n七天内可以退款。\n"
    assert extracted(tmp_path / "a.html").unread == ()


def test_what_could_not_be_read_is_said(tmp_path: Path) -> None:
    path, kept = pdf(tmp_path / "a.pdf", [[(72, 700, "One.")], [], [(72, 700, "Three.")]]), tmp_path / "kept"
    first, second = extracted(path, kept), extracted(path, kept)
    assert (first.text, first.unread) == ("One.\n\nThree.\n", ("page 2: the page is empty",))
    assert first == second


def test_is_extracted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, kept = word(tmp_path / "a.docx"), tmp_path / "kept"
    text = document(path, kept)
    monkeypatch.setattr("tools.sources.documents.read_apart", None)
    assert document(path, kept) == text
    path.rename(tmp_path / "b.docx")
    assert document(tmp_path / "b.docx", kept) == text


@pytest.mark.parametrize(
    ("name", "content", "is_one"),
    [
        ("a.txt", b"text", True),
        ("a.md", b"# text", True),
        ("a.htm", b"<p>text", True),
        ("a.txt", b"%PDF-1.4 under another name", True),
        ("a.png", b"\x89PNG\r\n\x1a\n", True),
        ("a.csv", b"a,b\n1,2\n", False),
        ("a.json", b"[]", False),
        ("a.bin", b"\0\1\2", False),
    ],
)
def test_which_files_are_documents(tmp_path: Path, name: str, content: bytes, is_one: bool) -> None:
    (tmp_path / name).write_bytes(content)
    assert is_document(tmp_path / name) is is_one


def test_what_is_damaged_is_refused_and_not_kept(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 and no more")
    with pytest.raises(UserError):
        document(tmp_path / "a.pdf", tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
