"""Where training stands, on disk: whole or absent, and nothing in it that could run code."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import orjson
from pydantic import BaseModel

from finetune.base import Precision
from workspace.exact import json_bytes
from workspace.project import file_hash, write_text, writing_path

if TYPE_CHECKING:
    from torch import Tensor


class State(BaseModel):
    """Random numbers are not in it: each step seeds its own, so that they follow from the step."""

    step: int = 0
    seconds: float = 0.0
    tokens: int = 0
    memory_gb: float = 0.0
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
STATE, HASHES = "state.json", "hashes.json"
KEPT = 2
# How the library tells of it, which knows no error but its own.
DISK_FULL = f"os error {errno.ENOSPC}"


def save(checkpoint: Checkpoint, folder: Path) -> None:
    """To `folder/checkpoint-<step>`; the one before stays in case this one is damaged. UserError when the disk is full:
    what was whole before still is."""
    target = folder / f"checkpoint-{checkpoint.state.step:06d}"
    part = Path(tempfile.mkdtemp(dir=folder, prefix=".checkpoint-"))
    try:
        for name in PARTS:
            write_tensors(part / f"{name}.safetensors", getattr(checkpoint, name))
        write_text(part / STATE, checkpoint.state.model_dump_json())
        write_text(part / HASHES, json_bytes(_hashes(part)).decode())
        shutil.rmtree(target, ignore_errors=True)  # one from before that could not be read
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    # Later ones are damaged, or training would have gone on from them.
    clear(folder, but=[path for path in _found(folder) if path.name <= target.name][-KEPT:])


def latest(folder: Path) -> Checkpoint | None:
    """The newest that is as it was written; damaged ones are passed over."""
    for path in reversed(_found(folder)):
        if whole(path):
            return _read(path)
    return None


def damaged(folder: Path) -> Literal["", "newest", "all"]:
    """Which checkpoints are not as they were written."""
    found = [whole(path) for path in _found(folder)]
    if not found or found[-1]:
        return ""
    return "newest" if any(found) else "all"


def whole(path: Path) -> bool:
    """A half-written file has another hash, and so has one in which a bit was flipped."""
    try:
        return bool(orjson.loads((path / HASHES).read_bytes()) == _hashes(path))
    except (OSError, orjson.JSONDecodeError):
        return False


def _read(path: Path) -> Checkpoint:
    from safetensors.torch import load_file

    tensors = {name: load_file(path / f"{name}.safetensors") for name in PARTS}
    return Checkpoint(State.model_validate_json((path / STATE).read_bytes()), **tensors)


def _found(folder: Path) -> list[Path]:
    return sorted(folder.glob("checkpoint-*"))


def _hashes(path: Path) -> dict[str, str]:
    return {name: file_hash(path / name) for name in (*(f"{part}.safetensors" for part in PARTS), STATE)}


def clear(folder: Path, but: Sequence[Path] = ()) -> None:
    """Remove checkpoints, and what a killed process left half written."""
    for old in (*folder.glob("checkpoint-*"), *folder.glob(".checkpoint-*")):
        if old not in but:
            shutil.rmtree(old, ignore_errors=True)


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Straight from where they are: packed into bytes first, a whole model's moments would be in memory three times."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    with writing_path(path) as part:
        try:
            save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, part)
        except SafetensorError as error:
            if DISK_FULL in str(error):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
            raise
