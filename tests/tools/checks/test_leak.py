"""Nothing of the test gets into what the model learns from, and no other row is lost for it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.kits import HELD_BACK, kit, said
from tools.checks.leak import Leak


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("i lost my card on the bus yesterday!", False),
        ("I lost my cards on a bus yesterday", False),
        ("Good morning. I lost my card on the bus yesterday. What shall I do now?", False),
        ("I lost my passport in the park this morning", True),
        ("yesterday", True),
    ],
)
def test_alike(tmp_path: Path, text: str, kept: bool) -> None:
    row = said(text)
    assert row.judged(*Leak().check(row, kit(tmp_path))).kept is kept


LONG = "My grandmother left me her house in the hills, and I would like to know which papers the bank needs from me."


@pytest.mark.parametrize(
    ("held", "text", "kept"),
    [
        ("how many days does a refund take", "Hi! How many days does a refund take? I wait since May.", False),
        ("退款需要多少天到账", "你好，我想问一下，退款需要多少天到账？已经等了很久。", False),
        ("怎么退款", "怎么退款到别人的卡上？", True),
        ("lost my card", "I lost my card holder, not the card", True),
        (LONG, LONG[20:95], False),
        (LONG, LONG[:22], True),
        (
            "What was the revenue of the Northern region in 2018?",
            "What was the revenue of the Northern region in 2019?",
            True,
        ),
    ],
)
def test_what_is_in_the_other(tmp_path: Path, held: str, text: str, kept: bool) -> None:
    row = said(text)
    other = replace(kit(tmp_path), held_back=[said(held, split="test")])
    assert row.judged(*Leak().check(row, other)).kept is kept


def test_the_reason_is_in_the_language_of_the_row(tmp_path: Path) -> None:
    held = replace(kit(tmp_path), held_back=[said("退款需要多少天到账", split="test")])
    (finding,) = Leak().check(said("您好，退款需要多少天到账？急"), held)
    assert "留作测试" in finding.reason
    assert not any(word in finding.reason for word in ("row", "test", "same"))


def test_the_finding_quotes_the_row_held_back(tmp_path: Path) -> None:
    (finding,) = Leak().check(said("I lost my card on the bus yesterday?!"), kit(tmp_path))
    assert finding.evidence.document == f"row {HELD_BACK.id}"
    assert HELD_BACK.question[finding.evidence.start : finding.evidence.end] == finding.evidence.quote


def test_the_test_itself_is_left_alone(tmp_path: Path) -> None:
    held = kit(tmp_path).held_back[0]
    assert not Leak().check(held, kit(tmp_path))
    assert not Leak().check(held.model_copy(update={"split": None}), kit(tmp_path))


def test_a_short_text_held_back_takes_no_other_with_it(tmp_path: Path) -> None:
    held = replace(kit(tmp_path), held_back=[said("好的", split="test")])
    assert not Leak().check(said("好的，请问我的卡什么时候寄到？"), held)


def test_rows_that_come_to_the_test_later_count(tmp_path: Path) -> None:
    rows = [said("one thing that is held back", split="test")]
    growing = replace(kit(tmp_path), held_back=rows)
    assert not Leak().check(said("another thing entirely is held back"), growing)
    rows.append(said("another thing entirely is held back", id="later", split="test"))
    assert Leak().check(said("another thing entirely is held back"), growing)


def test_three_thousand_rows_held_back_are_looked_through_in_no_time(tmp_path: Path) -> None:
    held = [said(f"held back row {i * 7919} about matter {i * 104729 % 99991}", split="test") for i in range(3000)]
    many = replace(kit(tmp_path), held_back=held)
    Leak().check(said("first"), many)
    started = time.monotonic()
    for i in range(200):
        Leak().check(said(f"something quite different is wanted by person {i}"), many)
    assert time.monotonic() - started < 5
