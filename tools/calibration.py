"""Whether a confidence means what it says, and a judge what a person would: measured on rows that a person labelled."""

from __future__ import annotations

import math
from collections.abc import Sequence

from workspace.sample import Frozen


class Bin(Frozen):
    """One bar of a reliability diagram: `confidence` is the mean that was claimed, `right` the share that was right."""

    rows: int
    confidence: float
    right: float


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> tuple[Bin, ...]:
    """Bins of equal width over [0, 1], the empty ones left out. Raises ValueError at a confidence outside of it."""
    members: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for confidence, true in zip(confidences, right, strict=True):
        if not 0 <= confidence <= 1:
            raise ValueError(f"a confidence of {confidence}")
        members[min(int(confidence * bins), bins - 1)].append((confidence, true))
    return tuple(
        Bin(rows=len(some), confidence=sum(c for c, _ in some) / len(some), right=sum(r for _, r in some) / len(some))
        for some in members
        if some
    )


def ece(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error, 0 to 1: the mean gap between claimed and reached, by rows (Naeini et al. 2015)."""
    found = reliability(confidences, right, bins)
    return sum(bar.rows * abs(bar.confidence - bar.right) for bar in found) / max(1, len(confidences))


class Logistic(Frozen):
    """A score as the chance that it is right: 1 / (1 + exp(-(slope * score + intercept))) (Platt 1999)."""

    slope: float
    intercept: float

    def apply(self, score: float) -> float:
        # By tanh, since exp overflows on scores far out.
        return 0.5 * (1 + math.tanh((self.slope * score + self.intercept) / 2))


def fit(scores: Sequence[float], right: Sequence[bool]) -> Logistic:
    """Platt scaling, with his targets short of 0 and 1: few rows never give certainty. Raises ValueError on no row."""
    from sklearn.linear_model import LogisticRegression

    if len(scores) != len(right) or not scores:
        raise ValueError(f"{len(scores)} scores and {len(right)} labels")
    yes = sum(right)
    targets = [(yes + 1) / (yes + 2) if true else 1 / (len(right) - yes + 2) for true in right]
    # A row with target t is t of a right row and 1 - t of a wrong one: the same likelihood in whole classes.
    model = LogisticRegression(C=math.inf, max_iter=1000).fit(
        [[score] for score in scores] * 2,
        [1] * len(scores) + [0] * len(scores),
        sample_weight=[*targets, *(1 - target for target in targets)],
    )
    return Logistic(slope=float(model.coef_[0, 0]), intercept=float(model.intercept_[0]))
