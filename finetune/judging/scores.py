"""How good answers are, how sure that is, and whether one system beats another on the same rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from finetune.judging.likeness import bleu, bleu_counts, chrf, rouge, sentence_bleu
from workspace.results import ClassScore, Estimate, PairedTest, System
from workspace.stated import Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Z = 1.959963984540054
RESAMPLES = 2000
SEED = 20260
RIGHT_OR_WRONG: tuple[Metric, ...] = ("accuracy", "exact_match")
OF_LABELS: tuple[Metric, ...] = (
    *("accuracy", "macro_f1", "macro_precision", "macro_recall"),
    *("weighted_f1", "weighted_precision", "weighted_recall"),
)
# What is measured unasked, the usual one first. Weighted recall is the accuracy.
USUAL: dict[bool, tuple[Metric, ...]] = {
    True: ("accuracy", "macro_f1", "macro_precision", "macro_recall", "weighted_f1"),
    False: ("chrf", "exact_match", "bleu", "rouge1", "rouge2", "rougeL"),
}


def scored(metric: Metric, wanted: Sequence[str], given: Sequence[str]) -> list[float]:
    """One number a row, 0 to 1. For precision, recall and F1, which no row has, whether the answer is right."""
    pairs = list(zip(wanted, given, strict=True))
    if metric == "chrf":
        return [chrf(w, g) for w, g in pairs]
    if metric in ("rouge1", "rouge2", "rougeL"):
        return [rouge(metric, w, g) for w, g in pairs]
    if metric == "bleu":
        return sentence_bleu(bleu_counts(wanted, given))
    return [float(w.strip() == g.strip()) for w, g in pairs]


def statistic(metric: Metric, wanted: Sequence[str], given: Sequence[str]) -> tuple[Array, Callable[[Array], float]]:
    """What each row contributes, and what any choice of rows amounts to."""
    import numpy

    if metric == "bleu":
        return bleu_counts(wanted, given), bleu
    if metric in OF_LABELS and metric != "accuracy":
        return _coded(wanted, given), lambda rows: averaged(metric, rows)
    return numpy.array(scored(metric, wanted, given)), lambda rows: float(rows.mean())


def estimate(metric: Metric, wanted: Sequence[str], given: Sequence[str]) -> Estimate:
    """The value with its 95% interval: Wilson's for shares, percentile bootstrap over rows for the rest.

    Where every row came out alike, drawing rows again can only give the same: no row of its kind rules out a wrong one,
    and as for shares Wilson's interval says how little they tell.
    """
    rows, value = statistic(metric, wanted, given)
    if metric in RIGHT_OR_WRONG:
        return wilson(round(float(rows.sum())), len(rows))
    found = between(value(rows), resampled(len(rows), lambda chosen: value(rows[chosen])))
    if found.low == found.high and round(found.value, 9) in (0, 1):
        return wilson(round(found.value) * len(rows), len(rows))
    return found


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
    if metric in RIGHT_OR_WRONG:
        p, difference = mcnemar(better, worse), paired_difference(better, worse, len(a))
    else:
        p, difference = _bootstrap_test(metric, wanted, tuned, other)
    same = len(a) - better - worse
    return PairedTest(against=name, metric=metric, better=better, worse=worse, same=same, p=p, difference=difference)


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
    (a, value), (b, _) = statistic(metric, wanted, tuned), statistic(metric, wanted, other)
    draws = resampled(len(a), lambda rows: value(a[rows]) - value(b[rows]))
    tail = min((draws <= 0).sum(), (draws >= 0).sum())
    return min(1.0, 2 * (float(tail) + 1) / (RESAMPLES + 1)), between(value(a) - value(b), draws)


def resampled(rows: int, value: Callable[[Array], float]) -> Array:
    """The value over row numbers drawn with replacement, always the same draws."""
    import numpy

    chance = numpy.random.default_rng(SEED)
    return numpy.array([value(chance.integers(0, rows, rows)) for _ in range(RESAMPLES)])


def between(value: float, draws: Array) -> Estimate:
    import numpy

    low, high = numpy.percentile(draws, [2.5, 97.5])
    return Estimate(value=value, low=min(value, float(low)), high=max(value, float(high)))


def _coded(wanted: Sequence[str], given: Sequence[str]) -> Array:
    """A line a row: the right label and the given one as numbers."""
    import numpy

    numbers = {text: i for i, text in enumerate(sorted({*wanted, *given}))}
    return numpy.array([[numbers[w], numbers[g]] for w, g in zip(wanted, given, strict=True)])


def averaged(metric: Metric, rows: Array) -> float:
    """Precision, recall or F1 of the labels that are right somewhere, all the same (macro) or by their rows."""
    import numpy

    right, found = rows[:, 0], rows[:, 1]
    size = int(rows.max()) + 1
    hits = numpy.bincount(right[right == found], minlength=size)
    support, said = numpy.bincount(right, minlength=size), numpy.bincount(found, minlength=size)
    there = support > 0
    hits, support, said = hits[there], support[there], said[there]
    average, _, what = metric.partition("_")
    below = {"precision": numpy.maximum(said, 1), "recall": support, "f1": (support + said) / 2}[what]
    return float(numpy.average(hits / below, weights=support if average == "weighted" else None))
