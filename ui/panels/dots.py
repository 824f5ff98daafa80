"""Every system's value with its interval on one axis, the goal as a line: drawn so that overlap is seen at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from agent.views.card import Dot, Measure
from ui.panels.plot import ticks

# Less than this from end to end would make a point look like a mile.
NARROWEST = 0.2
ROW, TOP, FOOT, WHISKER, BAND = 46, 20, 24, 32, 12


@dataclass(frozen=True)
class Axis:
    """Round shares from end to end."""

    ticks: tuple[float, ...]

    def across(self, value: float) -> float:
        """0 at its left end, 1 at its right."""
        first, last = self.ticks[0], self.ticks[-1]
        return (min(max(value, first), last) - first) / (last - first)


def axis_of(measure: Measure) -> Axis:
    ends = [end for dot in measure.dots for end in (dot.low, dot.high)]
    ends += [measure.goal] if measure.goal is not None else []
    low, high = min(ends), max(ends)
    missing = max(0.0, NARROWEST - (high - low)) / 2
    low, high = max(0.0, min(low - missing, 1 - NARROWEST)), min(1.0, max(high + missing, NARROWEST))
    return Axis(tuple(ticks(low, high, 6)))


def dots_html(measure: Measure, label: str) -> str:
    """`label` is what is read aloud in place of the picture's name; its texts are read as they stand."""
    axis = axis_of(measure)
    rows = "".join(_row(dot, number, axis, measure.goal) for number, dot in enumerate(measure.dots))
    height = TOP + ROW * len(measure.dots) + FOOT
    return (
        f'<figure class="tm-dots"><svg role="group" aria-label="{escape(label)}" style="height:{height}px">'
        f"{_goal_name(measure, axis)}{rows}{_scale(axis.ticks, axis, height)}</svg></figure>"
    )


def _row(dot: Dot, number: int, axis: Axis, goal: float | None) -> str:
    top = TOP + number * ROW
    y = top + WHISKER
    low, middle, high = (f"{100 * axis.across(value):.2f}%" for value in (dot.low, dot.value, dot.high))
    grid = "".join(_upright(axis.across(tick), y, "") for tick in axis.ticks)
    line = "" if goal is None else _upright(axis.across(goal), y, "tm-goal")
    whisker = f'<line class="tm-whisker" x1="{low}" x2="{high}" y1="{y}" y2="{y}"/>'
    ends = "".join(f'<line class="tm-whisker" x1="{x}" x2="{x}" y1="{y - 4}" y2="{y + 4}"/>' for x in (low, high))
    return (
        f'<g class="tm-of-{dot.system}">{grid}<line x1="0" x2="100%" y1="{y}" y2="{y}"/>{line}'
        f'<text class="tm-who" x="0" y="{top + 14}">{escape(dot.name)}</text>'
        f'<text x="100%" y="{top + 14}" text-anchor="end"><tspan class="tm-value">{escape(dot.shown)}</tspan>'
        f'<tspan dx="8">{escape(dot.interval)}</tspan></text>'
        f'{whisker}{ends}<circle cx="{middle}" cy="{y}" r="5"/></g>'
    )


def _upright(across: float, y: float, kind: str) -> str:
    x = f"{100 * across:.2f}%"
    style = f' class="{kind}"' if kind else ""
    return f'<line{style} x1="{x}" x2="{x}" y1="{y - BAND}" y2="{y + BAND}"/>'


def _goal_name(measure: Measure, axis: Axis) -> str:
    if measure.goal is None:
        return ""
    x = axis.across(measure.goal)
    return f'<text class="tm-goal" x="{100 * x:.2f}%" y="12" {anchor(x)}>{escape(measure.goal_shown)}</text>'


def anchor(x: float) -> str:
    """A word near an end must not stand out over it."""
    return f'text-anchor="{"start" if x < 0.12 else "end" if x > 0.88 else "middle"}"'


def _scale(marks: Sequence[float], axis: Axis, height: int) -> str:
    return "".join(
        f'<text x="{100 * x:.2f}%" y="{height - 6}" {anchor(x)}>{100 * tick:g}%</text>'
        for tick in marks
        for x in (axis.across(tick),)
    )
