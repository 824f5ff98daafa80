"""Numbers, units and dates that are odd in their column, and long tails that are not."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from tools.wrong_cells.columns import Column
from tools.wrong_cells.outliers import amount, is_measured, is_numeric, odd_dates, odd_numbers


def column(values: Iterable[object], name: str = "x") -> Column:
    made = Column(name)
    for value in values:
        made.add(str(value))
    return made


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1,200", 1200, ""),
        ("1.5", 1.5, ""),
        ("1,5", 1.5, ""),
        ("1.234.567,8", 1234567.8, ""),
        ("-12", -12, ""),
        ("１２ kg", 12, "kg"),
        ("$3.50", 3.5, "$"),
        ("97%", 97, "%"),
        ("3公斤", 3, "公斤"),
        ("1e3", 1000, ""),
    ],
)
def test_an_amount(text: str, value: float, unit: str) -> None:
    found = amount(text)
    assert found is not None
    assert (found.value, found.unit) == (value, unit)


@pytest.mark.parametrize("text", ["", "abc", "12 to 15", "2024-01-02", "A12", "1 2 3"])
def test_no_amount(text: str) -> None:
    assert amount(text) is None


def test_far_from_the_others_by_both_measures() -> None:
    draw = random.Random(1)
    heights = [f"{draw.gauss(170, 8):.0f}" for _ in range(200)]
    assert set(odd_numbers(column([*heights, "1700", "17"]))) == {"1700", "17"}


def test_a_long_tail_is_no_mistake() -> None:
    draw = random.Random(2)
    assert odd_numbers(column(f"{draw.lognormvariate(8, 1.5):.0f}" for _ in range(500))) == {}
    assert odd_numbers(column(f"{draw.expovariate(0.01):.2f}" for _ in range(500))) == {}


def test_codes_are_no_amounts() -> None:
    assert odd_numbers(column([*range(1000, 1100), 99999], name="zip")) == {}


def test_another_unit_and_what_it_is_in_the_usual_one() -> None:
    odd = odd_numbers(column([*(f"{n} kg" for n in range(50, 90)), "61000 g", "70"]))
    assert odd["61000 g"].meant == "61 kg"
    assert "unit" in odd["70"].why.en


def test_no_number_among_numbers() -> None:
    assert set(odd_numbers(column([*range(50, 90), "abc"]))) == {"abc"}


def test_dates_of_another_form_and_days_that_are_not() -> None:
    days = [f"2024-{month:02}-{day:02}" for month in range(1, 13) for day in (3, 14, 25)]
    assert set(odd_dates(column([*days, "03/14/2024", "2024-02-31", "soon"]))) == {"03/14/2024", "2024-02-31", "soon"}
    assert odd_dates(column(days)) == {}


def test_dates_in_chinese() -> None:
    days = [f"2024年{month}月{day}日" for month in range(1, 13) for day in (3, 14, 25)]
    assert set(odd_dates(column([*days, "2024/3/5"]))) == {"2024/3/5"}


def test_what_is_measured_and_what_only_counts_as_a_name() -> None:
    assert is_measured(column(["1.5", "2.5"]))
    assert is_measured(column(["5 kg", "6 kg"]))
    assert not is_measured(column(["10115", "20095"]))
    assert is_numeric(column(["1", "2", "3"]))
    assert not is_numeric(column(["a", "2"]))
