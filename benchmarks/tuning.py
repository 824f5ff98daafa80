"""LoRA on real bank messages: 12 intents, 40 rows each; how fast it learns, and how it does on the official test rows.

    .venv/bin/python benchmarks/tuning.py [--rows 40] [--out DIR]

Needs ../shared/data/banking77. Prints a table with date and machine.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

from finetune.judging.evaluate import evaluate
from finetune.recipe import recipe_for
from finetune.train import train
from workspace.project import write_samples
from workspace.results import ReportCard, TrainedModel
from workspace.sample import Origin, Sample, sample

BANK = Path(__file__).resolve().parents[2] / "shared" / "data" / "banking77"
INTENTS = (
    "card_arrival",
    "lost_or_stolen_card",
    "change_pin",
    "exchange_rate",
    "top_up_failed",
    "cancel_transfer",
    "declined_card_payment",
    "terminate_account",
    "verify_my_identity",
    "request_refund",
    "card_swallowed",
    "age_limit",
)
End = TypeVar("End")


def real_rows(each: int, seed: int = 7) -> Iterator[Sample]:
    """`each` rows an intent, a tenth of them for validation; then all official test rows of the intents."""
    for file, most in (("train.csv", each), ("test.csv", None)):
        with (BANK / file).open(encoding="utf-8", newline="") as source:
            found = list(csv.DictReader(source))
        random.Random(seed).shuffle(found)
        for intent in INTENTS:
            texts = [row["text"].strip() for row in found if row["category"] == intent][:most]
            for i, text in enumerate(texts):
                split = "test" if file == "test.csv" else "validation" if i % 10 == 9 else "train"
                row = sample(text, intent, Origin(source="banking77", file=file, row=i), label=intent)
                yield row.model_copy(update={"split": split})


def measure(rows: int, out: Path) -> tuple[TrainedModel, float, ReportCard, float]:
    """The model with the seconds it took, and the report card with its seconds."""
    out.mkdir(parents=True, exist_ok=True)
    data = out / "data.jsonl"
    version = write_samples(data, real_rows(rows))
    start = time.monotonic()
    model = last(train(data, out / "model", recipe_for("smollm2-135m", rows * len(INTENTS)), version))
    trained = time.monotonic()
    card = last(evaluate(data, out / "model", "accuracy", 0.95, out / "report"))
    return model, trained - start, card, time.monotonic() - trained


def last(work: Generator[object, None, End]) -> End:
    """Runs to the end, with a line for what goes by."""
    while True:
        try:
            print(f"\r{next(work)}"[:118].ljust(118), end="", file=sys.stderr, flush=True)
        except StopIteration as end:
            print(file=sys.stderr)
            return end.value


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=40, help="real rows an intent")
    options.add_argument("--out", type=Path, help="kept, and gone on from; a temporary folder else")
    given = options.parse_args()
    out = given.out or Path(tempfile.mkdtemp(prefix="tuning-"))
    model, training, card, testing = measure(given.rows, out)
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, {model.device}")
    print(f"{given.rows * len(INTENTS)} real rows, {len(INTENTS)} intents, {card.rows} test rows")
    print(f"training: {training:.0f} s with start-up, {model.steps} steps, {model.tokens_per_second:.0f} tokens/s")
    print(f"evaluation of {len(card.systems)} systems: {testing:.0f} s")
    for name, score in card.systems.items():
        value, speed = score.metrics["accuracy"], score.efficiency
        times = f"{speed.ms_p50:6.0f} ms p50 {speed.ms_p99:6.0f} ms p99" if speed else ""
        print(f"{name:9} accuracy {value.value:.3f} [{value.low:.3f}, {value.high:.3f}] {times}")
    print(card.summary["en"])


if __name__ == "__main__":
    main()
