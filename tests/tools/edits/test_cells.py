"""Wrong cells of a table are pointed at by what the whole table shows, and right ones are left in peace."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.edits.cells import Cells
from workspace.errors import UserError
from workspace.sample import Origin, Sample, Scalar

CITIES = {"10115": "Berlin", "20095": "Hamburg", "80331": "Munich", "50667": "Cologne"}
城市 = {"100000": "北京市朝阳区", "200000": "上海市浦东新区", "510000": "广州市天河区"}


def rows_of(*tables: Iterable[dict[str, Scalar]]) -> list[Sample]:
    cells = [row for table in tables for row in table]
    return [Sample(id=str(n), messages=(), origin=Origin(source="files", row=n), fields=c) for n, c in enumerate(cells)]


def people(count: int = 60) -> list[dict[str, Scalar]]:
    draw = random.Random(4)
    zips = [draw.choice(sorted(CITIES)) for _ in range(count)]
    return [{"zip": z, "city": CITIES[z], "weight": f"{draw.gauss(70, 8):.0f} kg", "n": n} for n, z in enumerate(zips)]


def found(rows: list[Sample], tmp_path: Path, **options: object) -> dict[tuple[int, str | None], str]:
    out = list(Cells.model_validate(options).apply(iter(rows), kit(tmp_path)))
    assert [row.id for row in out] == [row.id for row in rows]
    assert all(row.kept for row in out)
    return {(n, f.column): f.reason for n, row in enumerate(out) for f in row.findings}


def test_a_right_table_has_nothing_wrong(tmp_path: Path) -> None:
    assert found(rows_of(people()), tmp_path) == {}


@pytest.mark.parametrize(
    ("column", "wrong", "reason"),
    [
        ("city", "Hambrug", "Hamburg"),
        ("city", "hamburg", "Hamburg"),
        ("zip", "2o095", "20095"),
        ("weight", "700 kg", "far from the others"),
        ("weight", "154 lb", "its unit is"),
        ("weight", "7O kg", "no number"),
    ],
)
def test_a_wrong_cell_is_pointed_at(column: str, wrong: str, reason: str, tmp_path: Path) -> None:
    table = people()
    row = next(n for n, cells in enumerate(table) if cells["city"] == "Hamburg")
    table[row] = {**table[row], column: wrong}
    (((number, name), why),) = found(rows_of(table), tmp_path).items()
    assert (number, name) == (row, column)
    assert reason in why


def test_a_value_that_is_right_elsewhere_breaks_with_what_decides_it(tmp_path: Path) -> None:
    table = people()
    row = next(n for n, cells in enumerate(table) if cells["city"] == "Hamburg")
    table[row] = {**table[row], "city": "Munich"}
    assert set(found(rows_of(table), tmp_path)) == {(row, "city")} or set(found(rows_of(table), tmp_path)) == {
        (row, "city"),
        (row, "zip"),
    }


def test_in_chinese_too(tmp_path: Path) -> None:
    draw = random.Random(2)
    codes = [draw.choice(sorted(城市)) for _ in range(60)]
    table: list[dict[str, Scalar]] = [{"邮编": code, "地区": 城市[code]} for code in codes]
    table[7] = {**table[7], "地区": 城市[str(table[7]["邮编"])].replace("市", "巿")}
    ((where, why),) = found(rows_of(table), tmp_path).items()
    assert where == (7, "地区")
    assert "其他行" in why or "误写" in why


def test_what_is_clear_is_put_right_where_asked_and_what_stood_there_is_kept(tmp_path: Path) -> None:
    table = people()
    table[3] = {**table[3], "city": "Berlim" if table[3]["city"] == "Berlin" else f"{table[3]['city']}x"}
    out = list(Cells(repair=True).apply(rows_of(table), kit(tmp_path)))
    assert out[3].fields["city"] == CITIES[str(table[3]["zip"])]
    assert out[3].findings[0].claim == table[3]["city"]
    assert all(row.fields == cells for n, (row, cells) in enumerate(zip(out, table, strict=True)) if n != 3)


def test_two_rows_are_enough_where_a_person_says_what_decides(tmp_path: Path) -> None:
    table: list[dict[str, Scalar]] = [{"shop": "A", "tax": "7"}, {"shop": "A", "tax": "7"}, {"shop": "A", "tax": "9"}]
    assert found(rows_of(table), tmp_path) == {}
    assert set(found(rows_of(table), tmp_path, constraints=("shop -> tax",))) == {(2, "tax")}


def test_a_denial_of_one_row(tmp_path: Path) -> None:
    table: list[dict[str, Scalar]] = [{"start": 3, "end": 5}, {"start": 7, "end": 6}]
    assert set(found(rows_of(table), tmp_path, constraints=("t1&GT(t1.start,t1.end)",))) == {(1, "start")}


def test_a_constraint_on_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        found(rows_of(people()), tmp_path, constraints=("zip -> county",))
    assert "county" in caught.value.problem.en


def test_rows_without_columns_pass_untouched(tmp_path: Path) -> None:
    rows = [said("I lost my card").model_copy(update={"label": None}) for _ in range(3)]
    assert all(a is b for a, b in zip(Cells().apply(iter(rows), kit(tmp_path)), rows, strict=True))


def test_more_rows_than_are_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.waiting.IN_MEMORY", 10)
    table = people()
    table[50] = {**table[50], "city": "Berln"}
    assert set(found(rows_of(table), tmp_path)) == {(50, "city")}


def test_hospital(shared: Path, tmp_path: Path) -> None:
    """509 wrong cells of 19,000; the literature reaches an F1 of 0.72 to 0.75."""
    import csv

    folder = shared / "dirty_hospital"
    table = list(csv.DictReader((folder / "hospital.csv").open(encoding="utf-8")))
    right = list(csv.DictReader((folder / "hospital_clean.csv").open(encoding="utf-8")))
    wrong = {
        (int(cell["tid"]), cell["attribute"])
        for cell in right
        if table[int(cell["tid"])][cell["attribute"]] != cell["correct_val"].replace("empty", "")
    }
    told = set(found(rows_of(table), tmp_path))
    both = len(told & wrong)
    assert 2 * both / (len(told) + len(wrong)) >= 0.9
