"""An evaluation from model folder to report card, on a tiny model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from finetune.held_back import fingerprint
from finetune.judging.answers import ANSWERS
from finetune.judging.contestants import Contest
from finetune.judging.efficiency import efficiency
from finetune.judging.evaluate import Wanted, evaluate
from finetune.judging.exam import Batch, Evaluated, Sheet
from finetune.judging.sections import Keyed, measured
from finetune.recipe import Recipe
from finetune.train import train
from tests.finetune.tiny import LABELS, colours, data_file, ended, tiny_base
from workspace.errors import UserError
from workspace.results import Answered, Estimate, ReportCard, Section
from workspace.sample import Origin, Sample, sample
from workspace.words import Words


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """data.jsonl, and a model trained on it in model/."""
    folder = tmp_path_factory.mktemp("place")
    base = tiny_base(folder / "base")
    data = data_file(folder, colours(30, "train"), colours(9, "validation"), colours(12, "test"))
    recipe = Recipe(base=str(base), learning_rate=3e-2, batch=8, steps=40, check_every=20, dropout=0)
    ended(train(data, folder / "model", recipe, "v1"))
    return folder


@pytest.fixture(scope="module")
def card(place: Path) -> ReportCard:
    steps, card = ended(evaluate(place / "data.jsonl", place / "model", "accuracy", 0.9, place / "out"))
    assert [s.done for s in steps if s.what == "tuned"][-1] == 12
    return card


def test_shape_of_report_json(card: ReportCard, place: Path) -> None:
    written = json.loads((place / "out" / "report.json").read_text())
    assert ReportCard.model_validate(written) == card
    assert list(written["systems"]) == ["base", "prompted", "classic", "tuned"]
    tuned = written["systems"]["tuned"]
    assert set(tuned["metrics"]["accuracy"]) == {"value", "low", "high"}
    assert set(tuned["per_class"]) == set(LABELS)
    assert tuned["efficiency"]["ms_p50"] <= tuned["efficiency"]["ms_p99"]
    assert [test["against"] for test in written["tests"]] == ["base", "prompted", "classic"]
    assert all(test["better"] + test["worse"] + test["same"] == 12 for test in written["tests"])
    assert written["thresholds"][0]["met"] == (tuned["metrics"]["accuracy"]["value"] >= 0.9)


def test_the_answers_are_kept_with_what_was_asked(card: ReportCard, place: Path) -> None:
    lines = (place / "out" / ANSWERS).read_bytes().splitlines()
    kept = [Answered.model_validate_json(line) for line in lines]
    assert [row.row for row in kept] == list(range(12))
    assert all(set(row.given) == set(row.scores) == set(card.systems) for row in kept)
    assert all(row.question and row.scores["tuned"] == (row.given["tuned"] == row.wanted) for row in kept)
    assert sum(row.scores["tuned"] for row in kept) / 12 == card.systems["tuned"].metrics["accuracy"].value
    better = sum(row.scores["tuned"] > row.scores["base"] for row in kept)
    assert better == card.tests[0].better


def test_labels_are_all_that_anybody_answers(card: ReportCard, place: Path) -> None:
    for system in card.systems:
        lines = (place / "out" / f"predictions-{system}.jsonl").read_text().splitlines()
        answers = {json.loads(line)["answer"] for line in lines if "answer" in line}
        assert answers <= set(LABELS)


def test_classic_learns_the_colours(card: ReportCard) -> None:
    assert card.systems["classic"].metrics["accuracy"].value == 1.0


def test_verdict_in_both_languages(card: ReportCard, place: Path) -> None:
    assert "90.0%" in card.summary["en"]
    assert "90.0%" in card.summary["zh"]
    assert "# Report card" in (place / "out" / "report.md").read_text(encoding="utf-8")
    assert "# 成绩单" in (place / "out" / "report.zh.md").read_text(encoding="utf-8")


def test_goes_on_from_what_is_answered(card: ReportCard, place: Path, tmp_path: Path) -> None:
    """A kill cuts a line; what stands before it is not asked again."""
    out = shutil.copytree(place / "out", tmp_path / "out")
    for system in card.systems:
        path = out / f"predictions-{system}.jsonl"
        lines = path.read_text().splitlines()
        path.write_text("\n".join(lines[:6]) + '\n{"row": 3, "ans')
    steps, again = ended(evaluate(place / "data.jsonl", place / "model", "accuracy", 0.9, out))
    assert next(s.done for s in steps if s.what == "base") == 5
    assert again.tests == card.tests


def test_a_file_without_splits_is_all_test(place: Path, tmp_path: Path) -> None:
    other = data_file(tmp_path, colours(6, None))
    _, card = ended(evaluate(other, place / "model", "macro_f1", None, tmp_path / "out"))
    assert card.rows == 6
    assert card.thresholds == ()
    assert "classic" in card.systems


def test_written_answers_are_scored_by_likeness(place: Path, tmp_path: Path) -> None:
    rows = [_written(i, "train" if i < 6 else "test") for i in range(10)]
    _, card = ended(evaluate(data_file(tmp_path, rows), place / "model", "chrf", 0.5, tmp_path / "out"))
    assert set(card.systems) == {"base", "prompted", "classic", "tuned"}
    assert list(card.systems["tuned"].metrics) == ["chrf", "exact_match", "bleu", "rouge1", "rouge2", "rougeL"]
    assert card.systems["tuned"].per_class == {}


def test_documents_make_a_system_with_retrieval(place: Path, tmp_path: Path) -> None:
    """Its answers are asked for again when the documents say something else, those of the others are not."""
    out, data = tmp_path / "out", place / "data.jsonl"
    asked: list[str] = []

    def passages(question: str) -> list[str]:
        asked.append(question)
        return ["Every colour is available."]

    _, card = ended(evaluate(data, place / "model", "accuracy", None, out, Wanted(passages=passages)))
    assert list(card.systems) == ["base", "prompted", "retrieval", "classic", "tuned"]
    assert asked[0] in {row.question for row in colours(12, "test")}
    steps, _ = ended(evaluate(data, place / "model", "accuracy", None, out, Wanted(passages=lambda question: ["No."])))
    first = {step.what: step.done for step in reversed(steps)}
    assert (first["base"], first["retrieval"]) == (12, 0)


def test_a_further_measurement_is_a_section_measured_once(place: Path, tmp_path: Path) -> None:
    asked: list[str] = []

    def measure(contest: Contest, out: Path) -> Generator[Evaluated, None, Section]:
        yield Evaluated(Words("Counting", "计数"), 1, 1)
        rows = [row for row in contest.exam.test if row.label == "red"]
        answers = {n: a for lot in contest.open("tuned", rows)(range(len(rows))) for n, a in lot.items()}
        asked.extend(answers.values())
        value = Estimate(value=len(answers), low=0, high=12)
        return Section(
            title=Words("Red", "红色"),
            text=Words("Four are red.", "四条是红色。"),
            columns=(Words("rows", "条数"),),
            rows=(("4|4",),),
            values={"red": value},
        )

    for _ in range(2):
        work = evaluate(
            place / "data.jsonl", place / "model", "accuracy", None, tmp_path, Wanted(further={"red": measure})
        )
        _, card = ended(work)
    assert len(asked) == 4
    assert card.sections["red"].values["red"].value == 4
    assert "## Red\n\nFour are red.\n\n| rows |\n| --- |\n| 4\\|4 |" in (tmp_path / "report.md").read_text()
    assert "## 红色" in (tmp_path / "report.zh.md").read_text(encoding="utf-8")


def test_rows_are_named_by_their_hash_and_old_acquaintances_told(card: ReportCard, place: Path, tmp_path: Path) -> None:
    assert card.test is not None
    assert card.test.hash == fingerprint(colours(12, "test"))
    assert card.test.note is None
    known = [row.model_copy(update={"split": "test"}) for row in colours(30, "train")[20:]]
    _, again = ended(evaluate(data_file(tmp_path, known), place / "model", "accuracy", None, tmp_path / "out"))
    assert again.test is not None
    assert again.test.note is not None
    assert again.test.note.en.startswith("10 of the 10 test rows")


def test_efficiency_counts_queries_tokens_and_memory(card: ReportCard) -> None:
    tuned, classic = card.systems["tuned"].efficiency, card.systems["classic"].efficiency
    assert tuned is not None
    assert classic is not None
    assert tuned.queries_per_second
    assert tuned.tokens_per_second
    assert tuned.memory_mb
    assert tuned.memory_mb > 50
    assert tuned.cost_per_1000 is None
    assert classic.tokens_per_second is None


def test_money_where_the_machine_has_a_price(tmp_path: Path) -> None:
    sheet = Sheet(tmp_path, "tuned", "k")
    sheet.add({0: "a", 1: "b"}, Batch(rows=2, seconds=4.0, tokens=10))
    sheet.time([500.0], 100.0)
    found = efficiency(Sheet(tmp_path, "tuned", "k"), price_per_hour=3.6)
    assert (found.queries_per_second, found.tokens_per_second, found.memory_mb) == (0.5, 2.5, 100.0)
    assert found.cost_per_1000 == pytest.approx(2.0)


def test_refusals(place: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no row to test on"):
        ended(evaluate(data_file(tmp_path, colours(3, "train")), place / "model", "accuracy", None, tmp_path))
    with pytest.raises(UserError, match="no tuned model"):
        ended(evaluate(place / "data.jsonl", tmp_path, "accuracy", None, tmp_path))
    texts = data_file(tmp_path, [_written(i, "test") for i in range(3)])
    with pytest.raises(UserError, match="no labels here"):
        ended(evaluate(texts, place / "model", "macro_f1", None, tmp_path))


def test_weights_that_changed_are_not_judged(place: Path, tmp_path: Path) -> None:
    model = shutil.copytree(place / "model", tmp_path / "model")
    weights = model / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match="is damaged"):
        ended(evaluate(place / "data.jsonl", model, "accuracy", None, tmp_path / "out"))


def test_a_measurement_of_other_rows_is_measured_again(tmp_path: Path) -> None:
    asked = []

    def measure(contest: str, out: Path) -> Generator[Evaluated, None, Section]:
        asked.append(contest)
        yield Evaluated(Words("Counting", "计数"), 1, 1)
        return Section(title=Words("a", "a"), text=Words("b", "b"))

    for key in ("seed 7", "seed 7", "seed 8"):
        ended(measured("robustness", Keyed(key, measure), key, tmp_path, "exam"))
    assert asked == ["seed 7", "seed 8"]


def _written(i: int, split: str) -> Sample:
    row = sample(f"where is order {i}?", f"order {i} 正在路上", Origin(source="test", row=i))
    return row.model_copy(update={"split": split})
