"""A merged model as one GGUF file for llama.cpp: full size, INT8 or INT4."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from finetune.base import load_tokenizer
from finetune.shipping.merge import room, tensors
from finetune.shipping.names import Names, names_of
from finetune.shipping.vocabulary import vocabulary
from workspace.errors import UserError
from workspace.project import writing_path
from workspace.words import Words

if TYPE_CHECKING:
    from gguf import GGMLQuantizationType, GGUFWriter
    from numpy import float32
    from numpy.typing import NDArray
    from transformers import PretrainedConfig

Width = Literal["gguf", "q8", "q4"]
STRETCH = "rope_freqs.weight"
VOCABULARY = ("token_embd.weight", "output.weight")


def write_gguf(merged: Path, base: str, width: Width, out: Path) -> None:
    """`merged` is a folder that `merge` wrote, `base` the name of what it was tuned on. Whole or absent.

    Raises UserError for an architecture, a tokenizer or positions that llama.cpp would read otherwise.
    """
    from gguf import GGUFWriter
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(merged, trust_remote_code=False, local_files_only=True)
    names, stretch = names_of(config), _stretch(config)
    known = vocabulary(base, merged, config.vocab_size)
    with writing_path(out) as part, room(out):
        writer = GGUFWriter(part, names.architecture)
        _describe(writer, config, width)
        known.write(writer, load_tokenizer(merged))
        _write(writer, merged, names, width, stretch)
        writer.close()


def _describe(writer: GGUFWriter, config: PretrainedConfig, width: Width) -> None:
    import gguf

    kinds = {"gguf": "MOSTLY_F16", "q8": "MOSTLY_Q8_0", "q4": "MOSTLY_Q4_1"}
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_file_type(gguf.LlamaFileType[kinds[width]])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_rope_dimension_count(head)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)


def _write(writer: GGUFWriter, merged: Path, names: Names, width: Width, stretch: NDArray[float32] | None) -> None:
    """All names and shapes first, then the weights one by one: a large model needs little memory."""
    from gguf.quants import quantize

    if stretch is not None:
        writer.add_tensor_info(STRETCH, stretch.shape, stretch.dtype, stretch.nbytes)
    for name, tensor in tensors(merged):
        _announce(writer, names.of(name), tuple(tensor.shape), _kind(names.of(name), tuple(tensor.shape), width))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    if stretch is not None:
        writer.write_tensor_data(stretch)
    for name, tensor in tensors(merged):
        rows = names.ordered(name, tensor.float().numpy())
        writer.write_tensor_data(quantize(rows, _kind(names.of(name), rows.shape, width)))


def _announce(writer: GGUFWriter, name: str, shape: tuple[int, ...], kind: GGMLQuantizationType) -> None:
    import gguf
    import numpy

    plain = {gguf.GGMLQuantizationType.F32: numpy.float32, gguf.GGMLQuantizationType.F16: numpy.float16}
    dtype = numpy.dtype(plain.get(kind, numpy.uint8))
    stored = shape if kind in plain else gguf.quant_shape_to_byte_shape(shape, kind)
    writer.add_tensor_info(name, stored, dtype, math.prod(stored) * dtype.itemsize, raw_dtype=kind)


def _kind(name: str, shape: tuple[int, ...], width: Width) -> GGMLQuantizationType:
    """Matrices by the width asked for; the vocabulary's own never below INT8, for every answer goes through it."""
    import gguf

    kinds = gguf.GGMLQuantizationType
    if len(shape) == 1:
        return kinds.F32
    if width == "gguf" or shape[-1] % gguf.GGML_QUANT_SIZES[kinds.Q8_0][0]:
        return kinds.F16
    return kinds.Q8_0 if width == "q8" or name in VOCABULARY else kinds.Q4_1


def _stretch(config: PretrainedConfig) -> NDArray[float32] | None:
    """By how much each rotary frequency is divided (Llama 3's way to longer texts); None where none is.

    Raises UserError for ways that llama.cpp computes otherwise.
    """
    import torch
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    given = config.rope_parameters
    kind = given.get("rope_type", "default")
    whole = given.get("partial_rotary_factor", 1.0) == 1.0 and not getattr(config, "use_sliding_window", False)
    if kind == "default" and whole:
        return None
    if kind != "llama3" or config.model_type != "llama" or not whole:
        raise UserError(
            Words(
                f"I don't know how llama.cpp counts positions of the kind {kind!r} in this model.",
                f"不了解 llama.cpp 如何处理该模型的 {kind!r} 位置编码。",
            ),
            Words("Ship it as bf16 or int8: `--to bf16,int8`.", "请改用 bf16 或 int8：`--to bf16,int8`。"),
        )
    found, _ = ROPE_INIT_FUNCTIONS["llama3"](config, torch.device("cpu"))
    usual = given["rope_theta"] ** (-torch.arange(len(found), dtype=torch.float32) / len(found))
    return (usual / found).float().numpy()
