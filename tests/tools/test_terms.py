"""A vocabulary is read from a CSV by its head; what can't be used is named by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.terms import Terms, is_vocabulary, read_terms
from workspace.errors import UserError


def written(folder: Path, text: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str, name: str = "list.csv") -> Terms:
    found = read_terms([written(folder, text, name)])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("code,term,synonyms\nJ45.9,Asthma,哮喘;支气管哮喘\n", "a.csv"),
        ("NAME\tmore\tCode\tAliases\nAsthma\t\tJ45.9\t哮喘|支气管哮喘\n", "a.tsv"),
        ("名称,编码,同义词\nAsthma,J45.9,哮喘；支气管哮喘\n", "a.csv"),
    ],
)
def test_the_head_says_what_is_what(tmp_path: Path, text: str, name: str) -> None:
    (term,) = read(tmp_path, text, name).entries
    assert (term.code, term.names) == ("J45.9", ("Asthma", "哮喘", "支气管哮喘"))
    assert text[term.place.start : term.place.end] == term.place.quote == text.split("\n")[1]


@pytest.mark.parametrize("text", ["name,age\nAnna,3\n", "question,answer\na,b\n", "code\nx\n"])
def test_another_table_is_no_vocabulary(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    assert not is_vocabulary(path)
    assert read_terms([path, written(tmp_path, "code", "policy.md")]) is None


def test_a_bad_line_is_refused_by_its_number(tmp_path: Path) -> None:
    terms = read(tmp_path, "code,term\nA-1,lamp\nA-2\n,\n,kettle\nA-3,pot,1,2\n\nA-4,pan\n")
    assert [term.code for term in terms.entries] == ["A-1", "A-4"]
    assert [(refused.line, refused.reason.en[:20]) for refused in terms.refused] == [
        (3, "a code without a ter"),
        (5, "no code"),
        (6, "it has 4 columns, th"),
    ]


def test_a_file_without_a_single_term_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"Line 2: a code without a term"):
        read(tmp_path, "code,term\nA-1,\n")


def test_a_cell_may_hold_the_end_of_a_line(tmp_path: Path) -> None:
    text = 'code,term\r\nA-1,"desk\r\nlamp"\r\nA-2,kettle\r\n'
    path = tmp_path / "list.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    found = read_terms([path])
    assert found
    plain = path.read_text(encoding="utf-8-sig")
    assert [plain[t.place.start : t.place.end] for t in found.entries] == ['A-1,"desk\nlamp"', "A-2,kettle"]
    assert found.entries[0].names == ("desk lamp",)


def test_columns_of_the_rows_that_hold_its_values_are_seen(tmp_path: Path) -> None:
    terms = read(tmp_path, "code,term\nA-1,lamp\nA-2,kettle\n")
    values = ["A-1", "lamp", "Kettle", "A-2", "A-9", "A-1"]
    assert terms.with_columns({"item": values, "note": ["x"] * 6}).columns == {"item"}
    assert terms.with_columns({"item": values[:3]}).columns == set()
