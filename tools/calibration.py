"""Whether a confidence means what it says, and a judge what a person would: measured on rows that a person labelled."""

from __future__ import annotations

import math
from collections.abc import Sequence

from workspace.sample import Frozen

# Below these a judge may say what it thinks, and takes nothing out. 0.6 is where Landis and Koch (1977) put
# "substantial" agreement.
LEAST_ROWS, LEAST_KAPPA = 20, 0.6


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


class Share(Frozen):
    """`count` of `rows` with the 95% score interval of that share (Wilson 1927)."""

    count: int
    rows: int

    @property
    def interval(self) -> tuple[float, float]:
        if not self.rows:
            return 0.0, 1.0
        share, z2 = self.count / self.rows, 1.959963984540054**2
        centre, scale = share + z2 / (2 * self.rows), 1 + z2 / self.rows
        half = math.sqrt(z2 * (share * (1 - share) + z2 / (4 * self.rows)) / self.rows)
        return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


class Agreement(Frozen):
    """A judge against a person on the same rows; it passes a row from score `threshold` on.

    `criteria` names what it judged by: another goal or another model has to be compared anew.
    """

    criteria: str
    threshold: int
    right_passed: int
    right_failed: int
    wrong_passed: int
    wrong_failed: int

    @property
    def rows(self) -> int:
        return self.right_passed + self.right_failed + self.wrong_passed + self.wrong_failed

    @property
    def errors(self) -> Share:
        return Share(count=self.right_failed + self.wrong_passed, rows=self.rows)

    @property
    def let_through(self) -> Share:
        return Share(count=self.wrong_passed, rows=self.wrong_passed + self.wrong_failed)

    @property
    def kappa(self) -> float:
        """Agreement beyond chance (Cohen 1960); 0 where one side said the same of every row."""
        passed, failed = self.right_passed + self.wrong_passed, self.right_failed + self.wrong_failed
        right, wrong = self.right_passed + self.right_failed, self.wrong_passed + self.wrong_failed
        chance = (passed * right + failed * wrong) / max(1, self.rows) ** 2
        return 0.0 if chance == 1 or not self.rows else (1 - self.errors.count / self.rows - chance) / (1 - chance)

    def sure(self, passes: bool) -> float:
        """How often such a verdict was the person's, one more of each kind added: few rows never give certainty."""
        hit, miss = (self.right_passed, self.wrong_passed) if passes else (self.wrong_failed, self.right_failed)
        return (hit + 1) / (hit + miss + 2)

    @property
    def trusted(self) -> bool:
        return self.rows >= LEAST_ROWS and self.kappa >= LEAST_KAPPA


def agreement(criteria: str, scores: Sequence[int], right: Sequence[bool]) -> Agreement:
    """At the threshold from 2 to 5 where kappa is highest, the laxest of several. Raises ValueError on no row."""
    if not scores:
        raise ValueError("no row that both have judged")
    found = []
    for threshold in range(2, 6):
        pairs = [(true, score >= threshold) for true, score in zip(right, scores, strict=True)]
        counts = [pairs.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))]
        names = ("right_passed", "right_failed", "wrong_passed", "wrong_failed")
        found.append(Agreement(criteria=criteria, threshold=threshold, **dict(zip(names, counts, strict=True))))
    return max(found, key=lambda one: one.kappa)
