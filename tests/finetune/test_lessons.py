"""Which rows teach and which watch, and what is said about them before training."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.base import load_tokenizer
from finetune.job import Job
from finetune.lessons import divided, lessons
from finetune.recipe import Recipe
from tests.finetune.tiny import colours, data_file, tiny_base
from workspace.errors import UserError
from workspace.sample import Finding


def test_splits_are_kept() -> None:
    train, validation = divided([*colours(9, "train"), *colours(4, "validation"), *colours(5, "test")], seed=1)
    assert {row.split for row in train} == {"train"}
    assert {row.split for row in validation} == {"validation"}


def test_a_tenth_is_put_aside_when_nothing_watches() -> None:
    train, validation = divided(colours(40, None), seed=1)
    assert (len(train), len(validation)) == (36, 4)
    assert {row.id for row in train}.isdisjoint(row.id for row in validation)


def test_nothing_to_train_on_is_refused() -> None:
    with pytest.raises(UserError, match="no row to train on"):
        divided(colours(3, "test"), seed=1)


def test_one_label_and_dropped_rows(tmp_path: Path) -> None:
    """Rows that a check took out teach nothing; with one label left, that is said."""
    out = Finding(check="facts", verdict="contradicted", reason="wrong", drops=True)
    rows = [row if row.label == "red" else row.judged(out) for row in colours(12, "train")]
    base = tiny_base(tmp_path / "base")
    data = data_file(tmp_path, rows)
    job = Job(data=data, data_hash="", version="v1", recipe=Recipe(base=str(base), learning_rate=1e-3))
    found = lessons(job, load_tokenizer(base), base)
    assert len(found.train) == 4
    assert found.note is not None
    assert "'red'" in found.note.en
    assert "'red'" in found.note.zh
