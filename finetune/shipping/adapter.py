"""A tuned adapter as llama.cpp reads it, so that one server answers as the base and as the tuned model."""

from __future__ import annotations

import hashlib
import math
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import orjson
from pydantic import BaseModel

from finetune.methods import ADAPTER
from finetune.shipping.names import Architecture, Names, names_of
from workspace.errors import UserError
from workspace.project import file_hash
from workspace.words import Words

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    Matrix = NDArray[float32]

CONFIG = "adapter_config.json"
TENSOR = re.compile(r"base_model\.model\.(?P<layer>.+)\.lora_(?P<half>[AB])\.weight")


class PeftConfig(BaseModel):
    """What of peft's adapter_config.json changes the sum that a layer computes."""

    peft_type: str
    r: int = 0
    lora_alpha: float = 0
    use_rslora: bool = False
    use_dora: bool = False
    lora_bias: bool = False
    bias: str = "none"
    fan_in_fan_out: bool = False
    alpha_pattern: dict[str, float] = {}
    rank_pattern: dict[str, int] = {}
    modules_to_save: list[str] | None = None

    @property
    def plain(self) -> bool:
        """Nothing but W + (alpha / r) B A on linear layers: all that llama.cpp adds."""
        extras = (self.use_dora, self.lora_bias, self.bias != "none", self.fan_in_fan_out, self.modules_to_save)
        return self.peft_type == "LORA" and not any((*extras, self.alpha_pattern, self.rank_pattern))

    @property
    def alpha(self) -> float:
        """llama.cpp divides by the rank; rank-stabilised LoRA by its root."""
        return self.lora_alpha * math.sqrt(self.r) if self.use_rslora else self.lora_alpha


def fits(folder: Path, base: Path) -> bool:
    """Whether llama.cpp can put this folder's adapter on that base."""
    config = folder / CONFIG
    return (
        (folder / ADAPTER).is_file()
        and config.is_file()
        and PeftConfig.model_validate_json(config.read_bytes()).plain
        and orjson.loads((base / "config.json").read_bytes()).get("model_type") in get_args(Architecture)
    )


def gguf_adapter(folder: Path, base: Path) -> Path:
    """The LoRA of a tuned model's folder as `adapter-<hash>.gguf` in the same place; written once, whole or absent.

    Named after what it was made of, so that it is never taken for another; those of earlier weights are removed.
    Raises UserError for an adapter that is no plain LoRA on a known architecture, or is damaged.
    """
    if not fits(folder, base):
        raise _no_fit(folder)
    made_of = (file_hash(folder / name) for name in (ADAPTER, CONFIG))
    target = folder / f"adapter-{hashlib.sha256(' '.join(made_of).encode()).hexdigest()[:16]}.gguf"
    if target.exists():
        return target
    handle, part = tempfile.mkstemp(dir=folder, prefix=".adapter-", suffix=".part")
    os.close(handle)
    try:
        _write(Path(part), folder, base)
        os.replace(part, target)
        for old in {*folder.glob("adapter-*.gguf"), folder / "adapter.gguf"} - {target}:
            old.unlink(missing_ok=True)
    finally:
        Path(part).unlink(missing_ok=True)
    return target


def _write(path: Path, folder: Path, base: Path) -> None:
    import gguf
    from transformers import AutoConfig

    names = names_of(AutoConfig.from_pretrained(base, trust_remote_code=False, local_files_only=True))
    config = PeftConfig.model_validate_json((folder / CONFIG).read_bytes())
    writer = gguf.GGUFWriter(path, names.architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, config.alpha)
    for name, matrix in _matrices(folder / ADAPTER, names).items():
        writer.add_tensor(name, matrix)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _matrices(path: Path, names: Names) -> dict[str, Matrix]:
    """By llama.cpp's names; lora_a is (rank, in), lora_b (out, rank)."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        loaded = load_file(path)
    except SafetensorError as error:
        raise _damaged(path, str(error)) from error
    found: dict[str, Matrix] = {}
    for name, tensor in loaded.items():
        match = TENSOR.fullmatch(name)
        if match is None:
            raise _damaged(path, name)
        weight, matrix = f"{match['layer']}.weight", tensor.float().numpy()
        ordered = names.ordered(weight, matrix) if match["half"] == "B" else matrix
        found[f"{names.of(weight)}.lora_{match['half'].lower()}"] = ordered
    return found


def _no_fit(folder: Path) -> UserError:
    known = ", ".join(get_args(Architecture))
    return UserError(
        Words(
            f"llama.cpp can't put what {folder.name} learned on its base.",
            f"llama.cpp 无法把 {folder.name} 学到的内容加到基础模型上。",
        ),
        Words(
            f"It takes plain LoRA on these kinds of model: {known}.",
            f"只支持以下结构上的普通 LoRA：{known}。",
        ),
    )


def _damaged(path: Path, what: str) -> UserError:
    return UserError(
        Words(f"{path.name} is damaged ({what}).", f"{path.name} 已损坏（{what}）。"),
        Words("Copy the model's folder again, or train once more.", "请重新复制模型文件夹，或重新训练。"),
    )
