"""How good answers are, how sure that is, and whether one system beats another on the same rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from workspace.results import ClassScore, Estimate, PairedTest, System
from workspace.stated import Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Z = 1.959963984540054
RESAMPLES = 2000
SEED = 20260


def scored(metric: Metric, wanted: Sequence[str], given: Sequence[str]) -> list[float]:
    """One number a row, 0 to 1. For macro F1, which no single row has, whether the answer is right."""
    if metric == "chrf":
        return [chrf(w, g) for w, g in zip(wanted, given, strict=True)]
    return [float(w.strip() == g.strip()) for w, g in zip(wanted, given, strict=True)]


def chrf(wanted: str, given: str) -> float:
    """Character n-gram F-score of one text, 0 to 1; white space doesn't count (Popović 2015, by sacrebleu)."""
    from sacrebleu.metrics import CHRF

    return float(CHRF().sentence_score(given, [wanted]).score) / 100


def estimate(metric: Metric, wanted: Sequence[str], given: Sequence[str]) -> Estimate:
    """The value with its 95% interval: Wilson's for shares, percentile bootstrap over rows for the rest."""
    if metric == "macro_f1":
        right, found = _coded(wanted, given)
        value = _macro_f1(right, found)
        return _between(value, _resampled(len(right), lambda rows: _macro_f1(right[rows], found[rows])))
    rows = scored(metric, wanted, given)
    if metric == "chrf":
        import numpy

        array = numpy.array(rows)
        return _between(float(array.mean()), _resampled(len(rows), lambda chosen: float(array[chosen].mean())))
    return wilson(round(sum(rows)), len(rows))


def wilson(right: int, rows: int) -> Estimate:
    """A share with its 95% score interval (Wilson 1927): honest for few rows and at 0 and 1."""
    share = right / rows
    centre = (share + Z**2 / (2 * rows)) / (1 + Z**2 / rows)
    half = Z / (1 + Z**2 / rows) * math.sqrt(share * (1 - share) / rows + Z**2 / (4 * rows**2))
    return Estimate(value=share, low=min(share, max(0.0, centre - half)), high=max(share, min(1.0, centre + half)))


def per_class(wanted: Sequence[str], given: Sequence[str]) -> dict[str, ClassScore]:
    """For each label that occurs in the test rows."""
    scores = {}
    for label in sorted(set(wanted)):
        hits = sum(w == g == label for w, g in zip(wanted, given, strict=True))
        support, said = wanted.count(label), given.count(label)
        scores[label] = ClassScore(
            precision=hits / said if said else 0.0,
            recall=hits / support,
            f1=2 * hits / (said + support),
            support=support,
        )
    return scores


def paired(
    metric: Metric, wanted: Sequence[str], tuned: Sequence[str], other: Sequence[str], name: System
) -> PairedTest:
    """`tuned` against `other` on the same rows: exact McNemar for right or wrong, else paired bootstrap."""
    a, b = scored(metric, wanted, tuned), scored(metric, wanted, other)
    better = sum(x > y + 1e-9 for x, y in zip(a, b, strict=True))
    worse = sum(y > x + 1e-9 for x, y in zip(a, b, strict=True))
    if metric in ("accuracy", "exact_match"):
        p, difference = mcnemar(better, worse), paired_difference(better, worse, len(a))
    else:
        p, difference = _bootstrap_test(metric, wanted, tuned, other)
    return PairedTest(
        against=name, better=better, worse=worse, same=len(a) - better - worse, p=p, difference=difference
    )


def mcnemar(better: int, worse: int) -> float:
    """Two-sided exact p (McNemar 1947): the binomial chance of a split as uneven, were both systems equal."""
    from scipy.stats import binomtest

    return float(binomtest(better, better + worse).pvalue) if better + worse else 1.0


def paired_difference(better: int, worse: int, rows: int) -> Estimate:
    """Of two shares on the same rows, with a 95% interval that holds for few rows (Bonett and Price 2012)."""
    up, down = (better + 1) / (rows + 2), (worse + 1) / (rows + 2)
    half = Z * math.sqrt((up + down - (up - down) ** 2) / (rows + 2))
    value = (better - worse) / rows
    return Estimate(
        value=value,
        low=min(value, max(-1.0, up - down - half)),
        high=max(value, min(1.0, up - down + half)),
    )


def _bootstrap_test(
    metric: Metric, wanted: Sequence[str], tuned: Sequence[str], other: Sequence[str]
) -> tuple[float, Estimate]:
    import numpy

    if metric == "chrf":
        gap = numpy.array(scored(metric, wanted, tuned)) - numpy.array(scored(metric, wanted, other))
        value, draws = float(gap.mean()), _resampled(len(gap), lambda rows: float(gap[rows].mean()))
    else:
        right, found, second = _coded(wanted, tuned, other)
        value = _macro_f1(right, found) - _macro_f1(right, second)
        draws = _resampled(
            len(right), lambda rows: _macro_f1(right[rows], found[rows]) - _macro_f1(right[rows], second[rows])
        )
    tail = min((draws <= 0).sum(), (draws >= 0).sum())
    return min(1.0, 2 * (float(tail) + 1) / (RESAMPLES + 1)), _between(value, draws)


def _resampled(rows: int, statistic: Callable[[Array], float]) -> Array:
    """The statistic over row numbers drawn with replacement, always the same draws."""
    import numpy

    chance = numpy.random.default_rng(SEED)
    return numpy.array([statistic(chance.integers(0, rows, rows)) for _ in range(RESAMPLES)])


def _between(value: float, draws: Array) -> Estimate:
    import numpy

    low, high = numpy.percentile(draws, [2.5, 97.5])
    return Estimate(value=value, low=min(value, float(low)), high=max(value, float(high)))


def _coded(*answers: Sequence[str]) -> list[Array]:
    """Texts as numbers, the same text the same number."""
    import numpy

    numbers = {text: i for i, text in enumerate(sorted({text for column in answers for text in column}))}
    return [numpy.array([numbers[text] for text in column]) for column in answers]


def _macro_f1(right: Array, found: Array) -> float:
    """The mean F1 of the labels that occur in `right`."""
    import numpy

    size = int(max(right.max(), found.max())) + 1
    hits = numpy.bincount(right[right == found], minlength=size)
    support, said = numpy.bincount(right, minlength=size), numpy.bincount(found, minlength=size)
    there = support > 0
    return float((2 * hits[there] / (support + said)[there]).mean())
