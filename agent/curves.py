"""A training's curve as a person reads it: the trend over the single steps, the best step, a scale on which it shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agent.events import Plot
from workspace.words import Language, Words

Points = tuple[tuple[float, float], ...]
# So few are drawn as they are; so many points at most are drawn one by one.
FEW, MOST = 12, 400
# Where the largest is so many times the smallest, the end of the curve would lie flat on the ground.
WIDE = 20.0

TITLE = Words("How wrong the model still is (loss)", "模型的误差（损失）")
STEP, LOSS = Words("step", "步数"), Words("loss", "损失")
LEARNED, WATCHED = Words("training rows", "训练数据"), Words("rows it doesn't train on", "验证数据")


@dataclass(frozen=True, slots=True)
class Line:
    """`points` as they were measured; `trend` is what to follow with the eye, the points themselves where few."""

    name: str
    points: Points
    trend: Points


@dataclass(frozen=True, slots=True)
class Curve:
    """`best` is where the model that is kept stands, None where nothing watched; `log`: the y axis by factors."""

    title: str
    x: str
    y: str
    lines: tuple[Line, ...]
    best: tuple[float, float] | None = None
    best_words: str = ""
    log: bool = False


def curve(loss: Sequence[tuple[float, float]], watched: Sequence[tuple[float, float]], language: Language) -> Curve:
    """Of the steps so far; `watched` are the validations among them."""
    lines = (_line(LEARNED.to(language), loss), _line(WATCHED.to(language), watched, smooth=False))
    kept = [point for line in lines[1:] for point in line.points]
    best = min(kept, key=lambda point: point[1], default=None)
    told = Words(f"best: step {best[0]:.0f}", f"最佳：第 {best[0]:.0f} 步").to(language) if best else ""
    drawn = tuple(line for line in lines if line.points)
    return Curve(TITLE.to(language), STEP.to(language), LOSS.to(language), drawn, best, told, _wide(drawn))


def of_plot(plot: Plot) -> Curve:
    """The same of an event, which names its lines itself."""
    lines = tuple(_line(name, points) for name, points in plot.lines.items())
    drawn = tuple(line for line in lines if line.points)
    return Curve(plot.title, plot.x, plot.y, drawn, log=_wide(drawn))


def _line(name: str, given: Sequence[tuple[float, float]], smooth: bool = True) -> Line:
    points = tuple(point for point in given if all(map(math.isfinite, point)))
    trend = smoothed(points) if smooth and len(points) > FEW else points
    return Line(name, _thinned(points), _thinned(trend))


def smoothed(points: Points) -> Points:
    """Exponentially weighted over about a twelfth of the steps; early ones are not drawn towards 0.

    The mean of what there is so far, as TensorBoard's and pandas' `ewm(span=…)` have it.
    """
    share = 2 / (max(3, len(points) / 12) + 1)
    total = weight = 0.0
    found = []
    for x, y in points:
        total, weight = (1 - share) * total + share * y, (1 - share) * weight + share
        found.append((x, total / weight))
    return tuple(found)


def _thinned(points: Points) -> Points:
    """Evenly, the last one kept."""
    if len(points) <= MOST:
        return points
    last = len(points) - 1
    return tuple(points[round(number * last / (MOST - 1))] for number in range(MOST))


def _wide(lines: Sequence[Line]) -> bool:
    values = [y for line in lines for _, y in line.trend]
    return bool(values) and min(values) > 0 and max(values) > WIDE * min(values)
