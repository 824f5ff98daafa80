"""Dates are put in order however they are written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tools.timeline import moments_of

DAY = datetime(2024, 5, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-31",
        "20240531",
        "31/05/2024",
        "31.5.2024",
        "2024年5月31日",
        "２０２４年５月３１日",
        "May 31, 2024",
        "2024/5/31",
        "2024-05-31T02:00:00+02:00",
        1717113600,
        "1717113600000",
    ],
)
def test_one_day_in_many_ways(value: str | int) -> None:
    assert moments_of([value]) == [DAY]


def test_what_is_no_date() -> None:
    assert moments_of(["", None, "soon", 17, "99/99/2024", True, "0000-00-00"]) == [None] * 7


def test_the_other_values_say_whether_the_month_comes_first() -> None:
    assert [when.month for when in moments_of(["03/04/2024", "05/31/2024"])] == [3, 5]
    assert [when.month for when in moments_of(["03/04/2024", "31/05/2024"])] == [4, 5]


def test_a_time_of_day_counts() -> None:
    morning, evening = moments_of(["2024年5月31日 上午9:30", "2024-05-31 21:15"])
    assert morning < evening
