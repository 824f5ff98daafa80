"""One model out of a base and what was learned on top of it: a folder that needs nothing of ours to be loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.base import Precision, load_tokenizer, parameters
from finetune.identity import unchanged
from finetune.job import tuned
from finetune.methods import opened
from workspace.errors import UserError, disk_full
from workspace.project import writing_folder
from workspace.results import TrainedModel
from workspace.words import Words

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

# Above it four bytes a weight are more than most machines have to spare.
LARGE = 1e9
FULL = re.compile(r"os error 28|No space left|\d+ requested and \d+ written")
UNMERGEABLE = {
    "prompt": Words("a learned prompt stands before the text", "学到的是放在文本之前的提示"),
    "prefix": Words("a learned prefix stands before the text", "学到的是放在文本之前的前缀"),
    "encoder": Words("it sorts with an encoder and writes nothing", "它用编码器分类，并不生成文字"),
}


def mergeable(model: TrainedModel) -> None:
    """Raises UserError for a method whose result is no set of weights that could stand alone."""
    if why := UNMERGEABLE.get(model.method):
        raise UserError(
            Words(f"This model can't be compressed: {why.en}.", f"该模型无法压缩：{why.zh}。"),
            Words(
                "Use its folder as it is, or train with `--method lora` or `--method full`, which can be.",
                "请直接使用模型文件夹，或改用可压缩的 `--method lora` 或 `--method full` 训练。",
            ),
        )


def merge(folder: Path, out: Path) -> None:
    """The tuned model as bf16 safetensors in `out`, with the tokenizer and chat template that it was trained with.

    Raises UserError for a damaged adapter, a base that changed, or a full disk.
    """
    import torch

    model = tuned(folder)
    mergeable(model)
    unchanged(model, folder)
    # Added in float32 and rounded once; a large base is kept as bf16 anyway.
    precision: Precision = "float32" if parameters(model.base) < LARGE else "bfloat16"
    with _readable(folder):
        merged = opened(folder, precision, "cpu")
    _finite(merged, folder)
    with writing_folder(out) as part, room(out):
        merged.to(torch.bfloat16).save_pretrained(part)
        load_tokenizer(folder).save_pretrained(part)


def tensors(merged: Path) -> Iterator[tuple[str, Tensor]]:
    """Each weight of a merged folder by its name, one at a time, so that a large model needs little memory."""
    from safetensors import safe_open

    for path in sorted(merged.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118  it is no dictionary
                yield name, file.get_tensor(name)


def _finite(model: PreTrainedModel, folder: Path) -> None:
    for name, weights in model.named_parameters():
        if not weights.isfinite().all():
            raise UserError(
                Words(
                    f"{folder} holds weights that are no numbers ({name}).", f"{folder} 里有不是数值的权重（{name}）。"
                ),
                Words(
                    "Train again with half the learning rate; this model can't answer.",
                    "请把学习率减半后重新训练；该模型无法使用。",
                ),
            )


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    from safetensors import SafetensorError

    try:
        yield
    except (SafetensorError, EOFError) as error:
        raise UserError(
            Words(f"The weights in {folder} are damaged ({error}).", f"{folder} 里的权重已损坏（{error}）。"),
            Words("Restore the folder from a backup, or train again.", "请从备份恢复，或重新训练。"),
        ) from error


@contextmanager
def room(out: Path) -> Iterator[None]:
    """safetensors and numpy have errors of their own for a full disk."""
    from safetensors import SafetensorError

    try:
        yield
    except (SafetensorError, OSError) as error:
        if FULL.search(str(error)):
            raise disk_full(str(out)) from error
        raise
