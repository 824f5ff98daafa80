"""The panel where a person tries the model out: one message, two answers, a choice, and only then whose is whose."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import cast

from agent.events import Event, Panel, Table
from agent.trying import OPEN, WRITING, Choice
from ui import words
from ui.panels.look import Deed, Look, button_html
from ui.render import cell_text
from workspace.words import Language

EVENTS: tuple[Panel, ...] = ("try",)


def there(look: Look) -> bool:
    return look.table("try") is not None


def draw(look: Look) -> str:
    event = look.table("try")
    if event is None:
        return ""
    said = words.TRY_HERE.to(look.language)
    form = (
        '<form class="tm-line" data-act="ask" data-clear><input id="tm-ask" name="text" type="text" autocomplete="off" '
        f'placeholder="{escape(said)}" aria-label="{escape(said)}"><button type="submit">{words.SEND.to(look.language)}'
        "</button></form>"
    )
    votes = "".join(button_html("vote", text.to(look.language), side) for side, text in words.VOTES.items())
    asked = f'<div id="tm-votes" class="tm-buttons" role="group">{votes}</div>' if waits(event) else ""
    return f"<h2>{escape(event.title)}</h2>{form}{asked}{trials_html(event, look.language)}"


def act(look: Look, deed: Deed) -> Iterator[Event] | None:
    text = deed.fields.get("text", "").strip()
    if deed.act == "ask" and text and look.session:
        return look.session.try_out(text)
    if deed.act == "vote" and deed.value in words.VOTES and look.session:
        return look.session.choose(cast(Choice, deed.value))
    return None


def waits(event: Table) -> bool:
    """Both answers to the newest message are there, and nobody has said which is better."""
    return bool(event.rows) and event.rows[0][-1] == OPEN


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
