"""Every row of every sheet comes out by its column names, wherever they stand, and nothing merged is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.sources.test_tables import rows_of
from tests.tools.sources.workbooks import HEAD, Grid, workbook
from tools.sources.files import read_file
from workspace.errors import UserError
from workspace.sample import Sample
from workspace.spec import Spec

TABLE: Grid = [["城市", "beds", "open"], ["北京", 12, True], ["Rome", 1.5, False]]


def rows(path: Path, grid: Grid, *merged: str) -> list[Sample]:
    return rows_of(workbook(path / "a.xlsx", {"S": grid}, merged))


def test_values_keep_their_types(tmp_path: Path) -> None:
    first, second = rows(tmp_path, TABLE)
    assert first.fields == {"城市": "北京", "beds": 12, "open": True}
    assert second.fields == {"城市": "Rome", "beds": 1.5, "open": False}
    assert (first.origin.file, first.origin.sheet, first.origin.row) == ("a.xlsx", "S", 2)


def test_questions_and_answers_are_read_as_from_any_table(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": [["text", "label"], ["lost my card", "card"]]})
    (row,) = read_file(path, "a.xlsx", {}, Spec())
    assert (row.question, row.label, row.origin.sheet) == ("lost my card", "card", "S")


def test_every_sheet_has_its_own_columns(tmp_path: Path) -> None:
    sheets = {"one": TABLE, "empty": [], "隐藏": [["text", "label"], ["hi", "greeting"]]}
    path = workbook(tmp_path / "a.xlsx", sheets, hidden=["隐藏"])
    found = rows_of(path)
    assert [row.origin.sheet for row in found] == ["one", "one", "隐藏"]
    assert (found[2].question, found[2].label) == ("hi", "greeting")


def test_what_stands_above_the_column_names_is_refused(tmp_path: Path) -> None:
    title, first, second = rows(tmp_path, [["Hospitals 2024"], [], [None, None], *TABLE])
    assert "above the column names" in title.dropped_by.reason
    assert [first.fields["beds"], second.fields["beds"]] == [12, 1.5]


def test_no_column_names_at_all(tmp_path: Path) -> None:
    found = rows(tmp_path, [["Rome", 1, 2.5], ["Oslo", 2, 3.5]])
    assert [row.fields for row in found] == [
        {"column 1": "Rome", "column 2": 1, "column 3": 2.5},
        {"column 1": "Oslo", "column 2": 2, "column 3": 3.5},
    ]


def test_a_merged_cell_stands_in_each_of_its_rows(tmp_path: Path) -> None:
    grid = [["region", "city"], ["north", "Oslo"], [None, "Bergen"], [None, "Tromsø"], ["south", "Rome"]]
    found = rows(tmp_path, grid, "A2:A4")
    assert [row.fields["region"] for row in found] == ["north", "north", "north", "south"]


def test_column_names_of_two_rows_are_joined(tmp_path: Path) -> None:
    grid = [["city", "2023", None, "2024", None], [None, "in", "out", "in", "out"], ["Rome", 1, 2, 3, 4]]
    (row,) = rows(tmp_path, grid, "A1:A2", "B1:C1", "D1:E1")
    assert row.fields == {"city": "Rome", "2023 in": 1, "2023 out": 2, "2024 in": 3, "2024 out": 4}


def test_a_title_merged_over_the_table_is_no_column(tmp_path: Path) -> None:
    title, first, _ = rows(tmp_path, [["Hospitals", None, None], *TABLE], "A1:C1")
    assert not title.kept
    assert list(first.fields) == ["城市", "beds", "open"]


def test_empty_rows_columns_and_errors_are_missing_values(tmp_path: Path) -> None:
    grid = [["a", None, "b", "c"], ["x", None, "#REF!", 1], [None] * 4, ["y", None, "z", "#N/A"], [None, "late"]]
    found = rows(tmp_path, grid)
    assert [row.fields for row in found] == [
        {"a": "x", "b": None, "c": 1},
        {"a": "y", "b": "z", "c": None},
        {"a": None, "column 2": "late", "b": None, "c": None},
    ]


def test_a_sheet_of_one_row_is_not_lost(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"data": TABLE, "notes": [["made by the finance office"]]})
    *_, note = rows_of(path)
    assert (note.origin.sheet, note.question) == ("notes", "made by the finance office")
    assert "no rows below" in note.dropped_by.reason


def test_names_that_are_there_twice_are_told_apart(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, [["a", "a", "b"], ["x", "y", "z"]])
    assert row.fields == {"a": "x", "a 2": "y", "b": "z"}


def test_a_workbook_under_another_name_is_read_as_what_it_is(tmp_path: Path) -> None:
    for name in ("a.csv", "a.xls", "a.json", "a"):
        workbook(tmp_path / name, {"S": TABLE})
        assert len(rows_of(tmp_path / name)) == 2


def test_a_workbook_cut_off_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": [["a", "b"], *[[f"x{i}", i] for i in range(3000)]]})
    content = path.read_bytes()
    for length in (len(content) // 2, len(content) - 20, 100):
        path.write_bytes(content[:length])
        with pytest.raises(UserError) as caught:
            rows_of(path)
        assert "a.xlsx" in caught.value.problem.en


def outcome(path: Path) -> str:
    """All that is said of it, read or refused."""
    try:
        return str([row.model_dump() for row in rows_of(path)])
    except UserError as refused:
        return refused.problem.en


def test_xml_that_reaches_for_other_files_gets_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    head = f'{HEAD}<!DOCTYPE x [<!ENTITY file SYSTEM "file://{secret}">]>'
    path = workbook(tmp_path / "a.xlsx", {"S": [["a", "b"], ["&file;", "fine"]]}, head=head)
    said = outcome(path)
    assert said
    assert "TOP SECRET" not in said


def test_xml_that_multiplies_itself_costs_nothing(tmp_path: Path) -> None:
    lol = "".join(
        f'<!ENTITY l{n} "{"&l" + str(n - 1) + ";" if n else "ha"}{("&l" + str(n - 1) + ";") * 9 if n else ""}">'
        for n in range(12)
    )
    path = workbook(tmp_path / "a.xlsx", {"S": [["a", "b"], ["&l11;", "fine"]]}, head=f"{HEAD}<!DOCTYPE x [{lol}]>")
    assert 0 < len(outcome(path)) < 2000
