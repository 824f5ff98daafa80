"""How a classifier is tuned where a person says nothing: smaller encoders take larger steps, few rows more passes."""

from __future__ import annotations

from finetune.base import parameters
from finetune.recipe import Choices, Recipe

LEAST_STEPS = 100


def dials(choices: Choices, train_rows: int, seed: int) -> Recipe:
    """Devlin et al. 2019 advise 2e-5 to 5e-5 for 110 million weights and more; MiniLM has a fifth of that."""
    batch = 32 if train_rows >= 5000 else 16
    steps = max(1, round((choices.epochs or _epochs(train_rows)) * train_rows / batch))
    given = choices.learning_rate
    return Recipe(
        base=choices.base,
        method="encoder",
        seed=seed,
        dropout=0.1,
        probe=given == "probe",
        learning_rate=given if isinstance(given, float) else _learning_rate(parameters(choices.base)),
        batch=batch,
        steps=steps if choices.epochs else max(LEAST_STEPS, steps),
        warmup=0.1,
        check_every=max(10, steps // 10),
    )


def _epochs(rows: int) -> int:
    return 10 if rows <= 2000 else 6 if rows <= 20000 else 3


def _learning_rate(size: float) -> float:
    if size < 60e6:
        return 2e-4
    return 5e-5 if size < 200e6 else 2e-5
