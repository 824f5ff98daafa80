"""Defaults follow from the base and the rows, choices are obeyed or refused, and all survives JSON."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from finetune.loop import schedule
from finetune.recipe import Choices, Mix, Recipe, recipe_for, recipe_of
from workspace.errors import UserError
from workspace.stated import METHODS

MIX = Mix(rows=Path("more.jsonl"), hash="0")
PLAIN = Choices("smollm2-135m")


def test_defaults_follow_from_base_and_rows() -> None:
    small, large = recipe_for("smollm2-135m", 36), recipe_for("qwen2.5-coder-1.5b", 4000)
    assert (small.learning_rate, small.batch, small.dropout, small.steps) == (2e-3, 8, 0.05, 100)
    assert (large.learning_rate, large.batch, large.dropout, large.steps) == (2e-4, 16, 0.0, 500)


def test_full_tuning_takes_a_tenth_of_the_rate_of_lora() -> None:
    for base in ("smollm2-135m", "qwen2.5-coder-1.5b"):
        assert recipe_for(base, 480, "full").learning_rate == pytest.approx(recipe_for(base, 480).learning_rate / 10)


@pytest.mark.parametrize("method", [method for method, _ in METHODS])
def test_json_round_trip(method: Any) -> None:
    recipe = recipe_of(replace(PLAIN, method=method), 480)
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_choices_are_obeyed() -> None:
    recipe = recipe_of(replace(PLAIN, epochs=1, learning_rate=1e-3, replay=0.2), 480)
    assert (recipe.steps, recipe.learning_rate, recipe.replay, recipe.probe) == (
        round(480 / 0.8 / 16),
        1e-3,
        0.2,
        False,
    )
    assert recipe_of(replace(PLAIN, epochs=1), 480, mix=MIX).steps == 60


def test_a_model_that_writes_replays_and_one_that_names_kinds_does_not() -> None:
    assert recipe_of(PLAIN, 480, writes=True).replay == 0.1
    assert recipe_of(PLAIN, 480).replay == 0
    assert recipe_of(replace(PLAIN, method="prefix"), 480, writes=True).replay == 0


def test_rates_are_probed_where_that_costs_a_fifth_of_the_run_at_most_or_when_asked_for() -> None:
    assert not recipe_of(replace(PLAIN, epochs=1), 16 * 359).probe
    assert recipe_of(replace(PLAIN, epochs=1), 16 * 360).probe
    assert not recipe_of(replace(PLAIN, epochs=1, learning_rate=1e-3), 16 * 360).probe
    assert recipe_of(replace(PLAIN, learning_rate="probe"), 40).probe


@pytest.mark.parametrize(
    ("choices", "mix", "said"),
    [
        (Choices("smollm2-135m", "magic"), None, "'magic'"),  # type: ignore[arg-type]
        (replace(PLAIN, epochs=0), None, "passes"),
        (replace(PLAIN, learning_rate=2.0), None, "learning rate 2"),
        (replace(PLAIN, replay=0.9), None, "share of 0.9"),
        (replace(PLAIN, method="prompt", replay=0.1), None, "nothing to keep"),
        (replace(PLAIN, method="encoder"), MIX, "no use"),
    ],
)
def test_what_cannot_be_is_refused(choices: Choices, mix: Mix | None, said: str) -> None:
    with pytest.raises(UserError, match=said):
        recipe_of(choices, 480, mix=mix)


@pytest.mark.parametrize(("kind", "half"), [("linear", 0.5), ("cosine", 0.5)])
def test_the_rate_rises_and_falls(kind: str, half: float) -> None:
    recipe = Recipe.model_validate(
        {"base": "b", "learning_rate": 1, "steps": 110, "warmup": 10 / 110, "schedule": kind}
    )
    found = [schedule(step, recipe) for step in (5, 10, 60, 110)]
    assert found == pytest.approx([0.5, 1, half, 0])
    quarter = schedule(35, recipe)
    assert quarter == pytest.approx(0.75 if kind == "linear" else 0.853553)
