"""Personal data of a checkable form goes, in both languages; numbers that only look like it stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.edits.mask import Mask, masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to ann.lee+bank@mail.example.com please", "write to [EMAIL] please"),
        ("我的手机号是13812345678请回电", "我的手机号是[PHONE]请回电"),
        ("call +44 20 7946 0018 today", "call [PHONE] today"),
        ("card 4111 1111 1111 1111 was declined", "card [CARD] was declined"),
        ("身份证11010519491231002X丢了", "身份证[ID]丢了"),
        ("pay to GB82 WEST 1234 5698 7654 32 now", "pay to [IBAN] now"),
        ("my key is sk-abcdefghijklmnop1234", "my key is [KEY]"),
    ],
)
def test_personal_data_goes(text: str, expected: str) -> None:
    assert masked(text) == expected
    assert masked(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I sent 5000 instead of 500 on 2026-03-01",
        "order 1234567890123456 is late",  # no card: the check digit is wrong
        "订单号 110105194912310021 还没到",  # no identity card: the check character is wrong
        "revenue was 1,200,000.50 in Q3",
        "meet at 10:30, room 204",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert masked(text) == text


def test_only_where_the_specification_asks_for_it(tmp_path: Path) -> None:
    row = said("my mail is a@b.example.com")
    kept = list(Mask().apply([row], kit(tmp_path, privacy="keep")))
    gone = list(Mask().apply([row], kit(tmp_path, privacy="mask")))
    assert kept == [row]
    assert gone[0].question == "my mail is [EMAIL]"
