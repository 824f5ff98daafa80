"""The training: how wrong the model still is, step by step, and what it will learn."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from agent.events import Event, Panel, Plot
from ui.panels.look import Deed, Look
from ui.panels.plot import plot_html
from ui.panels.table import table_html

EVENTS: tuple[Panel, ...] = ("learned", "loss")


def there(look: Look) -> bool:
    return any(panel in look.shown for panel in EVENTS)


def draw(look: Look) -> str:
    parts = []
    loss, learned = look.shown.get("loss"), look.table("learned")
    if isinstance(loss, Plot):
        parts.append(f"<h2>{escape(loss.title)}</h2>{plot_html(loss)}")
    if learned:
        parts.append(f"<h2>{escape(learned.title)}</h2>{table_html(learned, look.language)}")
    return "".join(parts)


def act(look: Look, deed: Deed) -> Iterator[Event] | None:
    return None
