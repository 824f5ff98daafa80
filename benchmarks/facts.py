"""How often the facts check is right: real claims against given evidence, and seeded errors in real documents.

python benchmarks/facts.py ../shared/data            without a model
python benchmarks/facts.py ../shared/data --model 60  and 60 claims with the model of the environment
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

from tools.base import Kit
from tools.checks.facts import Facts
from tools.claims import sentences
from tools.quantities import quantities
from workspace.project import Project
from workspace.sample import Origin, Sample, sample
from workspace.spec import Spec

AT_ONCE = 4  # claims asked side by side
VERDICTS = ("supported", "contradicted", "unknown")
Case = tuple[str, str, str]  # claim, evidence, true verdict


def fever(data: Path) -> list[Case]:
    names = {"SUPPORTS": "supported", "REFUTES": "contradicted", "NOT ENOUGH INFO": "unknown"}
    lines = (data / "fever_symmetric/fever_symmetric_dev.jsonl").read_text().split("\n")
    rows = [json.loads(line) for line in lines if line.strip()]
    return [(r["claim"], r["evidence"], names[r["gold_label"]]) for r in rows]


def contexts(data: Path) -> list[str]:
    raw = json.loads((data / "cmrc2018_zh/cmrc2018_trial.json").read_text())
    return [p["context"] for d in raw["data"] for p in d["paragraphs"]]


def policies(data: Path) -> list[str]:
    return [(data / f"tau2_support/{name}_policy.txt").read_text() for name in ("retail", "airline")]


def seeded(documents: Iterable[str], change: Callable[[str, random.Random], str | None], seed: int) -> list[Case]:
    """Sentences of the documents; every second one with one thing changed."""
    rng, cases = random.Random(seed), []
    for document in documents:
        for sentence in sentences(document):
            changed = change(sentence.text, rng)
            if changed is None or not 12 <= len(sentence.text) <= 300:
                continue
            wrong = rng.random() < 0.5
            cases.append((changed if wrong else sentence.text, document, "contradicted" if wrong else "supported"))
    return cases


def other_number(text: str, rng: random.Random) -> str | None:
    """One figure of a quantity or a date changed to another of like size."""
    found = [m for q in quantities(text) for m in [re.search(r"\d+", text[q.start : q.end])] if m]
    places = [q for q in quantities(text) if re.search(r"\d+", text[q.start : q.end])]
    if not places:
        return None
    number = rng.randrange(len(places))
    start = places[number].start + found[number].start()
    figure = found[number].group()
    new = str(max(1, int(figure) + rng.choice([-3, -2, -1, 1, 2, 3, 5])))
    return None if new == figure else text[:start] + new + text[start + len(figure) :]


def other_polarity(text: str, rng: random.Random) -> str | None:
    """A "not" put in or taken out."""
    for there, away in (
        (r"\b(can|must|may|should|will|is|are) not\b", r"\1"),
        (r"\bcannot\b", "can"),
        ("不能", "能够"),
    ):
        if re.search(there, text):
            return re.sub(there, away, text, count=1)
    for there, away in (
        (r"\b(can|must|may|should|will)\b(?! only)", r"\1 not"),
        ("可以|能够", "不能"),
        ("位于", "并不位于"),
    ):
        if re.search(there, text):
            return re.sub(there, away, text, count=1)
    return None


def row(claim: str, evidence: str) -> Sample:
    return sample("", claim, Origin(source="benchmark")).model_copy(update={"evidence": evidence})


def judged(cases: Sequence[Case], kit: Kit) -> tuple[Counter[tuple[str, str]], float]:
    """(how often each true verdict met each given one, seconds). A row counts as its worst claim."""
    check, began = Facts(), time.perf_counter()

    def given(case: Case) -> tuple[str, str]:
        found = {f.verdict for f in check.check(row(case[0], case[1]), kit)}
        return case[2], next((v for v in ("contradicted", "unknown", "supported") if v in found), "unknown")

    if kit.chat is None:
        met = Counter(map(given, cases))
    else:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            met = Counter(pool.map(given, cases))
    return met, time.perf_counter() - began


def show(title: str, met: Counter[tuple[str, str]], seconds: float) -> None:
    total = sum(met.values())
    right = sum(met[v, v] for v in VERDICTS)
    settled = total - sum(met[t, "unknown"] for t in VERDICTS)
    yes = sum(met["supported", v] for v in VERDICTS)
    called, wrong = sum(met[t, "contradicted"] for t in VERDICTS), sum(met["contradicted", v] for v in VERDICTS)
    hit = met["contradicted", "contradicted"]
    print(f"\n{title}: {total} claims, {total / seconds:.1f} claims/s")
    print(f"  right {right / total:.3f}   always yes {yes / total:.3f}   settled {settled / total:.3f}")
    print(f"  contradictions: precision {ratio(hit, called)}   recall {ratio(hit, wrong)}")
    print("  true \\ given " + "".join(f"{v:>14}" for v in VERDICTS))
    for truth in VERDICTS:
        if any(met[truth, v] for v in VERDICTS):
            print(f"  {truth:<12} " + "".join(f"{met[truth, v]:>14}" for v in VERDICTS))


def ratio(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=int, default=0, help="how many claims to ask the model about")
    options = parser.parse_args()
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}")
    sets: dict[str, Any] = {
        "fever_symmetric dev": fever(options.data),
        "cmrc2018 trial, numbers changed": seeded(contexts(options.data)[:120], other_number, 1),
        "cmrc2018 trial, polarity changed": seeded(contexts(options.data)[:120], other_polarity, 2),
        "tau2 policies, numbers changed": seeded(policies(options.data), other_number, 3),
        "tau2 policies, polarity changed": seeded(policies(options.data), other_polarity, 4),
    }
    with tempfile.TemporaryDirectory() as home:
        project = Project(Path(home), "facts")
        for title, cases in sets.items():
            show(f"{title}, no model", *judged(cases, Kit(Spec(), project)))
        if options.model:
            from tools.llm import open_chat

            kit = Kit(Spec(), project, chat=open_chat(project.journal))
            cases = random.Random(5).sample(sets["fever_symmetric dev"], options.model)
            show(f"fever_symmetric dev, sample, {kit.chat.model if kit.chat else ''}", *judged(cases, kit))


if __name__ == "__main__":
    main()
