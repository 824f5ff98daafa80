"""Each method on real bank messages, beside each other and TF-IDF with a linear SVM: how good, how long, how much.

    .venv/bin/python benchmarks/tuning.py [--methods lora,full,prompt,prefix,encoder] [--seeds 7,8,9] [--out DIR]
    .venv/bin/python benchmarks/tuning.py --intents 77 --rows 10 --methods encoder        --rows 0 takes all rows

Needs ../shared/data/banking77: 12 of its intents with 40 rows each unless told otherwise, and the official test rows.
Prints a table with date and machine. With --report, the whole report card of the first model as well.
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
from collections.abc import Generator, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from finetune.job import tuned
from finetune.judging.contestants import Contest
from finetune.judging.evaluate import evaluate
from finetune.judging.exam import exam
from finetune.judging.scores import wilson
from finetune.recipe import recipe_for
from finetune.train import train
from workspace.project import read_samples, write_samples
from workspace.results import System, TrainedModel
from workspace.sample import Origin, Sample, sample
from workspace.settings import quiet_libraries
from workspace.stated import METHODS, Method

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
BASES: dict[Method, str] = {"encoder": "minilm"}
End = TypeVar("End")


def real_rows(each: int | None, seed: int = 7, intents: Sequence[str] = INTENTS) -> Iterator[Sample]:
    """`each` rows an intent, a tenth of them for validation; then all official test rows of the intents."""
    for file, most in (("train.csv", each), ("test.csv", None)):
        found = _messages(file)
        random.Random(seed).shuffle(found)
        for intent in intents:
            texts = [text for text, category in found if category == intent][:most]
            for i, text in enumerate(texts):
                split = "test" if file == "test.csv" else "validation" if i % 10 == 9 else "train"
                row = sample(text, intent, Origin(source="banking77", file=file, row=i), label=intent)
                yield row.model_copy(update={"split": split})


def _messages(file: str) -> list[tuple[str, str]]:
    with (BANK / file).open(encoding="utf-8", newline="") as source:
        return [(row["text"].strip(), row["category"]) for row in csv.DictReader(source)]


def all_intents() -> tuple[str, ...]:
    return tuple(sorted({category for _, category in _messages("train.csv")}))


def tuned_by(method: Method, seed: int, data: Path, version: str, folder: Path) -> tuple[TrainedModel, float]:
    """The model, and the seconds with start-up."""
    learn = sum(1 for row in read_samples(data) if row.split == "train")
    start = time.monotonic()
    recipe = recipe_for(BASES.get(method, "smollm2-135m"), learn, method=method, seed=seed)
    model = last(train(data, folder, recipe, version))
    return model, time.monotonic() - start


def accuracy(system: System, data: Path, folder: Path) -> tuple[int, int, float]:
    """(right, rows, seconds) on the test rows."""
    questions = exam(data, folder)
    start, right, wanted = time.monotonic(), 0, questions.wanted
    contest = Contest(questions, tuned(folder).base, folder)
    for answers in contest.open(system)(range(len(wanted))):
        right += sum(wanted[row] == answer for row, answer in answers.items())
    return right, len(wanted), time.monotonic() - start


def last(work: Generator[object, None, End]) -> End:
    """Runs to the end, with a line for what goes by."""
    while True:
        try:
            print(f"\r{next(work)}"[:118].ljust(118), end="", file=sys.stderr, flush=True)
        except StopIteration as end:
            print(file=sys.stderr)
            return end.value


def ratio(said: float | None, real: float | None) -> str:
    """What an estimate said, as a share of what it took."""
    return f"{said / real:5.2f}" if said and real else "    -"


def line(method: str, seed: int, model: TrainedModel, seconds: float, right: int, rows: int, asked: float) -> str:
    sure = wilson(right, rows)
    before, probed = model.expected, model.probed
    said = " ".join(
        ratio(guess and guess.seconds, model.seconds) + ratio(guess and guess.memory_gb, model.memory_gb)
        for guess in (before, probed)
    )
    return (
        f"{method:8} {seed:4} {sure.value:.3f} [{sure.low:.3f}, {sure.high:.3f}] {model.trained / 1e6:9.3f} "
        f"{model.steps:5} {seconds:7.0f} {model.tokens_per_second:8.0f} {model.memory_gb or 0:7.2f} {asked:7.0f} {said}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--methods", default="lora,full,prompt,prefix,encoder")
    options.add_argument("--seeds", default="7")
    options.add_argument("--intents", type=int, choices=[12, 77], default=12)
    options.add_argument("--rows", type=int, default=40, help="real rows an intent; 0 for all")
    options.add_argument("--report", action="store_true")
    options.add_argument("--out", type=Path, help="kept, and gone on from; a temporary folder else")
    given = options.parse_args()
    quiet_libraries()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    out = given.out or Path(tempfile.mkdtemp(prefix="tuning-"))
    out.mkdir(parents=True, exist_ok=True)
    intents = INTENTS if given.intents == 12 else all_intents()
    data = out / "data.jsonl"
    version = write_samples(data, real_rows(given.rows or None, intents=intents))
    print(
        f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores; "
        f"{given.intents} intents, {given.rows or 'all'} rows each"
    )
    print("method   seed accuracy               trained M steps seconds tokens/s peak GB testing", end="")
    print("   estimate / actual s and GB: before, after 20 steps")
    folders = []
    for method in (name for name, _ in METHODS if name in given.methods.split(",")):
        for seed in map(int, given.seeds.split(",")):
            folder = out / f"{method}-{seed}"
            model, seconds = tuned_by(method, seed, data, version, folder)
            print(line(method, seed, model, seconds, *accuracy("tuned", data, folder)), flush=True)
            folders.append(folder)
    right, rows, _ = accuracy("classic", data, folders[0])
    print(f"TF-IDF with a linear SVM {right / rows:.3f} of {rows} test rows")
    if given.report:
        card = last(evaluate(data, folders[0], "accuracy", 0.95, out / "report"))
        print(card.summary["en"])


if __name__ == "__main__":
    main()
