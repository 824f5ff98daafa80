"""The panel where a person tries the model out: one message, two answers, a choice, and only then whose is whose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import cast

from agent.events import Event, Panel, Table
from agent.trying import OPEN, TITLE, WRITING, Choice, mark, standing_of, suggested
from agent.views.votes import Standing
from ui import words
from ui.panels.look import Deed, Look, button_html
from ui.render import cell_text
from workspace.words import Language, Words

EVENTS: tuple[Panel, ...] = ("try",)
KEYS = {"left": "1", "right": "2", "same": "0"}
WHICH = Words("Which answer is better?", "哪个回答更好？")
BETTER_TUNED, BETTER_BASE = Words("tuned was better", "微调后更好"), Words("base was better", "基础模型更好")
NEITHER = Words("no difference", "不相上下")
FROM_YOURS = Words("Or one of your own rows that the model never saw:", "也可以用模型没见过的真实数据试试：")


def there(look: Look) -> bool:
    return look.table("try") is not None


def draw(look: Look) -> str:
    event = look.table("try")
    if event is None:
        return ""
    run = look.session.current if look.session else None
    votes = standing_of(run, look.language) if run else None
    title = TITLE.to(look.language) if votes else event.title
    ask = _votes(mark(event.rows[0]), look.language) if waits(event) else _form(event, look.language)
    hints = _suggested(suggested(run), look.language) if run and not event.rows else ""
    counted = _standing(votes, look.language) if votes else ""
    return f"<h2>{escape(title)}</h2>{counted}{ask}{hints}{trials_html(event, look.language)}"


def _form(event: Table, language: Language) -> str:
    """Nobody types while the answers are written: the same place becomes the vote, and must not take words away."""
    said, writing = words.TRY_HERE.to(language), bool(event.rows) and event.rows[0][-1] == WRITING
    state = " readonly" if writing else ""
    sends = "" if writing else f'<button type="submit">{words.SEND.to(language)}</button>'
    return (
        f'<form class="tm-line" data-act="ask" data-clear><input id="tm-ask" name="text" type="text" autocomplete="off"'
        f' placeholder="{escape(said)}" aria-label="{escape(said)}" maxlength="4000"{state}>{sends}</form>'
    )


def _votes(seen: str, language: Language) -> str:
    """In the place of the form, so that whoever just sent a message can vote with the next key."""
    question = escape(WHICH.to(language))
    votes = "".join(
        button_html("vote", text.to(language), f"{side} {seen}", key=KEYS.get(side, "")).replace(
            "</button>", f" <kbd>{KEYS[side]}</kbd></button>" if side in KEYS else "</button>"
        )
        for side, text in words.VOTES.items()
    )
    return (
        f'<div id="tm-ask" class="tm-vote" tabindex="-1" role="group" aria-label="{question}"><p>{question}</p>'
        f'<div id="tm-votes" class="tm-buttons">{votes}</div></div>'
    )


def _standing(votes: Standing, language: Language) -> str:
    counts = ((BETTER_TUNED, votes.tuned), (BETTER_BASE, votes.base), (NEITHER, votes.same))
    drawn = "".join(f"<div><dt>{name.to(language)}</dt><dd>{count}</dd></div>" for name, count in counts)
    return f'<dl class="tm-figures">{drawn}</dl><p class="tm-told">{escape(votes.told)}</p>'


def _suggested(texts: Sequence[str], language: Language) -> str:
    """Pressed, it is asked."""
    if not texts:
        return ""
    buttons = "".join(button_html("ask", text, text) for text in texts)
    return f'<p class="tm-none">{FROM_YOURS.to(language)}</p><div class="tm-buttons tm-suggested">{buttons}</div>'


def act(look: Look, deed: Deed) -> Iterator[Event] | None:
    text = (deed.fields.get("text", "") or deed.value).strip()
    if deed.act == "ask" and text and look.session:
        return look.session.try_out(text)
    side, _, seen = deed.value.partition(" ")
    if deed.act == "vote" and side in words.VOTES and look.session:
        return look.session.choose(cast(Choice, side), seen)
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
