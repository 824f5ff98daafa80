"""Whoever watches with TensorBoard or Weights & Biases sees the curves; what fails there is told once and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune import watching
from finetune.job import Job, TrainStep, with_note
from finetune.recipe import Mix, Recipe
from finetune.steps import Lines
from finetune.watching import Biases, Board, Watchers, described, kinds
from workspace.words import Words

JOB = Job(data=Path("rows.jsonl"), data_hash="0" * 64, version="v1", recipe=Recipe(base="b", learning_rate=1e-3))
STEP = TrainStep(1, 10, 2.5, 2.0, 100.0, 9.0, seconds=1.0, memory_gb=0.5)


@pytest.fixture(autouse=True)
def nothing_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WANDB_API_KEY", "WANDB_MODE"):
        monkeypatch.delenv(name, raising=False)


def test_weights_and_biases_only_for_whoever_set_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(kinds()) == [Lines, Board]
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert list(kinds()) == [Lines, Board, Biases]
    monkeypatch.setenv("WANDB_MODE", "disabled")
    monkeypatch.setenv("WANDB_API_KEY", "x")
    assert list(kinds()) == [Lines, Board]


def test_offline_its_files_lie_beside_those_of_tensorboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    watchers = Watchers(JOB, tmp_path)
    assert watchers.tell(STEP) is None
    watchers.close()
    assert list((tmp_path / "logs").glob("events.*"))
    assert list((tmp_path / "logs" / "wandb").glob("offline-run-*/*.wandb"))


def test_what_fails_is_told_once_and_the_others_go_on(tmp_path: Path) -> None:
    """A file stands where the folder of the logs should be."""
    (tmp_path / "logs").write_text("in the way")
    watchers = Watchers(JOB, tmp_path)
    told = watchers.tell(STEP)
    assert told is not None
    assert told.en.startswith("TensorBoard gets no more curves")
    assert "训练照常进行" in told.zh
    assert watchers.tell(STEP) is None
    watchers.close()


def test_one_that_cannot_start_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Board):
        def __init__(self, job: Job, folder: Path) -> None:
            raise ValueError("no such server")

    monkeypatch.setattr(watching, "kinds", lambda: iter((Broken, Board)))
    watchers = Watchers(JOB, tmp_path)
    told = watchers.tell(STEP)
    assert told is not None
    assert "no such server" in told.en
    assert len(watchers.open) == 1
    watchers.close()


def test_no_path_of_this_machine_leaves_it(tmp_path: Path) -> None:
    mix = Mix(rows=tmp_path / "second.jsonl", hash="0")
    recipe = Recipe(base=str(tmp_path), learning_rate=1e-3, mix=mix)
    found = described(JOB.model_copy(update={"recipe": recipe}))
    assert (found["base"], found["mix"]) == (tmp_path.name, "second.jsonl")
    assert str(tmp_path) not in str(found)


def test_a_note_joins_the_one_that_is_there() -> None:
    both = with_note(with_note(STEP, Words("One.", "一。")), Words("Two.", "二。"))
    assert both.note == Words("One. Two.", "一。二。")
    assert with_note(STEP, None) is STEP
