"""Goals of every kind, and what a person is told to do next."""

from __future__ import annotations

from finetune.judging.doubts import Doubt, doubts
from finetune.judging.exam import Exam
from finetune.judging.remedies import Evidence, next_steps
from finetune.judging.report import summary
from finetune.judging.scores import estimate, paired, per_class
from finetune.judging.untuned import first
from finetune.judging.verdict import judged, sentence, shown
from tests.finetune.tiny import colours
from workspace.results import (
    Efficiency,
    Estimate,
    PairedTest,
    ReportCard,
    Section,
    System,
    SystemScore,
    ThresholdResult,
)
from workspace.sample import Origin, sample
from workspace.words import Words

ROWS = colours(30, "train")
EXAM = Exam(colours(12, "test"), ROWS, ("blue", "green", "red"), "k")
# Every blue is taken for green, all else is right.
GIVEN = ["green" if label == "blue" else label for label in EXAM.wanted]
ATTACKS = Section(
    title=Words("Attacks", "攻击"),
    text=Words("", ""),
    values={"attack_success": Estimate(value=0.2, low=0.1, high=0.3)},
)


def card(given: list[str], classic: list[str]) -> ReportCard:
    wanted = EXAM.wanted
    score = SystemScore(
        metrics={"accuracy": estimate("accuracy", wanted, given), "macro_f1": estimate("macro_f1", wanted, given)},
        per_class=per_class(wanted, given),
        efficiency=Efficiency(ms_p50=40.0, ms_p99=90.0),
    )
    nothing = ["?"] * len(wanted)
    tests = (paired("accuracy", wanted, given, nothing, "base"), paired("accuracy", wanted, given, classic, "classic"))
    other = SystemScore(metrics={"accuracy": estimate("accuracy", wanted, classic)})
    systems: dict[System, SystemScore] = {"base": score, "classic": other, "tuned": score}
    return ReportCard(rows=12, systems=systems, tests=tests, thresholds=(), sections={"attacks": ATTACKS})


class TestGoals:
    def test_of_metrics_costs_and_sections(self) -> None:
        found = judged(
            card(GIVEN, GIVEN), {"accuracy": 0.6, "macro_f1": 0.9, "ms_per_query": 50, "attack_success": 0.05}
        )
        assert [result.met for result in found] == [True, False, True, False]
        assert [result.at_most for result in found] == [False, False, True, True]
        assert found[3].reached == 0.2

    def test_what_nothing_measured_is_not_met(self) -> None:
        whole = card(GIVEN, GIVEN)
        (found,) = judged(whole, {"cost_per_1000": 1.0})
        assert (found.met, found.reached) == (False, None)
        assert "nothing measured it" in sentence(whole, found, False, "en")
        assert "没有测量" in sentence(whole, found, False, "zh")

    def test_in_words(self) -> None:
        whole = card(GIVEN, GIVEN)
        speed, attacks = judged(whole, {"ms_per_query": 50, "attack_success": 0.15})
        assert sentence(whole, speed, False, "en") == (
            "The goal of at most 50 for “milliseconds a query (median)” was met: 40."
        )
        told = sentence(whole, attacks, False, "en")
        assert ", but the true value lies between 10.0% and 30.0%" in told
        assert "test rows" not in told
        assert sentence(whole, speed, False, "zh") == "“每次查询的毫秒数（中位数）”的目标（不超过 50）已达到：40。"


