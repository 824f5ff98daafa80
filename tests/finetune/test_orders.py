"""A person, or a limit, ends training early: it can go on where it stood, or the best so far becomes the model."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from tensorboardX.proto.event_pb2 import Event

from finetune.job import Job, TrainStep
from finetune.methods import opened
from finetune.orders import EXPECTED, PROBED, STOP, Orders, ask_to_stop, expected, probed
from finetune.recipe import Recipe
from finetune.train import train
from tests.finetune.tiny import colours, data_file, ended, tiny_base
from workspace.errors import UserError
from workspace.results import Forecast, TrainedModel


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data_file(tmp_path_factory.mktemp("data"), colours(24, "train"), colours(6, "validation"))


def recipe(base: Path) -> Recipe:
    dials = {"learning_rate": 3e-2, "batch": 4, "steps": 5000, "check_every": 50, "patience": 1000, "rank": 4}
    return Recipe.model_validate({"base": str(base), **dials})


def test_stopped_it_goes_on_and_stopped_again_the_best_is_kept(base: Path, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    work = train(data, folder, recipe(base), "v1")
    before = [next(work) for _ in range(30)]
    ask_to_stop(folder, keep=False)
    with pytest.raises(UserError, match="as you asked"):
        before.extend(work)
    assert 30 <= before[-1].step < 5000
    work = train(data, folder, recipe(base), "v1")
    after = [next(work) for _ in range(10)]
    assert after[0].step == before[-1].step + 1
    ask_to_stop(folder, keep=True)
    rest, model = ended(work)
    assert model.steps == (after + rest)[-1].step < 5000
    assert (after + rest)[-1].validation_loss is not None
    assert model.best_step == min(model.validation_loss, key=lambda point: point[1])[0]
    assert not (folder / STOP).exists()
    assert opened(folder, "float32", "cpu") is not None
    with pytest.raises(UserError, match="Nothing is being trained"):
        ask_to_stop(folder, keep=True)
    _accounts(model, folder)
    _curves(folder, model)


def _accounts(model: TrainedModel, folder: Path) -> None:
    """What was expected before loading and after twenty steps stands in the model, beside what it came to."""
    assert (model.expected, model.probed) == (expected(folder), probed(folder))
    assert model.expected is not None
    assert model.probed is not None
    assert model.memory_gb is not None
    assert model.probed.memory_gb <= model.memory_gb + 0.01
    assert {EXPECTED, PROBED} <= {path.name for path in folder.iterdir()}


def _curves(folder: Path, model: TrainedModel) -> None:
    """TensorBoard's files hold the loss of every step."""
    found: dict[int, float] = {}
    for path in sorted((folder / "logs").glob("events.*")):
        for record in _records(path.read_bytes()):
            event = Event.FromString(record)
            for value in event.summary.value:
                if value.tag == "loss/training":
                    found[event.step] = value.simple_value
    assert found == pytest.approx(dict(model.loss), abs=1e-6)


def _records(content: bytes) -> Iterator[bytes]:
    """TFRecord: a length and its checksum, then the bytes and theirs."""
    at = 0
    while at < len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        yield content[at + 12 : at + 12 + length]
        at += 12 + length + 4


def told(orders: Orders, step: int, seconds: float, left: float) -> str:
    words = orders.heard(TrainStep(step, 1000, 1.0, None, 100.0, left, seconds=seconds, memory_gb=1.5))
    return words.en if words else ""


def test_after_the_first_steps_a_person_hears_what_they_say(tmp_path: Path) -> None:
    orders = Orders(job(minutes=10), tmp_path, [])
    assert [told(orders, step, step, 300) for step in (1, 19)] == ["", ""]
    assert "about 5 min more, and 1.5 GB" in told(orders, 20, 20, 300)
    assert told(orders, 21, 21, 299) == ""
    assert orders() == ""
    assert probed(tmp_path) == Forecast(seconds=320, memory_gb=1.5)


def test_what_would_take_much_longer_than_the_limit_is_asked_about_once(tmp_path: Path) -> None:
    """Asked again it goes on up to the limit, and the best by then is kept."""
    orders = Orders(job(minutes=2), tmp_path, [])
    told(orders, 20, 20, 600)
    assert orders() == "stop"
    assert orders.refusal is not None
    assert "about 10 min, and your limit is 2" in orders.refusal.problem.en
    again = Orders(job(minutes=2), tmp_path, [])
    assert told(again, 21, 21, 600) == ""
    assert again() == ""
    assert "time limit is reached" in told(again, 110, 121, 500)
    assert again() == "keep"
    assert told(again, 111, 122, 500) == ""


def job(minutes: float) -> Job:
    given = Recipe(base="b", learning_rate=1e-3)
    return Job(data=Path("rows.jsonl"), data_hash="", version="v1", recipe=given, minutes=minutes)
