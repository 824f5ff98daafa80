"""A report card on disk as what a person reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.views.answered import PAGE, answers, confusions, examples
from agent.views.card import CardView, card_in, folders
from agent.views.verdicts import Standing
from tests.agent.cards import LABELS, ROWS, answered, run_in, run_with_card, write_card
from workspace.results import System
from workspace.words import Language, Words


def view(folder: Path, language: Language = "en") -> CardView:
    found = card_in(folder, language)
    assert found
    return found


@pytest.mark.parametrize(
    ("right", "goal", "standing", "said"),
    [
        (48, 0.8, "surely", "even the lowest likely value, 92.6%, meets it"),
        (44, 0.8, "surely", "even the lowest likely value, 80.4%, meets it"),
        (44, 0.85, "here", "6.7 points above the goal of 85%"),
        (36, 0.8, "missed", "5 points below the goal of 80%; in truth it may be anywhere"),
        (12, 0.8, "missed", "even the highest likely value, 38.8%, misses it"),
    ],
)
def test_the_verdict_says_by_how_much_and_how_surely(
    tmp_path: Path, right: int, goal: float, standing: Standing, said: str
) -> None:
    given = answered({"base": 12, "tuned": right})
    write_card(tmp_path, given_wanted(), given, {"accuracy": goal})
    verdict = view(tmp_path).verdict
    assert (verdict.standing, said in verdict.text) == (standing, True), verdict.text


def given_wanted() -> list[str]:
    return [LABELS[row % len(LABELS)] for row in range(ROWS)]


def test_several_goals_are_counted_and_the_missed_ones_named(tmp_path: Path) -> None:
    goals = {"accuracy": 0.85, "memory_mb": 500, "out_of_domain_auroc": 0.9}
    write_card(tmp_path, given_wanted(), answered({"base": 12, "tuned": 44}), goals)
    verdict = view(tmp_path).verdict
    assert (verdict.chip, verdict.standing) == ("Not all goals met", "missed")
    assert verdict.text.startswith("1 of 3 goals are met; one of them")
    assert "one of them only on these rows" in verdict.text
    assert "not reached: memory in MB, how well foreign questions" in verdict.text
    assert [goal.standing for goal in verdict.goals] == ["here", "missed", "unmeasured"]
    assert "900 (memory in MB), 400 above the goal of 500." in verdict.goals[1].text
    assert view(tmp_path, "zh").verdict.chip == "没有全部达标"


def test_each_system_has_a_dot_and_chance_is_named(tmp_path: Path) -> None:
    write_card(tmp_path, given_wanted(), answered({"base": 12, "classic": 42, "tuned": 44}), {"accuracy": 0.8})
    first, *others = view(tmp_path).measures
    assert [dot.system for dot in first.dots] == ["base", "classic", "tuned"]
    assert [dot.shown for dot in first.dots] == ["25%", "87.5%", "91.7%"]
    assert all(dot.low <= dot.value <= dot.high for dot in first.dots)
    assert (first.goal, first.goal_shown) == (0.8, "goal 80%")
    assert first.tests == (
        "Against base model: better on 32 of 48 rows, worse on 0; that is no accident.",
        "Against classic (TF-IDF): better on 2 of 48 rows, worse on 0; so small a difference may be an accident.",
    )
    assert [other.short for other in others] == ["F1", "Precision", "Recall", "F1 by rows"]
    assert all(other.goal is None for other in others)


def test_labels_come_by_what_changed_and_few_rows_are_said(tmp_path: Path) -> None:
    labels = ("often", "seldom")
    wanted = ["often"] * 20 + ["seldom"] * 4
    given: dict[System, list[str]] = {"base": ["often"] * 24, "tuned": wanted}
    write_card(tmp_path, wanted, given, {"accuracy": 0.8})
    first, second = view(tmp_path).classes
    assert (first.label, first.rows, first.few, first.change) == ("seldom", 4, True, 100)
    assert first.scores == (("0%", "100%"), ("0%", "100%"), ("0%", "100%"))
    assert (second.label, second.few, second.change) == (labels[0], False, 9)


def test_rows_are_sorted_into_better_worse_and_neither(tmp_path: Path) -> None:
    wanted = ["a", "b", "a", "b", "c", "c"]
    given: dict[System, list[str]] = {"base": ["a", "a", "a", "a", "a", "a"], "tuned": ["a", "b", "b", "b", "b", "b"]}
    write_card(tmp_path, wanted, given, {"accuracy": 0.8})
    found = answers(tmp_path)
    page = examples(found, "en")
    assert page
    assert (page.counts, page.chosen) == ({"better": 2, "worse": 1, "neither": 2}, "better")
    assert [(row.number, row.question, row.wanted) for row in page.rows] == [
        (2, "Question 1?", "b"),
        (4, "Question 3?", "b"),
    ]
    assert [(one.name, one.text, one.shown) for one in page.rows[0].given] == [
        ("base model", "a", "wrong"),
        ("tuned", "b", "right"),
    ]
    worse = examples(found, "zh", "worse")
    assert worse
    assert [row.number for row in worse.rows] == [3]
    assert worse.rows[0].given[1].shown == "错误"
    assert [(c.wanted, c.given, c.tuned, c.base, c.rows) for c in confusions(found)] == [
        ("c", "b", 2, 0, 2),
        ("a", "b", 1, 0, 2),
    ]


def test_pages_hold_every_row_once_and_a_page_too_far_is_the_last(tmp_path: Path) -> None:
    write_card(tmp_path, given_wanted(), answered({"base": 12, "tuned": 44}), {"accuracy": 0.8})
    found = answers(tmp_path)
    seen = []
    for page in range(7):
        shown = examples(found, "en", "better", page)
        assert shown
        assert (shown.page, shown.pages) == (page, 7)
        assert len(shown.rows) == (PAGE if page < 6 else 2)
        seen += [row.number for row in shown.rows]
    assert seen == list(range(13, 45))
    last = examples(found, "en", "better", 99)
    assert last
    assert last.page == 6


def test_texts_are_more_or_less_alike(tmp_path: Path) -> None:
    wanted = ["The card comes in five days.", "Call us at once.", "There is no charge."]
    given: dict[System, list[str]] = {
        "base": ["I don't know.", "Call us at once.", "It is free."],
        "tuned": ["The card comes in six days.", "Call the bank at once.", "Charge it."],
    }
    write_card(tmp_path, wanted, given, {"chrf": 0.5}, labelled=False)
    card, found = view(tmp_path), answers(tmp_path)
    assert [measure.short for measure in card.measures] == ["chrF", "Equal", "BLEU", "ROUGE-1", "ROUGE-2", "ROUGE-L"]
    assert "(likeness to the expected text, chrF)" in card.verdict.text
    assert card.classes == ()
    assert confusions(found) == ()
    better = examples(found, "en")
    assert better
    assert better.rows[0].given[1].shown.endswith("% alike")
    assert sum(better.counts.values()) >= 2


def test_only_the_base(tmp_path: Path) -> None:
    write_card(tmp_path, given_wanted(), answered({"base": 12}), {})
    card, found = view(tmp_path), answers(tmp_path)
    assert card.verdict.standing == "open"
    assert "The base model reaches 25%" in card.verdict.text
    assert "nothing is tuned yet" in card.verdict.text
    assert all(line.change is None for line in card.classes)
    wrong = examples(found, "en")
    assert wrong
    assert wrong.counts == {"neither": 36}


def test_a_card_without_rows_or_systems_says_so(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text('{"rows": 0, "systems": {}, "tests": [], "thresholds": []}', encoding="utf-8")
    card = view(tmp_path)
    assert card.verdict.text == "Nothing was tested: there are no held-back rows."
    assert (card.measures, card.classes, card.parts, card.files) == ((), (), (), (tmp_path / "report.json",))
    assert examples(answers(tmp_path), "en") is None


def test_a_card_from_before_answers_were_kept_still_reads(tmp_path: Path) -> None:
    run = run_with_card(tmp_path)
    (run.folder / "report" / "answers.jsonl").unlink()
    assert answers(run.folder / "report") == ()
    assert view(run.folder / "report").measures


def test_answers_written_anew_are_read_anew(tmp_path: Path) -> None:
    write_card(tmp_path, ["a", "b"], {"base": ["b", "a"], "tuned": ["a", "b"]}, {"accuracy": 0.8})
    assert [row.given["tuned"] for row in answers(tmp_path)] == ["a", "b"]
    write_card(tmp_path, ["a", "b"], {"base": ["b", "a"], "tuned": ["bb", "a"]}, {"accuracy": 0.8})
    assert [row.given["tuned"] for row in answers(tmp_path)] == ["bb", "a"]


def test_what_the_conversation_can_do_is_offered_to_it_in_the_persons_language(tmp_path: Path) -> None:
    run = run_with_card(tmp_path)
    english, chinese = (card_in(run.folder / "report", language, run.spec) for language in ("en", "zh"))
    assert english
    assert chinese
    assert [step.message for step in english.steps] == ["Change the rows to 800", "Why were rows rejected?", ""]
    assert [step.message for step in chinese.steps] == ["把数据量改成 800", "为什么有数据被拒绝？", ""]
    assert english.steps[2].rows == ("“Where is it?”: a ← b",)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_conversation_understands_what_is_offered(tmp_path: Path, language: Language) -> None:
    from agent import interview, questions
    from agent.views.stepping import steps
    from workspace.results import NextStep, ReportCard

    spec = run_in(tmp_path).spec
    kinds = [NextStep(kind=kind, words=Words("", "")) for kind in ("more_rows", "check", "training")]
    card = ReportCard(rows=1, systems={}, tests=(), thresholds=(), next=tuple(kinds))
    rows, check, training = (step.message for step in steps(card, spec, language))
    heard = interview.hear(spec, rows, None, 5, None, language).draft
    assert heard.rows
    assert heard.rows.value == 800
    query = questions.read(check)
    assert query
    assert query.kind == "why"
    heard = interview.hear(spec, training, None, 5, None, language).draft
    assert heard.method
    assert heard.method.value == "full"


def test_the_note_on_the_rows_and_what_else_was_measured_are_shown(tmp_path: Path) -> None:
    note = Words("2 of the 48 test rows stand among the rows learned from.", "有 2 条也在训练数据里。")
    write_card(tmp_path, given_wanted(), answered({"base": 12, "tuned": 44}), {"accuracy": 0.8}, note=note)
    card = view(tmp_path, "zh")
    assert card.note == "有 2 条也在训练数据里。"
    assert [(part.key, part.title) for part in card.parts] == [("robustness", "稳健性"), ("cost", "回答的开销")]
    assert card.parts[0].rows == (("错别字", "48"),)
    assert card.parts[1].rows[0][:2] == ("基础模型", "20")
    assert [path.name for path in card.files] == ["report.zh.md", "report.json"]


def test_a_run_without_a_card_has_none(tmp_path: Path) -> None:
    assert folders(None) == {}
    assert folders(run_in(tmp_path)) == {}
    assert list(folders(run_with_card(tmp_path))) == ["run"]
