"""Slips are small, and no name, number, quotation or answer is touched."""

from __future__ import annotations

import random

import pytest
from rapidfuzz.distance import Levenshtein

from tools.typos import mistyped

ENGLISH = (
    'On 3 May Anna Berg asked for a new passport at office B12, and "please hurry" was what she wrote to bob@mail.org'
)
CHINESE = "请问我在《他的家》里的订单号 AB12 是什么时候发货的，能不能把地址换成新的公司"


WHOLE = {
    ENGLISH: ["3", "May", "Anna Berg", "B12", '"please hurry"', "bob@mail.org", "passport"],
    CHINESE: ["《他的家》", "AB12"],
}


@pytest.mark.parametrize("text", WHOLE)
def test_a_slip_here_and_there(text: str) -> None:
    found = {mistyped(text, random.Random(seed), "passport") for seed in range(50)}
    assert len(found) > 20
    for other in found:
        assert 1 <= Levenshtein.distance(text, other) <= 8
        assert all(part in other for part in WHOLE[text])


def test_no_place_for_a_slip() -> None:
    assert mistyped("A1 42 !", random.Random(1)) == "A1 42 !"
