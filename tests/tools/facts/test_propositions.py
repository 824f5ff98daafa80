"""An answer is taken apart where that is plain, and left as it stands where it is not."""

from __future__ import annotations

import pytest

from tools.facts.propositions import propositions

APART = [
    ("A refund takes 14 days and an exchange takes 30 days.", ["A refund takes 14 days", "an exchange takes 30 days."]),
    ("Gift cards are refunded at once, but opened software is not.", 2),
    ("Refunds take 14 days and must be approved by a manager.", 1),
    ("You can pay by card, cash, and transfer.", 1),
    ("If it rains, the match is off and the tickets stay valid.", 1),
    ("Either the buyer pays or the seller is told.", 1),
    (
        "The bank was founded in 1990. It has 300 branches.",
        ["The bank was founded in 1990.", "The bank has 300 branches."],
    ),
    ("Ann Lee wrote the novel in 1990. She also directed the film.", 2),
    (
        "The warranty covers parts. Its length is two years.",
        ["The warranty covers parts.", "The warranty’s length is two years."],
    ),
    ("You can call us. It is free.", ["You can call us.", "It is free."]),
    ("The shop opens at 9. This morning it was closed.", ["The shop opens at 9.", "This morning it was closed."]),
    ("退款需要14天，而换货需要30天。", ["退款需要14天", "换货需要30天。"]),
    ("该公司成立于1990年。它有三百家分店。", ["该公司成立于1990年。", "该公司有三百家分店。"]),
    ("礼品卡不能退款。此外，换货免费。", ["礼品卡不能退款。", "此外，换货免费。"]),
    ("Hello! How can I help you?", []),
]


@pytest.mark.parametrize(("answer", "expected"), APART)
def test_one_thing_said_each(answer: str, expected: list[str] | int) -> None:
    found = [p.alone for p in propositions(answer)]
    assert found == expected if isinstance(expected, list) else len(found) == expected


def test_a_pronoun_points_to_the_subject_before_it() -> None:
    second = propositions("Ann Lee wrote it in 1990. She directed the film.")[1]
    assert (second.text, second.alone) == ("She directed the film.", "Ann Lee directed the film.")
