"""How a model is tuned: few dials, and defaults that follow from the model's size and the number of rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from finetune.base import parameters
from workspace.errors import UserError
from workspace.stated import METHODS, Method
from workspace.words import Words

# By name, so that lm_head is never among them.
LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
LEAST_STEPS = 100
VIRTUAL: tuple[Method, ...] = ("prompt", "prefix")
CHANGING: tuple[Method, ...] = ("lora", "qlora", "full")
PROMPT_TOKENS = 32
# The learning rates that a probe tries, times the usual one, and for how many steps each.
RATES, RATE_STEPS = (1.0, 0.5, 2.0), 24
# All of them cost no more than this share of a run that nobody asked to probe.
MOST_SHARE = 0.2


class Mix(BaseModel):
    """A second file of rows (JSONL of samples), of which as many are learned as of the first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: Path
    hash: str


class Recipe(BaseModel):
    """The dials of one training run. A step is one update of the weights from `batch` rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str
    method: Method = "lora"
    seed: int = 7
    rank: int = Field(16, ge=1, le=256, description="LoRA's r; its alpha is twice that")
    dropout: float = Field(0.05, ge=0, lt=1, description="of LoRA alone")
    virtual_tokens: int | None = Field(None, ge=1, le=512, description="of a prompt or prefix; None: by method")
    learning_rate: float = Field(gt=0, le=1)
    probe: bool = Field(
        False, description="half and twice the learning rate are tried before training, for a few steps"
    )
    schedule: Literal["cosine", "linear"] = "cosine"
    batch: int = Field(16, ge=1, description="rows in one update")
    steps: int = Field(100, ge=1)
    warmup: float = Field(0.05, ge=0, lt=1, description="share of the steps in which the learning rate rises")
    weight_decay: float = Field(0.01, ge=0)
    check_every: int = Field(10, ge=1, description="steps between validations, each with a checkpoint")
    patience: int = Field(3, ge=1, description="validations without improvement after which training ends")
    replay: float = Field(0.0, ge=0, le=0.5, description="share of general rows that the base answered itself")
    mix: Mix | None = None


@dataclass(frozen=True)
class Choices:
    """All that a person is asked about a run; None leaves it to model, data and memory."""

    base: str
    method: Method = "lora"
    epochs: float | None = None
    learning_rate: float | Literal["probe"] | None = None
    replay: float | None = None


def recipe_for(base: str, train_rows: int, method: Method = "lora", seed: int = 7) -> Recipe:
    """The defaults of DESIGN.md section 6. Raises UserError for a method that isn't here."""
    return recipe_of(Choices(base, method), train_rows, seed)


def recipe_of(choices: Choices, train_rows: int, seed: int = 7, mix: Mix | None = None, writes: bool = False) -> Recipe:
    """The choices, and what follows for the rest. `writes`: the answers are texts, not labels.

    Raises UserError for a choice that can't be.
    """
    _possible(choices, mix)
    if choices.method == "encoder":
        from finetune.encoders.dials import dials

        return dials(choices, train_rows, seed)
    batch = 16 if train_rows >= 320 else 8
    replay = _replay(choices, writes)
    steps = _steps(choices, train_rows * (2 if mix else 1) / (1 - replay), batch)
    given = choices.learning_rate
    usual = _learning_rate(choices.method, parameters(choices.base))
    return Recipe(
        base=choices.base,
        method=choices.method,
        seed=seed,
        dropout=0.05 if train_rows < 500 else 0.0,
        learning_rate=usual if given is None or given == "probe" else given,
        probe=given == "probe" or (given is None and probe_worth_it(steps)),
        batch=batch,
        steps=steps,
        weight_decay=0.0 if choices.method in VIRTUAL else 0.01,
        check_every=max(10, steps // 20),
        replay=replay,
        mix=mix,
    )


def virtual_length(recipe: Recipe, layers: int) -> int:
    """Of a learned prompt or prefix, in tokens: a prefix reaches every layer, a prompt has to work its way up."""
    return recipe.virtual_tokens or (max(1, round(layers / 5)) if recipe.method == "prefix" else PROMPT_TOKENS)


def probe_worth_it(steps: int) -> bool:
    return len(RATES) * RATE_STEPS <= MOST_SHARE * steps


def _possible(choices: Choices, mix: Mix | None) -> None:
    if choices.method not in dict(METHODS):
        raise UserError(
            Words(f"Tuning by {choices.method!r} is not offered.", f"不支持 {choices.method!r} 微调方式。"),
            Words(f"Use one of {', '.join(dict(METHODS))}.", f"请使用其中之一：{'、'.join(dict(METHODS))}。"),
        )
    if choices.epochs is not None and not 0 < choices.epochs <= 100:
        raise UserError(
            Words(f"{choices.epochs:g} passes over the rows can't be.", f"不能把数据学 {choices.epochs:g} 遍。"),
            Words("Give a number above 0, up to 100.", "请给出大于 0、不超过 100 的数。"),
        )
    if isinstance(choices.learning_rate, float) and not 0 < choices.learning_rate <= 1:
        raise UserError(
            Words(
                f"The learning rate {choices.learning_rate:g} can't be.", f"学习率不能是 {choices.learning_rate:g}。"
            ),
            Words("Give a number above 0, up to 1, or `probe`.", "请给出大于 0、不超过 1 的数，或 `probe`。"),
        )
    if choices.replay is not None and not 0 <= choices.replay <= 0.5:
        raise UserError(
            Words(
                f"A share of {choices.replay:g} general rows can't be.", f"通用数据的占比不能是 {choices.replay:g}。"
            ),
            Words("Give a number from 0 to 0.5; 0.05 to 0.2 is usual.", "请给出 0 到 0.5 之间的数，常用 0.05 到 0.2。"),
        )
    if choices.replay and choices.method not in CHANGING:
        raise UserError(
            Words(
                f"With {choices.method} the base stays as it is or writes nothing: there is nothing to keep from being "
                "forgotten.",
                f"{choices.method} 方式不改变基础模型，或模型不写文字，没有遗忘可防。",
            ),
            Words("Leave the replay out.", "请去掉通用数据的设置。"),
        )
    if mix and choices.method == "encoder":
        raise UserError(
            Words("A model that sorts has no use for rows to mix in.", "分类模型用不上混入的指令数据。"),
            Words("Leave them out, or use another method.", "请去掉混入的数据，或换一种微调方式。"),
        )


def _replay(choices: Choices, writes: bool) -> float:
    """A model that only names kinds is asked nothing else; one that writes should still be able to write."""
    if choices.replay is not None:
        return choices.replay
    return 0.1 if writes and choices.method in CHANGING else 0.0


def _steps(choices: Choices, rows: float, batch: int) -> int:
    if choices.epochs is not None:
        return max(1, round(choices.epochs * rows / batch))
    return max(LEAST_STEPS, round(_epochs(rows) * rows / batch))


def _epochs(rows: float) -> int:
    return 3 if rows <= 2000 else 2 if rows <= 10000 else 1


def _learning_rate(method: Method, size: float) -> float:
    """Of a prefix as in DESIGN.md: with LoRA's it looks broken."""
    if method == "prefix":
        return 5e-3
    if method == "prompt":
        return 1e-2
    lora = 2e-3 if size < 500e6 else 2e-4 if size <= 3e9 else 1e-4
    return lora / 10 if method == "full" else lora
