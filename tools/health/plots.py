"""The pictures of a health report, drawn as SVG: a ring for the grade, bars for everything else."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tools.health.markup import Html, joined, tag, text
from tools.health.report import Count, Grade, Spread

RADIUS = 52.0


def ring(grade: Grade) -> Html:
    """The score as a share of a circle, the letter inside."""
    around = 2 * math.pi * RADIUS
    filled = around * grade.score / 100
    shape = {"cx": "64", "cy": "64", "r": f"{RADIUS:g}", "fill": "none", "stroke_width": "11"}
    return tag(
        "svg",
        tag("circle", class_="track", **shape),
        tag(
            "circle", class_="arc", stroke_dasharray=f"{filled:.1f} {around:.1f}", stroke_linecap="round",
            transform="rotate(-90 64 64)", **shape,
        ),
        tag("text", grade.letter, x="64", y="72", text_anchor="middle", class_="letter"),
        tag("text", f"{grade.score:g} / 100", x="64", y="91", text_anchor="middle", class_="score"),
        view_box="0 0 128 128", class_=f"ring grade-{grade.letter}", role="img",
    )  # fmt: skip


def histogram(spread: Spread) -> Html:
    """Bars that stand; the number of rows above each, the lengths below."""
    most = max((bar.rows for bar in spread.bars), default=1) or 1
    width, height, step = 46 * max(6, len(spread.bars)), 150, 46
    bars = []
    for place, bar in enumerate(spread.bars):
        tall = max(1.5 if bar.rows else 0, 100 * bar.rows / most)
        x = place * step
        bars.append(tag("rect", x=str(x + 3), y=f"{120 - tall:.1f}", width=str(step - 6), height=f"{tall:.1f}", rx="3"))
        if bar.rows:
            bars.append(_label(x + step / 2, 114 - tall, short(bar.rows), "value"))
        bars.append(_label(x + step / 2, 136, short(bar.low), "axis"))
    line = tag("line", x1="0", x2=str(width), y1="120.5", y2="120.5", class_="base")
    wide = f"{round(1.25 * width)}px"
    return tag("svg", *bars, line, view_box=f"0 0 {width} {height}", class_="histogram", role="img", width=wide)


def _label(x: float, y: float, said: str, kind: str) -> Html:
    return tag("text", said, x=f"{x:.0f}", y=f"{y:.0f}", text_anchor="middle", class_=kind)


def bars(counts: Sequence[Count], total: int) -> Html:
    """Lying bars with their names, longest first as they come."""
    most = max((count.rows for count in counts), default=1) or 1
    lines = []
    for count in counts:
        share = f"{count.rows / total:.1%}" if total else ""
        lines.append(
            tag(
                "li",
                tag("span", count.name, class_="name"),
                tag("span", meter(count.rows / most), class_="bar"),
                tag("span", f"{count.rows:,}", tag("small", share), class_="number"),
            )
        )
    return tag("ul", *lines, class_="bars")


def meter(share: float, kind: str = "") -> Html:
    """A line filled so far."""
    filled = f"{100 * min(1.0, max(0.0, share)):.1f}"
    return tag(
        "svg",
        tag("rect", x="0", y="0", width="100", height="8", rx="1", class_="track"),
        tag("rect", x="0", y="0", width=filled, height="8", rx="1", class_="filled"),
        view_box="0 0 100 8", preserveAspectRatio="none", class_=f"meter {kind}".strip(),
    )  # fmt: skip


def stacked(counts: Sequence[Count]) -> Html:
    """One line cut into shares, with its legend."""
    total = sum(count.rows for count in counts) or 1
    parts, legend, at = [], [], 0.0
    for place, count in enumerate(counts):
        width = 100 * count.rows / total
        colour = f"c{place % 6}"
        parts.append(tag("rect", x=f"{at:.2f}", y="0", width=f"{width:.2f}", height="10", class_=colour))
        legend.append(tag("li", tag("i", class_=colour), text(f"{count.name} "), tag("b", share_of(count.rows, total))))
        at += width
    line = tag("svg", *parts, view_box="0 0 100 10", preserveAspectRatio="none", class_="stacked", role="img")
    return joined(line, tag("ul", *legend, class_="legend"))


def share_of(part: int, whole: int) -> str:
    """Never 0% of what is there, nor 100% of what is not all."""
    share = part / whole if whole else 0.0
    if 0 < share < 0.0005:
        return "<0.1%"
    return f"{share:.1%}" if not 0.9995 <= share < 1 else ">99.9%"


def short(number: int) -> str:
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1000:.0f}k" if number < 1_000_000 else f"{number / 1e6:.1f}M"
