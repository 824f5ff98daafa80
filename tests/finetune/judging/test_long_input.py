"""Messages are brought to the length that is asked for, and none is too long to be answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.job import tuned
from finetune.judging.contestants import Contest, within
from finetune.judging.exam import exam
from finetune.judging.long_input import context_of, lengthened, long_input, trained_length
from finetune.recipe import Recipe
from finetune.rows import prompt_tokens
from finetune.train import train
from tests.finetune.tiny import colours, data_file, ended, tiny_base


@pytest.fixture(scope="module")
def contest(tmp_path_factory: pytest.TempPathFactory) -> Contest:
    folder = tmp_path_factory.mktemp("long")
    base = tiny_base(folder / "base")
    data = data_file(folder, colours(12, "train"), colours(3, "validation"), colours(6, "test"))
    recipe = Recipe(base=str(base), learning_rate=1e-2, batch=4, steps=2, check_every=2, dropout=0)
    ended(train(data, folder / "model", recipe, "v1"))
    return Contest(exam(data, folder / "model"), tuned(folder / "model").base, folder / "model")


def test_rows_reach_the_length_before_and_after(contest: Contest) -> None:
    rows = list(lengthened(contest, 300))
    assert [row.fields["way"] for row in rows] == ["before", "after"] * 3
    parents = {row.id: row for row in contest.exam.test}
    assert len({row.origin.parent for row in rows}) == len(parents)
    for row in rows:
        parent = parents[str(row.origin.parent)]
        assert parent.question in row.question
        assert row.origin.parent == parent.id
        assert row.label == parent.label
        assert 290 <= len(prompt_tokens(row.messages[:-1], contest.tokenizer)) <= 310
    assert list(lengthened(contest, 45)) == []


def test_measured_up_to_and_beyond_the_context(contest: Contest, tmp_path: Path) -> None:
    assert (trained_length(contest), context_of(contest)) == (256, 512)
    steps, found = ended(long_input(contest, tmp_path))
    assert [row[0] for row in found.rows] == ["128", "256", "512", "544"]
    assert steps[-1].done == steps[-1].total
    assert "512" in found.text.en
    assert "loses its beginning" in found.text.en
    assert "截去开头" in found.text.zh


def test_a_prompt_beyond_the_context_loses_its_beginning(contest: Contest) -> None:
    model = contest.model("tuned")
    assert within(tuple(range(600)), model, 12) == tuple(range(100, 600))
    assert within(tuple(range(500)), model, 12) == tuple(range(500))
