"""How many wrong calculations, growth rates and totals are found, and how many right ones are called wrong.

`reports.tsv`, beside this file, is written by hand: sentences of business reports, every second one with an error.

python benchmarks/arithmetic.py ../shared/data
"""

from __future__ import annotations

import gzip
import json
import platform
import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from scoring import HEAD, Score, score

from tools.base import Kit
from tools.figures.arithmetic import Calculation, answered, calculations
from tools.figures.growth import statements

SEED = 7
Case = tuple[str, bool]  # a text, and whether a figure in it is wrong


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def factool_claims(data: Path) -> list[tuple[str, str, bool]]:
    """(calculation, its answer, wrong), those that a person could judge; "null" ones are equations to solve."""
    claims = [c for r in rows(data / "factool/math.jsonl") for c in r["claims"] if c["label"] in (True, False)]
    return [(str(c["claim"]["math_calculation"]), str(c["claim"]["calculated_answer"]), not c["label"]) for c in claims]


def factool_responses(data: Path) -> list[Case]:
    return [(r["response"], any(c["label"] is False for c in r["claims"])) for r in rows(data / "factool/math.jsonl")]


def gsm8k_gold(data: Path) -> list[str]:
    return [r["answer"] for r in rows(data / "gsm8k/train_1500.jsonl")]


def seeded(texts: Sequence[str], seed: int, marked: bool) -> list[Case]:
    """In every second text one result changed, by a digit or by one; `marked` leaves the <<48/2=24>> in."""
    rng, cases = random.Random(seed), []
    for text in texts:
        found = list(re.finditer(r"=\s*\$?<<([^<>=]+)=([^<>]+)>>(-?[\d,.]*\d)", text))
        plain = text if marked else re.sub(r"<<[^<>]*>>", "", text)
        if rng.random() < 0.5 or not found:
            cases.append((plain, False))
            continue
        chosen = rng.choice(found)
        start, end = chosen.span(3)
        changed = text[:start] + other(chosen.group(3), rng) + text[end:]
        cases.append((changed if marked else re.sub(r"<<[^<>]*>>", "", changed), True))
    return cases


def other(figure: str, rng: random.Random) -> str:
    """The same figure with one digit changed."""
    places = [i for i, c in enumerate(figure) if c.isdigit() and not (i == 0 and len(figure) > 1)] or [len(figure) - 1]
    place = rng.choice(places)
    digit = rng.choice([d for d in "123456789" if d != figure[place]])
    return figure[:place] + digit + figure[place + 1 :]


def called_wrong(text: str) -> bool:
    return any(not found.right for found in (*calculations(text), *statements(text)))


def reports() -> list[Case]:
    lines = (Path(__file__).parent / "reports.tsv").read_text(encoding="utf-8").split("\n")
    return [(text, verdict == "wrong") for verdict, _, text in (line.partition("\t") for line in lines if line)]


def paragraphs(data: Path) -> list[str]:
    """Of real annual reports, and of an encyclopedia."""
    with gzip.open(data / "tatqa/tatqa_dataset_dev.json.gz", "rt", encoding="utf-8") as file:
        english = [p["text"] for table in json.load(file) for p in table["paragraphs"]]
    chinese = json.loads((data / "cmrc2018_zh/cmrc2018_trial.json").read_text(encoding="utf-8"))["data"]
    return english + [p["context"] for document in chinese for p in document["paragraphs"]]


def timed(what: str, cases: Sequence[Case]) -> Score:
    began = time.perf_counter()
    called = [called_wrong(text) for text, _ in cases]
    return score(what, [wrong for _, wrong in cases], called, time.perf_counter() - began)


def always_wrong(what: str, truly: Sequence[bool]) -> Score:
    return score(f"  {what}: calling all of them wrong", truly, [True] * len(truly))


def read(claim: tuple[str, str, bool]) -> Calculation | None:
    calculation, answer, _ = claim
    found = calculations(f"{calculation} = {answer}")
    return answered(calculation, answer) or (found[-1] if found else None)


def scores(data: Path, kit: Kit | None = None, limit: int | None = None) -> Iterator[Score]:
    claims = factool_claims(data)[:limit]
    began = time.perf_counter()
    judged = [(read(c), c[2]) for c in claims]
    seconds = time.perf_counter() - began
    parsed = [(c, wrong) for c, wrong in judged if c is not None]
    share = f"{len(parsed)} of {len(claims)} read"
    yield score(f"factool calculations, {share}", [w for _, w in parsed], [not c.right for c, _ in parsed], seconds)
    yield always_wrong("factool", [w for _, w in parsed])
    yield timed("factool, whole responses", factool_responses(data)[:limit])
    gold = gsm8k_gold(data)[:limit]
    yield timed("gsm8k as it is (its false alarms)", [(text, False) for text in gold])
    yield timed("gsm8k, one result changed in half, <<>> kept", seeded(gold, SEED, marked=True))
    yield timed("gsm8k, one result changed in half, <<>> taken out", seeded(gold, SEED, marked=False))
    report = reports()
    read_in = sum(bool(statements(text)) for text, _ in report)
    yield timed(f"report sentences by hand, {read_in} of {len(report)} read", report)
    yield always_wrong("reports", [wrong for _, wrong in report])
    yield timed("tatqa and cmrc text as it is (its false alarms)", [(text, False) for text in paragraphs(data)[:limit]])
    yield always_wrong("gsm8k", [wrong for _, wrong in seeded(gold, SEED, marked=False)])


def main() -> None:
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}\n{HEAD}")
    for line in scores(Path(sys.argv[1])):
        print(line.line())


if __name__ == "__main__":
    main()
