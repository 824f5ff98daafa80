"""How often the facts check is right on real claims beside given evidence, and what each of its parts adds.

python benchmarks/facts.py ../shared/data                       code alone, all claims
python benchmarks/facts.py ../shared/data --model 240           and the first 240 with the model of the environment
python benchmarks/facts.py ../shared/data --model 240 --mixed   a shuffled 240: more written to mislead
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel
from pydantic.json_schema import SkipJsonSchema
from scoring import HEAD, Score, score

from tools.base import Kit
from tools.calibration import ece, fit
from tools.checks.facts import Facts
from tools.facts.claims import content_words
from tools.llm import Ask, Chat, open_chat
from workspace.project import Project
from workspace.sample import Finding, Origin, Sample, sample
from workspace.settings import settings
from workspace.spec import Spec

AT_ONCE = 4  # claims asked side by side
VERDICTS = ("supported", "contradicted", "unknown")


@dataclass(frozen=True)
class Case:
    claim: str
    evidence: str
    truth: str


class OneLine(BaseModel):
    """What a user would try first: one line of a prompt, one of two words."""

    verdict: Literal["supported", "refuted"]
    likelihood: SkipJsonSchema[dict[str, float]] = {}


def fever(data: Path) -> list[Case]:
    lines = (data / "fever_symmetric/fever_symmetric_dev.jsonl").read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line.strip()]
    names = {"SUPPORTS": "supported", "REFUTES": "contradicted"}
    return [Case(r["claim"], r["evidence"], names[r["gold_label"]]) for r in rows]


def foreign(cases: Sequence[Case], count: int, seed: int) -> list[Case]:
    """Claims beside the evidence of others: nothing is said of them there."""
    rng = random.Random(seed)
    pairs = (rng.sample(range(len(cases)), 2) for _ in range(10 * count))
    strange = (
        Case(cases[a].claim, cases[b].evidence, "unknown")
        for a, b in pairs
        if not {*content_words(cases[a].claim)} & {*content_words(cases[b].evidence)}
    )
    return [case for case, _ in zip(strange, range(count), strict=False)]


def row(case: Case) -> Sample:
    return sample("", case.claim, Origin(source="benchmark")).model_copy(update={"evidence": case.evidence})


def judged(cases: Sequence[Case], kit: Kit) -> list[Finding]:
    """The finding of each claim; the worst, where one was taken apart."""
    check = Facts()

    def worst(case: Case) -> Finding:
        found = check.check(row(case), kit)
        order = ("contradicted", "unknown", "supported")
        return min(found, key=lambda f: order.index(f.verdict))

    with ThreadPoolExecutor(AT_ONCE if kit.chat else 1) as pool:
        return list(pool.map(worst, cases))


def one_line(cases: Sequence[Case], chat: Chat) -> list[tuple[str, float]]:
    """(verdict, the likelihood that the endpoint gave it or nan)."""

    def ask(case: Case) -> tuple[str, float]:
        words = f"Evidence: {case.evidence}\nClaim: {case.claim}\nIs the claim supported or refuted by the evidence?"
        reply = chat.ask(Ask(prompt=words, reply=OneLine, slot="one line", weigh="verdict")).value
        if reply is None:
            return "unknown", math.nan
        verdict = "supported" if reply.verdict == "supported" else "contradicted"
        return verdict, reply.likelihood.get(reply.verdict, math.nan)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, cases))


def overlap(case: Case) -> float:
    """Share of the claim's content words that the evidence has."""
    said = {*content_words(case.claim)}
    return len(said & {*content_words(case.evidence)}) / max(1, len(said))


def table(title: str, cases: Sequence[Case], given: Sequence[str], seconds: float) -> str:
    """Accuracy with *unknown* counted as wrong where the truth is known, and the confusion matrix."""
    met = Counter((case.truth, verdict) for case, verdict in zip(cases, given, strict=True))
    right = sum(met[v, v] for v in VERDICTS)
    called = sum(met[t, "contradicted"] for t in VERDICTS)
    settled = len(cases) - sum(met[t, "unknown"] for t in VERDICTS)
    lines = [
        f"\n{title}: {len(cases)} claims, {len(cases) / seconds:.2f} claims/s",
        f"  accuracy {right / len(cases):.3f}   settled {settled / len(cases):.3f}   "
        f"right where settled {(right - met['unknown', 'unknown']) / max(1, settled):.3f}   "
        f"precision of contradicted {met['contradicted', 'contradicted'] / max(1, called):.3f}",
        "  true \\ given " + "".join(f"{v:>14}" for v in VERDICTS),
    ]
    for truth in VERDICTS:
        if any(met[truth, v] for v in VERDICTS):
            lines.append(f"  {truth:<12} " + "".join(f"{met[truth, v]:>14}" for v in VERDICTS))
    return "\n".join(lines)


