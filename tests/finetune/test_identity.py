"""A model is known again by its weights and those of its base."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.identity import base_hash, learned, unchanged
from tests.finetune.tiny import tiny_base
from workspace.errors import UserError
from workspace.results import TrainedModel


def model(base: Path, folder: Path) -> TrainedModel:
    return TrainedModel(
        name="m",
        base=str(base),
        method="lora",
        version="v",
        folder=str(folder),  # type: ignore[arg-type]
        steps=1,
        seconds=1,
        tokens_per_second=1,
        best_step=1,
        loss=(),
        validation_loss=(),  # type: ignore[arg-type]
        files=learned(folder),
        base_hash=base_hash(base),
    )


def flip(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)[0]
        file.seek(-1, 2)
        file.write(bytes([last ^ 1]))


def test_one_flipped_bit_is_seen(tmp_path: Path) -> None:
    base, folder = tiny_base(tmp_path / "base"), tmp_path / "m"
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    trained = model(base, folder)
    unchanged(trained, folder)
    flip(base / "model.safetensors")
    with pytest.raises(UserError, match="has changed since"):
        unchanged(trained, folder)
    flip(folder / "adapter_model.safetensors")
    with pytest.raises(UserError, match="damaged"):
        unchanged(trained, folder)
    (folder / "adapter_model.safetensors").unlink()
    with pytest.raises(UserError, match="damaged"):
        unchanged(trained, folder)


def test_a_model_from_before_hashes_were_kept_still_opens(tmp_path: Path) -> None:
    old = model(tiny_base(tmp_path / "base"), tmp_path).model_copy(update={"files": {}, "base_hash": ""})
    unchanged(old, tmp_path)
