"""The specification's panel: whose each value is, and how it is edited in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.views.sheet import Line
from tests.ui.recorded import Recorded, lines
from tests.ui.test_panels import NASTY, Tags
from ui.panels import board
from ui.panels.look import Deed, Look
from workspace.errors import UserError


class Talking(Recorded):
    """Past the first message."""

    def __init__(self, folder: Path, change: Callable[[Line], Line] = lambda line: line) -> None:
        super().__init__(folder)
        self.drafted, self.change = True, change

    def sheet(self) -> tuple[Line, ...]:
        return tuple(map(self.change, lines(self.language, self.edited)))


@pytest.fixture
def look(tmp_path: Path) -> Look:
    session = Talking(tmp_path)

    def edit(field: str, text: str) -> None:
        session.edit(field, text)

    return Look(session, {}, "en", edit=edit)


def html(look: Look) -> str:
    return board.draw("specification", look)


def test_a_value_shows_whose_it_is_and_the_words_it_was_taken_from(look: Look) -> None:
    assert '<span class="tm-chip">your words</span><q>90 of 100</q>' in html(look)
    assert '<span class="tm-chip tm-assumed">default</span>' in html(look)
    assert '<div class="tm-open"><dt>Personal data</dt>' in html(look)


def test_a_value_is_edited_where_it_stands(look: Look) -> None:
    board.act("specification", look, Deed(act="edit", value="Rows"))
    assert 'value="480" id="tm-field-Rows"' in html(look)
    board.act("specification", look, Deed(act="save", fields={"text": "300"}))
    assert "<form" not in html(look)
    assert ">300</button>" in html(look)


def test_what_does_not_fit_stays_in_its_field_with_the_reason(look: Look) -> None:
    board.act("specification", look, Deed(act="edit", value="Rows"))
    board.act("specification", look, Deed(act="save", fields={"text": "many"}))
    assert 'value="many"' in html(look)
    assert 'role="alert">Rows: a number is needed. Write 300.' in html(look)
    board.act("specification", look, Deed(act="leave"))
    assert "many" not in html(look)


def test_a_closed_set_is_picked_from(look: Look) -> None:
    board.act("specification", look, Deed(act="edit", value="Personal data"))
    assert 'data-act="pick" data-value="mask"' in html(look)
    board.act("specification", look, Deed(act="pick", value="mask"))
    assert isinstance(look.session, Talking)
    assert look.session.edited == {"Personal data": "mask"}


def test_nothing_is_edited_while_a_step_is_under_way(look: Look) -> None:
    assert isinstance(look.session, Talking)
    look.session.waiting = True
    with pytest.raises(UserError):
        board.act("specification", look, Deed(act="edit", value="Rows"))
    assert "<form" not in html(look)


def test_nothing_is_saved_that_was_not_opened(look: Look) -> None:
    board.act("specification", look, Deed(act="save", fields={"text": "300"}))
    assert isinstance(look.session, Talking)
    assert look.session.edited == {}


@pytest.mark.parametrize("kind", ["text", "number", "lines", "choice", "told"])
def test_no_word_of_a_value_becomes_markup(tmp_path: Path, kind: str) -> None:
    def nasty(line: Line) -> Line:
        worded = replace(line, field=NASTY, title=NASTY, value=NASTY, quote=NASTY + "x", written=NASTY, hint=NASTY)
        return replace(worded, kind=kind, choices=((NASTY, NASTY),) if kind == "choice" else ())  # type: ignore[arg-type]

    look = Look(Talking(tmp_path, nasty), {}, "en")
    for asked in ({}, {"field": NASTY}, {"field": NASTY, "text": NASTY, "problem": NASTY, "fix": NASTY}):
        look.asked = asked
        tags = Tags(html(look))
        assert not tags.open
        assert tags.names.isdisjoint({"script", "img", "a", "iframe"})
        assert not any(name.startswith("on") for name in tags.attributes)
