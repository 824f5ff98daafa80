"""Our LoRA computes what peft's does: loss, gradients, and the adapter on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import PeftModel

from finetune.base import load_model, load_tokenizer
from finetune.lora import quicken, restore
from finetune.methods import attached, keep
from finetune.recipe import Recipe
from finetune.rows import Tokens, tokenised
from finetune.writer import answer_loss
from tests.finetune.tiny import colours, tiny_base


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base"))


def recipe(base: Path, dropout: float = 0.0) -> Recipe:
    return Recipe(base=str(base), learning_rate=1e-2, dropout=dropout, rank=4)


def tuned(base: Path, dropout: float = 0.0) -> PeftModel:
    """B starts as nothing in LoRA; here it is something, so that each part of the product shows."""
    model = attached(base, recipe(base, dropout), "float32", "cpu", ())
    assert isinstance(model, PeftModel)
    for name, p in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(p, std=0.1)
    return model.train()


def gradients(model: PeftModel, rows: list[Tokens], pad: int) -> tuple[float, dict[str, torch.Tensor]]:
    model.zero_grad()
    loss = answer_loss(model, rows, pad)
    loss.backward()  # type: ignore[no-untyped-call]
    return loss.item(), {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}


def test_loss_and_gradients_are_those_of_peft(base: Path) -> None:
    tokenizer, model = load_tokenizer(base), tuned(base)
    rows = [tokenised(row, tokenizer) for row in colours(5, "train")]
    expected, theirs = gradients(model, rows, tokenizer.pad_token_id)
    quicken(model)
    found, ours = gradients(model, rows, tokenizer.pad_token_id)
    assert found == pytest.approx(expected, rel=1e-5)
    assert ours.keys() == theirs.keys()
    assert len(ours) == 2 * 2 * 7
    for name in ours:
        torch.testing.assert_close(ours[name], theirs[name], rtol=1e-4, atol=1e-5)


def test_activations_computed_twice_give_the_same(base: Path) -> None:
    tokenizer, model = load_tokenizer(base), tuned(base, dropout=0.3)
    rows = [tokenised(row, tokenizer) for row in colours(5, "train")]
    quicken(model)
    torch.manual_seed(1)
    expected, kept = gradients(model, rows, tokenizer.pad_token_id)
    model.gradient_checkpointing_enable()
    model.enable_input_require_grads()
    torch.manual_seed(1)
    found, again = gradients(model, rows, tokenizer.pad_token_id)
    assert found == pytest.approx(expected)
    for name in kept:
        torch.testing.assert_close(again[name], kept[name])


def test_dropout_leaves_the_mean_as_it_is(base: Path) -> None:
    """Over many draws a layer's output is the one without dropout; and each draw differs from it."""
    model = tuned(base, dropout=0.5)
    quicken(model)
    layer = model.get_base_model().model.layers[0].mlp.down_proj
    x = torch.randn(3, 64)
    drawn = torch.stack([layer(x.clone()) for _ in range(4000)])
    expected = layer.eval()(x.clone())
    torch.testing.assert_close(drawn.mean(0), expected, rtol=0.1, atol=0.05)
    assert drawn.std(0).min() > 0.01


def test_peft_opens_what_was_learned(base: Path, tmp_path: Path) -> None:
    model = tuned(base)
    quicken(model)
    keep(model, recipe(base), tmp_path)
    again = PeftModel.from_pretrained(load_model(base, "float32", "cpu"), tmp_path)
    ids = torch.tensor([[1, 2, 3, 4, 5]])
    torch.testing.assert_close(again(input_ids=ids).logits, model.eval()(input_ids=ids).logits)


def test_a_switched_off_adapter_is_off(base: Path) -> None:
    model, ids = tuned(base).eval(), torch.tensor([[1, 2, 3]])
    quicken(model)
    on = model(input_ids=ids).logits
    with model.disable_adapter():
        off = model(input_ids=ids).logits
    torch.testing.assert_close(off, load_model(base, "float32", "cpu")(input_ids=ids).logits)
    assert (on - off).abs().max() > 0.01


def test_other_layers_stay_pefts(base: Path) -> None:
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=4, target_modules=["q_proj", "embed_tokens"], use_dora=True, task_type="CAUSAL_LM")
    model = get_peft_model(load_model(base, "float32", "cpu"), config)
    quicken(model)
    assert not [name for name, module in model.named_modules() if "forward" in vars(module)]


def test_restored_is_pefts_own(base: Path) -> None:
    model = tuned(base)
    quicken(model)
    assert len([m for m in model.modules() if "forward" in vars(m)]) == 14
    restore(model)
    assert not [m for m in model.modules() if "forward" in vars(m)]
