"""What is said of time and memory before training and after its first steps, against what it came to, over six runs.

    .venv/bin/python benchmarks/estimates.py [--steps 40] [--only 2,5]

SmolLM2-135M; needs its weights. Methods, lengths and batches differ. Prints a table with date and machine; run it
alone, for a busy machine is slower than it was when it was measured.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import tempfile
from collections.abc import Generator
from datetime import date
from pathlib import Path

from finetune.recipe import Recipe
from finetune.train import TrainStep, train
from workspace.project import write_samples
from workspace.results import Forecast, TrainedModel
from workspace.sample import Origin, Sample, sample
from workspace.stated import Method

# (method, words in a message, words in an answer, rows in a batch)
RUNS: tuple[tuple[Method, int, int, int], ...] = (
    ("lora", 10, 2, 16),
    ("lora", 10, 2, 4),
    ("lora", 60, 2, 8),
    ("lora", 30, 60, 4),
    ("full", 10, 2, 8),
    ("prefix", 20, 5, 8),
)
WORDS = "card loan rate branch account transfer cheque limit fee wallet phone letter".split()


def rows(asked: int, answered: int, count: int = 160) -> list[Sample]:
    """Lengths vary by half around what is asked for; an eighth watches."""
    chance = random.Random(f"{asked}:{answered}")
    found = []
    for number in range(count):
        text, answer = (
            " ".join(chance.choices(WORDS, k=max(1, round(most * chance.uniform(0.5, 1.5)))))
            for most in (asked, answered)
        )
        row = sample(text, answer, Origin(source="made", row=number))
        found.append(row.model_copy(update={"split": "validation" if number % 8 == 7 else "train"}))
    return found


def measured(method: Method, asked: int, answered: int, batch: int, steps: int, out: Path) -> TrainedModel:
    data = out / "data.jsonl"
    write_samples(data, rows(asked, answered))
    rate = {"full": 1e-4, "prefix": 5e-3}.get(method, 1e-3)
    recipe = Recipe(
        base="smollm2-135m", method=method, learning_rate=rate, batch=batch, steps=steps, check_every=20, patience=steps
    )
    return ended(train(data, out / "model", recipe, "v1"))


def ended(work: Generator[TrainStep, None, TrainedModel]) -> TrainedModel:
    while True:
        try:
            next(work)
        except StopIteration as end:
            model: TrainedModel = end.value
            return model


def beside(said: Forecast | None, model: TrainedModel) -> str:
    """Estimate over actual: 1.25 is a quarter too much."""
    if said is None or not model.memory_gb:
        return f"{'-':>25}"
    time, memory = said.seconds / model.seconds, said.memory_gb / model.memory_gb
    return f"{said.seconds:6.0f} {said.memory_gb:5.1f} {time:5.2f} {memory:5.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--only", help="numbers of runs, from 1")
    given = parser.parse_args()
    chosen = [int(n) for n in given.only.split(",")] if given.only else range(1, len(RUNS) + 1)
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, SmolLM2-135M, {given.steps} steps")
    print(f"{'run':28}{'actual s':>9}{'GB':>6}   {'formula: s, GB, ratios':27}{'after 20 steps: s, GB, ratios':30}")
    for number in chosen:
        method, asked, answered, batch = RUNS[number - 1]
        model = measured(method, asked, answered, batch, given.steps, Path(tempfile.mkdtemp(prefix="estimates-")))
        name = f"{number} {method}, {asked}+{answered} words, {batch}"
        line = f"{name:28}{model.seconds:9.0f}{model.memory_gb or 0:6.1f}"
        print(f"{line}   {beside(model.expected, model)}   {beside(model.probed, model)}", flush=True)


if __name__ == "__main__":
    main()
