"""Where training stands, on disk: whole or absent, and nothing in it that could run code."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from finetune.base import Precision
from workspace.project import write_text, writing

if TYPE_CHECKING:
    from torch import Tensor


class State(BaseModel):
    """Random numbers are not in it: each step seeds its own, so that they follow from the step."""

    step: int = 0
    seconds: float = 0.0
    tokens: int = 0
    most_tokens: int
    precision: Precision
    loss: list[tuple[int, float]] = []
    validation_loss: list[tuple[int, float]] = []
    best_step: int = 0
    stale: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """`weights` are the trained tensors now, `best` at the best validation, `moments` the optimiser's."""

    state: State
    weights: Mapping[str, Tensor]
    best: Mapping[str, Tensor]
    moments: Mapping[str, Tensor]


PARTS = ("weights", "best", "moments")


def save(checkpoint: Checkpoint, folder: Path) -> None:
    """To `folder/checkpoint-<step>`, then drop the older ones. Raises UserError when the disk is full."""
    target = folder / f"checkpoint-{checkpoint.state.step:06d}"
    part = Path(tempfile.mkdtemp(dir=folder, prefix=".checkpoint-"))
    try:
        for name in PARTS:
            write_tensors(part / f"{name}.safetensors", getattr(checkpoint, name))
        write_text(part / "state.json", checkpoint.state.model_dump_json())
        if not target.exists():
            part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    clear(folder, but=target)


def latest(folder: Path) -> Checkpoint | None:
    from safetensors.torch import load_file

    found = sorted(folder.glob("checkpoint-*"))
    if not found:
        return None
    tensors = {name: load_file(found[-1] / f"{name}.safetensors") for name in PARTS}
    return Checkpoint(State.model_validate_json((found[-1] / "state.json").read_bytes()), **tensors)


def clear(folder: Path, but: Path | None = None) -> None:
    """Remove checkpoints, and what a killed process left half written."""
    for old in (*folder.glob("checkpoint-*"), *folder.glob(".checkpoint-*")):
        if old != but:
            shutil.rmtree(old, ignore_errors=True)


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Through `writing`, whose error for a full disk has words; safetensors' own writer would not."""
    from safetensors.torch import save as packed

    with writing(path) as file:
        file.write(packed({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}))
