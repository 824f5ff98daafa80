"""A curve as a picture: the trend over faint single steps, the best one marked, round ticks, thin lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from agent.views.curves import Curve, Line, Points

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 300, 46, 44, 26, 12


def plot_html(curve: Curve) -> str:
    if not curve.lines:
        return ""
    points = [point for line in curve.lines for point in (*line.points, *line.trend)]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    y_ticks = log_ticks(min(ys), max(ys)) if curve.log else ticks(min(0.0, *ys), max(ys))
    frame = _Frame(ticks(min(0.0, *xs), max(curve.until, *xs)), y_ticks, curve.log)
    drawn = "".join(frame.dots(line, number) for number, line in enumerate(curve.lines))
    drawn += "".join(frame.line(line.trend, number) for number, line in enumerate(curve.lines))
    best = frame.best(curve.best, curve.best_words) if curve.best else ""
    names = "".join(_name(line, number) for number, line in enumerate(curve.lines))
    return (
        f'<p class="tm-legend">{names}</p><svg class="tm-plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(_told(curve))}">{frame.grid(curve.x, curve.y)}{best}{drawn}</svg>'
    )


def _name(line: Line, number: int) -> str:
    return f'<span class="tm-line-{number % 4}"><i></i>{escape(line.name)} <b>{line.trend[-1][1]:.3g}</b></span>'


def _told(curve: Curve) -> str:
    """For whoever can't see it: where each line begins and ends, and the best."""
    lines = (f"{line.name}: {line.trend[0][1]:.3g} → {line.trend[-1][1]:.3g}" for line in curve.lines)
    return "; ".join(filter(None, (curve.title, *lines, curve.best_words)))


class _Frame:
    """Values to places in the picture."""

    def __init__(self, xs: Sequence[float], ys: Sequence[float], log: bool) -> None:
        self.xs, self.ys = xs, ys
        self.scale: Callable[[float], float] = math.log10 if log else float

    def place(self, x: float, y: float) -> tuple[float, float]:
        across = (x - self.xs[0]) / ((self.xs[-1] - self.xs[0]) or 1)
        low, high = self.scale(self.ys[0]), self.scale(self.ys[-1])
        up = (self.scale(y) - low) / ((high - low) or 1)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - TOP)

    def dots(self, line: Line, number: int) -> str:
        """The single steps, where there is a trend to tell them from."""
        if line.points == line.trend:
            return ""
        places = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in (self.place(*point) for point in line.points))
        return f'<path class="tm-single tm-line-{number % 4}" d="{places}"/>'

    def line(self, points: Points, number: int) -> str:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.place(*point) for point in points))
        x, y = self.place(*points[-1])
        kind = f"tm-line-{number % 4}"
        return f'<polyline class="{kind}" points="{path}"/><circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'

    def best(self, point: tuple[float, float], told: str) -> str:
        x, y = self.place(*point)
        side = "end" if x > WIDTH * 0.7 else "start" if x < WIDTH * 0.3 else "middle"
        return (
            f'<g class="tm-best"><line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{HEIGHT - BOTTOM}"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7"/>'
            f'<text x="{x:.1f}" y="{TOP - 11}" text-anchor="{side}">{escape(told)}</text></g>'
        )

    def grid(self, x_name: str, y_name: str) -> str:
        parts = []
        for tick in self.ys:
            x, y = self.place(self.xs[0], tick)
            parts.append(f'<line x1="{x:.1f}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
        for tick in self.xs:
            x, y = self.place(tick, self.ys[0])
            parts.append(f'<text x="{x:.1f}" y="{y + 20:.1f}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">{escape(x_name)}</text>')
        parts.append(f'<text x="{LEFT}" y="{HEIGHT - 4}">{escape(y_name)}</text>')
        return "".join(parts)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers that enclose low to high."""
    raw = (high - low) / about or 1.0
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * number, 10) for number in range(first, max(last, first + 1) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 of each power of ten, or the powers alone where there are many, that enclose low to high; above 0."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps = (1.0,) if last - first > 3 else (1.0, 2.0, 5.0)
    every = [float(f"{step}e{power}") for power in range(first, last + 1) for step in steps]
    below = max((tick for tick in every if tick <= low), default=every[0])
    above = min((tick for tick in every if tick >= high), default=every[-1])
    return [tick for tick in every if below <= tick <= above]
