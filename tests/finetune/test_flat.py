"""Rows end to end give the loss and the gradients of rows that are padded."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import PeftModel

from finetune import flat
from finetune.base import load_model, load_tokenizer
from finetune.methods import attached
from finetune.recipe import Recipe
from finetune.rows import Tokens, tokenised
from finetune.writer import answer_loss, loss_of
from tests.finetune.tiny import colours, tiny_base


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


def model_of(base: Path) -> PeftModel:
    model = attached(base, Recipe(base=str(base), learning_rate=1e-2, dropout=0), "float32", "cpu", ())
    assert isinstance(model, PeftModel)
    for name, p in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(p, std=0.1)
    return model.train()


def gradients(model: PeftModel, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    model.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


WORDS = [tuple(range(3, 12)), tuple(range(3, 30)), (3, 4, 5, 90, 91)]
SETS = {
    "one row": [Tokens(WORDS[0], (7, 8))],
    "a common beginning": [Tokens(words, (7, 8, 9)[:n]) for words, n in zip(WORDS, (1, 2, 3), strict=True)],
    "nothing in common": [Tokens((20, 4), (5,)), Tokens((21, 4, 4, 4), (6, 7))],
    "the same question": [Tokens(WORDS[0], (7, 8)), Tokens(WORDS[0], (9, 10, 11))],
    "one inside the other": [Tokens(WORDS[0][:4], (50, 51)), Tokens(WORDS[0], (9,))],
}


@pytest.mark.parametrize("rows", SETS.values(), ids=SETS)
@pytest.mark.parametrize("short", [512, 0], ids=["products", "flash"])
def test_loss_and_gradients_are_those_of_padded_rows(
    base: Path, rows: list[Tokens], short: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(base)
    padded = answer_loss(model, rows, pad=0)
    expected = gradients(model, padded)
    monkeypatch.setattr(flat, "SHORT", short)
    # Four tokens' logits at a time, so that there is more than one lot.
    monkeypatch.setattr(flat, "MOST_LOGITS", {"cpu": 4 * model.config.vocab_size})
    flat.install(model.get_base_model())
    found = flat.answer_loss(model.get_base_model(), rows)
    assert found.item() == pytest.approx(padded.item(), abs=1e-4)
    ours = gradients(model, found)
    assert ours.keys() == expected.keys()
    for name in ours:
        torch.testing.assert_close(ours[name], expected[name], rtol=1e-3, atol=1e-5)


def test_common_beginning_and_padding_are_not_computed(base: Path) -> None:
    laid = flat.laid(SETS["a common beginning"], torch.device("cpu"))
    # 3 in common; then 6, 24 and 2 of the questions, and of the answers all but the last token.
    assert laid.shared == 3
    assert laid.ids.shape == (1, 3 + 6 + 24 + 2 + 0 + 1 + 2)
    assert laid.positions[0, :4].tolist() == [0, 1, 2, 3]
    assert laid.positions.max() == 27


def test_padded_rows_still_go_through(base: Path) -> None:
    """Whoever calls the model itself knows nothing of rows end to end."""
    model, rows = model_of(base).eval(), SETS["a common beginning"]
    expected = answer_loss(model, rows, pad=0).item()
    flat.install(model.get_base_model())
    assert answer_loss(model, rows, pad=0).item() == pytest.approx(expected, rel=1e-5)


def test_activations_computed_twice_give_the_same(base: Path) -> None:
    model, rows = model_of(base), SETS["a common beginning"]
    flat.install(model.get_base_model())
    expected = gradients(model, flat.answer_loss(model.get_base_model(), rows))
    model.gradient_checkpointing_enable()
    model.enable_input_require_grads()
    found = gradients(model, flat.answer_loss(model.get_base_model(), rows))
    for name in expected:
        torch.testing.assert_close(found[name], expected[name])


def test_a_head_that_is_trained_learns(base: Path) -> None:
    model, rows = load_model(base, "float32", "cpu").train(), SETS["a common beginning"]
    answer_loss(model, rows, pad=0).backward()  # type: ignore[arg-type, no-untyped-call]
    expected = model.get_output_embeddings().weight.grad.clone()
    model.zero_grad()
    flat.install(model)
    flat.answer_loss(model, rows).backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(model.get_output_embeddings().weight.grad, expected, rtol=1e-3, atol=1e-5)


def test_taken_where_it_says_the_same(base: Path) -> None:
    tokenizer, model = load_tokenizer(base), model_of(base)
    rows = [tokenised(row, tokenizer) for row in colours(5, "train")]
    expected = answer_loss(model, rows, tokenizer.pad_token_id).item()
    assert loss_of(model, "lora", rows, tokenizer.pad_token_id)(rows).item() == pytest.approx(expected, abs=1e-4)
    assert model.config._attn_implementation == flat.ATTENTION


def test_a_base_that_looks_back_only_so_far_keeps_its_own(tmp_path: Path) -> None:
    """Mistral with a window of 8: end to end, rows longer than that would look too far."""
    from transformers import MistralConfig, MistralForCausalLM

    folder = tiny_base(tmp_path)
    given = load_model(folder, "float32", "cpu").config.to_dict()
    names = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
    config = MistralConfig(**{name: given[name] for name in names}, num_key_value_heads=2, sliding_window=8)
    config.initializer_range = 0.2
    (folder / "model.safetensors").unlink()
    MistralForCausalLM(config).save_pretrained(folder)
    tokenizer, model = load_tokenizer(folder), model_of(folder)
    rows = [tokenised(row, tokenizer) for row in colours(5, "train")]
    expected = answer_loss(model.eval(), rows, tokenizer.pad_token_id).item()
    assert loss_of(model, "lora", rows, tokenizer.pad_token_id)(rows).item() == pytest.approx(expected)
    assert model.config._attn_implementation != flat.ATTENTION
