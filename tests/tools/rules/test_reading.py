"""Rules are tried rightly, said plainly, shown by example, and read from sentences only where they are certain."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.rules.reading import contradiction, describe, evaluate, examples_of, plain_name, propose, read_rules, refusal
from workspace.errors import UserError
from workspace.rules import (
    And,
    Arithmetic,
    Between,
    Column,
    Compare,
    Condition,
    Constant,
    Contains,
    Count,
    Exists,
    Implies,
    In,
    Length,
    Matches,
    Not,
    Or,
    Rule,
)
from workspace.sample import Scalar
from workspace.words import language_of

A, B = Column(name="a"), Column(name="b")
ANSWER = Column(name="answer")


def at_most(limit: float | str) -> Compare:
    return Compare(left=A, operator="<=", right=Constant(value=limit))


@pytest.mark.parametrize(
    ("condition", "row", "held"),
    [
        (at_most(100), {"a": 130}, False),
        (at_most(100), {"a": "1,200 万"}, False),
        (at_most("100%"), {"a": "三成"}, True),
        (at_most("100%"), {"a": "１３０％"}, False),
        (at_most(5), {"a": "¥3.5"}, True),
        (at_most("7 days"), {"a": "2 weeks"}, False),
        (at_most("7 days"), {"a": "5 to 7 days"}, True),
        (at_most("7 days"), {"a": "5 to 9 days"}, None),
        (at_most(7), {"a": "2 weeks"}, None),
        (at_most("5 dollars"), {"a": "3 euros"}, None),
        (at_most(5), {}, None),
        (at_most(5), {"a": "between friends"}, None),
        (at_most(5), {"a": "3 of 7"}, None),
        (Compare(left=A, operator="==", right=Constant(value="Studio 54")), {"a": "Bar 54"}, False),
        (Compare(left=A, operator="==", right=Constant(value="refund")), {"a": " Refund"}, True),
        (Compare(left=A, operator=">=", right=B), {"a": "2024年3月5日", "b": "March 4, 2024"}, True),
        (Compare(left=A, operator=">=", right=B), {"a": "2024-03-05", "b": "2024-03-06"}, False),
        (Compare(left=A, operator=">=", right=B), {"a": "2024-03", "b": "2024-03-06"}, None),
        (
            Compare(left=A, operator="==", right=Arithmetic(operator="+", left=B, right=Constant(value=0.2))),
            {"a": 0.3, "b": 0.1},
            True,
        ),
        (
            Compare(left=A, operator="==", right=Arithmetic(operator="/", left=B, right=Constant(value=0))),
            {"a": 1, "b": 1},
            None,
        ),
        (Compare(left=A, operator="==", right=Constant(value=10), tolerance=0.5), {"a": 10.4}, True),
        (Compare(left=A, operator="==", right=Constant(value=10), tolerance=0.5), {"a": 10.6}, False),
        (Between(value=A, low=0, high=1), {"a": 1}, True),
        (Between(value=A, low=0), {"a": -1}, False),
        (In(value=A, allowed=("yes", "no")), {"a": "Yes "}, True),
        (Length(value=A, unit="words", high=3), {"a": "one two, three!"}, True),
        (Length(value=A, unit="words", high=3), {"a": "四个汉字"}, False),
        (Length(value=A, high=4), {"a": "四个汉字"}, True),
        (Matches(value=A, pattern=r"^\d{4}$"), {"a": "2024"}, True),
        (Contains(value=A, words=("ass",)), {"a": "a first class ticket"}, False),
        (Contains(value=A, words=("refund",)), {"a": "Refunds take days"}, True),
        (Contains(value=A, words=("免费",)), {"a": "全场免费送"}, True),
        (Contains(value=A, words=("VIP",)), {"a": "您是VIP客户"}, True),
        (Exists(value=A), {"a": ""}, False),
        (Exists(value=A), {}, False),
        (Count(value=A, pattern="!", high=1), {"a": "no!!"}, False),
        (And(all=(at_most(5), Exists(value=B))), {"b": "x"}, None),
        (And(all=(at_most(5), Exists(value=B))), {}, False),
        (Or(any=(at_most(5), Exists(value=B))), {"b": "x"}, True),
        (Implies(when=Exists(value=B), then=at_most(5)), {"a": 9}, True),
        (Implies(when=Exists(value=B), then=at_most(5)), {"a": 9, "b": 1}, False),
    ],
)
def test_evaluate(condition: Condition, row: dict[str, Scalar], held: bool | None) -> None:
    assert evaluate(condition, row) is held


def test_a_pattern_that_other_engines_choke_on_is_quick() -> None:
    assert evaluate(Matches(value=A, pattern="(a+)+$"), {"a": "a" * 50_000 + "!"}) is False


READ = {
    "no more than 40 words": Length(value=ANSWER, unit="words", high=40),
    "Every answer must be at least 10 words long.": Length(value=ANSWER, unit="words", low=10),
    "The message must not exceed 120 characters": Length(value=Column(name="question"), high=120),
    "不超过50字": Length(value=ANSWER, unit="words", high=50),
    "回答不能超过五十个字": Length(value=ANSWER, unit="words", high=50),
    "must not mention Acme": Not(of=Contains(value=ANSWER, words=("Acme",))),
    'Please never say "no problem" or "sure thing"': Not(of=Contains(value=ANSWER, words=("no problem", "sure thing"))),
    "不能出现“免费”": Not(of=Contains(value=ANSWER, words=("免费",))),
    "回答中不得出现“绝对”、“保证”等词": Not(of=Contains(value=ANSWER, words=("绝对", "保证"))),
    'must contain "order number" and "date"': And(
        all=(Contains(value=ANSWER, words=("order number",)), Contains(value=ANSWER, words=("date",)))
    ),
    "必须包含“谢谢”": Contains(value=ANSWER, words=("谢谢",)),
    "gross margin never above 100%": Compare(
        left=Column(name="gross margin"), operator="<=", right=Constant(value="100%")
    ),
    "毛利率不超过100%": Compare(left=Column(name="毛利率"), operator="<=", right=Constant(value="100%")),
    "age is between 18 and 65": Between(value=Column(name="age"), low=18, high=65),
    "the refund date is never before the order date": Compare(
        left=Column(name="refund date"), operator=">=", right=Column(name="order date")
    ),
    "退款日期不能早于下单日期": Compare(left=Column(name="退款日期"), operator=">=", right=Column(name="下单日期")),
    "利润=收入-成本": Compare(
        left=Column(name="利润"),
        operator="==",
        right=Arithmetic(operator="-", left=Column(name="收入"), right=Column(name="成本")),
    ),
    "profit equals revenue minus cost, within 0.5": Compare(
        left=Column(name="profit"),
        operator="==",
        right=Arithmetic(operator="-", left=Column(name="revenue"), right=Column(name="cost")),
        tolerance=0.5,
    ),
    "如果类别是退款，那么回答必须包含“退款”": Implies(
        when=Compare(left=Column(name="label"), operator="==", right=Constant(value="退款")),
        then=Contains(value=ANSWER, words=("退款",)),
    ),
}
NOT_READ = """Answers must be polite
Never mention competitors
must not mention other banks' products
不能出现竞争对手
不能出现脏话
回答要礼貌
the answer is correct
Replies must not be longer than the question
answers are at most three sentences
回答不超过三句
usually at most 40 words
at most 40 words unless the customer asks for more
the price must not exceed expectations
the delivery is never later than the weekend
the price is never higher than necessary
don't mention that the shop is closed
不能使用超过三个感叹号
I want at most 200 rows
must the answer be under 50 words?
do not use words longer than 10 letters""".split("\n")


@pytest.mark.parametrize(("sentence", "condition"), READ.items())
def test_reads_a_rule_and_shows_it_by_example(sentence: str, condition: Condition) -> None:
    read = propose(sentence, language_of(sentence))
    assert read == condition
    shown = examples_of(condition, language_of(sentence))
    assert shown.passing is not None
    assert shown.failing is not None
    assert evaluate(condition, {plain_name(k): v for k, v in shown.passing.items()}) is True
    assert evaluate(condition, {plain_name(k): v for k, v in shown.failing.items()}) is False
    assert refusal(condition) is None


@pytest.mark.parametrize("sentence", NOT_READ)
def test_reads_nothing_rather_than_guess(sentence: str) -> None:
    assert propose(sentence, language_of(sentence)) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "A message must never be longer than 200 characters",
        "No message may be longer than 200 characters",
        "messages must not be longer than 200 characters",
    ],
)
def test_a_length_may_be_said_by_never_or_by_no(sentence: str) -> None:
    assert propose(sentence, "en") == Length(value=Column(name="question"), unit="characters", high=200)


def test_the_side_meant_is_told_by_whoever_asks() -> None:
    assert propose("不超过50字", "zh", subject="question") == Length(
        value=Column(name="question"), unit="words", high=50
    )


@pytest.mark.parametrize(
    ("sentence", "en", "zh"),
    [
        ("no more than 40 words", "the answer has at most 40 words", "回答的长度不超过40个字"),
        ("不能出现“免费”", "the answer never contains “免费”", "回答不能出现“免费”"),
        ("the refund date is never before the order date", "refund date is never before order date", None),
        ("退款日期不能早于下单日期", None, "退款日期不早于下单日期"),
        ("profit = revenue - cost", "profit equals revenue − cost", None),
    ],
)
def test_describes_in_both_languages(sentence: str, en: str | None, zh: str | None) -> None:
    condition = propose(sentence, language_of(sentence))
    assert condition is not None
    assert en is None or describe(condition, "en") == en
    assert zh is None or describe(condition, "zh") == zh


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        (Matches(value=A, pattern=r"(?=x)"), "can't be used"),
        (Matches(value=A, pattern="("), "can't be used"),
        (Between(value=A, low=5, high=1), "nothing lies between"),
        (Length(value=A), "no limit"),
        (Length(value=A, low=0), "ever break"),
        (In(value=A, allowed=()), "nothing to look for"),
        (Contains(value=A, words=(" ",)), "nothing to look for"),
        (Compare(left=A, operator="==", right=A), "ever break"),
        (Compare(left=A, operator="<", right=A), "ever obey"),
        (And(all=(at_most(5), Compare(left=A, operator=">", right=Constant(value=9)))), "ever obey"),
        (Or(any=(at_most(5), Compare(left=A, operator=">", right=Constant(value=3)))), "ever break"),
        (And(all=(Length(value=A, high=3), Contains(value=A, words=("hello",)))), "ever obey"),
        (And(all=(Contains(value=A, words=("x",)), Not(of=Contains(value=A, words=("x", "y"))))), "ever obey"),
    ],
)
def test_refuses_a_rule_that_checks_nothing(condition: Condition, why: str) -> None:
    found = refusal(condition)
    assert found is not None
    assert why in found.en


@pytest.mark.parametrize(
    "condition",
    [
        Matches(value=A, pattern=r"^\d+-\d+$"),
        Compare(left=A, operator="==", right=Arithmetic(operator="*", left=B, right=Constant(value=1.37))),
        Implies(when=In(value=A, allowed=("x",)), then=Exists(value=B)),
        Count(value=A, pattern="!", low=2, high=2),
        And(all=(Length(value=A, unit="words", low=3, high=3), Contains(value=A, words=("hello",)))),
    ],
)
def test_keeps_a_rule_that_can_pass_and_fail(condition: Condition) -> None:
    assert refusal(condition) is None


def test_rules_that_no_row_can_obey_together_are_found() -> None:
    low = Rule(sentence="at least 10", condition=Between(value=A, low=10))
    high = Rule(sentence="at most 5", condition=at_most(5))
    other = Rule(sentence="b at most 5", condition=Between(value=B, high=5))
    assert contradiction([low, other]) is None
    assert contradiction([low, other, high]) == (low, high)


class TestFile:
    def test_sentences_and_trees(self, tmp_path: Path) -> None:
        path = tmp_path / "rules.yaml"
        tree = "{kind: length, value: {kind: column, name: answer}, high: 9}"
        present = "{kind: exists, value: {kind: column, name: total}}"
        path.write_text(f"rules:\n- 毛利率不超过100%\n- sentence: short\n  condition: {tree}\n- condition: {present}\n")
        rules = read_rules(path)
        assert [rule.sentence for rule in rules] == ["毛利率不超过100%", "short", "total is there"]
        assert all(rule.condition for rule in rules)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "no list"),
            ("a: [", "not YAML"),
            ("- be polite", "can't turn rule 1"),
            ("- {sentence: x, condition: {kind: length, value: {kind: column, name: answer}}}", "no limit"),
            ("- {sentence: x, condition: {kind: exec, value: 1}}", "rule 1"),
            ("- 5", "rule 1"),
            ("- total is at most 5\n- total is at least 9", "obey both"),
        ],
    )
    def test_says_what_is_wrong(self, tmp_path: Path, text: str, why: str) -> None:
        path = tmp_path / "rules.yaml"
        path.write_text(text)
        with pytest.raises(UserError) as caught:
            read_rules(path)
        assert why in caught.value.problem.en

    def test_an_absent_file(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="no such file"):
            read_rules(tmp_path / "rules.yaml")
