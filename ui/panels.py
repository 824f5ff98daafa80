"""Events as the right-hand panel shows them: the specification, rows, what was rejected, curves, the report card."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from html import escape

from agent.events import Panel, Plot, Table
from ui import words
from ui.render import cell_text
from ui.trials import trials_html
from workspace.sample import Scalar
from workspace.words import Language

MOST_SHOWN = 100
INTERVAL = re.compile(r"(\d\.\d+) \((\d\.\d+) to (\d\.\d+)\)")
QUOTED = re.compile(r"(.+?)[:：] ?“(.*)”", re.DOTALL)
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 310, 46, 46, 12


def panel_html(event: Table | Plot | None, language: Language) -> str:
    if event is None:
        return f'<div class="tm-empty"><p>{words.NOTHING_YET.to(language)}</p></div>'
    body = _plot(event) if isinstance(event, Plot) else _table(event, language)
    return f'<section class="tm-panel tm-{event.panel}"><h2>{escape(event.title)}</h2>{body}</section>'


def tabs(panels: Sequence[Panel], language: Language) -> list[tuple[str, Panel]]:
    """(words, panel) of what there is to see, in the order of the work; the specification is always there."""
    there = {"specification", *panels}
    return [(words.PANELS[panel].to(language), panel) for panel in words.PANEL_ORDER if panel in there]


def _table(event: Table, language: Language) -> str:
    if event.panel == "try":
        return trials_html(event, language)
    if not event.rows:
        return f'<p class="tm-none">{words.NO_ROWS.to(language)}</p>'
    if event.panel == "specification":
        return _specification(event)
    if event.panel == "rejected" and len(event.columns) == 5:
        return _rejected(event) + _more(event, language)
    drawn: dict[str, Callable[[str, Scalar], str]] = {"coverage": _Heat(event), "report": _measured}
    cell = drawn.get(event.panel, _plain)
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in event.columns)
    rows = "".join(
        "<tr>" + "".join(cell(column, value) for column, value in zip(event.columns, row, strict=True)) + "</tr>"
        for row in event.rows[:MOST_SHOWN]
    )
    return (
        f'<div class="tm-scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"{_more(event, language)}"
    )


def _more(event: Table, language: Language) -> str:
    rest = len(event.rows) - MOST_SHOWN
    return f'<p class="tm-none">{words.AND_MORE.to(language).format(n=rest)}</p>' if rest > 0 else ""


def _plain(column: str, value: Scalar) -> str:
    kind = ' class="tm-number"' if isinstance(value, int | float) and not isinstance(value, bool) else ""
    return f'<td{kind} data-column="{escape(column)}">{escape(cell_text(value))}</td>'


def _specification(event: Table) -> str:
    """Name, value and whose it is; a value that the person gave carries the words it was taken from."""
    lines = []
    for row in event.rows:
        name, value, whose, *_ = (*(cell_text(cell) for cell in row), "", "")
        found = QUOTED.fullmatch(whose)
        kind = "tm-chip" if found else "tm-chip tm-assumed"
        chip = f'<span class="{kind}">{escape(found[1] if found else whose)}</span>' if whose else ""
        said = f"<q>{escape(found[2])}</q>" if found else ""
        state = ' class="tm-open"' if value in words.UNKNOWN else ""
        lines.append(f"<div{state}><dt>{escape(name)}</dt><dd>{escape(value)} {chip}{said}</dd></div>")
    return f"<dl>{''.join(lines)}</dl>"


def _rejected(event: Table) -> str:
    """Each with its reason, and the passage that speaks against it."""
    cards = []
    for row in event.rows[:MOST_SHOWN]:
        text, answer, check, why, evidence = (escape(cell_text(cell)) for cell in row)
        quote = f"<blockquote>{evidence}</blockquote>" if evidence else ""
        cards.append(
            f'<li><p class="tm-text">{text}</p><p class="tm-reply">{answer}</p>'
            f'<p class="tm-why"><span class="tm-chip tm-bad">{check}</span> {why}</p>{quote}</li>'
        )
    return f'<ul class="tm-cards">{"".join(cards)}</ul>'


class _Heat:
    """A cell shaded by its share of the fullest one, so that a gap in the grid is seen before it is read."""

    def __init__(self, event: Table) -> None:
        self.most = max((value for row in event.rows for value in row if isinstance(value, int)), default=0) or 1

    def __call__(self, column: str, value: Scalar) -> str:
        if not isinstance(value, int):
            return f'<th scope="row">{escape(cell_text(value))}</th>'
        state = "tm-number tm-zero" if value == 0 else "tm-number"
        return (
            f'<td class="{state}" style="--share:{value / self.most:.2f}" data-column="{escape(column)}">{value}</td>'
        )


def _measured(column: str, value: Scalar) -> str:
    """A value with its interval drawn under it; anything else as it stands."""
    text = cell_text(value)
    found = INTERVAL.fullmatch(text)
    if not found:
        return _plain(column, value)
    middle, low, high = (100 * min(1.0, float(part)) for part in found.groups())
    drawn = (
        f'<div class="tm-interval"><i style="left:{low:.1f}%;width:{high - low:.1f}%"></i>'
        f'<b style="left:{middle:.1f}%"></b></div>'
    )
    number, span = escape(found[1]), escape(f"{found[2]}–{found[3]}")
    return f'<td class="tm-number" data-column="{escape(column)}">{number} <small>{span}</small>{drawn}</td>'


def _plot(event: Plot) -> str:
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
