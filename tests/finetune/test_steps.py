"""The curve on disk is whole whoever looks, and as it was taken the last time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from finetune.job import Job, TrainStep
from finetune.recipe import Recipe
from finetune.steps import STEPS, Lines, steps_in
from finetune.train import train
from tests.finetune.tiny import colours, data_file, ended, tiny_base
from workspace.words import Words

JOB = Job(data=Path("rows.jsonl"), data_hash="0" * 64, version="v1", recipe=Recipe(base="b", learning_rate=1e-3))
STEP = TrainStep(1, 10, 2.5, 2.0, 100.0, 9.0, note=Words("Few.", "少。"), seconds=1.0, memory_gb=0.5)


def told(folder: Path, *numbers: int, loss: float = 1.0) -> None:
    lines = Lines(JOB, folder)
    for number in numbers:
        lines.tell(replace(STEP, step=number, loss=loss))
    lines.close()


def test_nothing_told_yet(tmp_path: Path) -> None:
    assert steps_in(tmp_path) == ()


def test_what_was_told_comes_back(tmp_path: Path) -> None:
    lines = Lines(JOB, tmp_path)
    lines.tell(STEP)
    assert steps_in(tmp_path) == (STEP,)  # while it still runs
    lines.close()


def test_steps_done_again_replace_those_before(tmp_path: Path) -> None:
    told(tmp_path, 1, 2, 3, 4, loss=1.0)
    told(tmp_path, 3, 4, 5, loss=2.0)
    assert [(step.step, step.loss) for step in steps_in(tmp_path)] == [(1, 1), (2, 1), (3, 2), (4, 2), (5, 2)]
    told(tmp_path, 1, loss=3.0)  # all checkpoints were damaged
    assert [(step.step, step.loss) for step in steps_in(tmp_path)] == [(1, 3)]


def test_half_a_line_of_a_killed_process_spoils_no_other(tmp_path: Path) -> None:
    told(tmp_path, 1, 2)
    whole = (tmp_path / STEPS).read_bytes()
    (tmp_path / STEPS).write_bytes(whole[:-20])
    assert [step.step for step in steps_in(tmp_path)] == [1]
    told(tmp_path, 2, 3)
    assert [step.step for step in steps_in(tmp_path)] == [1, 2, 3]


def test_a_training_leaves_its_steps_and_what_it_learned_from(tmp_path: Path) -> None:
    from finetune.prospect import lesson_in

    recipe = Recipe(base=str(tiny_base(tmp_path / "base")), learning_rate=1e-2, batch=4, steps=6, check_every=3)
    data = data_file(tmp_path, colours(12, "train"), colours(3, "validation"))
    steps, _ = ended(train(data, tmp_path / "model", recipe, "v1"))
    assert [(step.step, step.loss) for step in steps_in(tmp_path / "model")] == [(s.step, s.loss) for s in steps]
    lesson = lesson_in(tmp_path / "model")
    assert lesson is not None
    assert (lesson.rows, lesson.shown[0].learned.startswith("⟦")) == (12, True)
