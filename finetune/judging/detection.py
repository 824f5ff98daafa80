"""How well a score tells what is foreign from what is not: AUROC, and what is recognised at 5% false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finetune.judging.scores import Z, wilson
from workspace.results import Estimate

FALSE_ALARMS = 0.05


@dataclass(frozen=True, slots=True)
class Detection:
    """`recall`: of foreign messages, how many lie beyond the threshold; `alarms`: of one's own."""

    rows: int
    auroc: Estimate
    recall: Estimate
    alarms: Estimate


def threshold_at(own: Sequence[float], alarms: float = FALSE_ALARMS) -> float:
    """Beyond it lie at most so many of these scores: the conformal quantile, which holds for rows yet to come too.

    With fewer than 19 rows not even the largest is beyond 5% for sure; then it is the largest.
    """
    ordered = sorted(own)
    rank = -int(-(len(ordered) + 1) * (1 - alarms) // 1)
    return ordered[min(rank, len(ordered)) - 1]


def detection(own: Sequence[float], foreign: Sequence[float], threshold: float) -> Detection:
    """The higher a score, the more foreign."""
    return Detection(
        len(foreign),
        auroc(own, foreign),
        wilson(sum(score > threshold for score in foreign), len(foreign)),
        wilson(sum(score > threshold for score in own), len(own)),
    )


def auroc(own: Sequence[float], foreign: Sequence[float]) -> Estimate:
    """The chance that a foreign message scores higher than an own one, ties half; interval by DeLong et al. (1988).

    Where every one does, that interval has no width; then its lower end is Wilson's for as many successes as the
    smaller group has rows.
    """
    import numpy

    a, b = numpy.asarray(foreign, float)[:, None], numpy.asarray(own, float)[None]
    above = (a > b) + 0.5 * (a == b)
    value = float(above.mean())
    if value in (0.0, 1.0):
        fewest = min(len(own), len(foreign))
        return wilson(round(value) * fewest, fewest)
    variance = sum(
        float(above.mean(axis=axis).var(ddof=1)) / n if n > 1 else 0.25
        for axis, n in ((1, len(foreign)), (0, len(own)))
    )
    half = Z * variance**0.5
    return Estimate(value=value, low=max(0.0, value - half), high=min(1.0, value + half))
