"""Tokens that no text has: what a frozen base has in mind before it reads, as prompt and prefix tuning learn it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from finetune.checkpoint import write_tensors
from finetune.rows import Tokens
from workspace.errors import UserError
from workspace.words import Words

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module, Parameter
    from transformers import DynamicCache, PreTrainedModel

# prompt: embeddings (tokens, width), through which the base itself computes keys and values.
# prefix: the keys and values of each layer (tokens, 2 * layers, heads, width of a head).
Kind = Literal["prompt", "prefix"]
NAME = "virtual"
KEPT = "prompt_embeddings"


def start(model: PreTrainedModel, kind: Kind, tokens: Sequence[int]) -> Parameter:
    """Put before all that the model reads what it makes of real tokens; from random numbers it would learn nothing.

    The source of either: Lester et al. 2021, Li and Liang 2021.
    """
    import torch

    with torch.no_grad():
        embedded = model.get_input_embeddings()(torch.tensor([tokens], device=model.device))
        value = embedded[0] if kind == "prompt" else _packed(_read(_decoder(model), embedded))
    return put(model, value)


def put(model: PreTrainedModel, value: Tensor) -> Parameter:
    """From now on the model behaves as if it had read these; the weights themselves in float32."""
    import torch

    weights = torch.nn.Parameter(value.detach().to(model.device, torch.float32).clone())
    decoder = _decoder(model)
    # In a list that comes last: the first parameter is what transformers takes for the model's precision.
    decoder.add_module(NAME, torch.nn.ParameterList([weights]))
    # Upon the layers and not upon the head, so that whoever calls the layers alone meets it too.
    decoder.register_forward_pre_hook(_inserted, with_kwargs=True)
    return weights


def virtual(model: PreTrainedModel) -> Parameter:
    weights: Parameter = getattr(_decoder(model), NAME)[0]
    return weights


def keep(model: PreTrainedModel, kind: Kind, base: str, folder: Path) -> None:
    """In peft's own format. Raises UserError when the disk is full."""
    from peft import PrefixTuningConfig, PromptTuningConfig

    weights, config = virtual(model).detach(), model.config
    heads = weights.shape[2] if kind == "prefix" else config.num_attention_heads
    width = weights.shape[2] * weights.shape[3] if kind == "prefix" else config.hidden_size
    write_tensors(folder / "adapter_model.safetensors", {KEPT: weights.flatten(1)})
    (PrefixTuningConfig if kind == "prefix" else PromptTuningConfig)(
        task_type="CAUSAL_LM",
        base_model_name_or_path=base,
        inference_mode=True,
        num_virtual_tokens=weights.shape[0],
        num_layers=config.num_hidden_layers,
        num_transformer_submodules=1,
        num_attention_heads=heads,
        token_dim=width,
    ).save_pretrained(folder)


def put_kept(model: PreTrainedModel, folder: Path) -> None:
    """What `keep` wrote to this folder, before all that the model reads."""
    from peft import PeftConfig
    from safetensors.torch import load_file

    config, weights = PeftConfig.from_pretrained(folder), load_file(folder / "adapter_model.safetensors")[KEPT]
    heads: int = config.num_attention_heads
    shape = (-1, 2 * config.num_layers, heads, config.token_dim // heads)
    put(model, weights.view(shape) if config.peft_type == "PREFIX_TUNING" else weights)


def beginning(rows: Sequence[Tokens], count: int) -> list[int]:
    """As many tokens of real text as wanted: the answers that occur while they are few, then whole rows."""
    answers = dict.fromkeys(row.answer for row in rows)
    examples = {row.answer: row for row in reversed(rows)}.values()
    listed = [token for answer in answers for token in answer] if len(answers) < len(rows) / 2 else []
    found = listed + [token for row in examples for token in (*row.prompt, *row.answer)]
    return (found * (1 + count // len(found)))[:count]


def _inserted(decoder: Module, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What the layers are called with, moved along by the virtual tokens: they come first, and always are seen."""
    import torch
    from transformers import DynamicCache

    weights: Parameter = getattr(decoder, NAME)[0]
    read = next(x for x in (*given, named.get("input_ids"), named.get("inputs_embeds")) if x is not None)
    cache = named.get("past_key_values")
    cache = DynamicCache(config=decoder.config) if cache is None else cache
    if cache.get_seq_length() == 0:
        for layer, (keys, values) in enumerate(_pairs(decoder, weights)):
            cache.update(keys.expand(len(read), -1, -1, -1), values.expand(len(read), -1, -1, -1), layer)
    named["past_key_values"] = cache
    if (mask := named.get("attention_mask")) is not None:
        named["attention_mask"] = torch.cat([mask.new_ones(len(mask), len(weights)), mask], dim=1)
    if (places := named.get("position_ids")) is not None:
        named["position_ids"] = places + len(weights)
    return given, named


def _pairs(decoder: Module, weights: Tensor) -> list[tuple[Tensor, Tensor]]:
    """(keys, values) of each layer, (1, heads, tokens, width of a head); computed once, whatever the number of rows."""
    weights = weights.to(decoder.dtype)
    if weights.dim() == 2:
        return [(layer.keys, layer.values) for layer in _read(decoder, weights[None]).layers]
    each = weights.permute(1, 2, 0, 3)[:, None]
    return list(zip(each[0::2], each[1::2], strict=True))


def _read(decoder: Module, embedded: Tensor) -> DynamicCache:
    """`forward` and not the module itself, on which the virtual tokens hang already."""
    cache: DynamicCache = decoder.forward(inputs_embeds=embedded, use_cache=True).past_key_values
    return cache


def _packed(cache: DynamicCache) -> Tensor:
    """In the order in which peft keeps them. Raises UserError for a base whose layers are not all of one shape."""
    import torch

    found = [tensor for layer in cache.layers for tensor in (layer.keys, layer.values)]
    if len({tensor.shape for tensor in found}) > 1:
        raise UserError(
            Words(
                "This base has layers of different shapes: it can't learn a prefix.",
                "该基础模型各层形状不同，无法做前缀微调。",
            ),
            Words("Use lora.", "请改用 lora。"),
        )
    return torch.stack([tensor[0].transpose(0, 1) for tensor in found], dim=1)


def _decoder(model: PreTrainedModel) -> Module:
    decoder: Module = getattr(model, model.base_model_prefix)
    return decoder
