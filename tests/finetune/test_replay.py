"""What is learned beside the task: chosen the same way each time, in the share that was asked for, never watched."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from finetune.base import load_model, load_tokenizer
from finetune.job import Held, Job
from finetune.lessons import Lessons, lessons
from finetune.recipe import Mix, Recipe
from finetune.replay import LONGEST, REPLAYED, chosen, everyday, replayed, with_more
from finetune.rows import Tokens, prompt_tokens, stop_tokens
from tests.finetune.tiny import colours, data_file, tiny_base
from workspace.errors import UserError
from workspace.project import file_hash, read_samples, write_samples
from workspace.sample import Message, Origin, sample
from workspace.words import language_of


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


def more(base: Path, folder: Path, **dials: object) -> tuple[Lessons[Tokens], Lessons[Tokens]]:
    """The lessons as they are, and with what the recipe adds."""
    folder.mkdir(exist_ok=True)
    data = folder / "data.jsonl"
    if not data.exists():
        data_file(folder, colours(24, "train"), colours(6, "validation"), colours(3, "test"))
    recipe = Recipe.model_validate({"base": str(base), "learning_rate": 1e-2, **dials})
    job = Job(data=data, data_hash="", version="v", recipe=recipe, source=data, held=Held(rows=3, hash="x"))
    tokenizer = load_tokenizer(base)
    plain = lessons(job, tokenizer, base)
    return plain, with_more(plain, job, folder, load_model(base, "float32", "cpu"), tokenizer)


def test_thirty_things_in_each_language_that_anybody_may_ask() -> None:
    prompts = everyday(7)
    assert Counter(map(language_of, prompts)) == {"en": 30, "zh": 30}
    assert len(set(prompts)) == 60
    assert prompts == everyday(7) != everyday(8)


def test_the_share_is_that_of_all_rows() -> None:
    assert [replayed(90, share) for share in (0.0, 0.1, 0.5)] == [0, 10, 90]
    assert replayed(24, 0.05) == replayed(2, 0.05) == 1


def test_the_base_answers_once_and_its_answers_are_learned(base: Path, tmp_path: Path) -> None:
    plain, found = more(base, tmp_path, replay=0.2)
    general = found.train[len(plain.train) :]
    assert found.train[: len(plain.train)] == plain.train
    assert len(general) == 6
    assert found.validation == plain.validation
    assert found.note is not None
    assert "6 general rows (20%)" in found.note.en
    asked = {prompt_tokens([Message(role="user", content=text)], load_tokenizer(base)) for text in everyday(7)[:6]}
    assert {row.prompt for row in general} <= asked
    stops = stop_tokens(load_tokenizer(base))
    assert all(len(row.answer) == LONGEST or row.answer[-1] in stops for row in general)
    before = (tmp_path / REPLAYED).read_bytes()
    assert more(base, tmp_path, replay=0.2)[1].train == found.train
    assert (tmp_path / REPLAYED).read_bytes() == before


def test_what_the_base_answers_is_what_it_would_have_said(base: Path, tmp_path: Path) -> None:
    import torch

    more(base, tmp_path, replay=0.1)
    row, model, tokenizer = (
        next(read_samples(tmp_path / REPLAYED)),
        load_model(base, "float32", "cpu"),
        load_tokenizer(base),
    )
    ids = torch.tensor([prompt_tokens(row.messages[:-1], tokenizer)])
    with torch.no_grad():
        first = int(model(input_ids=ids).logits[0, -1].argmax())
    assert row.answer.startswith(tokenizer.decode([first]).strip())


def test_as_many_rows_of_a_second_file_as_of_the_first(base: Path, tmp_path: Path) -> None:
    rows = [sample(f"say {i}", f"{i}!", Origin(source="test", row=i)) for i in range(5)]
    tested = sample(colours(3, "test")[1].question, "caught", Origin(source="test", row=9))
    path = tmp_path / "more.jsonl"
    write_samples(path, [*rows, tested])
    plain, found = more(base, tmp_path / "m", mix=Mix(rows=path, hash=file_hash(path)))
    mixed = Counter(row.answer for row in found.train[len(plain.train) :])
    assert sum(mixed.values()) == len(plain.train)
    assert len(mixed) == 5  # what a test row asks is not among them
    assert max(mixed.values()) - min(mixed.values()) <= 1
    assert found.validation == plain.validation


def test_a_second_file_that_was_changed_is_refused(base: Path, tmp_path: Path) -> None:
    path = tmp_path / "more.jsonl"
    write_samples(path, [sample("say", "so", Origin(source="test", row=1))])
    with pytest.raises(UserError, match="gone or were changed"):
        more(base, tmp_path / "m", mix=Mix(rows=path, hash="other"))


def test_the_choice_follows_from_the_seed() -> None:
    rows = [Tokens((i,), (i,)) for i in range(9)]
    assert chosen(rows, 5, 1) == chosen(rows, 5, 1) != chosen(rows, 5, 2)
    assert chosen([], 3, 1) == []
