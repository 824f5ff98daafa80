"""INT8 for a CPU: weights as whole numbers with a scale a row, texts rounded on their way; kept without pickle."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.base import Precision
from finetune.shipping.merge import room, tensors
from workspace.errors import UserError
from workspace.project import writing_folder
from workspace.words import Words

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

# torch's own quantised tensors are deprecated, and torchao keeps objects: this is the arithmetic of both (a scale for
# each row of weights, and for each position of a text) over the same `torch._int_mm`, in a file of plain numbers.
FILE = "int8.safetensors"
SCALE = ".scale"
MOST = 127


def write_int8(merged: Path, out: Path) -> None:
    """A folder with the configuration, the tokenizer and `int8.safetensors`. Raises UserError for a full disk."""
    from safetensors.torch import save_file

    kept: dict[str, Tensor] = {}
    for name, weights in tensors(merged):
        if weights.ndim == 2:
            kept[name], kept[name + SCALE] = quantised(weights.float())
        else:
            kept[name] = weights
    with writing_folder(out) as part, room(out):
        save_file(kept, part / FILE)
        for file in merged.iterdir():
            if ".safetensors" not in file.name:
                shutil.copy(file, part)


def quantised(weights: Tensor) -> tuple[Tensor, Tensor]:
    """Whole numbers from -127 to 127 in the shape of the weights, and a scale for each row in float32."""
    import torch

    scale = (weights.abs().amax(1) / MOST).clamp(min=torch.finfo(torch.float32).tiny)
    return (weights / scale[:, None]).round().clamp(-MOST, MOST).to(torch.int8), scale


def multiplied(x: Tensor, codes: Tensor, scale: Tensor, bias: Tensor | None = None) -> Tensor:
    """`x @ weights.T + bias` with x rounded to INT8 for each text position by itself; in x's shape and precision."""
    import torch

    rows = x.reshape(-1, x.shape[-1]).float()
    own, sizes = quantised(rows)
    found = torch._int_mm(own, codes.t()).float() * sizes[:, None] * scale
    if bias is not None:
        found += bias
    return found.to(x.dtype).reshape(*x.shape[:-1], -1)


def open_int8(folder: Path, precision: Precision) -> PreTrainedModel:
    """On the CPU; `precision` is that of what isn't INT8. Raises UserError for a damaged file."""
    import torch
    from accelerate import init_empty_weights
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    # Without the buffers: rotary frequencies are computed, not stored.
    with init_empty_weights(include_buffers=False):
        model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, precision))
    kept = _read(folder / FILE)
    if config.tie_word_embeddings:
        for end in ("", SCALE):
            kept.setdefault(f"lm_head.weight{end}", kept[f"model.embed_tokens.weight{end}"])
    for name, layer in model.named_modules():
        if f"{name}.weight{SCALE}" in kept:
            _become(layer, kept.pop(f"{name}.weight"), kept.pop(f"{name}.weight{SCALE}"))
    rest = {name: weights.to(getattr(torch, precision)) for name, weights in kept.items()}
    model.load_state_dict(rest, strict=False, assign=True)
    if missing := [name for name, weights in model.named_parameters() if weights.is_meta]:
        raise _damaged(folder, f"without {missing[0]}")
    return model.eval()


def _become(layer: Any, codes: Tensor, scale: Tensor) -> None:
    """The layer forgets its weights and multiplies, or looks up, by whole numbers."""
    import torch

    dtype = layer.weight.dtype
    del layer.weight
    if isinstance(layer, torch.nn.Embedding):
        layer.forward = lambda ids: (codes[ids].float() * scale[ids].unsqueeze(-1)).to(dtype)
    else:
        layer.forward = lambda x: multiplied(x, codes, scale, layer.bias)


def _read(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return dict(load_file(path))
    except (SafetensorError, FileNotFoundError) as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, why: str) -> UserError:
    return UserError(
        Words(f"The INT8 model at {path} is damaged ({why}).", f"{path} 的 INT8 模型已损坏（{why}）。"),
        Words(
            "Write it again: `tunesmith compress MODEL --to int8`.", "请重新生成：`tunesmith compress 模型 --to int8`。"
        ),
    )
