"""Training on a tiny model: it learns, it goes on after a kill as if nothing had happened, and it refuses nonsense."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from finetune.recipe import Recipe
from finetune.train import TrainStep, train
from tests.finetune.tiny import colours, data_file, ended, tiny_base
from workspace.errors import UserError
from workspace.results import TrainedModel
from workspace.sample import Message


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data_file(tmp_path_factory.mktemp("data"), colours(24, "train"), colours(6, "validation"))


def recipe(base: Path, **dials: object) -> Recipe:
    return Recipe.model_validate(
        {
            "base": str(base),
            "learning_rate": 3e-2,
            "batch": 4,
            "steps": 60,
            "patience": 12,
            "dropout": 0.05,
            "check_every": 6,
            "rank": 4,
            **dials,
        }
    )


@pytest.fixture(scope="module")
def unbroken(base: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[TrainStep], TrainedModel]:
    return ended(train(data, tmp_path_factory.mktemp("unbroken") / "m", recipe(base), "v1"))


def test_learns_and_reports(unbroken: tuple[list[TrainStep], TrainedModel]) -> None:
    steps, model = unbroken
    assert [s.step for s in steps] == list(range(1, 61))
    assert steps[-1].loss < steps[0].loss / 2
    assert [s.step for s in steps if s.validation_loss is not None] == list(range(6, 61, 6))
    assert steps[-1].seconds_left == 0
    assert model.best_step == min(model.validation_loss, key=lambda point: point[1])[0]
    assert {p.suffix for p in Path(model.folder).iterdir()}.isdisjoint({".pt", ".bin", ".pkl"})


def test_a_finished_folder_returns_at_once(
    unbroken: tuple[list[TrainStep], TrainedModel], base: Path, data: Path
) -> None:
    steps, model = ended(train(data, Path(unbroken[1].folder), recipe(base), "v1"))
    assert steps == []
    assert model == unbroken[1]


def test_another_recipe_does_not_overwrite(
    unbroken: tuple[list[TrainStep], TrainedModel], base: Path, data: Path
) -> None:
    with pytest.raises(UserError, match="other data or another recipe"):
        ended(train(data, Path(unbroken[1].folder), recipe(base, steps=61), "v1"))


def test_goes_on_after_kills_with_the_same_curve(
    unbroken: tuple[list[TrainStep], TrainedModel], base: Path, data: Path, tmp_path: Path
) -> None:
    """Three of them, so many steps after each start; ten are benchmarks/resume.py."""
    for steps in random.Random(7).sample(range(4, 14), 3):
        _killed(train(data, tmp_path / "m", recipe(base), "v1"), tmp_path / "m", steps)
    rest, model = ended(train(data, tmp_path / "m", recipe(base), "v1"))
    assert rest[0].step % 6 == 1
    assert 1 < rest[0].step <= 60
    assert [step for step, _ in model.loss] == list(range(1, 61))
    assert [loss for _, loss in model.loss] == pytest.approx([loss for _, loss in unbroken[1].loss], abs=1e-4)
    assert dict(model.validation_loss) == pytest.approx(dict(unbroken[1].validation_loss), abs=1e-4)
    assert model.best_step == unbroken[1].best_step


def _killed(work: Generator[TrainStep, None, TrainedModel], folder: Path, steps: int) -> None:
    for _ in range(steps):
        next(work)
    _kill(child_of(folder))
    with pytest.raises(UserError, match="killed"):
        ended(work)


def test_a_half_written_checkpoint_is_passed_over(base: Path, data: Path, tmp_path: Path) -> None:
    """It goes on from the one before, and says so."""
    work = train(data, tmp_path / "m", recipe(base), "v1")
    while next(work).step < 13:
        pass
    _kill(child_of(tmp_path / "m"))
    with pytest.raises(UserError, match="killed"):
        ended(work)
    before, newest = sorted((tmp_path / "m").glob("checkpoint-*"))[-2:]
    weights = newest / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    work = train(data, tmp_path / "m", recipe(base), "v1")
    first = next(work)
    work.close()
    assert first.step == int(before.name.removeprefix("checkpoint-")) + 1
    assert first.note is not None
    assert "checkpoint is damaged" in first.note.en


def test_stopping_keeps_a_checkpoint_and_leaves_no_child(base: Path, data: Path, tmp_path: Path) -> None:
    work = train(data, tmp_path / "m", recipe(base, steps=400, check_every=200), "v1")
    next(work)
    child = child_of(tmp_path / "m")
    work.close()
    assert list((tmp_path / "m").glob("checkpoint-*"))
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_an_orphan_stops_by_itself(base: Path, data: Path, tmp_path: Path) -> None:
    """Were the parent killed, a child that trained on would fight with the next run over the folder."""
    work = train(data, tmp_path / "m", recipe(base, steps=4000, check_every=2000), "v1")
    next(work)
    child = child_of(tmp_path / "m")
    assert work.gi_yieldfrom is not None
    pipe = work.gi_yieldfrom.gi_frame.f_locals["child"].stdout
    pipe.close()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and _state(child) not in ("Z", ""):
        time.sleep(0.1)
    assert _state(child) in ("Z", "")
    with pytest.raises(UserError):
        ended(work)


def test_no_answer_is_refused(base: Path, tmp_path: Path) -> None:
    rows = colours(6, "train")
    rows[2] = rows[2].model_copy(update={"messages": (*rows[2].messages[:1], Message(role="assistant", content=" "))})
    with pytest.raises(UserError, match="no answer to learn from"):
        ended(train(data_file(tmp_path, rows), tmp_path / "m", recipe(base), "v1"))


@pytest.mark.parametrize("theirs", ["checkpoint-500/optimizer.pt", "model.safetensors"])
def test_another_programs_model_is_left_alone(data: Path, tmp_path: Path, theirs: str) -> None:
    there = tmp_path / "output" / theirs
    there.parent.mkdir(parents=True)
    there.write_bytes(b"weeks of work")
    with pytest.raises(UserError, match="another program's model or checkpoints"):
        ended(train(data, tmp_path / "output", recipe(tmp_path), "v1"))
    assert [path for path in (tmp_path / "output").rglob("*") if path.is_file()] == [there]


def test_an_absent_file_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no file"):
        ended(train(tmp_path / "absent.jsonl", tmp_path / "m", recipe(base), "v1"))


def child_of(folder: Path) -> int:
    """The process id of the one that trains into this folder."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{folder}/job.json".encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                return int(entry.name)
        except OSError:
            continue
    raise AssertionError("no child")


def _kill(process: int) -> None:
    os.kill(process, signal.SIGKILL)


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""
