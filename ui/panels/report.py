"""The report card: every system with its intervals, drawn so that overlap is seen before it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from agent.events import Event, Panel
from ui.panels.look import Deed, Look
from ui.panels.table import plain, table_html
from ui.render import cell_text
from workspace.sample import Scalar

EVENTS: tuple[Panel, ...] = ("report",)
INTERVAL = re.compile(r"(\d\.\d+) \((\d\.\d+) to (\d\.\d+)\)")


def there(look: Look) -> bool:
    return look.table("report") is not None


def draw(look: Look) -> str:
    event = look.table("report")
    return f"<h2>{escape(event.title)}</h2>{table_html(event, look.language, _measured)}" if event else ""


def act(look: Look, deed: Deed) -> Iterator[Event] | None:
    return None


def _measured(column: str, value: Scalar) -> str:
    """A value with its interval drawn under it; anything else as it stands."""
    text = cell_text(value)
    found = INTERVAL.fullmatch(text)
    if not found:
        return plain(column, value)
    middle, low, high = (100 * min(1.0, float(part)) for part in found.groups())
    drawn = (
        f'<div class="tm-interval"><i style="left:{low:.1f}%;width:{high - low:.1f}%"></i>'
        f'<b style="left:{middle:.1f}%"></b></div>'
    )
    number, span = escape(found[1]), escape(f"{found[2]}–{found[3]}")
    return f'<td class="tm-number" data-column="{escape(column)}">{number} <small>{span}</small>{drawn}</td>'
