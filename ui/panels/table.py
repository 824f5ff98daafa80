"""A table as the panel shows it, and the cells that several panels share."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from agent.events import Table
from ui import words
from ui.render import cell_text
from workspace.sample import Scalar
from workspace.words import Language

MOST_SHOWN = 100
Cell = Callable[[str, Scalar], str]


def plain(column: str, value: Scalar) -> str:
    kind = ' class="tm-number"' if isinstance(value, int | float) and not isinstance(value, bool) else ""
    return f'<td{kind} data-column="{escape(column)}">{escape(cell_text(value))}</td>'


def table_html(event: Table, language: Language, cell: Cell = plain) -> str:
    """`cell` draws a value of a column."""
    if not event.rows:
        return none_html(language)
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in event.columns)
    rows = "".join(
        "<tr>" + "".join(cell(column, value) for column, value in zip(event.columns, row, strict=True)) + "</tr>"
        for row in event.rows[:MOST_SHOWN]
    )
    return (
        f'<div class="tm-scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"{more_html(event, language)}"
    )


def none_html(language: Language) -> str:
    return f'<p class="tm-none">{words.NO_ROWS.to(language)}</p>'


def more_html(event: Table, language: Language) -> str:
    rest = len(event.rows) - MOST_SHOWN
    return f'<p class="tm-none">{words.AND_MORE.to(language).format(n=rest)}</p>' if rest > 0 else ""
