"""A base that learns to write answers: how its loss is computed from rows of tokens."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from finetune import flat
from finetune.base import Precision, base_folder, load_tokenizer
from finetune.job import Job
from finetune.lessons import lessons
from finetune.lora import quicken
from finetune.methods import attached, keep, lighten
from finetune.rows import Tokens

if TYPE_CHECKING:
    from peft import PeftModel
    from torch import Tensor
    from transformers import PreTrainedModel


class Writer:
    """A base that learns to write answers, by the recipe's method."""

    def __init__(self, job: Job, precision: Precision, device: str) -> None:
        base = base_folder(job.recipe.base)
        self.tokenizer = load_tokenizer(base)
        self.taught = lessons(job, self.tokenizer, base)
        self.recipe = job.recipe
        self.model = attached(base, self.recipe, precision, device, self.taught.train)
        quicken(self.model)
        self.compute = loss_of(self.model, self.recipe.method, self.taught.train, self.tokenizer.pad_token_id)
        self.weights = {name: p for name, p in self.model.named_parameters() if p.requires_grad}

    def rate(self, name: str) -> float:
        return 1.0

    def loss(self, rows: Sequence[Tokens]) -> Tensor:
        return self.compute(rows)

    def lighten(self) -> bool:
        return lighten(self.model, self.recipe)

    def keep(self, folder: Path) -> None:
        """What was learned, and the tokenizer."""
        keep(self.model, self.recipe, folder)
        self.tokenizer.save_pretrained(folder)


def loss_of(
    model: PeftModel | PreTrainedModel, method: str, rows: Sequence[Tokens], pad: int
) -> Callable[[Sequence[Tokens]], Tensor]:
    """Rows end to end where this base then says the same of the shortest and the longest of `rows`; padded elsewhere.

    A learned prompt or prefix stands before each row: those are padded.
    """
    import torch

    padded = partial(answer_loss, model, pad=pad)
    if method in ("prompt", "prefix"):
        return padded
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    before, trial = base.config._attn_implementation, sorted(rows, key=lambda row: row.length)[:: max(1, len(rows) - 1)]
    model.eval()
    with torch.no_grad():
        expected = padded(trial).item()
        try:
            flat.install(base)
            found = flat.answer_loss(base, trial).item()
        except (TypeError, ValueError, AttributeError):
            found = math.nan
    if math.isclose(found, expected, rel_tol=1e-3 if base.dtype == torch.float32 else 0.03):
        return partial(flat.answer_loss, base)
    base.set_attn_implementation(before)
    return padded


def answer_loss(model: PeftModel | PreTrainedModel, rows: Sequence[Tokens], pad: int) -> Tensor:
    """Summed over the tokens of the answers; a scalar.

    Rows are padded on the left, so that the answers stand together at the right and only there are logits computed:
    over a vocabulary of 49,152 they would cost a quarter of the whole pass.
    """
    import torch

    longest, keep = max(row.length for row in rows), max(len(row.answer) for row in rows)
    ids = [[pad] * (longest - row.length) + [*row.prompt, *row.answer] for row in rows]
    seen = [[0] * (longest - row.length) + [1] * row.length for row in rows]
    wanted = [[-100] * (keep - len(row.answer)) + list(row.answer) for row in rows]
    mask = torch.tensor(seen, device=model.device)
    logits = model(
        input_ids=torch.tensor(ids, device=model.device),
        attention_mask=mask,
        position_ids=(mask.cumsum(1) - 1).clamp(min=0),
        logits_to_keep=keep + 1,
        use_cache=False,
    ).logits
    targets = torch.tensor(wanted, device=model.device)
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].float().flatten(0, 1), targets.flatten(), reduction="sum", ignore_index=-100
    )
