"""SmolLM2 for real: found by name, tuned on a few rows, loaded again from what was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.base import base_folder, load_tokenizer
from finetune.judging.evaluate import evaluate
from finetune.recipe import Recipe
from finetune.rows import tokenised
from finetune.train import train
from tests.finetune.tiny import colours, data_file, ended


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_tunes_and_judges(tmp_path: Path) -> None:
    data = data_file(tmp_path, colours(12, "train"), colours(3, "validation"), colours(6, "test"))
    recipe = Recipe(base="smollm2-135m", learning_rate=2e-3, batch=4, steps=9, check_every=9)
    steps, model = ended(train(data, tmp_path / "model", recipe, "v1"))
    assert steps[-1].loss < steps[0].loss / 2
    assert model.best_step == 9
    _, card = ended(evaluate(data, tmp_path / "model", "accuracy", 0.9, tmp_path / "out"))
    assert card.systems["tuned"].metrics["accuracy"].value >= 5 / 6


@pytest.mark.slow
def test_its_own_default_system_prompt_is_left_out() -> None:
    tokenizer = load_tokenizer(base_folder("smollm2-135m"))
    row = tokenised(colours(1, "train")[0], tokenizer)
    assert tokenizer.decode(row.prompt).startswith("<|im_start|>user\nred")
    assert tokenizer.decode(row.answer) == "red<|im_end|>"
