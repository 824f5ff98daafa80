"""A checkpoint is whole or absent, and what a person's memory or disk can't hold is handled or told."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch
from safetensors import SafetensorError

from finetune import checkpoint
from finetune.base import device_and_precision
from finetune.checkpoint import Checkpoint, State
from finetune.job import Job
from finetune.loop import MOST_TOKENS, Learner, tune
from finetune.recipe import Recipe
from finetune.rows import Tokens
from finetune.writer import Writer
from tests.finetune.tiny import colours, data_file, tiny_base
from workspace.errors import UserError


def some(step: int) -> Checkpoint:
    tensors = {"a": torch.full((3,), float(step))}
    return Checkpoint(State(step=step, most_tokens=10, precision="float32"), tensors, tensors, tensors)


def test_the_latest_and_the_one_before_stay(tmp_path: Path) -> None:
    for step in (5, 10, 15):
        checkpoint.save(some(step), tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["checkpoint-000010", "checkpoint-000015"]
    found = checkpoint.latest(tmp_path)
    assert found is not None
    assert found.state == some(15).state
    assert found.moments["a"].tolist() == [15, 15, 15]


@pytest.mark.parametrize("file", ["weights.safetensors", "best.safetensors", "moments.safetensors", "state.json"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_a_damaged_one_is_passed_over(tmp_path: Path, file: str, damage: str) -> None:
    for step in (5, 10):
        checkpoint.save(some(step), tmp_path)
    path = tmp_path / "checkpoint-000010" / file
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content[:-5] if damage == "cut" else content)
    if damage == "gone":
        path.unlink()
    assert checkpoint.damaged(tmp_path) == "newest"
    found = checkpoint.latest(tmp_path)
    assert found is not None
    assert found.state.step == 5
    checkpoint.save(some(10), tmp_path)
    assert not checkpoint.damaged(tmp_path)


def test_where_none_is_whole_there_is_none(tmp_path: Path) -> None:
    checkpoint.save(some(5), tmp_path)
    (tmp_path / "checkpoint-000005" / "hashes.json").write_text("{")
    assert checkpoint.damaged(tmp_path) == "all"
    assert checkpoint.latest(tmp_path) is None


def test_what_starts_anew_after_damage_keeps_its_own(tmp_path: Path) -> None:
    for step in (50, 60):
        checkpoint.save(some(step), tmp_path)
        (tmp_path / f"checkpoint-{step:06d}" / "hashes.json").write_text("{")
    checkpoint.save(some(5), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-000005"]


def test_asked_to_keep_before_the_first_validation_what_was_learned_is_kept(tmp_path: Path) -> None:
    """Not the weights that it began with; and asked before the first step, that step is taken."""
    found = learner(tmp_path)
    begun = {name: tensor.clone() for name, tensor in found.best.items()}
    assert [step.step for step in found.learn(lambda: "stop")] == []
    next(found.learn(lambda: ""))
    assert [step.step for step in found.learn(lambda: "keep")] == []
    assert found.state.best_step == 1
    assert any(not torch.equal(found.best[name], begun[name]) for name in begun)
    fresh = learner(tmp_path)
    assert [step.step for step in fresh.learn(lambda: "keep")] == [1]
    assert fresh.state.best_step == 1


def test_a_model_that_another_process_finished_is_not_trained_again(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    job = Job(data=tmp_path / "none", data_hash="", version="v1", recipe=Recipe(base="none", learning_rate=1e-2))
    assert list(tune(job, tmp_path, lambda: "")) == []


def test_a_full_disk_keeps_the_older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint.save(some(5), tmp_path)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="disk is full"):
        checkpoint.save(some(10), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint-000005"]


def test_the_library_tells_of_the_disk_as_we_expect_it(tmp_path: Path) -> None:
    """By the system's number, in an error of its own."""
    words = (
        "import resource, signal, sys, torch; from safetensors.torch import save_file;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "save_file({'a': torch.zeros(10**6)}, sys.argv[1])"
    )
    done = subprocess.run([sys.executable, "-c", words, str(tmp_path / "a")], capture_output=True, text=True)
    assert "SafetensorError" in done.stderr
    assert checkpoint.DISK_FULL.replace(str(errno.ENOSPC), str(errno.EFBIG)) in done.stderr


def test_a_disk_that_fills_up_while_weights_are_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(tensors: object, path: object) -> None:
        raise SafetensorError(f"Error while serializing: I/O error: No space left on device ({checkpoint.DISK_FULL})")

    monkeypatch.setattr(safetensors.torch, "save_file", full)
    with pytest.raises(UserError, match="disk is full"):
        checkpoint.write_tensors(tmp_path / "a", {"a": torch.zeros(3)})
    assert list(tmp_path.iterdir()) == []


def test_weights_are_written_without_another_copy_of_them(tmp_path: Path) -> None:
    """A base's moments, packed into bytes first, came to twice their size once more."""
    words = (
        "import sys, torch; from pathlib import Path; from finetune.checkpoint import write_tensors;"
        "from workspace.memory import most_held; import safetensors.torch;"
        "given = {str(n): torch.ones(10_000_000) for n in range(8)}; folder = Path(sys.argv[1]);"
        "write_tensors(folder / 'one', {'a': given['0'][:9]}); before = most_held();"
        "write_tensors(folder / 'all', given); print(most_held() - before)"
    )
    done = subprocess.run([sys.executable, "-c", words, str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 0.2 * 320e6
    assert (tmp_path / "all").stat().st_size > 320e6


def test_short_memory_halves_what_goes_through_at_once(tmp_path: Path) -> None:
    """The model itself refuses more than 200 tokens at a time; but for rounding, the losses are an unhindered run's."""
    free, short = learner(tmp_path / "free"), learner(tmp_path / "short")

    def refuse(module: torch.nn.Module, args: object, kwargs: dict[str, torch.Tensor]) -> None:
        if kwargs["input_ids"].numel() > 200:
            raise torch.OutOfMemoryError("CUDA out of memory")

    layers_of(short).register_forward_pre_hook(refuse, with_kwargs=True)
    expected, found = list(free.learn(lambda: "")), list(short.learn(lambda: False))
    assert [step.loss for step in found] == pytest.approx([step.loss for step in expected], rel=5e-3)
    assert short.state.most_tokens < free.state.most_tokens
    assert found[0].note is not None
    assert "smaller batches" in found[0].note.en


def test_memory_for_not_even_one_row_is_told(tmp_path: Path) -> None:
    hopeless = learner(tmp_path)

    def refuse(module: torch.nn.Module, args: object, kwargs: dict[str, torch.Tensor]) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    layers_of(hopeless).register_forward_pre_hook(refuse, with_kwargs=True)
    with pytest.raises(UserError, match="smaller base"):
        list(hopeless.learn(lambda: ""))


def layers_of(learner: Learner[Tokens]) -> torch.nn.Module:
    return next(m for m in learner.pupil.model.modules() if type(m).__name__ == "LlamaModel")


def learner(folder: Path) -> Learner[Tokens]:
    base = tiny_base(folder / "base")
    recipe = Recipe(base=str(base), learning_rate=1e-2, batch=8, steps=4, check_every=2, dropout=0)
    job = Job(data=data_file(folder, colours(24, "train")), data_hash="", version="v1", recipe=recipe)
    device, precision = device_and_precision()
    state = State(precision=precision, most_tokens=MOST_TOKENS[device])
    return Learner(job, folder, Writer(job, precision, device), state, device)
