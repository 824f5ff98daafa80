"""How a method puts weights to train upon a base, and how what they learned is kept and opened again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

from finetune import virtual
from finetune.base import Precision, base_folder, load_model, refuse_reader
from finetune.checkpoint import write_tensors
from finetune.job import tuned
from finetune.recipe import LAYERS, Recipe, virtual_length
from finetune.rows import Tokens
from workspace.errors import UserError
from workspace.words import Words

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

ADAPTER = "adapter_model.safetensors"
WHOLE = "model.safetensors"


def possible(base: Path, recipe: Recipe, device: str, names: Iterable[str]) -> None:
    """Raises UserError where the method does not go with this machine or this base; `names` are its weights'."""
    if recipe.method == "encoder":
        from finetune.encoders.classifier import refuse_writer

        refuse_writer(base, recipe.base)
        return
    refuse_reader(base)
    if recipe.method == "qlora":
        _refuse_without_gpu(device)
    if recipe.method in ("lora", "qlora") and not any(part in LAYERS for name in names for part in name.split(".")):
        raise UserError(
            Words(
                f"{recipe.method} finds no layer in {base.name} to add to: none is called {', '.join(LAYERS)}.",
                f"{base.name} 里没有 {recipe.method} 可附加的层（{'、'.join(LAYERS)}）。",
            ),
            Words("Use the method full or prompt, or another base.", "请改用 full 或 prompt 方式，或换一个基础模型。"),
        )


def attached(
    base: Path, recipe: Recipe, precision: Precision, device: str, rows: Sequence[Tokens]
) -> PreTrainedModel | PeftModel:
    """The base with weights to train by the recipe's method; only these require gradients.

    `rows` are what will be learned from: prompt and prefix begin as a piece of them. Raises UserError where the method
    does not go with this machine or this base.
    """
    if recipe.method == "full":
        return _whole(base, device)
    if recipe.method == "qlora":
        _refuse_without_gpu(device)
        return _with_lora(squeezed(base, device), recipe)
    model = load_model(base, precision, device)
    if recipe.method == "lora":
        return _with_lora(model, recipe)
    model.requires_grad_(False)
    virtual.start(model, _kind(recipe), virtual.beginning(rows, virtual_length(recipe, model.config.num_hidden_layers)))
    return model


def lighten(model: PreTrainedModel | PeftModel, recipe: Recipe) -> bool:
    """Compute activations twice instead of keeping them; False where that is done already, or can't be.

    transformers takes cached keys and values, which prompt and prefix are made of, from a model that recomputes.
    """
    if recipe.method in ("prompt", "prefix") or model.is_gradient_checkpointing:
        return False
    model.gradient_checkpointing_enable()
    if recipe.method != "full":
        model.enable_input_require_grads()
    return True


def keep(model: PreTrainedModel | PeftModel, recipe: Recipe, folder: Path) -> None:
    """What was learned: an adapter in peft's own format, or all weights. Raises UserError when the disk is full."""
    if recipe.method in ("lora", "qlora"):
        from peft import get_peft_model_state_dict

        write_tensors(folder / ADAPTER, get_peft_model_state_dict(model))
        model.peft_config["default"].save_pretrained(folder)
    elif recipe.method == "full":
        write_tensors(folder / WHOLE, dict(model.named_parameters()))
        model.config.save_pretrained(folder)
    else:
        virtual.keep(model, _kind(recipe), recipe.base, folder)


def opened(folder: Path, precision: Precision, device: str) -> PreTrainedModel:
    """The tuned model of this folder, ready to answer; LoRA is merged into its base.

    QLoRA's additions are merged into the base as it is, not as it was squeezed for training.
    """
    from peft import PeftModel

    model = tuned(folder)
    if model.method == "full":
        return load_model(base_folder(str(folder.resolve())), precision, device)
    base = load_model(base_folder(model.base), precision, device)
    if model.method in ("prompt", "prefix"):
        virtual.put_kept(base.requires_grad_(False), folder)
        return base
    return PeftModel.from_pretrained(base, folder, local_files_only=True).merge_and_unload()


def _with_lora(model: PreTrainedModel, recipe: Recipe) -> PeftModel:
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(recipe.seed)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=2 * recipe.rank,
        lora_dropout=recipe.dropout,
        target_modules=list(LAYERS),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def _whole(base: Path, device: str) -> PreTrainedModel:
    """Weights in float32 everywhere: in bfloat16 most updates would be too small to change them at all.

    On a GPU what is multiplied is bfloat16 nevertheless.
    """
    import torch

    model = load_model(base, "float32", device)
    if device == "cuda" and torch.cuda.is_bf16_supported():
        for part in (getattr(model, model.base_model_prefix), model.get_output_embeddings()):
            part.forward = torch.autocast("cuda", torch.bfloat16)(part.forward)
    return model


def _refuse_without_gpu(device: str) -> None:
    if device != "cuda":
        raise UserError(
            Words("QLoRA needs a GPU, and there is none here.", "QLoRA 需要 GPU，这台机器没有。"),
            Words("Use lora: it trains the same additions.", "请改用 lora，训练的是同样的附加权重。"),
        )
    if not find_spec("bitsandbytes"):
        raise UserError(
            Words("QLoRA needs the library bitsandbytes.", "QLoRA 需要 bitsandbytes 库。"),
            Words(
                "`pip install 'tunesmith[gpu]'`, or use lora.", "请运行 `pip install 'tunesmith[gpu]'`，或改用 lora。"
            ),
        )


def squeezed(base: Path, device: str) -> PreTrainedModel:
    """In 4 bits a weight, as in Dettmers et al. 2023 (NF4, its scales quantised again)."""
    import torch
    from transformers import BitsAndBytesConfig

    config = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return load_model(base, "bfloat16", device, config)


def _kind(recipe: Recipe) -> virtual.Kind:
    return cast(virtual.Kind, recipe.method)
