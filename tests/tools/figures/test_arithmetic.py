"""Calculations in running text are found and worked out exactly; what only looks like one is left alone."""

from __future__ import annotations

import time

import pytest

from tools.figures.arithmetic import answered, calculations

RIGHT = [
    "48/2 = 24",
    "3 x 1793815 = 5381445",
    "5 × 12 元 = 60 元",
    "$12 * 50/60 = $10",
    "Natalia sold 48+24 = <<48+24=72>>72 clips altogether.",
    "20% of 300 is 60",
    "1,200 万 + 300 万 = 1,500 万",
    "half of 100 is 50, and 100的一半是50",
    "3 boxes * 4 apples/box = 12 apples",
    "2 + 3 = 5 = 10 / 2",
    "10 / 3 = 3.33, 2/3 = 0.66",
    r"\frac{3}{4} \times 8 = 6",
    "5² + 12² = 169 and 2^10 = 1024",
    "- 3 + 4 = 7",
    "-3 + 5 = 2",
    "48除以2等于24，再加24得到72",
    "300元的20%是60元",
    "80/100 × 100% = 80%",
    "22 / 7 = 3 remainder 1",
    "1.5e3 * 2 = 3000",
    "99999999999999999999 + 1 = 100000000000000000000",
    "17/7 ≈ 2.4",
    "10 - 2 = 8 - 3 = 5",
]
WRONG = {
    "3 x 1793815 = 5381446": "5381445",
    "20% of 300 is 65": "60",
    "1,200 万 + 300 万 = 1,600 万": "1,500 万",
    "half of 100 is 40": "50",
    "5 packs of milk * $3 = $16": "15",
    "三加五等于九": "8",
    "three times four equals thirteen": "12",
    "100的20%是25": "20",
    "10 / 3 = 3.34": "≈ 3.333333",
    "99999999999999999999 + 1 = 100000000000000000001": "100000000000000000000",
    "3(2869949) - 5 = 8609837": "8609842",
    "Total cost = (6 * 7077300) + 67\nTotal cost = 42,463,967": "42,463,867",
    "The result is 48/2 = **25** clips.": "24",
    "１２×３＝３５": "36",
    "10 / 4 = 25.5%": "250%",
}
LEFT_ALONE = [
    "2x + 3 = 7",
    "on 2024-03-05 = Tuesday",
    "mix them 2:2 = equal",
    "order W-12=3",
    "x = 5 + 3",
    "for i in range(10): total = 5 * 3",
    "if (3 + 4 == 8):",
    "Day 1 = 5 + 6",
    "1 lb = 16 oz",
    "call 010-6552-9988",
    "5! / 3! = 20",
    "2^99999999 = 3",
    "1e999999999 + 1 = 3",
    "50 cents * 4 = $2",
    "2 hours + 30 minutes = 150 minutes",
    "3*6+6*t=48",
    "2x-5=13",
    "the square root of 9 + 16 = 5",
    "(" * 60 + "1" + ")" * 60 + " + 1 = 3",
    "1.200,50 + 1 = 3",
]


@pytest.mark.parametrize("text", RIGHT)
def test_right_ones_pass(text: str) -> None:
    found = calculations(text)
    assert found
    assert all(c.right for c in found)


@pytest.mark.parametrize("text", WRONG)
def test_wrong_ones_are_named_with_the_true_result(text: str) -> None:
    (found,) = [c for c in calculations(text) if not c.right]
    assert found.really == WRONG[text]


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_no_calculation_is_left_alone(text: str) -> None:
    assert [c for c in calculations(text) if not c.right] == []


@pytest.mark.parametrize(
    ("question", "answer", "right"),
    [
        ("2287720 / 2", "1143860", True),
        ("What is 2287720 / 2?", "The answer is 1143861.", False),
        ("计算：12×3", "35", False),
        ("3 x 5 =", "15 apples", True),
    ],
)
def test_a_bare_calculation_and_a_bare_number_are_one(question: str, answer: str, right: bool) -> None:
    found = answered(question, answer)
    assert found is not None
    assert found.right is right


@pytest.mark.parametrize(("question", "answer"), [("How old are you?", "5"), ("2024-2025", "1"), ("x + 3", "5")])
def test_other_questions_are_none(question: str, answer: str) -> None:
    assert answered(question, answer) is None


@pytest.mark.parametrize(
    "text", ["9" * 50_000 + " + 1 = 2", "1+" * 5_000 + "1 = 3", "(" * 5_000 + "= 1", "2^" * 5_000 + "2 = 1"]
)
def test_a_hostile_text_costs_little(text: str) -> None:
    began = time.process_time()
    calculations(text)
    assert time.process_time() - began < 5
