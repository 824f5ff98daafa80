"""Whether to train at all: what the base reaches on rows that nobody tests on."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.judging.advice import Task, _advice, _exam, advise
from finetune.judging.exam import Exam
from finetune.recipe import Recipe
from tests.finetune.tiny import colours, data_file, ended, tiny_base
from workspace.errors import UserError
from workspace.results import Advice, System
from workspace.sample import Origin, sample

LABELS = ("blue", "green", "red")
EXAM = Exam(colours(20, "validation"), colours(90, "train"), LABELS, "k")
RIGHT, WRONG = dict(enumerate(EXAM.wanted)), dict.fromkeys(range(20), "none of them")


def task(goal: float = 0.9, base: str = "smollm2-135m") -> Task:
    return Task("accuracy", goal, Recipe(base=base, learning_rate=1e-3))


def advice(goal: float = 0.9, **given: dict[int, str]) -> Advice:
    answers: dict[System, dict[int, str]] = dict(given)  # type: ignore[arg-type]
    return _advice("k", EXAM, task(goal), answers)


def test_a_prompt_that_will_do() -> None:
    found = advice(prompted=RIGHT, classic=RIGHT)
    assert found.verdict == "prompt"
    assert "Training may not be needed" in found.words.en
    assert "So few rows can't settle it" in found.words.en
    assert "可能不需要训练" in found.words.zh


def test_documents_that_will_do() -> None:
    assert advice(goal=0.8, prompted=WRONG, retrieval=RIGHT, classic=WRONG).verdict == "retrieval"


def test_missing_facts_are_told_from_a_missing_manner() -> None:
    some = {row: answer if row % 5 else "?" for row, answer in RIGHT.items()}
    found = advice(goal=0.95, prompted=WRONG, retrieval=some, classic=RIGHT)
    assert found.verdict == "facts"
    assert "of 20 wrong answers 16 were right" in found.words.en
    few = {row: answer if row < 3 else "?" for row, answer in RIGHT.items()}
    assert advice(prompted=WRONG, retrieval=few, classic=RIGHT).verdict == "train"


def test_else_training_makes_sense() -> None:
    found = advice(prompted=WRONG, classic=RIGHT)
    assert found.verdict == "train"
    assert "0.0% [0.0%, 16.1%]" in found.words.en
    assert any("encoder" in hint.en for hint in found.hints)


def test_hints_on_rows_and_base() -> None:
    texts = [sample(f"订单 {i} 在哪里？", f"订单 {i} 在路上", Origin(source="test", row=i)) for i in range(30)]
    found = _advice("k", Exam(texts[:8], texts[8:], None, "k"), task(), {"prompted": dict.fromkeys(range(8), "?")})
    said = " ".join(hint.en for hint in found.hints)
    assert "22 rows are few" in said
    assert "hardly knows Chinese" in said
    assert "encoder" not in said


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


def test_asks_on_validation_rows_once(base: Path, tmp_path: Path) -> None:
    test = [row.model_copy(update={"id": f"test{n}"}) for n, row in enumerate(colours(6, "test"))]
    learned = [sample(f"{row.label} again {n}", row.answer, row.origin, label=row.label) for n, row in enumerate(test)]
    rows = [row.model_copy(update={"split": "validation"}) for row in learned]
    data = data_file(tmp_path, colours(30, "train"), rows, test)
    asked: list[str] = []

    def passages(question: str) -> list[str]:
        asked.append(question)
        return ["Any colour."]

    work = advise(data, task(base=str(base)), passages, tmp_path)
    steps, found = ended(work)
    assert {step.what for step in steps} == {"prompted", "retrieval", "classic"}
    assert set(asked) == {row.question for row in rows}
    assert found.rows == 6
    again, same = ended(advise(data, task(base=str(base)), passages, tmp_path))
    assert (again, same) == ([], found)
    _, other = ended(advise(data, task(base=str(base)), lambda question: ["Red is best."], tmp_path))
    assert other.key != found.key


def test_nothing_to_try_it_on(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no row to try"):
        ended(advise(data_file(tmp_path, colours(3, "test")), task(), None, tmp_path))


@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_file_sorted_by_label_is_tried_on_all_of_them(tmp_path: Path, split: str) -> None:
    data = data_file(tmp_path, sorted(colours(300, split), key=lambda row: row.label or ""))
    found = _exam(data, task())
    assert len(found.test) == 40
    assert {row.label for row in found.test} == set(LABELS)
