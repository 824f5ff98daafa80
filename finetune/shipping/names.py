"""What llama.cpp calls a model's tensors, and the order in which it wants their rows: for whole models and adapters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from workspace.errors import UserError
from workspace.words import Words

if TYPE_CHECKING:
    from gguf import TensorNameMap
    from numpy.typing import NDArray
    from transformers import PretrainedConfig

Architecture = Literal["llama", "qwen2", "qwen3"]
QUERY_OR_KEY = re.compile(r"\.self_attn\.([qk])_proj\.")


@dataclass(frozen=True)
class Names:
    """`heads` answer, `kv_heads` are remembered; both as the model's configuration says."""

    architecture: Architecture
    layers: int
    heads: int
    kv_heads: int

    def of(self, name: str) -> str:
        """`model.layers.0.mlp.up_proj.weight` is `blk.0.ffn_up.weight`. Raises UserError for a tensor without one."""
        found = self._map.get_name(name, try_suffixes=(".weight", ".bias"))
        if found is None:
            raise UserError(
                Words(f"llama.cpp has no name for the weights {name}.", f"llama.cpp 无法表示权重 {name}。"),
                Words("Ship it as bf16 or int8 instead.", "请改用 bf16 或 int8 格式。"),
            )
        return str(found)

    def ordered(self, name: str, rows: NDArray[Any]) -> NDArray[Any]:
        """Rows as llama.cpp turns them: for llama it rotates neighbours, transformers the two halves of a head.

        Of a LoRA pair this is for `lora_b`, whose rows are the layer's.
        """
        found = QUERY_OR_KEY.search(name)
        if self.architecture != "llama" or found is None:
            return rows
        heads = self.heads if found[1] == "q" else self.kv_heads
        halves = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
        return halves.swapaxes(1, 2).reshape(rows.shape)

    @cached_property
    def _map(self) -> TensorNameMap:
        import gguf

        architecture = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == self.architecture)
        return gguf.get_tensor_name_map(architecture, self.layers)


def names_of(config: PretrainedConfig) -> Names:
    """Raises UserError for an architecture whose layout in llama.cpp isn't known here."""
    if config.model_type not in get_args(Architecture):
        known = ", ".join(get_args(Architecture))
        raise UserError(
            Words(
                f"I don't know how llama.cpp lays out a {config.model_type} model.",
                f"不了解 llama.cpp 如何存放 {config.model_type} 模型。",
            ),
            Words(
                f"GGUF works for {known}. Ship this one as bf16 or int8: `--to bf16,int8`.",
                f"GGUF 支持 {known}。请改用 bf16 或 int8：`--to bf16,int8`。",
            ),
        )
    return Names(
        cast(Architecture, config.model_type),
        config.num_hidden_layers,
        config.num_attention_heads,
        getattr(config, "num_key_value_heads", None) or config.num_attention_heads,
    )
