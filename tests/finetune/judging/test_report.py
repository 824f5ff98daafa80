"""The verdict's words: careful where few rows leave the goal open, plain where they don't."""

from __future__ import annotations

import pytest

from finetune.judging.report import markdown, summary
from finetune.judging.scores import mcnemar, paired_difference, per_class, wilson
from workspace.results import Efficiency, PairedTest, ReportCard, SystemScore, ThresholdResult


def card(right: int, rows: int, goal: float, better: int = 38, worse: int = 6) -> ReportCard:
    reached = wilson(right, rows)
    score = SystemScore(
        metrics={"accuracy": reached},
        per_class=per_class(["a|b", "c"], ["a|b", "a|b"]),
        efficiency=Efficiency(ms_p50=12.4, ms_p99=30.0),
    )
    test = PairedTest(
        against="base",
        better=better,
        worse=worse,
        same=rows - better - worse,
        p=mcnemar(better, worse),
        difference=paired_difference(better, worse, rows),
    )
    threshold = ThresholdResult(metric="accuracy", goal=goal, reached=reached.value, met=reached.value >= goal)
    found = ReportCard(rows=rows, systems={"base": score, "tuned": score}, tests=(test,), thresholds=(threshold,))
    words = {"en": summary(found, "accuracy", "en"), "zh": summary(found, "accuracy", "zh")}
    return found.model_copy(update={"summary": words})


def test_counts_in_words() -> None:
    words = card(96, 100, 0.5).summary
    assert "38 better, 6 worse, 56 the same." in words["en"]
    assert "38 条更好，6 条更差，56 条相同。" in words["zh"]


@pytest.mark.parametrize(
    ("right", "rows", "goal", "en", "zh"),
    [
        (99, 100, 0.9, "The goal of 90.0% was met: 99.0%.", "目标 90.0% 已达到：99.0%。"),
        (23, 24, 0.92, "was met: 95.8%, but with only 24 test rows", "已达到：95.8%，但只有 24 条测试数据"),
        (21, 24, 0.92, "was not met: 87.5%, but with only 24 test rows", "未达到：87.5%，但只有 24 条测试数据"),
        (50, 100, 0.9, "The goal of 90.0% was not met: 50.0%.", "目标 90.0% 未达到：50.0%。"),
    ],
)
def test_verdict(right: int, rows: int, goal: float, en: str, zh: str) -> None:
    words = card(right, rows, goal, better=2, worse=1).summary
    assert en in words["en"]
    assert zh in words["zh"]


def test_what_may_be_chance_is_called_so() -> None:
    assert "may be chance" in card(50, 100, 0.9, better=5, worse=3).summary["en"]
    assert "偶然" in card(50, 100, 0.9, better=5, worse=3).summary["zh"]
    assert "may be chance" not in card(50, 100, 0.9).summary["en"]


def test_markdown_in_both_languages() -> None:
    found = card(96, 100, 0.9)
    en, zh = markdown(found, ("a|b", "c"), "en"), markdown(found, ("a|b", "c"), "zh")
    assert "| base model, the message alone | 96.0% [90.2%, 98.4%] |" in en
    assert "| tuned model | 12 | 30 | – | – | – | no price set |" in en
    assert "| 微调后的模型 | 12 | 30 | – | – | – | 未设价格 |" in zh
    assert "a\\|b" in en
    assert "| 基础模型，只给消息 |" in zh
    assert "same 2 labels" in en
