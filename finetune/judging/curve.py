"""Whether more rows would help: the same learner on a quarter, a half and all of them, and what follows from that."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.judging.classic import learned
from finetune.judging.exam import Evaluated, Exam
from finetune.judging.scores import RESAMPLES, between, scored
from finetune.judging.tables import interval
from workspace.results import Estimate, Section
from workspace.sample import Sample
from workspace.words import Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from finetune.judging.contestants import Contest

    Array = NDArray[Any]

SHARES = (0.25, 0.5, 1.0)
SEEDS = 5
FEWEST = 20
STAGE = Words("Learning curve", "学习曲线")
TITLE = Words("Would more rows help?", "增加数据会有帮助吗？")


@dataclass(frozen=True)
class Point:
    """`scores` are those of each test row, a line a seed, 0 to 1."""

    rows: int
    scores: Array


def classic_curve(contest: Contest, out: Path) -> Generator[Evaluated, None, Section]:
    """By the classic method, which learns in seconds; five draws of the rows for each part of them."""
    import numpy

    if not contest.exam.train:
        return GONE
    exam, points = contest.exam, []
    for number, share in enumerate(SHARES):
        yield Evaluated(STAGE, number, len(SHARES))
        seeds = range(SEEDS if share < 1 else 1)
        parts = [part_of(exam, share, seed) for seed in seeds]
        scores = numpy.array([_scores(exam, part) for part in parts])
        points.append(Point(len(parts[0]), numpy.repeat(scores, SEEDS // len(scores), axis=0)))
    yield Evaluated(STAGE, len(SHARES), len(SHARES))
    return section(points, METHOD)


GONE = Section(
    title=TITLE,
    text=Words(
        "The rows that the model learned from are gone, so nobody can tell.", "模型的训练数据已不在，无法判断。"
    ),
)
METHOD = Words(
    "Measured with the classic method (TF-IDF), which learns in seconds, over five draws of the rows: a hint for the "
    "tuned model, not a measurement of it. `tunesmith evaluate MODEL --curve` measures it.",
    "用传统方法（TF-IDF，几秒即可学完）测得，每档随机抽取五次：对微调模型只是参考，并非实测。"
    "实测请用 `tunesmith evaluate 模型 --curve`。",
)


def part_of(exam: Exam, share: float, seed: int) -> list[Sample]:
    """That share of the training rows, of each label alike and one at least; a smaller share is part of a larger."""
    groups: defaultdict[str, list[Sample]] = defaultdict(list)
    for row in exam.train:
        groups[row.label or "" if exam.labels else ""].append(row)
    chosen = []
    for label, rows in sorted(groups.items()):
        digest = hashlib.sha256(f"{seed}:{label}".encode("utf-8", "surrogatepass")).digest()
        shuffled = random.Random(digest).sample(rows, len(rows))
        chosen += shuffled[: max(1, round(share * len(rows)))]
    return chosen


def _scores(exam: Exam, part: Sequence[Sample]) -> list[float]:
    found = learned(part, exam.labels is not None).predict([row.question for row in exam.test])
    return scored("accuracy" if exam.labels else "chrf", exam.wanted, [str(answer) for answer in found])


def section(points: Sequence[Point], method: Words) -> Section:
    """The curve as a table, and what doubling the rows would bring in words."""
    gain = doubled(points)
    values = {f"share_{round(100 * share)}": _mean(point) for share, point in zip(SHARES, points, strict=True)}
    rows = [
        (f"{100 * share:.0f}%", str(point.rows), interval(value, "en"))
        for share, point, value in zip(SHARES, points, values.values(), strict=True)
    ]
    words = said(gain, points[-1].rows)
    return Section(
        title=TITLE,
        text=Words(f"{words.en} {method.en}", f"{words.zh}{method.zh}"),
        columns=(
            Words("part of the rows", "数据比例"),
            Words("rows", "条数"),
            Words("right or alike", "正确率或相似度"),
        ),
        rows=tuple(rows),
        values={**values, "doubling": gain},
    )


def said(gain: Estimate, rows: int) -> Words:
    points, low, high = (f"{100 * x:+.1f}" for x in (gain.value, gain.low, gain.high))
    if rows < FEWEST:
        return Words(
            f"With only {rows} training rows a curve says little; more rows are the first thing to try.",
            f"只有 {rows} 条训练数据，曲线说明不了什么；首先应增加数据。",
        )
    if gain.low > 0:
        return Words(
            f"Doubling your {rows} rows would bring about {points} points (from {low} to {high}).",
            f"把现有的 {rows} 条数据增加一倍，大约能提高 {points} 个百分点（{low} 到 {high}）。",
        )
    return Words(
        f"There is no sign that more rows like these {rows} would help (twice as many: {low} to {high} points).",
        f"没有迹象表明增加同类数据（现有 {rows} 条）会有帮助（增加一倍约 {low} 到 {high} 个百分点）。",
    )


def doubled(points: Sequence[Point]) -> Estimate:
    """What twice the rows would add, 0 to 1, with a 95% interval over test rows and seeds.

    Errors fall as a power of the rows (Hestness 2017), so each doubling takes away the same share of them.
    """
    import numpy

    chance = numpy.random.default_rng(SEEDS)
    seeds, rows = points[0].scores.shape
    draws = []
    for _ in range(RESAMPLES):
        lines, places = chance.integers(0, seeds, seeds), chance.integers(0, rows, rows)
        draws.append(_gain([p.rows for p in points], [p.scores[numpy.ix_(lines, places)].mean() for p in points], rows))
    return between(_gain([p.rows for p in points], [p.scores.mean() for p in points], rows), numpy.array(draws))


def _gain(rows: Sequence[int], scores: Sequence[float], tested: int) -> float:
    """From a straight line through the logarithms. Half a row is added to the errors, so that none is not for ever."""
    import numpy

    errors = [(1 - score) + 0.5 / tested for score in scores]
    slope = numpy.polyfit(numpy.log2(rows), numpy.log2(errors), 1)[0] if len(set(rows)) > 1 else 0.0
    return float((1 - scores[-1]) * (1 - 2**slope))


def _mean(point: Point) -> Estimate:
    import numpy

    chance = numpy.random.default_rng(SEEDS)
    rows = point.scores.shape[1]
    draws = [point.scores[:, chance.integers(0, rows, rows)].mean() for _ in range(RESAMPLES // 4)]
    return between(float(point.scores.mean()), numpy.array(draws))
