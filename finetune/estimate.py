"""How long tuning takes and what memory it needs: by formula before any weight is loaded, then from its first steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from finetune.base import Precision
from finetune.recipe import RATE_STEPS, RATES, Recipe, virtual_length
from finetune.rows import batches
from workspace.memory import most_held

if TYPE_CHECKING:
    from finetune.pupil import Row

PROBE = 20
# Steps that a process needs before it is as fast as it will be.
COLD = 2
# Multiplications a weight and token (Kaplan 2020): forwards, backwards to the activations, backwards to the weights.
FORWARD, THROUGH, ONTO = 2, 2, 2
# Tokens that go through the model at once, at first; halved when memory runs out.
MOST_TOKENS = {"cpu": 4096, "cuda": 32768}
BYTES = {"float32": 4, "bfloat16": 2}
# A weight that QLoRA squeezed, its share of the scales counted.
FOUR_BITS = 0.52
# A weight in training: itself, its gradient, Adam's two moments, the best so far; all float32.
TRAINED_BYTES = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a base: `body` weights outside the table of tokens, which has `vocabulary` rows of `hidden` numbers;
    `stored` bytes on disk."""

    body: float
    hidden: int
    inner: int
    layers: int
    vocabulary: int
    stored: float = 0.0

    @property
    def weights(self) -> float:
        return self.body + self.hidden * self.vocabulary

    def trained(self, recipe: Recipe) -> float:
        """How many weights the recipe's method trains, about."""
        if recipe.method in ("full", "encoder"):
            return self.weights
        if recipe.method in ("prompt", "prefix"):
            each = self.hidden * (2 * self.layers if recipe.method == "prefix" else 1)
            return each * virtual_length(recipe, self.layers)
        # Seven layers, each between `hidden` and itself or `inner`: their sides added up.
        return self.layers * recipe.rank * (4 * 2 * self.hidden + 3 * (self.hidden + self.inner))


@dataclass(frozen=True, slots=True)
class Machine:
    """`multiply` is how many multiplications with addition it does a second, times two; measured."""

    device: str
    precision: Precision
    multiply: float
    memory_gb: float
    cores: int = 1


@dataclass(frozen=True, slots=True)
class Outlook:
    """`least_gb` is what one row at a time would need: with less than that it can't be done."""

    seconds: float
    memory_gb: float
    least_gb: float


@dataclass(frozen=True, slots=True)
class Step:
    """What goes through the model in one update: padded tokens, and the targets among them."""

    tokens: int
    trained: int


def work(rows: Sequence[Row], recipe: Recipe) -> list[Step]:
    """Of every step of the run, in order: the order of rows follows from the recipe alone."""
    order = islice(batches([row.length for row in rows], recipe.batch, recipe.seed), recipe.steps)
    return [_step([rows[i] for i in batch]) for batch in order]


def _step(rows: Sequence[Row]) -> Step:
    return Step(max(row.length for row in rows) * len(rows), sum(row.trained for row in rows))


def outlook(recipe: Recipe, shape: Shape, train: Sequence[Row], watch: Sequence[Row], machine: Machine) -> Outlook:
    """By formula alone; of all this only the machine's speed is measured. Trials of learning rates count along."""
    steps = work(train, recipe)
    seconds = _duration(recipe, shape, train, watch, machine)
    if recipe.probe and watch:
        trial = recipe.model_copy(update={"steps": RATE_STEPS, "check_every": RATE_STEPS})
        seconds += len(RATES) * _duration(trial, shape, train, watch, machine)
    widest, longest = max(step.tokens for step in steps), max(row.length for row in train)
    at_once = min(widest, max(longest, MOST_TOKENS[machine.device]))
    targets, most = max(step.trained for step in steps), max(row.trained for row in train)
    usual, least = (memory(*step, recipe, shape, machine) / 1e9 for step in ((at_once, targets), (longest, most)))
    return Outlook(seconds, usual, least)


def _duration(recipe: Recipe, shape: Shape, train: Sequence[Row], watch: Sequence[Row], machine: Machine) -> float:
    """Seconds of all steps and validations."""
    seconds = sum(_seconds(step, recipe, shape, machine) for step in work(train, recipe))
    if watch:
        share = FORWARD / _passes(recipe)
        seconds += recipe.steps // recipe.check_every * share * _seconds(_step(watch), recipe, shape, machine)
    return seconds


