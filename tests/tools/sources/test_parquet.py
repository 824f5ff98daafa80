"""Parquet rows keep their types; what JSON can't say becomes text, and a damaged file says so."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.tools.sources.test_tables import rows_of
from tools.sources.files import read_file
from workspace.errors import UserError
from workspace.spec import Spec

pyarrow = pytest.importorskip("pyarrow")


def write(path: Path, **columns: list[object]) -> Path:
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(columns), path)
    return path


def test_values_keep_their_types(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.parquet",
        n=[1, None], x=[1.0, float("nan")], b=[True, False], s=["一\u2028", ""], t=[datetime(2020, 1, 2, 3), None],
        d=[date(2020, 1, 2), None], m=[Decimal("1.10"), None], raw=[b"\xff\x00", b"text"], l=[[1, 2], None],
    )  # fmt: skip
    first, second = rows_of(path)
    assert first.fields == {
        "n": 1, "x": 1.0, "b": True, "s": "一\u2028", "t": "2020-01-02T03:00:00", "d": "2020-01-02", "m": "1.10",
        "raw": "/wA=", "l": "[1,2]",
    }  # fmt: skip
    assert isinstance(first.fields["x"], float)
    assert (second.fields["n"], second.fields["x"], second.fields["raw"]) == (None, None, "text")
    assert [row.origin.row for row in (first, second)] == [1, 2]


def test_turns_that_are_nested_are_turns(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes?"}]
    (row,) = read_file(write(tmp_path / "a.parquet", messages=[turns]), "a.parquet", {}, Spec())
    assert (row.question, row.answer) == ("hi", "yes?")


def test_a_file_cut_off_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", n=list(range(5000)))
    content = path.read_bytes()
    for length in (len(content) // 2, len(content) - 3, 4):
        path.write_bytes(content[:length])
        with pytest.raises(UserError) as caught:
            rows_of(path)
        assert "Parquet" in caught.value.problem.en


def test_many_rows_come_in_their_order(tmp_path: Path) -> None:
    rows = rows_of(write(tmp_path / "a.parquet", n=list(range(2500))))
    assert [row.fields["n"] for row in rows] == list(range(2500))
