"""The right-hand side: which tabs there are, and which module draws each and does what is asked on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from agent.events import Event, Panel
from ui import words
from ui.panels import data, report, review, specification, training, trying, versions
from ui.panels.look import Deed, Look, PanelModule, Tab
from workspace.errors import UserError, boundary
from workspace.words import Language, Words

BOARD: dict[Tab, PanelModule] = {
    "specification": specification,
    "data": data,
    "review": review,
    "training": training,
    "report": report,
    "versions": versions,
    "try": trying,
}
HERE = Path(__file__).parent
DRAWING = Words("drawing the panel", "绘制面板")


def tab_of(panel: Panel) -> Tab:
    """Where an event's panel is drawn."""
    return next((tab for tab, module in BOARD.items() if panel in module.EVENTS), "specification")


def tabs(look: Look) -> list[tuple[str, Tab]]:
    """(words, tab) of what there is to see, in the order of the work."""
    return [(words.TABS[tab].to(look.language), tab) for tab in BOARD if _there(tab, look)]


def _there(tab: Tab, look: Look) -> bool:
    """What can't be known is there: whoever opens it reads why."""
    try:
        with boundary(DRAWING):
            return BOARD[tab].there(look)
    except UserError:
        return True


def draw(tab: Tab, look: Look, notice: UserError | None = None) -> str:
    """The panel; above it what the last deed came to, where it could not be done. What can't be drawn says why, and
    takes nothing else of the page with it."""
    told = notice_html(notice, look.language) if notice else ""
    try:
        with boundary(DRAWING):
            drawn = BOARD[tab].draw(look)
    except UserError as error:
        drawn = notice_html(error, look.language)
    return f'<section class="tm-panel tm-{tab}">{told}{drawn}</section>'


def notice_html(error: UserError, language: Language) -> str:
    problem, fix = error.to(language)
    return f'<div class="tm-failed" role="alert"><p>{escape(problem)}</p><p>{escape(fix)}</p></div>'


def act(tab: Tab, look: Look, deed: Deed) -> Iterator[Event] | None:
    return BOARD[tab].act(look, deed)


def stamp(tab: Tab, drawn: Mapping[Panel, int]) -> int:
    """Grows whenever something came that the tab shows."""
    return sum(drawn.get(panel, 0) for panel in BOARD[tab].EVENTS)


def growing(tab: Tab, look: Look) -> str:
    """Changes while the tab's own files grow on disk, though no event says so."""
    try:
        with boundary(DRAWING):
            return data.stamp(look) if tab == "data" else ""
    except UserError:
        return ""


def script() -> str:
    """What the browser runs on the panel: it only tells what was pressed or typed."""
    return (HERE / "board.js").read_text(encoding="utf-8")


def style() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(HERE.glob("*.css")))
