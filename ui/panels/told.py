"""The tables of rows as the conversation told them: what there is to see before there is a run to look into."""

from __future__ import annotations

from html import escape
from typing import cast

from agent.events import Panel, Table
from ui import words
from ui.panels.look import Look, segments_html
from ui.panels.table import MOST_SHOWN, more_html, none_html, table_html
from ui.render import cell_text
from workspace.sample import Scalar
from workspace.words import Language

EVENTS: tuple[Panel, ...] = ("rows", "rejected", "coverage")


def draw(look: Look) -> str:
    there = [panel for panel in EVENTS if look.table(panel)]
    chosen = cast(Panel, look.asked.get("view", "rows"))
    event = look.table(chosen) or (look.table(there[0]) if there else None)
    if event is None:
        return none_html(look.language)
    names = [(panel, words.PANELS[panel].to(look.language)) for panel in there]
    return f"{segments_html('view', names, event.panel)}<h2>{escape(event.title)}</h2>{_table(event, look.language)}"


def _table(event: Table, language: Language) -> str:
    if not event.rows:
        return none_html(language)
    if event.panel == "rejected" and len(event.columns) == 5:
        return _rejected(event) + more_html(event, language)
    return table_html(event, language, _Heat(event)) if event.panel == "coverage" else table_html(event, language)


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
