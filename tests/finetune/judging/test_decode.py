"""Batched answers with a shared beginning equal what one would get row by row without any of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.base import load_model, load_tokenizer
from finetune.judging.decode import Choices, Decoder
from finetune.rows import answer_tokens, prompt_tokens
from tests.finetune.tiny import colours, tiny_base
from workspace.sample import Message


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


def test_batched_writing_equals_generate(base: Path) -> None:
    import torch

    tokenizer, model = load_tokenizer(base), load_model(base, "float32", "cpu")
    rows = colours(14, "test")
    prompts = {i: prompt_tokens(row.messages[:-1], tokenizer) for i, row in enumerate(rows)}
    decoder = Decoder(model, tokenizer, None, longest=8)
    decoder.share(list(prompts.values()))
    assert len(decoder.shared) == len("<|im_start|>user\n") - 11
    found = {row: text for batch in decoder.answers(prompts) for row, text in batch.items()}
    for row, prompt in prompts.items():
        ids = torch.tensor([prompt])
        whole = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=8, do_sample=False)
        assert found[row] == tokenizer.decode(whole[0, len(prompt) :], skip_special_tokens=True).strip()


def test_a_label_that_begins_another(base: Path) -> None:
    """`card` must be reachable though `card_lost` begins with it."""
    tokenizer = load_tokenizer(base)
    question = Message(role="user", content="?")
    labels = {
        answer_tokens((question, Message(role="assistant", content=label)), tokenizer): label
        for label in ("card", "card_lost", "age")
    }
    choices = Choices(labels)
    ends = {label: tokens for tokens, label in labels.items()}
    assert choices.settled(ends["age"][:1]) == "age"
    assert choices.settled(ends["card"][:4]) is None
    assert choices.settled(ends["card"]) == "card"
    assert choices.settled(ends["card_lost"][:5]) == "card_lost"


def test_one_prompt_and_equal_prompts_leave_a_token_to_run(base: Path) -> None:
    tokenizer, model = load_tokenizer(base), load_model(base, "float32", "cpu")
    decoder = Decoder(model, tokenizer, None, longest=3)
    prompt = prompt_tokens((Message(role="user", content="hi"),), tokenizer)
    decoder.share([prompt, prompt])
    assert decoder.shared == prompt[:-1]
    answers = {row: text for batch in decoder.answers({0: prompt, 1: prompt}) for row, text in batch.items()}
    assert answers[0] == answers[1]