class TestNextSteps:
    def test_a_weak_label_with_what_it_is_taken_for(self) -> None:
        unmet = card(GIVEN, EXAM.wanted).model_copy(update={"thresholds": _goal(0.9)})
        steps = next_steps(unmet, Evidence(EXAM, GIVEN, [0.5] * 12, []))
        (rows,) = [step for step in steps if step.kind == "more_rows"]
        assert rows.label == "blue"
        assert "0 of 4 were right; 4 times it was taken for “green”. It has 10 training rows" in rows.words.en
        assert "4 次被当成“green”" in rows.words.zh

    def test_the_hardest_rows_are_those_with_the_least_chance(self) -> None:
        chances = [0.9 - row / 100 for row in range(12)]
        steps = next_steps(card(GIVEN, EXAM.wanted), Evidence(EXAM, GIVEN, chances, []))
        (hard,) = [step for step in steps if step.kind == "hard_rows"]
        assert len(hard.rows) == 4
        assert hard.rows[0].startswith("“blue is what I want, 11”: blue → green")

    def test_something_cheaper_that_is_as_good_comes_first(self) -> None:
        steps = next_steps(card(GIVEN, EXAM.wanted), Evidence(EXAM, GIVEN, None, []))
        assert steps[0].kind == "instead"
        assert "classic" in steps[0].words.en

    def test_all_met_and_nothing_wrong(self) -> None:
        met = card(EXAM.wanted, GIVEN).model_copy(update={"thresholds": _goal(0.5)})
        steps = next_steps(met, Evidence(EXAM, EXAM.wanted, None, []))
        assert [step.kind for step in steps] == ["nothing"]

    def test_a_model_no_better_than_its_base_needs_another_training(self) -> None:
        same = card(GIVEN, GIVEN)
        same = same.model_copy(update={"thresholds": _goal(0.9), "tests": (_same(), *same.tests[1:])})
        first = next_steps(same, Evidence(EXAM, GIVEN, None, []))[0]
        assert first.kind == "training"
        assert "not surely better than its base" in first.words.en

    def test_a_base_that_meets_the_goal_is_said_first_and_used(self) -> None:
        whole = _beaten(GIVEN, EXAM.wanted)
        said = first(whole)
        assert said
        assert said.en.startswith(
            "On these 12 rows the base model without any tuning was right in 100% and meets your goal; "
            "the tuned one in 66.7%. Don't use the tuned one; use the base as it is. 12 rows tell little"
        )
        assert "没有微调的基础模型答对 100%，达到您的目标" in said.zh
        steps = next_steps(whole, Evidence(EXAM, GIVEN, None, []))
        assert steps[0].kind == "instead"
        assert steps[0].words.en.startswith("Use the base as it is")
        assert "training" not in {one.kind for one in steps}
        assert summary(whole, "accuracy", "en").startswith(said.en)

    def test_nothing_of_the_kind_where_tuning_paid(self) -> None:
        assert first(_beaten(EXAM.wanted, GIVEN)) is None

    def test_f1_of_rows_that_are_all_right_is_not_sure_to_the_point(self) -> None:
        found = estimate("macro_f1", EXAM.wanted, EXAM.wanted)
        assert (found.value, found.high) == (1, 1)
        assert 0.7 < found.low < 0.8

    def test_doubtful_labels_and_what_the_checks_dropped(self) -> None:
        doubt = Doubt(ROWS[0], "green", 0.97)
        dropped = Words("The check took out 40 rows.", "排除了 40 条。")
        unmet = card(GIVEN, GIVEN).model_copy(update={"thresholds": _goal(0.9)})
        steps = {step.kind: step for step in next_steps(unmet, Evidence(EXAM, GIVEN, None, [doubt], dropped))}
        assert steps["labels"].rows == ("“red is what I want, 0”: red → green (97%)",)
        assert steps["check"].words == dropped


class TestDoubts:
    def test_planted_errors_are_found(self) -> None:
        rows = colours(60, "train")
        wrong = {4: "red", 17: "green", 33: "blue"}
        planted = [row.model_copy(update={"label": wrong.get(n, row.label)}) for n, row in enumerate(rows)]
        changed = {rows[n].id for n in wrong if rows[n].label != wrong[n]}
        found = doubts(planted)
        assert {doubt.row.id for doubt in found} == changed
        assert all(doubt.likely == doubt.row.question.split()[0] for doubt in found)

    def test_nothing_to_say_of_one_label_or_few_rows(self) -> None:
        assert doubts([row for row in ROWS if row.label == "red"]) == []
        assert doubts([sample("a", "b", Origin(source="test", row=1), label="b")]) == []


def _beaten(tuned: list[str], base: list[str]) -> ReportCard:
    whole = card(tuned, ["?"] * 12)
    score = SystemScore(metrics={"accuracy": estimate("accuracy", EXAM.wanted, base)})
    test = paired("accuracy", EXAM.wanted, tuned, base, "base")
    return whole.model_copy(
        update={"systems": {**whole.systems, "base": score}, "tests": (test,), "thresholds": _goal(0.9)}
    )


def _same() -> PairedTest:
    return paired("accuracy", EXAM.wanted, GIVEN, GIVEN, "base")


def _goal(goal: float) -> tuple[ThresholdResult, ...]:
    return (ThresholdResult(metric="accuracy", goal=goal, reached=0.67, met=goal < 0.67),)


def test_an_amount_is_never_written_with_an_exponent() -> None:
    assert [shown("memory_mb", mb) for mb in (4650.4, 999.6, 47.3)] == ["4,650", "1,000", "47.3"]
