"""Which rows teach and which watch, and what is said about them before training."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.base import load_tokenizer
from finetune.job import Job
from finetune.lessons import Lessons, divided, lessons
from finetune.recipe import Recipe
from finetune.rows import Tokens
from tests.finetune.tiny import TEMPLATE, colours, data_file, tiny_base
from workspace.errors import UserError
from workspace.sample import Finding, Sample


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


def test_what_is_not_possible_with_few_rows_is_said(tmp_path: Path) -> None:
    """Five rows, none to watch and none to test: it goes on, and says what can't be had."""
    found = taught(tmp_path, colours(5, "train"))
    assert (len(found.train), len(found.validation)) == (5, 0)
    assert found.note is not None
    for words in ("by heart", "watch over", "not measured"):
        assert words in found.note.en
    for words in ("死记", "监控", "留出测试数据"):
        assert words in found.note.zh


def test_an_answer_of_nothing_but_its_end_is_refused(tmp_path: Path) -> None:
    """A zero-width space is no white space to Python, yet some templates strip it."""
    rows = colours(12, "train")
    strips = TEMPLATE.replace("m['content']", "(m['content'] | replace('red', ''))")
    with pytest.raises(UserError, match="nothing would be learned"):
        taught(tmp_path, rows, strips)


def test_a_base_without_a_chat_template_has_a_plain_one(tmp_path: Path) -> None:
    base = tiny_base(tmp_path / "base", template=None)
    tokenizer = load_tokenizer(base)
    rows = data_file(tmp_path, colours(12, "train"))
    job = Job(data=rows, data_hash="", version="v1", recipe=Recipe(base=str(base), learning_rate=1e-3))
    first = lessons(job, tokenizer, base).train[0]
    assert tokenizer.decode(first.prompt).startswith("user:\n")
    assert first.answer[-1] == tokenizer.eos_token_id


def taught(folder: Path, rows: list[Sample], template: str = TEMPLATE) -> Lessons[Tokens]:
    base = tiny_base(folder / "base", template)
    recipe = Recipe(base=str(base), learning_rate=1e-3)
    job = Job(data=data_file(folder, rows), data_hash="", version="v1", recipe=recipe)
    return lessons(job, load_tokenizer(base), base)