def memory(tokens: int, trained_tokens: int, recipe: Recipe, shape: Shape, machine: Machine) -> float:
    """Bytes at the peak with `tokens` going through the model at once."""
    whole = recipe.method in ("full", "encoder")
    trained = shape.trained(recipe)
    state = TRAINED_BYTES * trained
    size = FOUR_BITS if recipe.method == "qlora" else 0.0 if whole else BYTES[machine.precision]
    precision: Precision = "float32" if whole else machine.precision
    layer = HIDDEN_KEPT * shape.hidden + INNER_KEPT * shape.inner
    adapters = ADAPTERS_KEPT if recipe.method in ("lora", "qlora") else 1.0
    kept = tokens * shape.layers * layer * KEPT_BYTES[precision] * adapters
    kept += LOGIT_BYTES * trained_tokens * shape.vocabulary
    training = state + kept
    # Files in another precision are in memory beside what becomes of them.
    converted = shape.stored if machine.device == "cpu" and shape.stored > 1.5 * size * shape.weights > 0 else 0.0
    libraries = LIBRARIES[machine.device] + (ADDING if recipe.method in ("lora", "qlora") else 0.0)
    return libraries + size * shape.weights + max(training, converted)


def _seconds(step: Step, recipe: Recipe, shape: Shape, machine: Machine) -> float:
    passes = _passes(recipe)
    through = passes * (shape.body * step.tokens + shape.hidden * shape.vocabulary * step.trained)
    reached = REACHED["cuda"] if machine.device == "cuda" else REACHED[machine.precision]
    apart = shape.layers * LAYER_SECONDS[machine.device] + shape.trained(recipe) * WEIGHT_SECONDS[machine.device]
    return apart / machine.cores + through / (machine.multiply * reached)


def _passes(recipe: Recipe) -> int:
    """Multiplications a weight and token: only full tuning goes onto all weights."""
    return FORWARD + THROUGH + (ONTO if recipe.method in ("full", "encoder") else 0)


# Measured on two cores with layers as wide as SmolLM2's, see benchmarks/estimates.py; on a GPU taken from experience.
# Of what a plain multiplication reaches: in bfloat16 all that is no multiplication weighs more.
REACHED = {"float32": 0.85, "bfloat16": 0.57, "cuda": 0.4}
# What a layer costs in each step besides, and a weight that is trained; a core's seconds.
LAYER_SECONDS = {"cpu": 11e-3, "cuda": 4e-4}
WEIGHT_SECONDS = {"cpu": 3e-9, "cuda": 2e-11}
LIBRARIES = {"cpu": 0.5e9, "cuda": 0.6e9}
# What peft loads besides: nothing to 0.17 GB, by how much of the libraries' files happens to be in memory.
ADDING = 0.1e9
# Numbers of `hidden` and of `inner` that a layer keeps of each token for the way back, and bytes a number: some are
# float32 in any case. The inputs of adapters come on top.
HIDDEN_KEPT, INNER_KEPT = 11, 4.6
KEPT_BYTES = {"float32": 4.0, "bfloat16": 2.8}
ADAPTERS_KEPT = 1.14
# Of each target every token's logit, its float32 copy, its logarithm and their gradients.
LOGIT_BYTES = 20


class Pace:
    """How long the rest takes, from the steps that this process has done: the tokens of all are known beforehand."""

    def __init__(self, steps: Sequence[Step], watch: Sequence[Row], recipe: Recipe) -> None:
        self.steps, self.recipe = steps, recipe
        self.watching = FORWARD / _passes(recipe) * _step(watch).tokens if watch else 0.0
        self.heard: list[tuple[float, float]] = []

    def took(self, step: int, seconds: float, validating: float | None) -> None:
        """One update, counted from 1; `validating` is the time of the validation after it."""
        self.heard.append((self._work(step), seconds))
        if validating is not None and self.watching:
            self.heard.append((self.watching, validating))

    def left(self, step: int) -> float:
        """Seconds after this step, to the last."""
        warm = self.heard[COLD:] if len(self.heard) > 2 * COLD else self.heard[-1:]
        speed = sum(work for work, _ in warm) / max(1e-9, sum(seconds for _, seconds in warm))
        ahead = sum(self._work(number) for number in range(step + 1, len(self.steps) + 1))
        validations = len(self.steps) // self.recipe.check_every - step // self.recipe.check_every
        return (ahead + validations * self.watching) / speed

    def wider(self, step: int, most_tokens: int) -> float:
        """The most tokens that go through at once in the whole run, over the most up to this step."""
        at_once = [min(one.tokens, most_tokens) for one in self.steps]
        return max(at_once) / max(at_once[:step])

    def _work(self, step: int) -> float:
        return self.steps[step - 1].tokens + OVERHEAD_TOKENS


# What an update costs besides its tokens, in tokens.
OVERHEAD_TOKENS = 80


def peak_memory() -> float:
    """GB that this process has had at most: on the GPU where it trains on one."""
    import torch

    return (torch.cuda.max_memory_allocated() if torch.cuda.is_available() else most_held()) / 1e9
