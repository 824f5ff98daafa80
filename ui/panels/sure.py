"""A press that can't be taken back asks first and does it the second time."""

from __future__ import annotations

from html import escape

from ui.panels.look import Deed, Look, button_html
from workspace.words import Language, Words

NO = Words("No", "不了")


def opens_html(what: str, text: str, *, kind: str = "") -> str:
    """The first press."""
    return button_html("sure", text, what, kind=kind, id=f"tm-sure-{what.partition(' ')[0]}")


def question_html(what: str, question: str, yes: str, language: Language, no: Words = NO) -> str:
    """The second; the focus goes to the way back, so that a key pressed twice does nothing."""
    way_back = button_html("no", no.to(language), id=f"tm-sure-{what.partition(' ')[0]}")
    return (
        f'<div class="tm-sure" role="group" aria-label="{escape(question)}"><p>{escape(question)}</p>'
        f'<div class="tm-buttons">{button_html("yes", yes, what, kind="tm-primary")}{way_back}</div></div>'
    )


def pressed(look: Look, deed: Deed) -> str:
    """What is to be done now: only what was asked about just before, and not if that was drawn for another thing."""
    asked = look.asked.pop("sure", "")
    if deed.act == "sure":
        look.asked["sure"] = deed.value
    return asked if deed.act == "yes" and deed.value == asked else ""
