"""A finished model's folder in a second: an adapter on the two-layer random transformer that was drawn, not trained."""

from __future__ import annotations

from pathlib import Path

from finetune.base import load_tokenizer
from finetune.identity import base_hash, learned
from finetune.job import JOB, MODEL, Job
from finetune.methods import attached, keep
from finetune.recipe import Recipe
from finetune.rows import tokenised
from tests.finetune.tiny import colours, data_file, tiny_base
from workspace.project import file_hash, write_text
from workspace.results import TrainedModel
from workspace.sample import Origin, Sample, sample
from workspace.stated import Method


def tiny_tuned(folder: Path, rows: list[Sample] | None = None, name: str = "colours", method: Method = "lora") -> Path:
    """`folder/<name>`; its answers differ from the base's, for what would be trained is drawn anew."""
    import torch

    base, target = tiny_base(folder / "base"), folder / name
    target.mkdir()
    recipe = Recipe(base=str(base), learning_rate=1e-3, rank=4, method=method)
    tokenizer = load_tokenizer(base)
    model = attached(base, recipe, "float32", "cpu", [tokenised(row, tokenizer) for row in rows or colours(6, "train")])
    torch.manual_seed(1)
    for key, p in model.named_parameters():
        if p.requires_grad and "lora_A" not in key:
            torch.nn.init.normal_(p, std=1 if method == "lora" else 0.5)
    keep(model, recipe, target)
    tokenizer.save_pretrained(target)
    finished(target, data_file(folder, colours(6, "train") if rows is None else rows), recipe)
    return target


def finished(folder: Path, data: Path, recipe: Recipe) -> None:
    """What `train` writes beside the weights."""
    job = Job(data=data, data_hash=file_hash(data), version="v1", recipe=recipe)
    write_text(folder / JOB, job.model_dump_json())
    model = TrainedModel(
        name=folder.name,
        base=recipe.base,
        method=recipe.method,
        version="v1",
        folder=str(folder),
        steps=1,
        seconds=1.0,
        tokens_per_second=1.0,
        best_step=1,
        loss=((1, 1.0),),
        validation_loss=((1, 1.0),),
        files=learned(folder),
        base_hash=base_hash(Path(recipe.base)),
    )
    write_text(folder / MODEL, model.model_dump_json())


def free_rows() -> list[Sample]:
    """Rows whose answers are texts, not labels."""
    return [sample("say something", "any words", Origin(source="test", row=1))]
