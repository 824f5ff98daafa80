"""How a model is tuned: few dials, and defaults that follow from the model's size and the number of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from finetune.base import parameters
from workspace.errors import UserError
from workspace.stated import METHODS, Method
from workspace.words import Words

# By name, so that lm_head is never among them.
LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
LEAST_STEPS = 100


class Recipe(BaseModel):
    """The dials of one training run. A step is one update of the weights from `batch` rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str
    method: Method = "lora"
    seed: int = 7
    rank: int = Field(16, ge=1, le=256, description="LoRA's r; its alpha is twice that")
    dropout: float = Field(0.05, ge=0, lt=1, description="of LoRA alone")
    virtual_tokens: int = Field(32, ge=1, le=512, description="length of what prompt and prefix tuning learn")
    learning_rate: float = Field(gt=0, le=1)
    schedule: Literal["cosine", "linear"] = "cosine"
    batch: int = Field(16, ge=1, description="rows in one update")
    steps: int = Field(100, ge=1)
    warmup: float = Field(0.05, ge=0, lt=1, description="share of the steps in which the learning rate rises")
    weight_decay: float = Field(0.01, ge=0)
    check_every: int = Field(10, ge=1, description="steps between validations, each with a checkpoint")
    patience: int = Field(3, ge=1, description="validations without improvement after which training ends")


@dataclass(frozen=True)
class Choices:
    """All that a person is asked about a run, or need know; None leaves it to model, data and memory."""

    base: str
    method: Method = "lora"
    epochs: float | None = None
    learning_rate: float | None = None


def recipe_for(base: str, train_rows: int, method: Method = "lora", seed: int = 7) -> Recipe:
    """The defaults of DESIGN.md section 6. Raises UserError for a method that isn't here."""
    return recipe_of(Choices(base, method), train_rows, seed)


def recipe_of(choices: Choices, train_rows: int, seed: int = 7) -> Recipe:
    """The choices, and what follows for the rest of the dials. Raises UserError for a choice that can't be."""
    _possible(choices)
    batch = 16 if train_rows >= 320 else 8
    steps = _steps(choices, train_rows, batch)
    virtual = choices.method in ("prompt", "prefix")
    return Recipe(
        base=choices.base,
        method=choices.method,
        seed=seed,
        dropout=0.05 if train_rows < 500 else 0.0,
        learning_rate=choices.learning_rate or _learning_rate(choices.method, parameters(choices.base)),
        batch=batch,
        steps=steps,
        weight_decay=0.0 if virtual else 0.01,
        check_every=max(10, steps // 20),
    )


def _possible(choices: Choices) -> None:
    """Raises UserError for what no run could do."""
    if choices.method not in dict(METHODS):
        raise UserError(
            Words(f"Tuning by {choices.method!r} is not offered.", f"不支持 {choices.method!r} 微调方式。"),
            Words(f"Use one of {', '.join(dict(METHODS))}.", f"请使用其中之一：{'、'.join(dict(METHODS))}。"),
        )


def _steps(choices: Choices, rows: int, batch: int) -> int:
    if choices.epochs is not None:
        return max(1, round(choices.epochs * rows / batch))
    return max(LEAST_STEPS, round(_epochs(rows) * rows / batch))


def _epochs(rows: int) -> int:
    return 3 if rows <= 2000 else 2 if rows <= 10000 else 1


def _learning_rate(method: Method, size: float) -> float:
    if method == "prefix":
        return 5e-3
    if method == "prompt":
        return 1e-2
    lora = 2e-3 if size < 500e6 else 2e-4 if size <= 3e9 else 1e-4
    return lora / 10 if method == "full" else lora
