"""A document wrapped at some column reads as if it were not, and a list stays a list."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tools.facts.claims import sentences

POLICY = Path(__file__).parents[3] / "examples/bank/policy.md"
TEXT = (
    "A transfer within Europe is free, and an instant payment costs 0.50 euros. A transfer to any other country costs "
    "12 euros. Going over the agreed limit costs 9.5% a year on the amount, which is taken from the account each month."
)


def said(text: str) -> list[str]:
    return [" ".join(s.text.split()) for s in sentences(text)]


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_wrapped_text_has_the_sentences_of_the_text(width: int) -> None:
    assert said("\n".join(textwrap.wrap(TEXT, width))) == said(TEXT)


def test_chinese_is_wrapped_between_any_two_characters() -> None:
    text = (
        "退款会在三个工作日内到账，节假日顺延；礼品卡不能退款，也不能兑换现金。"
        "超过三十天没有到账的，请联系客服并提供订单编号和付款凭证，我们会在两天内答复。"
    )
    wrapped = "\n".join(text[i : i + 30] for i in range(0, len(text), 30))
    assert [s.replace(" ", "") for s in said(wrapped)] == said(text)


@pytest.mark.parametrize(
    "text",
    [
        "Apples\nPears\nBananas",
        "# Fees and what they are for in our bank and its branches\nA card is free.",
        "- the customer of our bank in the city of Linden pays nothing\n- the bank pays all of it",
        "| product | price | and the note that goes with it here |\n| card | 8 euros | once a year for free it is |",
        "1. Open the app and look for the card that was lost or stolen\n2. Tap on block",
        "Dear customer of our bank in the city of Linden and around it,\n\nyour card is here.",
    ],
)
def test_what_stands_on_a_line_of_its_own_stays_there(text: str) -> None:
    assert len(sentences(text)) == len([line for line in text.split("\n") if line.strip()])


def test_the_demo_policy_is_read_in_whole_sentences() -> None:
    assert "A transfer to any other country costs 12 euros." in said(POLICY.read_text(encoding="utf-8"))
