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
    "code",
    "cell",
    "scale",
    "derived",
    "step",
    "echo",
    "list",
]

# How often a verdict on this ground was right, as `python benchmarks/seeded.py ../shared/data --grounds --seed 43
# --most 60` printed on 2026-11-21, what is supported and what is denied together; (right + 1) / (all + 2), for none of
# them is beyond doubt after so few.
RIGHT: dict[Ground, float] = {
    "words": 0.99,  # 484 of 490
    "figure": 0.97,  # 263 of 269
    "unit": 0.98,  # 63 of 63
    "absent": 0.88,  # 6 of 6
    "denied": 0.99,  # 166 of 166
    "name": 0.98,  # 55 of 55
    "term": 0.93,  # 13 of 13
    "code": 0.95,  # 19 of 19
    "cell": 0.95,  # 154 of 161
    "scale": 0.98,  # 49 of 49
    "derived": 0.94,  # 161 of 170
    "step": 0.79,  # 64 of 80
    "echo": 0.99,  # 158 of 158
    "list": 0.94,  # 14 of 14
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
