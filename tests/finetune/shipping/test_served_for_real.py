"""SmolLM2 for real: llama.cpp answers as transformers does, as the base and as the tuned model, in one server."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.recipe import Recipe
from finetune.shipping.engine import Piece, Question
from finetune.shipping.in_torch import TorchEngine
from finetune.shipping.server import LlamaServer
from finetune.shipping.serving import Served
from finetune.train import train
from tests.finetune.tiny import colours, data_file, ended
from workspace.sample import Message

ASKED = 50


def said(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces).strip()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_llama_cpp_answers_as_transformers_does(tmp_path: Path) -> None:
    data = data_file(tmp_path, colours(24, "train"), colours(6, "validation"))
    recipe = Recipe(base="smollm2-135m", learning_rate=2e-3, batch=4, steps=12, check_every=12)
    ended(train(data, tmp_path / "m", recipe, "v1"))
    model = Served(tmp_path / "m")
    prompts = [model.prompt(row.messages[:-1]) for row in colours(ASKED + 30, None)[30:]]
    asked = [Question(prompt, True, 12) for prompt in prompts]
    ours = TorchEngine(model.folder, model.tokenizer, model.context)
    theirs = model._ready()
    assert isinstance(theirs, LlamaServer)
    same = sum(said(list(ours.answer(q))) == said(list(theirs.answer(q))) for q in asked)
    print(f"same answers: {same} of {ASKED}")
    assert same >= 45
    assert all(said(list(theirs.answer(q))) in model.labels for q in asked)
    # One cache, two models: what was remembered of one must not colour the other.
    prompt = model.prompt([Message(role="user", content="What is the capital of France?")])
    base, tuned = Question(prompt, False, 16), Question(prompt, True, 16)
    first = said(list(theirs.answer(base)))
    assert "Paris" in first
    assert said(list(theirs.answer(tuned))) != first
    assert said(list(theirs.answer(base))) == first
    model.close()
