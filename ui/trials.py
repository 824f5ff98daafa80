"""The panel where a person tries the model out: one message, two answers, a choice, and only then whose is whose."""

from __future__ import annotations

from html import escape

from agent.events import Plot, Table
from agent.trying import OPEN, WRITING
from ui import words
from ui.render import cell_text
from workspace.words import Language


def waits(event: Table | Plot | None) -> bool:
    """Both answers to the newest message are there, and nobody has said which is better."""
    return isinstance(event, Table) and bool(event.rows) and event.rows[0][-1] == OPEN


def votes(language: Language) -> list[tuple[str, str]]:
    """(words, what is meant)"""
    return [(said.to(language), side) for side, said in words.VOTES.items()]


def trials_html(event: Table, language: Language) -> str:
    """The newest first, each with its two answers side by side."""
    if not event.rows:
        return f'<p class="tm-none">{words.TRY_HOW.to(language)}</p>'
    sides = event.columns[1:3]
    return f'<ul class="tm-trials">{"".join(_trial(tuple(map(cell_text, row)), sides) for row in event.rows)}</ul>'


def _trial(cells: tuple[str, ...], sides: tuple[str, ...]) -> str:
    text, *rest = cells
    verdict = rest[4]
    open_ = verdict in (OPEN, WRITING)
    pair = "".join(
        f"<div><h3>{escape(side)}{f' · {escape(name)}' if name else ''}</h3><p>{escape(answer) or '…'}</p></div>"
        for side, name, answer in zip(sides, rest[2:4], rest[:2], strict=True)
    )
    chip = "" if open_ else f'<span class="tm-chip">{escape(verdict)}</span>'
    return f'<li><p class="tm-text">{escape(text)} {chip}</p><div class="tm-pair">{pair}</div></li>'
