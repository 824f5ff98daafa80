"""The menu of somebody's projects, in the head of the page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from agent.rights import Listed
from ui import words
from ui.panels.look import button_html
from workspace.words import Language

LONGEST = 70  # characters of a title


def menu_html(listed: Sequence[Listed], project: str, language: Language) -> str:
    """Newest first; the one that is open is named on the menu itself."""
    title = next((one.title for one in listed if one.name == project), "")
    others = "".join(f"<li>{_line(one, one.name == project, language)}</li>" for one in listed)
    fresh = button_html("fresh", words.FRESH.to(language))
    return (
        f'<details class="tm-menu"><summary aria-label="{words.PROJECTS.to(language)}">'
        f"<span>{escape(_short(title) or words.UNTITLED.to(language))}</span></summary>"
        f'<div id="tm-menu"><ul>{others}</ul>{fresh}</div></details>'
    )


def _line(one: Listed, here: bool, language: Language) -> str:
    title = escape(_short(one.title) or words.UNTITLED.to(language))
    role = f"<small>{words.REVIEWING.to(language)}</small>" if one.role == "reviewer" else ""
    now = ' aria-current="page"' if here else ""
    return f'<button type="button" data-act="open" data-value="{escape(one.name)}"{now}>{title}{role}</button>'


def _short(title: str) -> str:
    return f"{title[:LONGEST]}…" if len(title) > LONGEST else title
