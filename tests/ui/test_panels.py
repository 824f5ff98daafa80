"""What the right-hand panel shows of an event."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agent.events import Plot, Table
from agent.views.sheet import Line
from tests.ui.recorded import Recorded, coverage, loss_plot, rejected, rows_table
from ui.panels import board
from ui.panels.look import Look
from ui.panels.plot import ticks
from ui.panels.table import MOST_SHOWN
from workspace.words import Language

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&${alert(3)}{{alert}}"


def panel_html(event: Table | Plot | None, language: Language) -> str:
    """The tab that the event is drawn on, with nothing else to see."""
    look = Look(None, {event.panel: event} if event else {}, language)
    return board.draw(board.tab_of(event.panel) if event else "specification", look)


class Tags(HTMLParser):
    """Every tag and attribute of a page, and that what is opened is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in ("line", "circle", "polyline", "br", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def nasty_events() -> list[Table | Plot]:
    made: list[Table | Plot] = []
    for known in (rows_table(False), rejected(False), coverage(False)):
        row = tuple(NASTY for _ in known.columns)
        made.append(known.model_copy(update={"title": NASTY, "columns": row, "rows": (row,)}))
    points = ((1.0, 2.0), (2.0, 1.0))
    return [*made, Plot(panel="loss", title=NASTY, x=NASTY, y=NASTY, lines={NASTY: points})]


@pytest.mark.parametrize("event", nasty_events(), ids=lambda event: event.panel)
def test_no_word_of_an_event_becomes_markup(event: Table | Plot) -> None:
    html = panel_html(event, "en")
    tags = Tags(html)
    assert not tags.open
    assert tags.names.isdisjoint({"script", "img", "a", "iframe"})
    assert not any(name.startswith("on") for name in tags.attributes)
    assert "&lt;script&gt;" in html


def test_a_rejected_row_shows_reason_and_evidence() -> None:
    html = panel_html(rejected(True), "zh")
    assert "文档写的是五个工作日。" in html
    assert "<blockquote>policy.md: “New cards are delivered within five working days.”</blockquote>" in html
    assert html.count("<blockquote>") == 1  # the second row has no evidence to show


def test_an_empty_place_of_the_grid_stands_out() -> None:
    html = panel_html(coverage(False), "en")
    assert html.count("tm-zero") == 1
    assert 'style="--share:1.00"' in html


def test_a_long_table_says_how_much_is_not_shown() -> None:
    table = rows_table(False)
    many = table.model_copy(update={"rows": table.rows[:1] * (MOST_SHOWN + 37)})
    html = panel_html(many, "en")
    assert html.count("<tr>") == MOST_SHOWN + 1
    assert "37 more" in html


def test_a_curve_stays_inside_its_picture_and_skips_what_is_no_number() -> None:
    points = (*(((float(x), 3.0 / x)) for x in range(1, 40)), (40.0, float("nan")))
    html = panel_html(loss_plot(False, points), "en")
    path = re.search(r'points="([^"]+)"', html)
    assert path
    places = [tuple(map(float, pair.split(","))) for pair in path[1].split()]
    assert len(places) == 39
    assert all(0 <= x <= 640 and 0 <= y <= 310 for x, y in places)
    assert [y for _, y in places] == sorted(y for _, y in places)  # a falling loss goes down the page


def test_a_curve_with_no_points_yet_draws_nothing() -> None:
    assert "<svg" not in panel_html(Plot(panel="loss", title="t", x="x", y="y", lines={"a": ()}), "en")


@pytest.mark.parametrize(("low", "high"), [(0, 2.46), (0, 90), (0, 1), (3, 3), (-0.2, 0.13), (0, 12345), (0, 1e-4)])
def test_ticks_enclose_and_are_few(low: float, high: float) -> None:
    found = ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    assert 2 <= len(found) <= 8
    assert found == sorted(set(found))


def test_tabs_appear_with_what_they_show() -> None:
    assert board.tabs(Look(None, {}, "en")) == [("Specification", "specification")]
    shown = Look(None, {"loss": loss_plot(True, ()), "rows": rows_table(True)}, "zh")
    assert [name for name, _ in board.tabs(shown)] == ["规格说明", "数据", "训练"]


def test_before_anything_is_known_the_panel_says_what_it_is_for() -> None:
    assert "整个过程" in panel_html(None, "zh")


class Damaged(Recorded):
    def sheet(self) -> tuple[Line, ...]:
        raise ValueError("half a file")


def test_a_panel_that_can_not_be_drawn_says_why(tmp_path: Path) -> None:
    html = board.draw("specification", Look(Damaged(tmp_path), {}, "en"))
    assert "half a file" in html
    assert 'role="alert"' in html
