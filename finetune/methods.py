"""How a method puts weights to train upon a base, and how what they learned is kept and opened again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from finetune.base import Precision, base_folder, load_model
from finetune.checkpoint import write_tensors
from finetune.job import tuned
from finetune.recipe import LAYERS, Recipe

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

ADAPTER = "adapter_model.safetensors"


def attached(model: PreTrainedModel, recipe: Recipe) -> PeftModel:
    """The base with new weights by the recipe's method; only these require gradients."""
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


def keep(model: PeftModel, folder: Path) -> None:
    """What was learned, in peft's own format. Raises UserError when the disk is full."""
    from peft import get_peft_model_state_dict

    write_tensors(folder / ADAPTER, get_peft_model_state_dict(model))
    model.peft_config["default"].save_pretrained(folder)


def opened(folder: Path, precision: Precision, device: str) -> PreTrainedModel:
    """The tuned model of this folder, ready to answer; an adapter is merged into its base."""
    from peft import PeftModel

    base = load_model(base_folder(tuned(folder).base), precision, device)
    return PeftModel.from_pretrained(base, folder, local_files_only=True).merge_and_unload()
