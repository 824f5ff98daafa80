"""A rare spelling of a frequent value is a slip; another word, another number or another code is not."""

from __future__ import annotations

import pytest

from tools.wrong_cells.columns import Column
from tools.wrong_cells.spellings import misshapen, slips


def column(**counts: int) -> Column:
    return column_of(counts)


def column_of(counts: dict[str, int]) -> Column:
    made = Column("x")
    for value, rows in counts.items():
        for _ in range(rows):
            made.add(value)
    return made


@pytest.mark.parametrize(
    ("value", "often"),
    [
        ("Berlim", "Berlin"),
        ("berlin", "Berlin"),
        ("Ｂerlin", "Berlin"),
        ("yxs", "yes"),
        ("acuxe care hospixals", "acute care hospitals"),
        ("微信之付款项", "微信支付款项"),
    ],
)
def test_a_slip(value: str, often: str) -> None:
    assert slips(column_of({often: 100, "another thing": 60, value: 1}))[value].meant == often


@pytest.mark.parametrize(
    ("value", "often"),
    [
        ("2008", "2009"),
        ("ami-2", "ami-3"),
        ("mexican", "american"),
        ("南京", "北京"),
        ("第二分公司", "第一分公司"),
        ("http://www.a.example", "http://www.b.example"),
    ],
)
def test_no_slip(value: str, often: str) -> None:
    assert slips(column_of({often: 100, "another thing": 60, value: 4})) == {}


def test_a_value_that_is_frequent_itself() -> None:
    assert slips(column(al=500, ak=40)) == {}


def test_a_word_in_a_value() -> None:
    found = slips(column_of({**{f"{n} patients": 2 for n in range(60)}, "77 paxients": 1}))
    assert found["77 paxients"].meant == "77 patients"


def test_prose_is_no_column_of_values() -> None:
    sentence = "this sentence is told in many rows of this column and has some more words than {}"
    assert slips(column_of({sentence.format(n): 1 for n in range(60)} | {sentence.format("thas"): 1})) == {}


def test_what_is_not_built_as_the_others() -> None:
    phones = {f"030-{n}": 1 for n in range(10_000, 10_080)}
    assert set(misshapen(column_of({**phones, "O30-1x345": 1, "none yet": 1}))) == {"O30-1x345", "none yet"}


def test_a_column_of_words_has_no_build() -> None:
    assert misshapen(column_of({"St. Louis": 1, "Lyon": 40, "Rio-de-Janeiro": 1})) == {}
