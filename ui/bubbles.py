"""Turns of a conversation as HTML: every word that came from outside is escaped here, once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import PurePath
from typing import TYPE_CHECKING

from agent.events import Ask, Failed, File, Progress, Say
from ui import words
from ui.rooms import Shown, Turn
from workspace.words import Language

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


@cache
def _markdown() -> MarkdownIt:
    """No HTML of anybody's passes, and no image, which would be a request to whoever wrote its address."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")


def markdown_html(text: str) -> str:
    html: str = _markdown().render(text)
    return html.replace("<a href=", '<a target="_blank" rel="noopener noreferrer" href=')


def said_html(turn: Turn) -> str:
    """What the person said and dropped."""
    chips = "".join(f'<span class="tm-chip tm-file">{escape(PurePath(name).name)}</span>' for name in turn.files)
    text = f"<p>{escape(turn.text)}</p>" if turn.text else ""
    return f'<div class="tm-you">{text}{chips}</div>' if text or chips else ""


def answer_html(turn: Turn, language: Language, link: Callable[[str], str]) -> str:
    """What it set off, and what it is still doing. `link` makes an address of a path."""
    parts = [_part(event, language, link, turn.running) for event in turn.shown]
    moving = any(isinstance(event, Progress) and event.done < event.total for event in turn.shown)
    if turn.running and not moving:
        parts.append(_working(language))
    return f'<div class="tm-answer">{"".join(parts)}</div>' if parts else ""


def _working(language: Language) -> str:
    return f'<p class="tm-working" role="status"><i></i><i></i><i></i>{words.THINKING.to(language)}</p>'


def _part(event: Shown, language: Language, link: Callable[[str], str], running: bool) -> str:
    match event:
        case Say():
            return markdown_html(event.text)
        case Ask():
            return f'<div class="tm-ask">{markdown_html(event.text)}</div>'
        case File():
            address = escape(link(event.path), quote=True)
            name = escape(PurePath(event.path).name)
            return f'<p><a class="tm-chip tm-file" href="{address}" download>{escape(event.title)} · {name}</a></p>'
        case Failed():
            return (
                f'<div class="tm-failed" role="alert"><b>{words.BROKE.to(language)}</b>'
                f"<p>{escape(event.problem)}</p><p>{escape(event.fix)}</p></div>"
            )
        case Progress():
            return _progress(event, language, running)


def _progress(event: Progress, language: Language, running: bool) -> str:
    ended = event.done >= event.total
    share = 100 * event.done / event.total if event.total else 0
    left = words.time_left(event.seconds_left, language) if running and not ended else ""
    about = " · ".join(escape(part) for part in (event.note, left) if part)
    stage = event.stage[:1].upper() + event.stage[1:]
    state = "tm-ended" if ended else "tm-moving" if running else "tm-halted"
    bar = f'<div class="tm-bar" role="progressbar" aria-valuenow="{share:.0f}"><i style="width:{share:.1f}%"></i></div>'
    return (
        f'<div class="tm-progress {state}"><p><span>{escape(stage)}</span>'
        f"<span>{event.done} / {event.total}</span></p>{'' if ended else bar}<p><small>{about}</small></p></div>"
    )
