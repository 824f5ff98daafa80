"""A classifier as the training loop meets it: which of its weights learn, how fast, and how wrong it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.base import base_folder
from finetune.encoders.classifier import calibrated, load_tokenizer, longest, untrained
from finetune.encoders.reading import NONE, Reading, readings
from finetune.job import Job
from workspace.project import read_samples

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import ModuleDict

# The heads start from nothing, the encoder from much.
HEAD_RATE = 10.0


class Reader:
    """Learns label and slots together: the loss of a row is that of its label plus the mean over its tags."""

    def __init__(self, job: Job, device: str) -> None:
        folder, name = base_folder(job.recipe.base), job.recipe.base
        tokenizer = load_tokenizer(folder, name)
        rows = [row for row in read_samples(job.data) if row.kept and row.split != "test"]
        kinds, self.taught = readings(rows, job.recipe, job.held, tokenizer, longest(folder, tokenizer))
        self.classifier = untrained(name, kinds, device, job.recipe.seed)
        self.dropout = job.recipe.dropout
        # Most words of a base never occur in the rows to learn from; a few moved ones would leave the rest behind.
        self.classifier.model["body"].get_input_embeddings().requires_grad_(False)
        self.weights = {name: p for name, p in self.model.named_parameters() if p.requires_grad}

    @property
    def model(self) -> ModuleDict:
        return self.classifier.model

    def rate(self, name: str) -> float:
        return 1.0 if name.startswith("body.") else HEAD_RATE

    def loss(self, rows: Sequence[Reading]) -> Tensor:
        import torch
        from torch.nn.functional import cross_entropy, dropout

        tokens, pooled = self.classifier.hidden([row.ids for row in rows])
        logits = self.model["label"](dropout(pooled, self.dropout, self.model.training))
        labels = torch.tensor([row.label for row in rows], device=logits.device)
        total = cross_entropy(logits, labels, reduction="sum")
        if "slot" in self.model and any(row.tags for row in rows):
            width = tokens.shape[1]
            tags = [[*row.tags, *[NONE] * (width - len(row.tags))] for row in rows]
            wanted = torch.tensor(tags, device=logits.device)
            found = self.model["slot"](dropout(tokens, self.dropout, self.model.training))
            each = cross_entropy(found.transpose(1, 2), wanted, reduction="none", ignore_index=NONE)
            total = total + (each.sum(1) / (wanted != NONE).sum(1).clamp(min=1)).sum()
        return total

    def lighten(self) -> bool:
        body = self.model["body"]
        if body.is_gradient_checkpointing:
            return False
        body.gradient_checkpointing_enable()
        return True

    def keep(self, folder: Path) -> None:
        """Its probabilities are first made as sure as the validation rows show them to be right."""
        import torch

        found = self.classifier
        if self.taught.validation:
            self.model.eval()
            with torch.inference_mode():
                rows = self.taught.validation
                logits = torch.cat([self.model["label"](found.hidden([row.ids])[1]) for row in rows])
            labels = torch.tensor([row.label for row in rows], device=logits.device)
            found = calibrated(found, logits.float(), labels)
        found.keep(folder)
