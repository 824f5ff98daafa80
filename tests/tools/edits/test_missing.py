"""What stands for nothing is left, filled with what is usual, or left out; as a person says, and it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.kits import kit
from tools.edits.missing import Missing
from workspace.errors import UserError
from workspace.sample import Origin, Sample, Scalar


def rows_of(*cells: dict[str, Scalar]) -> list[Sample]:
    return [Sample(id=str(n), messages=(), origin=Origin(source="files", row=n), fields=c) for n, c in enumerate(cells)]


def treated(rows: list[Sample], tmp_path: Path, **options: object) -> list[Sample]:
    return list(Missing.model_validate(options).apply(iter(rows), kit(tmp_path)))


ROWS = rows_of(
    {"age": "30", "city": "Lyon", "note": ""},
    {"age": "40", "city": "Lyon", "note": ""},
    {"age": "N/A", "city": "Metz", "note": "late"},
    {"age": "80", "city": "-", "note": ""},
)


def test_unasked_nothing_is_touched(tmp_path: Path) -> None:
    assert treated(ROWS, tmp_path) == ROWS


def test_numbers_by_their_median_and_words_by_the_usual_one(tmp_path: Path) -> None:
    out = treated(ROWS, tmp_path, how="filled")
    assert [row.fields["age"] for row in out] == ["30", "40", "40", "80"]
    assert [row.fields["city"] for row in out] == ["Lyon", "Lyon", "Metz", "Lyon"]
    (found,) = out[2].findings
    assert (found.column, found.claim, found.drops) == ("age", "N/A", False)
    assert "median 40" in found.reason
    assert "usual value" in out[3].findings[0].reason


def test_a_column_that_is_mostly_empty_is_left(tmp_path: Path) -> None:
    assert [row.fields["note"] for row in treated(ROWS, tmp_path, how="filled")] == ["", "", "late", ""]


def test_rows_are_left_out_with_their_reason(tmp_path: Path) -> None:
    out = treated(ROWS, tmp_path, how="left out", columns=("age",))
    assert [row.kept for row in out] == [True, True, False, True]
    assert "age" in out[2].dropped_by.reason


def test_chinese_marks(tmp_path: Path) -> None:
    rows = rows_of({"城市": "不详", "数量": "3"}, {"城市": "杭州", "数量": "5"}, {"城市": "杭州", "数量": "无"})
    out = treated(rows, tmp_path, how="filled")
    assert out[0].fields == {"城市": "杭州", "数量": "3"}
    assert out[0].findings[0].reason.startswith("填入最常见的值")


def test_a_number_that_stands_for_nothing(tmp_path: Path) -> None:
    rows = rows_of(*({"age": n} for n in [*range(20, 60), 9999]))
    out = treated(rows, tmp_path, how="filled")
    assert out[-1].fields["age"] == 39


def test_an_empty_number_becomes_a_number(tmp_path: Path) -> None:
    out = treated(rows_of({"n": 1.5}, {"n": 2.5}, {"n": None}), tmp_path, how="filled")
    assert out[-1].fields["n"] == 1.5


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        treated(ROWS, tmp_path, how="filled", columns=("wage",))
    assert "age" in caught.value.fix.en