def scores(data: Path, kit: Kit, limit: int | None = None) -> Iterator[Score]:
    """Contradicted claims are the wrong rows. Alone by code where the kit has no model."""
    cases = fever(data)[:limit]
    wrong = [case.truth == "contradicted" for case in cases]
    began = time.perf_counter()
    called = [finding.verdict == "contradicted" for finding in judged(cases, kit)]
    how = kit.chat.model if kit.chat else "code alone"
    yield score(f"fever_symmetric, {how}", wrong, called, time.perf_counter() - began)
    yield score("  every claim called wrong", wrong, [True] * len(cases))
    yield score("  the longer half called wrong", wrong, _upper_half([len(case.claim) for case in cases]))
    yield score("  the half with less overlap called wrong", wrong, _upper_half([-overlap(case) for case in cases]))


def _upper_half(values: Sequence[float]) -> list[bool]:
    middle = sorted(values)[len(values) // 2]
    return [value > middle for value in values]


def parts(cases: Sequence[Case], kit: Kit, chat: Chat) -> None:
    """Prints what code, the one-line prompt, and the whole check reach, each on the same claims."""
    began = time.perf_counter()
    alone = judged(cases, kit)
    print(table("code alone", cases, [f.verdict for f in alone], time.perf_counter() - began))
    began = time.perf_counter()
    said = one_line(cases, chat)
    print(table(f"one line to {chat.model}", cases, [v for v, _ in said], time.perf_counter() - began))
    mended = [f.verdict if f.verdict != "unknown" else v for f, (v, _) in zip(alone, said, strict=True)]
    print(table("the same behind the code", cases, mended, time.perf_counter() - began))
    began = time.perf_counter()
    whole = judged(cases, Kit(kit.spec, kit.project, chat=chat))
    print(table("the whole check", cases, [f.verdict for f in whole], time.perf_counter() - began))
    calibration(cases, said, whole)


def calibration(cases: Sequence[Case], said: Sequence[tuple[str, float]], whole: Sequence[Finding]) -> None:
    raw = [(p, v == c.truth) for (v, p), c in zip(said, cases, strict=True) if p == p]
    sure = [(f.confidence, f.verdict == c.truth) for f, c in zip(whole, cases, strict=True) if f.verdict != "unknown"]
    for what, pairs in (("one line, as the model gives it", raw), ("the whole check, calibrated", sure)):
        if pairs:
            print(f"  ECE of {what}: {ece([p for p, _ in pairs], [r for _, r in pairs]):.3f} over {len(pairs)}")
    half = [(p, r) for p, r in raw if 0 < p < 1]
    if half:
        fitted = fit([math.log(p / (1 - p)) for p, _ in half], [r for _, r in half])
        print(f"  fitted to these log-odds: slope {fitted.slope:.2f}, intercept {fitted.intercept:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=int, default=0, help="how many claims to ask the model about")
    parser.add_argument("--mixed", action="store_true", help="shuffled, not in the order of the file")
    options = parser.parse_args()
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}\n{HEAD}")
    with tempfile.TemporaryDirectory() as scratch:
        kit = Kit(Spec(), Project(Path(scratch), "facts"))
        for line in scores(options.data, kit):
            print(line.line(), flush=True)
        if options.model:
            # In the home folder: what was asked is in its journal, and a run that is broken off goes on.
            project = Project(settings().home, "benchmark")
            chat = open_chat(project.journal)
            cases = fever(options.data)
            if options.mixed:
                random.Random(11).shuffle(cases)
            parts([*cases[: options.model], *foreign(cases, options.model // 6, 5)], kit, chat)
            chat.close()


if __name__ == "__main__":
    main()
