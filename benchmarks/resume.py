"""kill -9 at random moments of a training run, then finish it: the same steps and losses as in an unbroken run.

    .venv/bin/python benchmarks/resume.py [--kills 10] [--steps 40]

SmolLM2-135M by LoRA on CPU; needs its weights. Prints a table with date and machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import signal
import tempfile
import time
from datetime import date
from pathlib import Path

from finetune.recipe import Recipe
from finetune.train import train
from workspace.errors import UserError
from workspace.project import write_samples
from workspace.results import TrainedModel
from workspace.sample import Origin, Sample, sample

WORDS = "card loan rate branch account transfer cheque limit fee wallet phone letter".split()


def rows(count: int, seed: int = 7) -> list[Sample]:
    """Short messages of differing lengths; what they say does not matter here."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        text = " ".join(chance.choices(WORDS, k=chance.randint(3, 20)))
        label = text.split()[0]
        row = sample(text, label, Origin(source="made", row=number), label=label)
        found.append(row.model_copy(update={"split": "validation" if number % 8 == 7 else "train"}))
    return found


def child_of(folder: Path) -> int | None:
    """The process that trains into this folder."""
    wanted = f"{folder}/job.json".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (entry / "cmdline").read_bytes().split(b"\0"):
                return int(entry.name)
        except OSError:
            continue
    return None


def killed(data: Path, folder: Path, recipe: Recipe, after: int) -> bool:
    """Whether the kill, `after` steps from where this process began, came before the end."""
    seen = 0
    try:
        for _ in train(data, folder, recipe, "v1"):
            seen += 1
            if seen == after and (child := child_of(folder)):
                os.kill(child, signal.SIGKILL)
    except UserError:
        return True
    return False


def finished(data: Path, folder: Path, recipe: Recipe) -> TrainedModel:
    work = train(data, folder, recipe, "v1")
    while True:
        try:
            next(work)
        except StopIteration as end:
            model: TrainedModel = end.value
            return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--base", default="smollm2-135m")
    given = parser.parse_args()
    out = Path(tempfile.mkdtemp(prefix="resume-"))
    data = out / "data.jsonl"
    write_samples(data, rows(64))
    recipe = Recipe(
        base=given.base, learning_rate=1e-3, batch=4, steps=given.steps, check_every=4, patience=given.steps
    )
    started = time.monotonic()
    whole = finished(data, out / "whole", recipe)
    alone = time.monotonic() - started
    draw, kills = random.Random(7), 0
    while kills < given.kills and killed(data, out / "killed", recipe, draw.randint(1, 8)):
        kills += 1
    model = finished(data, out / "killed", recipe)
    apart = max(abs(a - b) for (_, a), (_, b) in zip(whole.loss, model.loss, strict=True))
    watched = max(abs(a - b) for (_, a), (_, b) in zip(whole.validation_loss, model.validation_loss, strict=True))
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, {model.device}, {given.base}")
    print(
        f"{kills} kills; {model.steps} steps against {whole.steps}; best step {model.best_step} and {whole.best_step}"
    )
    print(f"largest difference of a training loss {apart:.2e}, of a validation loss {watched:.2e}")
    print(f"unbroken {alone:.0f} s, killed and gone on {time.monotonic() - started - alone:.0f} s, start-up and all")


if __name__ == "__main__":
    main()
