"""The conversation as HTML: every word that came from outside is escaped here, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import PurePath
from typing import TYPE_CHECKING

from agent.events import Ask, Failed, File, Progress, Say
from ui import words
from ui.page.turns import Shown, Turn
from ui.panels.look import button_html
from workspace.errors import UserError
from workspace.words import Language

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


@dataclass(frozen=True)
class Drawn:
    """What a conversation is drawn with: the open question carries its likely answers, and `again` is the turn that
    may be sent once more. `link` makes an address of a path."""

    language: Language
    link: Callable[[str], str]
    question: Ask | None = None
    again: Turn | None = None


@cache
def _markdown() -> MarkdownIt:
    """No HTML of anybody's passes, and no image, which would be a request to whoever wrote its address."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")


def markdown_html(text: str) -> str:
    html: str = _markdown().render(text)
    return html.replace("<a href=", '<a target="_blank" rel="noopener noreferrer" href=')


def talk_html(
    turns: Sequence[Turn], drawn: Drawn, project: str, heard: str = "", refused: UserError | None = None
) -> str:
    """All of it, oldest first; `refused` is why the last message was not sent. The attributes are for talk.js, which
    draws what is sent itself until `heard` is another: the server has the message then."""
    told = refused_html(refused, drawn.language) if refused else ""
    parts = [turn_html(number, turn, drawn) for number, turn in enumerate(turns)]
    parts.append(_came_above(turns, drawn.language))
    return (
        f'<div class="tm-log" role="log" aria-live="polite" tabindex="0" '
        f'aria-label="{words.TALK_VIEW.to(drawn.language)}" data-project="{escape(project)}" data-heard="{heard}" '
        f'data-language="{drawn.language}" data-working="{words.THINKING.to(drawn.language)}">'
        f"{''.join(parts)}{told}</div>"
    )


def _came_above(turns: Sequence[Turn], language: Language) -> str:
    """What was asked while something else was under way stands below it; the result of that stands above."""
    last = len(turns) - 1
    if last < 0 or turns[-1].running or not any(turn.shown and turn.ended_after == last for turn in turns[:-1]):
        return ""
    return f'<p class="tm-note" role="status">{words.CAME_ABOVE.to(language)}</p>'


def turn_html(number: int, turn: Turn, drawn: Drawn) -> str:
    inside = said_html(turn) + answer_html(turn, drawn, number)
    return f'<article class="tm-exchange">{inside}</article>' if inside else ""


def said_html(turn: Turn) -> str:
    """What the person said and dropped."""
    chips = "".join(f'<span class="tm-chip tm-file">{escape(path.name)}</span>' for path in turn.paths)
    text = f"<p>{escape(turn.text)}</p>" if turn.text else ""
    return f'<div class="tm-you">{text}{chips}</div>' if text or chips else ""


def answer_html(turn: Turn, drawn: Drawn, number: int = 0) -> str:
    """What it set off, and what it is still doing."""
    parts = [_part(event, drawn, turn.running, turn.over(place)) for place, event in enumerate(turn.shown)]
    if turn is drawn.again:
        parts.append(button_html("again", words.SEND_AGAIN.to(drawn.language), str(number)))
    if turn.notice:
        problem, fix = turn.notice.to(drawn.language)
        parts.append(f'<div class="tm-note" role="status"><p>{escape(problem)}</p><p>{escape(fix)}</p></div>')
    moving = any(
        isinstance(event, Progress) and event.done < event.total and not turn.over(place)
        for place, event in enumerate(turn.shown)
    )
    if turn.running and not moving:
        parts.append(_working(drawn.language))
    return f'<div class="tm-answer">{"".join(parts)}</div>' if parts else ""


def refused_html(error: UserError, language: Language) -> str:
    """A message that was not sent stays in its box."""
    problem, fix = error.to(language)
    return f'<div class="tm-failed tm-refused" role="alert"><p>{escape(problem)}</p><p>{escape(fix)}</p></div>'


def _working(language: Language) -> str:
    return f'<p class="tm-working" role="status"><i></i><i></i><i></i>{words.THINKING.to(language)}</p>'


def _part(event: Shown, drawn: Drawn, running: bool, over: bool = False) -> str:
    match event:
        case Say():
            return markdown_html(event.text)
        case Ask():
            asked = f'<div class="tm-ask">{markdown_html(event.text)}</div>'
            return asked + (_choices(event, drawn.language) if event is drawn.question else "")
        case File():
            address = escape(drawn.link(event.path), quote=True)
            name = escape(PurePath(event.path).name)
            return f'<p><a class="tm-chip tm-file" href="{address}" download>{escape(event.title)} · {name}</a></p>'
        case Failed():
            return (
                f'<div class="tm-failed" role="alert"><b>{words.BROKE.to(drawn.language)}</b>'
                f"<p>{escape(event.problem)}</p><p>{escape(event.fix)}</p></div>"
            )
        case Progress():
            return _progress(event, drawn.language, running, over)


def _choices(question: Ask, language: Language) -> str:
    """Likely answers, under the question that they answer. What the model is to do is only begun with an example."""
    begins = question.field == "goal"
    sends = 'data-write=""' if begins else f'data-act="answer" data-agreed="{escape(question.hash)}"'
    buttons = "".join(
        f'<button type="button" {sends} data-value="{escape(text)}">{escape(text)}</button>'
        for text in question.choices
    )
    name = (words.EXAMPLES if begins else words.LIKELY).to(language)
    told = f"<p>{name}</p>" if begins else ""
    return f'<div class="tm-choices" role="group" aria-label="{name}">{told}{buttons}</div>' if buttons else ""


def _progress(event: Progress, language: Language, running: bool, over: bool = False) -> str:
    """`over`: the work went on before this reached its end, as it does where training learns no more."""
    ended = event.done >= event.total
    share = 100 * event.done / event.total if event.total else 0
    left = words.time_left(event.seconds_left, language) if running and not ended else ""
    if over:
        left = words.OVER_EARLY.to(language)
    called, note = event.words.get(language, (event.stage, event.note))
    about = " · ".join(escape(part) for part in (note, left) if part)
    stage = escape(called[:1].upper() + called[1:])
    state = "tm-ended" if ended or over else "tm-moving" if running else "tm-halted"
    bar = (
        f'<div class="tm-bar" role="progressbar" aria-label="{stage}" aria-valuenow="{share:.0f}">'
        f'<i style="width:{share:.1f}%"></i></div>'
    )
    shown_bar = "" if ended or over else bar
    return (
        f'<div class="tm-progress {state}"><p><span>{stage}</span>'
        f"<span>{event.done} / {event.total}</span></p>{shown_bar}<p><small>{about}</small></p></div>"
    )
