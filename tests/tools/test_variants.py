"""What a variant must keep: numbers, names, the answer, and whether it is denied."""

from __future__ import annotations

import random

import pytest

from tools.variants import MUST_STAY, NOTHING_NEW, Synonym, replaced, unfaithful


@pytest.mark.parametrize(
    ("original", "other", "wrong"),
    [
        ("Can I send 300 euros to Anna today?", "Is it possible to send Anna 300 euros today?", None),
        ("Can I send 300 euros to Anna today?", "Is it possible to send Anna 30 euros today?", "number"),
        ("Can I send 300 euros to Anna today?", "Is it possible to send Bob 300 euros today?", "name"),
        ("Can I send money to Anna today?", "Can't I send money to Anna today?", "not"),
        ("Can I send money today?", "我今天可以转账吗？", "language"),
        ("我的订单AB12什么时候发货？", "请问订单AB12几时能发出？", None),
        ("我的订单AB12什么时候发货？", "请问订单AB13几时能发出？", "name"),
        ("我今天可以转账吗？", "我今天不可以转账吗？", "not"),
        ("Is it open?", "Is it open " + "at all " * 20, "length"),
    ],
)
def test_what_must_stay(original: str, other: str, wrong: str | None) -> None:
    assert unfaithful(original, other) == (MUST_STAY[wrong] if wrong else None)


def test_an_answer_that_stood_in_it_must_stand_in_it() -> None:
    assert unfaithful("who wrote it: the old baker", "who wrote it: the aged baker", "old baker") == MUST_STAY["answer"]
    assert unfaithful("who wrote it", "Who wrote it?") == NOTHING_NEW


def test_three_words_at_most_and_one_at_least() -> None:
    text = "the quick driver brought a large heavy parcel to the wrong house"
    pairs = {
        "quick": "fast",
        "large": "big",
        "heavy": "weighty",
        "parcel": "package",
        "wrong": "incorrect",
        "house": "home",
    }
    found = [Synonym(word=word, other=other) for word, other in pairs.items()]
    for seed in range(30):
        for chance, most in ((0.1, 3), (1.0, 3)):
            other = replaced(text, found, chance, most, random.Random(seed))
            changed = sum(a != b for a, b in zip(text.split(), other.split(), strict=True))
            assert 1 <= changed <= 3
            assert chance < 1 or changed == 3
    assert replaced("a cat", [Synonym(word="at", other="by")], 1, 3, random.Random(1)) == "a cat"
