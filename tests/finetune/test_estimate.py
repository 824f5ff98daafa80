"""The guess before training grows with what makes training longer."""

from __future__ import annotations

from pathlib import Path

from finetune.base import cores
from finetune.estimate import START_SECONDS, outlook
from finetune.recipe import recipe_for
from tests.finetune.tiny import colours, data_file
from workspace.sample import Origin, sample


def test_longer_rows_more_steps_larger_bases(tmp_path: Path) -> None:
    short = data_file(tmp_path, colours(10, "train"))
    long = data_file(tmp_path / "long", [sample("word " * 200, "yes", Origin(source="test"))])
    recipe = recipe_for("smollm2-135m", 10)
    assert outlook(recipe, short).seconds < outlook(recipe, long).seconds
    assert outlook(recipe, short).seconds < outlook(recipe_for("smollm2-135m", 5000), short).seconds
    assert outlook(recipe, short).memory_gb < outlook(recipe_for("qwen2.5-coder-1.5b", 10), short).memory_gb


def test_against_a_measured_run(tmp_path: Path) -> None:
    """100 steps of 16 rows of 25 tokens at 131 tokens/s, as `make demo` reported on two cores, are 305 s."""
    rows = [sample("m" * 40, "label_name_x", Origin(source="test", row=i)) for i in range(432)]
    found = outlook(recipe_for("smollm2-135m", 432), data_file(tmp_path, rows)).seconds - START_SECONDS
    assert 0.8 < found * cores() / 2 / 305 < 1.25
