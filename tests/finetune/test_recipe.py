"""Defaults follow from the base and the rows, and survive JSON."""

from __future__ import annotations

import pytest

from finetune.recipe import Recipe, recipe_for
from workspace.errors import UserError


def test_defaults_follow_from_base_and_rows() -> None:
    small, large = recipe_for("smollm2-135m", 36), recipe_for("qwen2.5-coder-1.5b", 4000)
    assert (small.learning_rate, small.batch, small.dropout, small.steps) == (2e-3, 8, 0.05, 100)
    assert (large.learning_rate, large.batch, large.dropout, large.steps) == (2e-4, 16, 0.0, 500)


def test_json_round_trip() -> None:
    recipe = recipe_for("smollm2-135m", 480)
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe


def test_unknown_method_is_refused() -> None:
    with pytest.raises(UserError, match="'magic'"):
        recipe_for("smollm2-135m", 480, method="magic")
