"""Each rule is tried on each row; what it says quotes the rule and the values."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.base import Kit
from tools.checks.logic import Logic
from tools.rules.reading import propose
from workspace.project import Project
from workspace.rules import Rule
from workspace.sample import Finding, Origin, Sample, sample
from workspace.spec import Spec
from workspace.stated import Stated
from workspace.words import language_of


def tried(tmp_path: Path, row: Sample, *sentences: str) -> list[Finding]:
    rules = tuple(Rule(sentence=s, condition=propose(s, language_of(s))) for s in sentences)
    spec = Spec().with_value("rules", Stated[tuple[Rule, ...]](value=rules, source="default"))
    return list(Logic().check(row, Kit(spec, Project(tmp_path, "logic"))))


def row(answer: str = "Fine.", **fields: object) -> Sample:
    return sample("How is it?", answer, Origin(source="test")).model_copy(update={"fields": fields})


def test_a_broken_rule_drops_the_row_and_quotes_itself_and_the_value(tmp_path: Path) -> None:
    rule = "gross margin never above 100%"
    finding = tried(tmp_path, row(gross_margin=130), rule)[0]
    assert (finding.verdict, finding.drops) == ("fail", True)
    assert finding.reason == f"{rule} : found gross margin = 130"


def test_speaks_the_language_of_the_rule(tmp_path: Path) -> None:
    assert (
        tried(tmp_path, row(毛利率="130%"), "毛利率不超过100%")[0].reason == "毛利率不超过100% : 实际为 毛利率 = 130%"
    )


@pytest.mark.parametrize("value", [None, "n/a"])
def test_a_missing_value_drops_nothing(tmp_path: Path, value: object) -> None:
    finding = tried(tmp_path, row(gross_margin=value), "gross margin never above 100%")[0]
    assert (finding.verdict, finding.drops) == ("unknown", False)


def test_every_rule_has_its_say(tmp_path: Path) -> None:
    report = '{"收入": "1,200 万", "成本": "900万", "利润": "300万", "毛利率": "25%"}'
    rules = ("利润=收入-成本", "毛利率不超过100%", "成本不能超过收入", "回答不能出现“亏损”", "毛利率=利润/收入")
    assert [f.verdict for f in tried(tmp_path, row(report), *rules)][:5] == ["pass"] * 5
    wrong = report.replace("300万", "400万")
    assert [f.verdict for f in tried(tmp_path, row(wrong), *rules)][:5] == ["fail", "pass", "pass", "pass", "fail"]


def test_a_sentence_without_a_condition_is_left_to_others(tmp_path: Path) -> None:
    assert tried(tmp_path, row(), "Answers are polite.") == []


def test_a_long_value_is_shortened_in_the_reason(tmp_path: Path) -> None:
    finding = tried(tmp_path, row("word " * 500), "at most 40 words")[0]
    assert finding.verdict == "fail"
    assert len(finding.reason) < 150
