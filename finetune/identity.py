"""What a model was made of and what it learned, as hashes: later a changed file can be told from the right one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from finetune.base import base_folder
from workspace.errors import UserError
from workspace.project import file_hash
from workspace.results import TrainedModel
from workspace.words import Words


def learned(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of weights in the folder of a tuned model, by name."""
    return {path.name: file_hash(path) for path in sorted(folder.glob("*.safetensors"))}


def base_hash(folder: Path) -> str:
    """One SHA-256 over the weights of a base, however many files they stand in."""
    digest = hashlib.sha256()
    for name, hash in learned(folder).items():
        digest.update(f"{name}\0{hash}\n".encode())
    return digest.hexdigest()


def unchanged(model: TrainedModel, folder: Path) -> None:
    """Raises UserError where the weights, or the base under them, are no longer those that were trained.

    A model from before hashes were kept has none to compare with.
    """
    now = learned(folder)
    for name, hash in model.files.items():
        if now.get(name) != hash:
            raise UserError(
                Words(
                    f"{folder / name} is damaged: it is not the file that training wrote.",
                    f"{folder / name} 已损坏：与训练时写下的文件不同。",
                ),
                Words("Restore it from a backup, or train again.", "请从备份恢复，或重新训练。"),
            )
    if model.base_hash and base_hash(base_folder(model.base)) != model.base_hash:
        raise UserError(
            Words(
                f"The base model {model.base} has changed since this model was tuned on it.",
                f"基础模型 {model.base} 在微调之后被改动过。",
            ),
            Words(
                "Put the base back as it was, or train again on the one that is there now.",
                "请恢复原来的基础模型，或在现有的基础模型上重新训练。",
            ),
        )
