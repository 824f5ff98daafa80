"""A curve as a picture: round ticks, thin lines, the last value of each beside its name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from agent.events import Plot

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 310, 46, 46, 12


def plot_html(event: Plot) -> str:
    lines = {name: [p for p in points if all(map(math.isfinite, p))] for name, points in event.lines.items()}
    lines = {name: points for name, points in lines.items() if points}
    if not lines:
        return ""
    xs = [x for points in lines.values() for x, _ in points]
    ys = [y for points in lines.values() for _, y in points]
    x_ticks, y_ticks = ticks(min(0.0, *xs), max(xs)), ticks(min(0.0, *ys), max(ys))
    frame = _Frame(x_ticks, y_ticks)
    drawn = "".join(frame.line(points, number) for number, points in enumerate(lines.values()))
    names = "".join(
        f'<span class="tm-line-{number % 4}"><i></i>{escape(name)} <b>{points[-1][1]:.3g}</b></span>'
        for number, (name, points) in enumerate(lines.items())
    )
    return (
        f'<p class="tm-legend">{names}</p><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(event.title)}">{frame.grid(event.x, event.y)}{drawn}</svg>'
    )


class _Frame:
    """Values to places in the picture."""

    def __init__(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        self.xs, self.ys = xs, ys

    def place(self, x: float, y: float) -> tuple[float, float]:
        across = (x - self.xs[0]) / ((self.xs[-1] - self.xs[0]) or 1)
        up = (y - self.ys[0]) / ((self.ys[-1] - self.ys[0]) or 1)
        return LEFT + across * (WIDTH - LEFT - 10), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - TOP)

    def line(self, points: Sequence[tuple[float, float]], number: int) -> str:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.place(*point) for point in points))
        x, y = self.place(*points[-1])
        kind = f"tm-line-{number % 4}"
        return f'<polyline class="{kind}" points="{path}"/><circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'

    def grid(self, x_name: str, y_name: str) -> str:
        parts = []
        for tick in self.ys:
            x, y = self.place(self.xs[0], tick)
            parts.append(f'<line x1="{x:.1f}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
        for tick in self.xs:
            x, y = self.place(tick, self.ys[0])
            parts.append(f'<text x="{x:.1f}" y="{y + 20:.1f}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{WIDTH - 10}" y="{HEIGHT - 2}" text-anchor="end">{escape(x_name)}</text>')
        return "".join(parts)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers that enclose low to high."""
    raw = (high - low) / about or 1.0
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * number, 10) for number in range(first, max(last, first + 1) + 1)]
