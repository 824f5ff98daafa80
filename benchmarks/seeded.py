"""Right answers of real data sets with one error put into half of them: how many code alone finds, kind by kind.

python benchmarks/seeded.py ../shared/data
python benchmarks/seeded.py ../shared/data --knowledge   with all documents in one knowledge base
python benchmarks/seeded.py ../shared/data --grounds     how often a verdict on each ground was right
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from scoring import HEAD, Score, score
from seeding import CHANGES, KINDS, Kind

from tools.base import Kit
from tools.checks.contradictions import Contradictions
from tools.checks.facts import Facts
from tools.checks.logic import Logic
from tools.facts.claims import sentences
from tools.facts.evidence import settled
from tools.facts.injection import INJECTED
from tools.facts.propositions import propositions
from tools.knowledge import Knowledge
from workspace.project import Project
from workspace.sample import Origin, Sample, sample
from workspace.spec import Spec

A_KIND = 150  # rows of one kind of one set, at most
LONG = 25  # letters; a shorter answer may well stand somewhere and be wrong
# What a worked answer says in words, it says in its own: only its figures can be told from the question.
COMPUTED: frozenset[Kind] = frozenset(("number", "money", "percentage", "duration", "unit"))
CHECKS = (Facts(), Logic(), Contradictions())
AGAINST = ("contradicted", "fail")
FIGURE = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass(frozen=True)
class Case:
    """A question with an answer that is right by `document`; or, with `wrong`, one error of the kind in it."""

    source: str
    question: str
    answer: str
    document: str
    kind: str = ""
    wrong: bool = False

    def row(self, given: bool) -> Sample:
        made = sample(self.question, self.answer, Origin(source="benchmark"))
        return made.model_copy(update={"evidence": self.document if given else None})


def policies(data: Path) -> Iterator[Case]:
    """Each sentence as it stands, and its conditions said last."""
    for name in ("retail", "airline"):
        text = (data / f"tau2_support/{name}_policy.txt").read_text()
        for place in sentences(text):
            if 30 <= len(place.text) <= 400:
                yield Case("policy", "", place.text, text)
                if turned := re.fullmatch(r"If ([^,]+), (.+)\.", place.text):
                    yield Case("policy", "", f"{turned[2][0].upper()}{turned[2][1:]} if {turned[1]}.", text)


def passages(data: Path) -> Iterator[tuple[Case, Case]]:
    """The short answer with its question, and the sentence that it stands in."""
    raw = json.loads((data / "cmrc2018_zh/cmrc2018_trial.json").read_text())
    for paragraph in (p for d in raw["data"] for p in d["paragraphs"]):
        text = paragraph["context"]
        for asked in paragraph["qas"]:
            answer = asked["answers"][0]
            start = text.find(answer["text"])
            whole = next((s.text for s in sentences(text) if s.start <= start < s.end), "")
            if 8 <= len(whole) <= 250:
                yield (
                    Case("cmrc short", asked["question"], answer["text"], text),
                    Case("cmrc sentence", asked["question"], whole, text),
                )


def tables(data: Path) -> Iterator[Case]:
    """Answers over a table and its text, the table as Markdown, with pipes, commas or tabs."""
    raw = json.loads(gzip.decompress((data / "tatqa/tatqa_dataset_dev.json.gz").read_bytes()))
    for number, entry in enumerate(raw):
        text = "\n".join(p["text"] for p in entry["paragraphs"]) + "\n\n" + drawn(entry["table"]["table"], number % 4)
        for asked in entry["questions"]:
            if asked["answer_type"] == "count" or len(str(asked["answer"])) > 300:
                continue
            answer = written(asked["answer"], asked["scale"])
            kind = "derived" if asked["answer_type"] == "arithmetic" else "read"
            yield Case(f"tatqa {kind}", asked["question"], answer, text)
            if said := re.fullmatch(r"What (is|was|were|are) (the .+)\?", asked["question"].strip()):
                yield Case(f"tatqa {kind}", asked["question"], f"{said[2].capitalize()} {said[1]} {answer}.", text)


def drawn(rows: Sequence[Sequence[str]], style: int) -> str:
    if style == 2:
        return "\n".join(",".join(f'"{c}"' if "," in c else c for c in row) for row in rows)
    if style == 3:
        return "\n".join("\t".join(row) for row in rows)
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines if style else (lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]))


def written(answer: Any, scale: str) -> str:
    if isinstance(answer, list):
        answer = ", ".join(map(str, answer))
    answer = f"{answer:,}" if isinstance(answer, float | int) else str(answer)
    if re.fullmatch(r"(?:(?:19|20)\d\d(?:, )?)+", answer) or re.search(r"(?:^|\s)0$|[A-Za-z]", answer):
        return answer  # years and names, which the set gives a scale too, and a nought, which has none
    if scale == "percent":
        return answer if "%" in answer else f"{answer}%"
    return f"{answer} {scale}".strip() if "," not in answer.replace(", ", "") or scale != "" else answer


def sums(data: Path) -> Iterator[Case]:
    """Worked answers, whose figures the question gives or the steps compute."""
    for line in (data / "gsm8k/train_1500.jsonl").read_text().split("\n")[:600]:
        if line.strip():
            row = json.loads(line)
            answer = re.sub(r"<<[^>]*>>", "", row["answer"]).replace("#### ", "The answer is ") + "."
            yield Case("gsm8k", row["question"], answer, row["question"])


def gold(data: Path) -> Iterator[Case]:
    yield from policies(data)
    for short, whole in passages(data):
        yield short
        yield whole
    yield from tables(data)
    yield from sums(data)


def seeded(cases: Sequence[Case], seed: int, most: int = A_KIND) -> list[Case]:
    """For each set and kind as many cases as can hold the error, every second one with it."""
    rng, made = random.Random(seed), []
    for source in dict.fromkeys(case.source for case in cases):
        for kind in KINDS:
            pool = [case for case in cases if case.source == source]
            rng.shuffle(pool)
            fit = list(islice(_with_error(pool, kind, rng), most))
            made += [
                replace(case, answer=wrong if i % 2 else case.answer, kind=kind, wrong=bool(i % 2))
                for i, (case, wrong) in enumerate(fit)
            ]
    return made


def _with_error(pool: Sequence[Case], kind: Kind, rng: random.Random) -> Iterator[tuple[Case, str]]:
    """Cases with what they become; no sentence that the document has too, which would still be true."""
    for case in pool:
        if case.source == "gsm8k" and kind not in COMPUTED:
            continue
        wrong = CHANGES[kind](case.answer, case.document, rng)
        if wrong and wrong != case.answer and not (len(wrong) > LONG and wrong.strip(".") in case.document):
            yield case, wrong


def flagged(row: Sample, kit: Kit) -> bool:
    """Any of what `tunesmith check --offline` says of a row by itself speaks against it."""
    return any(finding.verdict in AGAINST for check in CHECKS for finding in check.check(row, kit))


def absent(case: Case) -> bool:
    """The baseline: a figure of the answer that isn't in the document."""
    there = set(FIGURE.findall(case.document)) | set(FIGURE.findall(case.question))
    return any(figure not in there for figure in FIGURE.findall(case.answer))


