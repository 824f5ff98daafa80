"""A training's curve as a person reads it: the trend over single steps, the best step, a scale on which it shows."""

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
BY_FACTORS = Words("loss, each line a multiple of the one below", "损失（对数刻度）")
LEARNED, WATCHED = Words("training rows", "训练数据"), Words("rows it doesn't train on", "验证数据")


@dataclass(frozen=True, slots=True)
class Line:
    """`points` as they were measured; `trend` is what to follow with the eye, the points themselves where few."""

    name: str
    points: Points
    trend: Points


@dataclass(frozen=True, slots=True)
class Curve:
    """`best` is where the model that is kept stands, None where nothing watched; `log`: the y axis by factors.

    `until` is how far the x axis reaches at least.
    """

    title: str
    x: str
    y: str
    lines: tuple[Line, ...]
    best: tuple[float, float] | None = None
    best_words: str = ""
    log: bool = False
    until: float = 0.0


def curve(
    loss: Sequence[tuple[float, float]], watched: Sequence[tuple[float, float]], language: Language, steps: int = 0
) -> Curve:
    """Of the steps so far, of `steps` in all; `watched` are the validations among them."""
    lines = (_line(LEARNED.to(language), loss), _line(WATCHED.to(language), watched, smooth=False))
    kept = [point for line in lines[1:] for point in line.points]
    best = min(kept, key=lambda point: point[1], default=None)
    told = Words(f"best: step {best[0]:.0f}", f"最佳：第 {best[0]:.0f} 步").to(language) if best else ""
    drawn = tuple(line for line in lines if line.points)
    log = _wide(drawn)
    y = (BY_FACTORS if log else LOSS).to(language)
    return Curve(TITLE.to(language), STEP.to(language), y, drawn, best, told, log, float(steps))


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
    """The mean over about a sixth of the steps around each; at the beginning of fewer, for there it falls steeply, at
    the end of those before, for none come after."""
    half = max(2, len(points) // 12)
    total = [0.0]
    for _, y in points:
        total.append(total[-1] + y)
    found = []
    for place, (x, _) in enumerate(points):
        left = min(half, place)
        right = min(left, len(points) - 1 - place)
        first, last = place - left, place + right + 1
        found.append((x, (total[last] - total[first]) / (last - first)))
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
