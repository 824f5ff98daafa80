"""What is said before training grows with what makes training longer, and the first steps say it more exactly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from finetune.estimate import Machine, Outlook, Pace, Shape, outlook, work
from finetune.job import TrainStep
from finetune.recipe import Recipe
from finetune.rows import Tokens
from finetune.train import train
from tests.finetune.tiny import colours, data_file, ended, tiny_base

SMOL = Shape(body=106e6, hidden=576, inner=1536, layers=30, vocabulary=49152)
HERE = Machine("cpu", "bfloat16", multiply=300e9, memory_gb=8)


def recipe(**dials: object) -> Recipe:
    return Recipe.model_validate({"base": "b", "learning_rate": 1e-3, "steps": 40, "check_every": 10, **dials})


def rows(count: int, length: int, answer: int = 5) -> list[Tokens]:
    return [Tokens((1,) * (length + i % 7 - answer), (2,) * answer) for i in range(count)]


def guess(count: int = 64, length: int = 40, shape: Shape = SMOL, watched: int = 8, **dials: object) -> Outlook:
    return outlook(recipe(**dials), shape, rows(count, length), rows(watched, length), HERE)


def test_time_grows_with_length_steps_base_and_method() -> None:
    usual = guess().seconds
    assert guess(length=80).seconds > 1.6 * usual
    assert guess(steps=80).seconds == pytest.approx(2 * usual, rel=0.05)
    assert guess(shape=replace(SMOL, body=212e6)).seconds > 1.5 * usual
    assert guess(method="full").seconds > 1.2 * usual
    assert guess(watched=64).seconds > usual


def test_trials_of_learning_rates_take_their_time() -> None:
    assert guess(steps=72, probe=True).seconds == pytest.approx(2 * guess(steps=72).seconds, rel=0.1)
    assert guess(probe=True, watched=0).seconds == guess(watched=0).seconds


def test_memory_grows_with_what_goes_through_at_once_and_with_what_is_trained() -> None:
    usual = guess()
    assert guess(length=200).memory_gb > usual.memory_gb
    assert guess(batch=4).memory_gb < usual.memory_gb
    assert guess(method="full").memory_gb > usual.memory_gb + 2
    assert usual.least_gb < usual.memory_gb


def test_the_first_steps_say_how_long_the_rest_takes() -> None:
    """Batches of all lengths: a second for a thousand tokens, and the time left is right to a hundredth."""
    chosen = recipe(steps=100, batch=4, check_every=25)
    taught = [Tokens((1,) * (10 + 7 * (i % 40)), (2,) * 5) for i in range(120)]
    watch = rows(10, 50)
    steps = work(taught, chosen)
    pace = Pace(steps, watch, chosen)
    spent = [(step.tokens + 80) / 1000 for step in steps]
    validating = 0.5 * 10 * 56 / 1000
    for number in range(1, 21):
        pace.took(number, spent[number - 1] * (5 if number == 1 else 1), None)
    assert pace.left(20) == pytest.approx(sum(spent[20:]) + 4 * validating, rel=0.02)
    for number in range(21, 101):
        pace.took(number, spent[number - 1], validating if number % 25 == 0 else None)
    assert pace.left(100) == 0


def test_the_work_of_each_step_is_known_beforehand() -> None:
    chosen = recipe(steps=10, batch=4)
    steps = work(rows(16, 30), chosen)
    assert len(steps) == 10
    assert all(step.trained == 20 and 4 * 30 <= step.tokens <= 4 * 36 for step in steps)


def test_a_wider_batch_that_is_yet_to_come_is_counted() -> None:
    """Grouped by length, the widest batch may stand anywhere in the run."""
    chosen = recipe(steps=40, batch=4)
    taught = rows(60, 20) + rows(4, 200)
    steps = work(taught, chosen)
    widest = max(range(40), key=lambda n: steps[n].tokens) + 1
    pace = Pace(steps, [], chosen)
    assert pace.wider(widest, 10**6) == 1
    assert pace.wider(widest, 50) == 1
    before = next(n for n in range(1, 41) if steps[n - 1].tokens < 200)
    if before < widest:
        assert pace.wider(before, 10**6) > 3


def test_what_is_said_beforehand_of_memory_holds_for_a_tiny_base(tmp_path: Path) -> None:
    """Of so small a base the libraries are nearly all; how much of their files is in memory differs by 0.2 GB."""
    base = tiny_base(tmp_path / "base")
    data = data_file(tmp_path, colours(48, "train"), colours(9, "validation"))
    for method in ("lora", "full"):
        chosen = recipe(base=str(base), method=method, steps=24, batch=8)
        steps, model = ended(train(data, tmp_path / method, chosen, "v1"))
        assert isinstance(steps[-1], TrainStep)
        assert model.memory_gb
        for said in (model.expected, model.probed):
            assert said
            assert said.memory_gb == pytest.approx(model.memory_gb, abs=0.2)