def by_kind(cases: Sequence[Case], called: Sequence[bool], mark: str, seconds: float) -> Iterator[Score]:
    """A line for every set and kind that has enough rows, and for every kind in all."""
    pace = seconds / len(cases)
    for source in (*dict.fromkeys(c.source for c in cases), "all"):
        for kind in KINDS:
            mine = [i for i, c in enumerate(cases) if c.kind == kind and source in ("all", c.source)]
            if len(mine) >= 10:
                truly, said = [cases[i].wrong for i in mine], [called[i] for i in mine]
                yield score(f"{source}, {kind}, {mark}", truly, said, pace * len(mine))


def by_ground(cases: Sequence[Case]) -> Iterator[str]:
    """How often a verdict was right, by what it rests on. What is supported counts where the answer is one claim."""
    counts: Counter[tuple[str, str, bool]] = Counter()
    for case in cases:
        claims = propositions(case.answer)
        for claim in claims:
            found = settled(claim.alone, case.question, [case.document], INJECTED, case.answer)
            if found and (len(claims) == 1 or found.comparison.outcome == "contradicted"):
                one = found.comparison
                counts[one.outcome, one.ground, (one.outcome == "contradicted") == case.wrong] += 1
    for outcome, ground in sorted({(o, g) for o, g, _ in counts}):
        right, wrong = counts[outcome, ground, True], counts[outcome, ground, False]
        yield f"{outcome:<14}{ground:<10}{right:>5} right{wrong:>5} wrong   {right / (right + wrong):.3f}"


def scores(data: Path, kit: Kit, limit: int | None = None, seed: int = 7, most: int = A_KIND) -> Iterator[Score]:
    """With the document as the row's own evidence; by the kit's knowledge base instead where there is one."""
    cases = seeded(list(gold(data)), seed, most)[:limit]
    given = kit.knowledge is None
    if kit.knowledge is not None:
        for number, text in enumerate(dict.fromkeys(case.document for case in cases)):
            kit.knowledge.add(f"{number:05d}.md", text)
    began = time.perf_counter()
    said = [flagged(case.row(given), kit) for case in cases]
    seconds = time.perf_counter() - began
    yield from by_kind(cases, said, "code", seconds)
    truly = [case.wrong for case in cases]
    yield score("all, every row called wrong", truly, [True] * len(truly))
    yield score("all, a figure that isn't in the document", truly, map(absent, cases))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--knowledge", action="store_true")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--most", type=int, default=A_KIND, help="rows of one kind of one set")
    parser.add_argument("--grounds", action="store_true", help="how often each ground of a verdict was right")
    options = parser.parse_args()
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}, seed {options.seed}")
    if options.grounds:
        for text in by_ground(seeded(list(gold(options.data)), options.seed, options.most)):
            print(text)
        return
    print(HEAD)
    with tempfile.TemporaryDirectory() as home:
        knowledge = Knowledge(Path(home) / "knowledge") if options.knowledge else None
        kit = Kit(Spec(), Project(Path(home), "seeded"), knowledge=knowledge)
        for line in scores(options.data, kit, options.limit, options.seed, options.most):
            print(line.line())


if __name__ == "__main__":
    main()
