"""A run on disk as a build leaves it, of as many rows as a test wants, to try on it whatever looks into rows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from agent.run import Run, accept
from tests.contract.kits import LABELS, kit
from tools.pipeline import tally
from tools.routing import routed, thresholds_of
from workspace.project import Project, write_samples, write_text
from workspace.results import Report, Stage
from workspace.sample import Cell, Evidence, Finding, Origin, Sample, sample

SCENARIOS, WORDS = (
    ("everyday", "unusual"),
    "card loan rate branch account transfer cheque limit fee wallet 银行 卡片".split(),
)
FACT = "New cards are delivered within five working days."


def finished(home: Path, rows: Sequence[Sample], /, **spec: object) -> Run:
    """A finished build; `spec` are fields of the specification that differ from the usual."""
    found = kit(home, **spec).spec
    run = accept(Project(home, "bank"), found)
    rows = [routed(row, thresholds_of(found)) for row in rows]
    write_samples(run.folder / "rows.jsonl", rows)
    stages = (Stage(name="files", tally=tally(rows[:3])), Stage(name="round 1", tally=tally(rows[3:])))
    write_text(run.folder / "build.json", Report(stages=stages, seconds=1.0).model_dump_json())
    return run


def many(count: int, seed: int = 7) -> list[Sample]:
    """Rows of every kind: real and written, kept and rejected for several reasons, sure and less so."""
    chance = random.Random(seed)
    return [_row(number, chance) for number in range(count)]


def _row(number: int, chance: random.Random) -> Sample:
    label = chance.choice(LABELS)
    text = f"{' '.join(chance.choices(WORDS, k=chance.randint(8, 40)))} {number}"
    if number % 10 == 0:
        origin = Origin(source="files", file="messages.csv", row=number + 1)
        row = sample(text, label, origin, label=label).model_copy(update={"split": chance.choice(("train", "test"))})
    else:
        cell = Cell(
            scenario=chance.choice(SCENARIOS),
            difficulty=chance.choice(("easy", "hard")),
            tone=chance.choice(("neutral", "informal")),
            language="en",
        )
        row = sample(text, label, Origin(source="generate", slot=f"r1/{number}"), label=label, cell=cell)
        row = row.model_copy(update={"split": "train"})
    return row.judged(*_findings(number, chance))


def _findings(number: int, chance: random.Random) -> list[Finding]:
    found = [
        Finding(check="form", verdict="pass", reason="it reads well"),
        Finding(check="logic", verdict="pass", reason="Nobody is ever asked for a password."),
    ]
    if number % 7 == 3:
        quote = Evidence(document="policy.md", start=0, end=len(FACT), quote=FACT)
        sure = round(chance.uniform(0.4, 0.99), 2)
        reason = "The document says five working days, not two."
        found.append(
            Finding(check="facts", verdict="contradicted", reason=reason, evidence=quote, confidence=sure, drops=True)
        )
    elif number % 11 == 5:
        found.append(Finding(check="duplicates", verdict="fail", reason="it is a copy", confidence=0.93, drops=True))
    elif number % 97 == 1:
        found.append(Finding(check="endpoint", verdict="fail", reason="the endpoint hung up", drops=True))
    return found
