"""Columns that decide others are found in the table itself, and chance is not taken for one of them."""

from __future__ import annotations

import random

import pytest

from tools.wrong_cells.columns import Columns
from tools.wrong_cells.dependencies import Dependency, discovered, votes

ZIPS = {f"{n}0{n}00": f"City {n}" for n in range(1, 9)}


def table(rows: list[dict[str, str]]) -> Columns:
    columns = Columns()
    for row in rows:
        columns.add(row)
    return columns


def places(count: int = 200, wrong: int = 0) -> list[dict[str, str]]:
    draw = random.Random(1)
    rows = [{"zip": code, "city": ZIPS[code]} for code in draw.choices(sorted(ZIPS), k=count)]
    for row in rows[:wrong]:
        row["city"] += "x"
    return rows


@pytest.mark.parametrize("wrong", [0, 8])
def test_a_column_that_decides_another_is_found_though_some_rows_break_it(wrong: int) -> None:
    assert {(one.by, one.then) for one in discovered(table(places(wrong=wrong)))} == {
        (("zip",), "city"),
        (("city",), "zip"),
    }


def test_what_goes_together_by_chance_or_only_often_does_not_decide() -> None:
    draw = random.Random(3)
    rows = [{"a": draw.choice("pqrst"), "b": draw.choice("uvwxy"), "even": str(n % 2)} for n in range(300)]
    for row in rows:
        row["often"] = row["a"] if draw.random() < 0.7 else draw.choice("pqrst")
    assert discovered(table(rows)) == []


def test_what_is_measured_decides_nothing() -> None:
    draw = random.Random(5)
    lengths = [round(draw.gauss(4 + kind, 0.2), 1) for kind in (0, 3) for _ in range(100)]
    rows = [{"length": f"{length} cm", "kind": "small" if length < 5.5 else "large"} for length in lengths]
    assert discovered(table(rows)) == []


def test_two_columns_together() -> None:
    draw = random.Random(7)
    keys = [(draw.choice("abcd"), draw.choice("wxyz")) for _ in range(400)]
    rows = [{"row": a, "side": b, "shelf": f"{(ord(a) * 3 + ord(b) * 5) % 7}"} for a, b in keys]
    assert (("row", "side"), "shelf") in {(one.by, one.then) for one in discovered(table(rows))}


def test_the_one_that_breaks_with_most_is_blamed() -> None:
    """The city is wrong, not its zip and state, which agree with each other."""
    rows = [{**row, "state": row["zip"][0], "county": f"County {row['zip'][0]}"} for row in places()]
    at = next(n for n, row in enumerate(rows) if row["zip"] == "10100")
    rows[at]["city"] = "City 2"
    columns = table(rows)
    voted = votes(columns, discovered(columns))
    assert {name for name, told in voted.items() if at in told.blamed} == {"city"}


def test_an_empty_cell_is_told_what_belongs_there() -> None:
    rows = places()
    rows[4]["city"] = "N/A"
    columns = table(rows)
    told = votes(columns, [Dependency(("zip",), "city")])["city"]
    assert columns["city"].values[max(told.instead[4])] == ZIPS[rows[4]["zip"]]
