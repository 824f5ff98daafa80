"""Two processes that share each batch learn what one alone learns."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.checkpoint import latest
from finetune.company import Company
from finetune.recipe import Recipe
from finetune.train import train
from tests.finetune.tiny import colours, data_file, ended, tiny_base


def test_alone_nothing_changes() -> None:
    alone = Company()
    assert alone.leads
    assert list(alone.share([1, 2, 3])) == [1, 2, 3]
    assert alone.total(2.5) == 2.5
    assert alone.leaders("keep") == "keep"


def test_two_learn_what_one_learns(tmp_path: Path) -> None:
    """Batches of 5, and of 1 at the end of each epoch, where one of the two has nothing to do. All weights are tuned,
    for those are float32 on every machine: in bfloat16 a row's rounding follows from its neighbours in the batch."""
    base = tiny_base(tmp_path / "base")
    data = data_file(tmp_path, colours(21, "train"), colours(27, "validation")[22:])
    dials = {"base": str(base), "method": "full", "learning_rate": 1e-3, "batch": 5, "steps": 12, "check_every": 4}
    recipe = Recipe.model_validate(dials)
    steps, one = ended(train(data, tmp_path / "one", recipe, "v1"))
    shared, two = ended(train(data, tmp_path / "two", recipe, "v1", processes=2))
    assert [step.step for step in shared] == [step.step for step in steps]
    assert [loss for _, loss in two.loss] == pytest.approx([loss for _, loss in one.loss], abs=1e-4)
    assert dict(two.validation_loss) == pytest.approx(dict(one.validation_loss), abs=1e-4)
    assert latest(tmp_path / "two") is None
