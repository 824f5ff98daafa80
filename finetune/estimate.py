"""How long tuning will take and what it needs, before any weight is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from finetune.base import cores, parameters
from finetune.recipe import Recipe
from workspace.project import read_samples

# What `make demo` reported of SmolLM2-135M by LoRA on two cores: 131. A step's work grows with weights and tokens.
TOKENS_PER_SECOND_A_CORE = 65
MEASURED_ON = 135e6
START_SECONDS = 20.0
# Characters a token: short messages in English with the marks of the chat template around them.
CHARACTERS_PER_TOKEN = 4.0
CHINESE_CHARACTERS_PER_TOKEN = 1.0
MARKS = 12


@dataclass(frozen=True, slots=True)
class Outlook:
    """A rough guess for a CPU; the time left that training itself reports is measured."""

    seconds: float
    memory_gb: float


def outlook(recipe: Recipe, data: Path) -> Outlook:
    """For the rows of `data` (JSONL of samples) that would be trained on."""
    lengths = [_tokens(f"{row.question}{row.answer}") for row in read_samples(data) if row.kept and row.split != "test"]
    usual = sum(lengths) / len(lengths) if lengths else 0.0
    size = parameters(recipe.base)
    speed = TOKENS_PER_SECOND_A_CORE * cores() * MEASURED_ON / size
    # Two bytes a weight, and about 2 GB of libraries and activations.
    return Outlook(START_SECONDS + recipe.steps * recipe.batch * usual / speed, 2 + 2 * size / 1e9)


def _tokens(text: str) -> float:
    chinese = sum("\u4e00" <= c <= "\u9fff" for c in text)
    return MARKS + chinese / CHINESE_CHARACTERS_PER_TOKEN + (len(text) - chinese) / CHARACTERS_PER_TOKEN
