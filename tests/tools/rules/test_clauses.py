"""Rules as people say them are read, in both languages, and do what they say; what is not certain is not read."""

from __future__ import annotations

import pytest

from tools.rules.reading import evaluate, examples_of, plain_name, propose, refusal
from workspace.sample import Scalar
from workspace.words import language_of

CASES: list[tuple[str, dict[str, Scalar], dict[str, Scalar]]] = [
    ("the refund date is never before the order date",
     {"refund date": "2024-03-05", "order date": "2024-03-01"},
     {"refund date": "2024-02-05", "order date": "2024-03-01"}),
    ("毛利率不超过100%", {"毛利率": "35%"}, {"毛利率": "130%"}),
    ("growth must equal (this year - last year)/last year",
     {"growth": "20%", "this year": 1200, "last year": 1000}, {"growth": "25%", "this year": 1200, "last year": 1000}),
    ("the answer mentions a phone number when the label is urgent",
     {"answer": "Call 555-010-7788.", "label": "urgent"}, {"answer": "We will call.", "label": "urgent"}),
    ("每条回答至少包含两个步骤", {"answer": "首先关机，然后重启。"}, {"answer": "请重启。"}),
    ("cost + profit = revenue within 1%",
     {"cost": 70, "profit": 30.5, "revenue": 100}, {"cost": 70, "profit": 40, "revenue": 100}),
    ("答案里不能出现竞争对手的名字：甲、乙", {"answer": "我们家的好。"}, {"answer": "乙家的好。"}),
    ("delivery takes at most 5 days unless the destination is overseas",
     {"delivery": "9 days", "destination": "overseas"}, {"delivery": "9 days", "destination": "Leeds"}),
    ("利润加成本等于收入", {"利润": 3, "成本": 9, "收入": 12}, {"利润": 3, "成本": 9, "收入": 13}),
    ("订单状态必须是已发货、已签收或已取消之一", {"订单状态": "已签收"}, {"订单状态": "丢失"}),
    ("status must be one of shipped, delivered or cancelled", {"status": "shipped"}, {"status": "lost"}),
    ("回答必须以“您好”开头", {"answer": "您好，已为您查询。"}, {"answer": "已为您查询。"}),
    ("no answer may contain an email address", {"answer": "Write to us."}, {"answer": "Write to a@b.com."}),
    ("at least three sentences", {"answer": "One. Two. Three."}, {"answer": "One."}),
    ("the total is the sum of price and tax",
     {"total": 12, "price": 10, "tax": 2},
     {"total": 13, "price": 10, "tax": 2}),
]  # fmt: skip
UNREAD = [
    "answers are usually short",
    "the answer should be polite when the customer is angry",
    "be nice",
    "两个步骤之间要连贯",
    "the answer is correct",
]


def row(values: dict[str, Scalar]) -> dict[str, Scalar]:
    return {plain_name(name): value for name, value in values.items()}


@pytest.mark.parametrize(("sentence", "good", "bad"), CASES)
def test_a_sentence_becomes_a_rule_that_does_what_it_says(
    sentence: str, good: dict[str, Scalar], bad: dict[str, Scalar]
) -> None:
    condition = propose(sentence, language_of(sentence))
    assert condition is not None
    assert refusal(condition) is None
    assert (evaluate(condition, row(good)), evaluate(condition, row(bad))) == (True, False)
    shown = examples_of(condition, language_of(sentence))
    assert shown.failing is not None or "=" in sentence or "equal" in sentence


@pytest.mark.parametrize("sentence", UNREAD)
def test_what_is_not_certain_is_not_read(sentence: str) -> None:
    assert propose(sentence, language_of(sentence)) is None
