"""What a person need not say about a classifier follows from its base and its rows."""

from __future__ import annotations

from finetune.recipe import Choices, recipe_for, recipe_of
from workspace.stated import usual_base


def test_a_larger_base_takes_smaller_steps() -> None:
    small, large = (recipe_for(base, 500, "encoder").learning_rate for base in ("minilm", "owner/xlm-roberta-278m"))
    assert large < small <= 1e-3


def test_few_rows_are_passed_over_often_and_many_less() -> None:
    few, many = recipe_for("minilm", 400, "encoder"), recipe_for("minilm", 9000, "encoder")
    assert few.steps * few.batch / 400 > many.steps * many.batch / 9000 > 1
    assert recipe_for("minilm", 10, "encoder").steps >= 100
    assert few.check_every <= few.steps // 5


def test_what_a_person_says_counts() -> None:
    said = recipe_of(Choices("minilm", "encoder", epochs=2, learning_rate=3e-5), 320)
    assert (said.steps, said.learning_rate) == (40, 3e-5)


def test_who_names_no_base_gets_one_that_fits() -> None:
    assert usual_base("encoder") == "minilm"
    assert usual_base("lora") == "smollm2-135m"
