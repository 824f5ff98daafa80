"""Tuned models of the tiny base: one whose adapter is drawn at once, and one that really learned."""

from __future__ import annotations

from pathlib import Path

from finetune.base import load_tokenizer
from finetune.methods import attached, keep
from finetune.recipe import Recipe
from finetune.train import train
from tests.finetune.shipping.tuned import finished
from tests.finetune.tiny import colours, data_file, ended, tiny_base
from workspace.stated import Method


def learned_model(folder: Path) -> Path:
    """So sure of its answers that merging doesn't change them."""
    base, model = tiny_base(folder / "base"), folder / "model"
    data = data_file(folder, colours(60, "train"), colours(9, "validation"), colours(9, "test"))
    recipe = Recipe(base=str(base), learning_rate=1e-2, batch=8, steps=60, check_every=20, dropout=0)
    ended(train(data, model, recipe, "v1"))
    return model


def tuned_model(folder: Path, size: float = 0.3, method: Method = "lora") -> Path:
    """`folder/model` on `folder/base`; the larger `size`, the more it was changed."""
    import torch

    base, model = tiny_base(folder / "base"), folder / "model"
    model.mkdir()
    recipe = Recipe(base=str(base), learning_rate=1e-3, rank=4)
    tuned = attached(base, recipe, "float32", "cpu", ())
    torch.manual_seed(1)
    for name, weights in tuned.named_parameters():
        if "lora_B" in name:
            weights.data = torch.randn(weights.shape) * size
    keep(tuned, recipe, model)
    load_tokenizer(base).save_pretrained(model)
    data = data_file(folder, colours(6, "train"), colours(6, "test"))
    finished(model, data, recipe.model_copy(update={"method": method}))
    return model
