"""Three learning rates are tried from the same start, once, and the run after them is that of the best one alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from finetune import loop
from finetune.checkpoint import State
from finetune.job import Job
from finetune.loop import Writer, tune
from finetune.orders import Order
from finetune.probe import JOURNAL, TRIED, Tried, best_of, settled
from finetune.recipe import RATE_STEPS, Recipe
from tests.finetune.tiny import colours, data_file, tiny_base

RATE = 1e-2


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


def job(base: Path, folder: Path, **dials: object) -> Job:
    raw = {"base": str(base), "learning_rate": RATE, "batch": 4, "steps": 6, "check_every": 3, "rank": 4, "probe": True}
    recipe = Recipe.model_validate({**raw, **dials})
    data = data_file(folder, colours(24, "train"), colours(6, "validation"))
    return Job(data=data, data_hash="", version="v1", recipe=recipe)


def decided(wanted: Job, folder: Path, stopping: Callable[[], Order] = lambda: "") -> tuple[Job, Writer]:
    pupil = Writer(wanted, "float32", "cpu")
    state = State(precision="float32", most_tokens=4096)
    return settled(wanted, folder, pupil, state, "cpu", stopping)[0], pupil


def test_each_is_tried_once_and_leaves_no_trace_in_the_weights(base: Path, tmp_path: Path) -> None:
    wanted = job(base, tmp_path)
    found, pupil = decided(wanted, tmp_path)
    tried = JOURNAL.validate_json((tmp_path / TRIED).read_bytes())
    assert [t.learning_rate for t in tried] == [RATE, RATE / 2, RATE * 2]
    assert len({t.loss for t in tried}) == 3
    assert all(t.seconds > 0 and t.tokens > 0 and t.memory_gb > 0 for t in tried)
    fresh = Writer(wanted, "float32", "cpu")
    assert all(torch.equal(p, fresh.weights[name]) for name, p in pupil.weights.items())
    assert found.recipe.learning_rate in [t.learning_rate for t in tried]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data.jsonl", TRIED]


def test_what_was_decided_holds(base: Path, tmp_path: Path) -> None:
    """Were it tried again, the loss of the first would be back."""
    (tmp_path / TRIED).write_bytes(
        JOURNAL.dump_json([Tried(learning_rate=r, loss=x) for r, x in ((RATE, 3.0), (RATE / 2, 1.0), (RATE * 2, None))])
    )
    assert decided(job(base, tmp_path), tmp_path)[0].recipe.learning_rate == RATE / 2


def test_a_stop_keeps_the_rates_already_tried(base: Path, tmp_path: Path) -> None:
    asked = 0

    def stopping() -> Order:
        nonlocal asked
        asked += 1
        return "stop" if asked > RATE_STEPS + 3 else ""

    decided(job(base, tmp_path), tmp_path, stopping)
    tried = JOURNAL.validate_json((tmp_path / TRIED).read_bytes())
    assert [t.learning_rate for t in tried] == [RATE]
    decided(job(base, tmp_path), tmp_path)
    again = JOURNAL.validate_json((tmp_path / TRIED).read_bytes())
    assert again[0] == tried[0]
    assert len(again) == 3


def test_stopped_in_the_trials_no_step_is_taken_and_the_rest_is_tried_later(base: Path, tmp_path: Path) -> None:
    asked = 0

    def stopping() -> Order:
        nonlocal asked
        asked += 1
        return "stop" if asked > 3 else ""

    wanted = job(base, tmp_path)
    assert list(tune(wanted, tmp_path, stopping)) == []
    assert not list(tmp_path.glob("checkpoint-*"))
    next(tune(wanted, tmp_path, lambda: ""))
    assert len(JOURNAL.validate_json((tmp_path / TRIED).read_bytes())) == 3


@pytest.mark.parametrize(
    ("losses", "best"),
    [
        ((1.0, 0.5, 0.7), 0.5),
        ((1.0, 0.99, 1.2), 1.0),
        ((None, 1.5, None), 0.5),
        ((1.0, None, 0.9), 2.0),
        ((None, None, None), 0.5),
    ],
)
def test_the_usual_rate_unless_another_is_clearly_better(
    losses: tuple[float | None, float | None, float | None], best: float
) -> None:
    tried = [Tried(learning_rate=rate, loss=loss) for rate, loss in zip((1.0, 0.5, 2.0), losses, strict=True)]
    assert best_of(tried) == best


def test_the_run_after_it_is_that_of_the_best_alone(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Which precision is faster is measured anew for each run, and a busy machine changes its mind.
    monkeypatch.setattr(loop, "device_and_precision", lambda: ("cpu", "float32"))
    for name in ("probed", "plain"):
        (tmp_path / name).mkdir()
    steps = list(tune(job(base, tmp_path / "probed"), tmp_path / "probed", lambda: ""))
    best = best_of(JOURNAL.validate_json((tmp_path / "probed" / TRIED).read_bytes()))
    plain = job(base, tmp_path / "plain", probe=False, learning_rate=best)
    alone = list(tune(plain, tmp_path / "plain", lambda: ""))
    assert [step.loss for step in steps] == pytest.approx([step.loss for step in alone], abs=1e-5)
    assert steps[0].seconds > sum(t.seconds for t in JOURNAL.validate_json((tmp_path / "probed" / TRIED).read_bytes()))
    assert steps[0].note is not None
    assert "were tried for 24 steps each" in steps[0].note.en
    assert all(step.note is None for step in steps[1:])
