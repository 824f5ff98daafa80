"""From 3 real messages a label to a tuned model: what the rows that the product builds are worth beside real ones.

    .venv/bin/python benchmarks/few_to_many.py [--data DIR] [--rows 576] [--home DIR] [--no-lora]

`DIR` holds train.csv and test.csv of banking77 (text, category). The writing model is the endpoint that the
environment names, or the embedded one. With `--home` a stopped run goes on where it was.
"""

from __future__ import annotations

import argparse
import csv
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.base import Kit  # noqa: E402
from workspace.project import Project, write_samples  # noqa: E402
from workspace.sample import Origin, Sample, sample  # noqa: E402
from workspace.settings import quiet_libraries  # noqa: E402
from workspace.spec import Spec  # noqa: E402

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
    "Refund_not_showing_up",
    "card_swallowed",
    "age_limit",
)
SHOTS, REAL = 3, 40
GOAL = "Tell what a customer of our bank wants from the message that they send"
Texts = list[tuple[str, str]]
S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """One line of the table: `right` of `asked` test rows."""

    name: str
    rows: int
    right: int
    asked: int
    seconds: float

    def __str__(self) -> str:
        low, high = wilson(self.right, self.asked)
        share = f"{self.right / self.asked:.3f}  {low:.3f}-{high:.3f}"
        return f"{self.name:<44} {self.rows:>5}  {share}  {self.seconds:>7.1f} s"


def wilson(right: int, asked: int, z: float = 1.96) -> tuple[float, float]:
    """The 95% interval of a share (Wilson, 1927)."""
    p, n = right / asked, asked
    middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def read(path: Path, seed: int) -> dict[str, list[str]]:
    """The texts of each intent, in an order that the seed decides."""
    with path.open(encoding="utf-8", newline="") as file:
        found = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    chance = random.Random(seed)
    texts = {label: [text for text, own in found if own == label] for label in INTENTS}
    for label in INTENTS:
        chance.shuffle(texts[label])
    return texts


def classic(name: str, train: Texts, test: Texts) -> Line:
    """TF-IDF over words and pairs of words, and a linear SVM."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    started = time.monotonic()
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC(random_state=0))
    model.fit([text for text, _ in train], [label for _, label in train])
    said = model.predict([text for text, _ in test])
    right = sum(a == b for a, (_, b) in zip(said, test, strict=True))
    return Line(name, len(train), right, len(test), time.monotonic() - started)


def finish(steps: Generator[S, None, T], told: Callable[[S], str]) -> T:
    """What the stage hands back; how far it is stands on one line of stderr."""
    while True:
        try:
            print(f"\r{told(next(steps)):<60.60}", end="", file=sys.stderr, flush=True)
        except StopIteration as end:
            print(file=sys.stderr)
            found: T = end.value
            return found


def product_rows(project: Project, few: Texts, test: Texts, rows: int) -> tuple[list[Sample], float]:
    """What the product makes of the few rows, on its own, with the test rows as held back."""
    from tools.build import build
    from tools.llm import open_chat

    path = project.place("bank.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("text", "label", "split"))
        out.writerows((text, label, "train") for text, label in few)
        out.writerows((text, label, "test") for text, label in test)
    raw = {"goal": GOAL, "task": "classification", "languages": ["en"], "examples": ["bank.csv"], "rows": rows}
    spec = Spec.model_validate({**raw, "labels": [{"name": label} for label in INTENTS]}).filled()
    chat = open_chat(project.journal)
    started = time.monotonic()
    kit = Kit(spec=spec, project=project, chat=chat)
    built = finish(
        build(kit, project.place("run", "rows.jsonl").parent), lambda now: f"{now.stage.en}: {now.done}/{now.total}"
    )
    chat.close()
    for stage in built.report.stages:
        print(f"{stage.name}: {stage.tally.model_dump()}")
    return list(built.rows), time.monotonic() - started


def tuned(name: str, rows: Sequence[Sample], folder: Path, base: str) -> Line:
    """LoRA on the train rows, watched by the validation rows, asked the test rows."""
    from finetune.judging.evaluate import evaluate
    from finetune.recipe import recipe_for
    from finetune.train import train

    started = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "data.jsonl"
    digest = write_samples(data, rows)
    count = sum(row.split == "train" for row in rows)
    steps = train(data, folder / "model", recipe_for(base, count), digest)
    finish(steps, lambda now: f"step {now.step}/{now.total}, loss {now.loss:.3f}")
    card = finish(evaluate(data, folder / "model", "accuracy", None, folder / "report"), str)
    accuracy = card.systems["tuned"].metrics["accuracy"].value
    asked = sum(row.split == "test" for row in rows)
    return Line(name, count, round(accuracy * asked), asked, time.monotonic() - started)


def samples(texts: Texts, split: str, file: str) -> list[Sample]:
    """Real rows; a tenth of the train rows watches over training."""
    found = []
    for number, (text, label) in enumerate(texts):
        place = "validation" if split == "train" and number % 10 == 9 else split
        row = sample(text, label, Origin(source="files", file=file, row=number), label=label)
        found.append(row.model_copy(update={"split": place}))
    return found


def table(given: argparse.Namespace, home: Path) -> None:
    train, test_texts = read(given.data / "train.csv", given.seed), read(given.data / "test.csv", given.seed)
    few = [(text, label) for label in INTENTS for text in train[label][:SHOTS]]
    real = [(text, label) for label in INTENTS for text in train[label][:REAL]]
    test = [(text, label) for label in INTENTS for text in test_texts[label]]
    print(f"{date.today()}, {platform.machine()}; {len(test)} test rows, {len(INTENTS)} intents, seed {given.seed}")
    found, seconds = product_rows(Project(home, "few"), few, test, given.rows)
    rows = [row for row in found if row.kept]
    astray = [
        (row.question, row.label) for row in found if row.label and row.dropped_by and row.dropped_by.check == "label"
    ]
    written = [(row.question, row.answer) for row in rows if row.origin.source == "generate"]
    print(f"the product wrote {len(written)} rows in {seconds:.0f} s")
    print(f"{'':<44} {'rows':>5}  accuracy, 95% interval")
    print(classic(f"SVM on {len(few)} real rows", few, test))
    print(classic("SVM on the product's rows", written, test))
    print(classic("SVM on both", few + written, test))
    print(classic("SVM on both and what the label check dropped", few + written + astray, test))
    print(classic(f"SVM on {len(real)} real rows", real, test))
    if not given.no_lora:
        print(tuned("LoRA on the product's data", rows, home / "product", given.base), flush=True)
        both = samples(real, "train", "train.csv") + samples(test, "test", "test.csv")
        print(tuned(f"LoRA on {len(real)} real rows", both, home / "real", given.base))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "banking77")
    parser.add_argument("--rows", type=int, default=576 + SHOTS * len(INTENTS))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--base", default="smollm2-135m")
    parser.add_argument("--home", type=Path, help="kept, and gone on with; else a temporary folder")
    parser.add_argument("--no-lora", action="store_true")
    given = parser.parse_args()
    quiet_libraries()
    with tempfile.TemporaryDirectory() as folder:
        table(given, given.home or Path(folder))


if __name__ == "__main__":
    main()
