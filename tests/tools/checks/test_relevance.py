"""An answer that gives no figure of the kind asked for is found; one that says there is none is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.base import Kit
from tools.checks.relevance import Relevance
from workspace.project import Project
from workspace.sample import Origin, sample
from workspace.spec import Spec

CASES = [
    ("What is the monthly fee for a card?", "The monthly fee is taken on the first working day of the month.", "fail"),
    ("What is the monthly fee for a card?", "It costs 4 euros.", "pass"),
    ("What is the fee for closing an account?", "Closing an account is free.", "pass"),
    ("How long does a refund to a blocked card take?", "It is moved to the replacement card by itself.", "fail"),
    ("How long does a refund take?", "It arrives at once.", "pass"),
    ("How many weeks did it spend there?", "nine", "pass"),
    ("What is the maximum amount I can transfer?", "A transfer can be cancelled for 30 minutes.", "fail"),
    ("退款要多久？", "退款会退回您付款时使用的那张银行卡里。", "fail"),
    ("退款要多久？", "退款会在三个工作日内到账。", "pass"),
    ("补卡多少钱？", "补办银行卡时手续费由我行承担，免费。", "pass"),
    ("When does the PIN change?", "It is changed at any of our own machines, or in the app.", "fail"),
    ("When was the bridge opened?", "It was opened in 1932.", "pass"),
    ("How often is the PIN changed?", "It is changed at any of our own machines, or in the app.", "fail"),
    ("How often is the fee taken?", "On the first working day of the month.", "pass"),
    ("他是第几位皇帝？", "他是清朝的第二位皇帝，在位多年。", None),
    ("Who opened the bridge?", "The mayor opened it.", None),
]


@pytest.mark.parametrize(("question", "answer", "verdict"), CASES)
def test_a_figure_of_the_kind_asked_for(tmp_path: Path, question: str, answer: str, verdict: str | None) -> None:
    found = Relevance().check(sample(question, answer, Origin(source="test")), Kit(Spec(), Project(tmp_path, "x")))
    assert [(f.verdict, f.drops) for f in found] == ([(verdict, verdict == "fail")] if verdict else [])
