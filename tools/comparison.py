"""What came of holding a claim against a sentence: the outcome, why, and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from workspace.words import Words

Outcome = Literal["supported", "contradicted", "undecided"]
Ground = Literal[
    "words",
    "figure",
    "unit",
    "absent",
    "denied",
    "name",
    "term",
    "place",
    "code",
    "cell",
    "scale",
    "derived",
    "step",
    "echo",
    "list",
]

# How often a verdict on this ground was right: benchmarks/seeded.py with seed 11, and fever_symmetric for "words".
RIGHT: dict[Ground, float] = {
    "words": 0.98,
    "figure": 0.97,
    "unit": 0.97,
    "absent": 0.98,
    "denied": 0.99,
    "name": 0.96,
    "term": 0.92,
    "place": 0.9,
    "code": 0.97,
    "cell": 0.9,
    "scale": 0.97,
    "derived": 0.94,
    "step": 0.8,
    "echo": 0.95,
    "list": 0.9,
}

# How much of the claim a sentence must speak of before it can deny it; below, benchmarks/facts.py shows false alarms.
SAME_THING = 0.6
OPEN = Words("The documents leave this open.", "文档没有说明这一点。")


@dataclass(frozen=True, slots=True)
class Comparison:
    """`likeness` is how much of the claim the sentence speaks of, 0 to 1; `ground` is what the outcome rests on."""

    outcome: Outcome
    likeness: float
    reason: Words = field(default=OPEN)
    ground: Ground = "words"

    @property
    def confidence(self) -> float:
        return RIGHT[self.ground]
