"""What was understood is said back; a rule comes with a row that it lets through and one that it rejects."""

from __future__ import annotations

import pytest

from agent.answers import rule
from agent.wording import echo, shown
from workspace.rules import Rule
from workspace.spec import Spec
from workspace.stated import Share, Stated
from workspace.words import Language


def said_back(language: Language, sentence: str) -> str:
    rules = Stated[tuple[Rule, ...]](value=(rule(sentence),), source="said", quote=sentence, turn=1)
    return echo(Spec().with_value("rules", rules), ("rules",), language)


@pytest.mark.parametrize(
    ("language", "sentence", "good", "bad", "undo"),
    [
        ("en", "The discount never exceeds 50%", "discount = “50%”", "discount = “51%”", "change rules to"),
        ("zh", "毛利率不超过100%", "毛利率 = “100%”", "毛利率 = “101%”", "规则改成"),
        ("zh", "回答不能出现“亏损”", "回答 = ", "亏损", "规则改成"),
    ],
)
def test_a_rule_is_shown_with_a_row_on_each_side(
    language: Language, sentence: str, good: str, bad: str, undo: str
) -> None:
    text = said_back(language, sentence)
    assert all(part in text for part in (sentence, good, bad, undo))


def test_a_rule_that_nothing_checks_has_no_rows() -> None:
    assert "lets through" not in said_back("en", "Answers must be polite.")


def test_every_rule_of_the_turn_is_shown_and_no_older_one() -> None:
    sentences = [f"The discount never exceeds {n}%" for n in (10, 20, 30, 40, 50)]
    rules = Stated[tuple[Rule, ...]](value=tuple(map(rule, sentences)), source="said", quote="x", turn=1)
    older = rules.model_copy(update={"value": rules.value[:1]})
    text = echo(Spec().with_value("rules", rules), ("rules",), "en", Spec().with_value("rules", older))
    assert [f"“{sentence}” lets through" in text for sentence in sentences] == [False, True, True, True, True]


def test_what_the_product_named_is_told_in_the_language_of_the_face() -> None:
    spec = Spec().filled()
    told = [shown(name, getattr(spec, name).value, "zh") for name in ("scenarios", "difficulty", "tones", "confidence")]
    assert told == [
        "日常 70%、少见 30%",
        "容易 50%、难 50%",
        "中性、口语",
        "一般 70%、金额 75%、日期 70%、附件编号 65%",
    ]
    assert shown("scenarios", (Share(name="everyday", share=1),), "en") == "everyday 100%"
    assert shown("unknown_facts", "keep", "zh") == "保留"
