"""How a model is tuned: few dials, and defaults that follow from the model's size and the number of rows."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from finetune.base import parameters
from workspace.errors import UserError
from workspace.stated import Method
from workspace.words import Words

# By name, so that lm_head is never among them.
LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class Recipe(BaseModel):
    """The dials of one training run. A step is one update of the weights from `batch` rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str
    method: Method = "lora"
    seed: int = 7
    rank: int = Field(16, ge=1, le=256, description="LoRA's r; its alpha is twice that")
    dropout: float = Field(0.05, ge=0, lt=1)
    learning_rate: float = Field(gt=0, le=1)
    batch: int = Field(16, ge=1, description="rows in one update")
    steps: int = Field(100, ge=1)
    warmup: float = Field(0.05, ge=0, lt=1, description="share of the steps in which the learning rate rises")
    weight_decay: float = Field(0.01, ge=0)
    check_every: int = Field(10, ge=1, description="steps between validations, each with a checkpoint")
    patience: int = Field(3, ge=1, description="validations without improvement after which training ends")


def recipe_for(base: str, train_rows: int, method: Method = "lora", seed: int = 7) -> Recipe:
    """The defaults of DESIGN.md section 6. Raises UserError for a method that isn't here."""
    if method != "lora":
        raise UserError(
            Words(f"Tuning by {method!r} is not offered.", f"不支持 {method!r} 微调方式。"),
            Words("Use lora.", "请使用 lora。"),
        )
    batch = 16 if train_rows >= 320 else 8
    steps = max(100, round(_epochs(train_rows) * train_rows / batch))
    return Recipe(
        base=base,
        seed=seed,
        dropout=0.05 if train_rows < 500 else 0.0,
        learning_rate=_learning_rate(parameters(base)),
        batch=batch,
        steps=steps,
        check_every=max(10, steps // 20),
    )


def _epochs(rows: int) -> int:
    return 3 if rows <= 2000 else 2 if rows <= 10000 else 1


def _learning_rate(size: float) -> float:
    if size < 500e6:
        return 2e-3
    return 2e-4 if size <= 3e9 else 1e-4
