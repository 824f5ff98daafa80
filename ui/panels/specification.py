"""What was understood so far: each value, whose it is, and the words it was taken from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from agent.events import Event, Panel, Table
from ui import words
from ui.panels.look import Deed, Look
from ui.panels.table import none_html
from ui.render import cell_text

EVENTS: tuple[Panel, ...] = ("specification",)
QUOTED = re.compile(r"(.+?)[:：] ?“(.*)”", re.DOTALL)


def there(look: Look) -> bool:
    return True


def draw(look: Look) -> str:
    event = look.table("specification")
    if event is None:
        return f'<div class="tm-empty"><p>{words.NOTHING_YET.to(look.language)}</p></div>'
    return f"<h2>{escape(event.title)}</h2>{_fields(event) if event.rows else none_html(look.language)}"


def act(look: Look, deed: Deed) -> Iterator[Event] | None:
    return None


def _fields(event: Table) -> str:
    lines = []
    for row in event.rows:
        name, value, whose, *_ = (*(cell_text(cell) for cell in row), "", "")
        found = QUOTED.fullmatch(whose)
        kind = "tm-chip" if found else "tm-chip tm-assumed"
        chip = f'<span class="{kind}">{escape(found[1] if found else whose)}</span>' if whose else ""
        said = f"<q>{escape(found[2])}</q>" if found else ""
        state = ' class="tm-open"' if value in words.UNKNOWN else ""
        lines.append(f"<div{state}><dt>{escape(name)}</dt><dd>{escape(value)} {chip}{said}</dd></div>")
    return f"<dl>{''.join(lines)}</dl>"
