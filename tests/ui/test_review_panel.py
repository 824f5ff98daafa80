"""The review's panel: nothing from outside becomes markup, one row at a time, and each person sees what is theirs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.review import batches
from agent.run import Run
from tests.ui.reviewed import TEXTS, AtTheGate, built
from tests.ui.test_chat import CHROMIUM, Served
from tests.ui.test_panels import NASTY, Tags
from ui.panels import board
from ui.panels.look import Deed, Look
from workspace.errors import UserError
from workspace.project import write_samples
from workspace.sample import Message


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return built(tmp_path, "olga", ("ann", "bob"))


class Tab:
    """One person's browser tab on the review."""

    def __init__(self, run: Run, person: str, language: str = "en") -> None:
        self.session = AtTheGate(run.project.folder / "chat", run)
        self.look = Look(self.session, {}, language, {}, person)  # type: ignore[arg-type]

    @property
    def html(self) -> str:
        html = board.draw("review", self.look)
        assert not Tags(html).open
        assert len(re.findall("tm-primary", html)) <= 1
        return html

    def press(self, key: str, **fields: str) -> list[object]:
        """Whatever carries the key, as the browser would."""
        found = [
            (act, value)
            for tag in re.findall(r"<button [^>]+>", self.html)
            for act, value, keys in re.findall(r'data-act="([^"]*)" data-value="([^"]*)" data-key="([^"]*)"', tag)
            if key in keys.split(" ")
        ]
        assert found, key
        return self.act(*found[0], **fields)

    def act(self, act: str, value: str = "", **fields: str) -> list[object]:
        return list(board.act("review", self.look, Deed(act=act, value=value, fields=fields)) or ())

    def begin(self, *people: str, kind: str = "everything", arbiter: str = "") -> None:
        who = {f"who {name}": "on" for name in people}
        deed = Deed(act="begin", fields={"kind": kind, "arbiter": arbiter, **who})
        board.act("review", self.look, deed)

    def open_newest(self) -> None:
        self.act("close")
        self.act("open", re.findall(r'data-act="open" data-value="([^"]*)"', self.html)[0])


def test_the_form_as_it_is_drawn_is_not_refused(run: Run) -> None:
    tab = Tab(run, "olga")
    tab.act("setup")
    html = tab.html
    people = re.findall(r'name="who ([^"]+)" checked', html)
    assert people == ["ann", "bob"]
    tab.begin(*people, arbiter=re.findall(r'<option value="([^"]+)">', html.split('name="arbiter"')[1])[0])
    assert batches.reviews(run, "olga")[0].batch.reviewers == ("ann", "bob")


class TestOneRowAtATime:
    def test_what_waits_is_begun_in_one_press_and_goes_by_itself_to_the_next_row(self, run: Run) -> None:
        tab = Tab(run, "olga")
        assert "To be looked at next" in tab.html
        tab.act("alone", "gate")
        assert TEXTS[0][0] in tab.html
        tab.press("a", note="fine")
        assert TEXTS[1][0] in tab.html
        assert "1 of 8 done" in tab.html
        assert run.decided
        assert next(iter(run.decided.values()))[-1].note == "fine"

    def test_a_key_held_down_says_nothing_of_a_row_twice(self, run: Run) -> None:
        tab = Tab(run, "olga")
        tab.act("alone", "gate")
        value = re.findall(r'data-act="vote" data-value="([^"]+ reject)"', tab.html)[0]
        tab.act("vote", value)
        tab.act("vote", value)
        assert sum(map(len, run.decided.values())) == 1

    def test_back_forth_and_undone(self, run: Run) -> None:
        tab = Tab(run, "olga")
        tab.act("alone", "gate")
        for key in "ar":
            tab.press(key)
        tab.press("k")
        assert "You said: taken out" in tab.html
        tab.press("ArrowRight")
        assert TEXTS[2][0] in tab.html
        tab.press("z")
        assert TEXTS[1][0] in tab.html
        assert "You said" not in tab.html

    def test_a_correction_is_made_in_place(self, run: Run) -> None:
        tab = Tab(run, "olga")
        tab.act("alone", "gate")
        tab.press("f")
        assert '<option value="lost_card" selected>' in tab.html
        assert "autofocus" in tab.html
        tab.press("Escape")
        assert "autofocus" not in tab.html
        tab.press("f")
        value = re.findall(r'data-act="mend" data-value="([^"]*)"', tab.html)[0]
        with pytest.raises(UserError, match="none of the labels"):
            tab.act("mend", value, answer="<b>")
        assert "autofocus" in tab.html
        tab.act("mend", value, answer="transfer", note="money")
        assert next(run.rows()).label == "transfer"
        assert TEXTS[1][0] in tab.html

    def test_the_conversation_goes_on_once_all_is_decided_and_not_before(self, run: Run) -> None:
        tab = Tab(run, "olga")
        tab.act("alone", "gate")
        with pytest.raises(UserError, match="not decided yet"):
            tab.act("goon")
        for _ in TEXTS:
            tab.press("a")
        assert "8 of 8 random rows" in tab.html
        assert 'data-act="goon"' in tab.html
        tab.act("close")
        tab.act("alone", "audit")
        for _ in TEXTS:
            if 'data-key="a"' in tab.html:
                tab.press("a")
        assert tab.act("goon")
        assert tab.session.agreed == ["the-gate"]

    def test_in_chinese(self, run: Run) -> None:
        tab = Tab(run, "olga", "zh")
        tab.act("alone", "gate")
        html = tab.html
        assert "已完成 0 / 8" in html
        assert not re.search(r">(Right|Next|Question|Label)<", html)


class TestSeveral:
    def test_the_checks_and_the_others_stay_hidden(self, run: Run) -> None:
        owner, ann, bob = (Tab(run, name) for name in ("olga", "ann", "bob"))
        owner.begin("ann", "bob")
        ann.open_newest()
        assert "well formed" not in ann.html
        ann.press("r", note="seen by nobody yet")
        for tab in (bob, owner):
            tab.open_newest()
            assert "seen by nobody yet" not in tab.html
            assert "taken out" not in tab.html

    def test_a_reviewer_sees_their_rows_and_no_buttons_of_the_owner(self, run: Run) -> None:
        owner, ann = Tab(run, "olga"), Tab(run, "ann")
        assert "nothing for you to review" in ann.html
        owner.begin("ann", "bob")
        html = ann.html
        assert 'data-act="setup"' not in html
        assert 'data-act="goon"' not in html
        for act in ("begin", "alone", "again", "settle", "invite", "goon"):
            if act in ("again", "settle"):
                ann.open_newest()
            with pytest.raises(UserError, match="Only the owner"):
                ann.act(act, "0\nann" if act == "again" else "gate", kind="gate", name="bob")

    def test_a_stranger_sees_nothing(self, run: Run) -> None:
        eve = Tab(run, "eve")
        assert "Somebody took" not in eve.html
        assert "review" not in [tab for _, tab in board.tabs(eve.look)]
        with pytest.raises(UserError):
            eve.act("open", "everything-1")

    def test_where_they_differ_the_owner_decides(self, run: Run) -> None:
        owner = Tab(run, "olga")
        owner.begin("ann", "bob")
        for name, keys in (("ann", "aaaaaaaa"), ("bob", "aaaaaaar")):
            tab = Tab(run, name)
            tab.open_newest()
            for key in keys:
                tab.press(key)
            assert "Row by row" in tab.html or "finished" in tab.html
        owner.open_newest()
        html = owner.html
        assert "87.5%" in html
        assert "7 of 8 (88%)" in html
        assert "Let ann, bob look once more" in html
        owner.act("settle")
        owner.act("arbitrating")
        assert TEXTS[7][0] in owner.html
        owner.press("r", note="no")
        assert [row.kept for row in run.rows()][7] is False
        assert "Decide where they differ" not in owner.html


def test_no_word_of_a_row_a_name_or_a_note_becomes_markup(run: Run) -> None:
    rows = [
        row.model_copy(
            update={
                "messages": (Message(role="user", content=NASTY), Message(role="assistant", content=NASTY)),
                "evidence": NASTY,
                "label": None,
            }
        )
        for row in run.rows_as_checked()
    ]
    write_samples(run.folder / "rows.jsonl", rows)
    owner = Tab(run, "olga")
    owner.begin("ann", "bob")
    pages = []
    for name, keys in (("ann", "aaaaaaaa"), ("bob", "aaaaaaaf")):
        tab = Tab(run, name)
        tab.open_newest()
        for key in keys:
            pages.append(tab.html)
            tab.press(key, note=NASTY)
        if keys[-1] == "f":
            pages.append(tab.html)
            value = re.findall(r'data-act="mend" data-value="([^"]*)"', tab.html)[0]
            tab.act("mend", value, answer=NASTY + "!", note=NASTY)
    owner.open_newest()
    pages.append(owner.html)
    owner.act("arbitrating")
    pages.append(owner.html)
    for html in pages:
        tags = Tags(html)
        assert tags.names.isdisjoint({"script", "img", "a", "iframe"})
        assert not any(name.startswith("on") for name in tags.attributes)
        assert "&lt;script&gt;" in html


@pytest.fixture
def served(tmp_path: Path, run: Run) -> Iterator[Served]:
    class AtGate(Served):
        def session(self, project: str) -> AtTheGate:
            return AtTheGate(tmp_path / project, built(tmp_path))

    app = AtGate(tmp_path)
    yield app
    app.chat.close()


@pytest.mark.browser
@pytest.mark.skipif(not shutil.which(CHROMIUM), reason="needs Debian's chromium: make browser")
def test_five_rows_by_keyboard_alone(served: Served) -> None:
    from playwright.sync_api import sync_playwright

    from tests.ui.test_chat import FLAGS

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-US")
        page.goto(served.url)
        page.wait_for_selector("[data-act=alone]")
        page.focus("[data-act=alone]")
        page.keyboard.press("Enter")
        for number, key in enumerate("aruf", 1):
            page.wait_for_function("n => document.querySelector('.tm-pace b')?.innerText === 'Row ' + n", arg=number)
            page.keyboard.press(key)
        page.wait_for_selector(".tm-mend select:focus")
        page.keyboard.type("bal")
        page.keyboard.press("Control+Enter")
        page.wait_for_function("() => document.querySelector('.tm-pace b')?.innerText === 'Row 5'")
        page.keyboard.press("j")
        page.wait_for_function("() => document.querySelector('.tm-pace b')?.innerText === 'Row 6'")
        assert "4 of 8 done" in page.inner_text(".tm-pace")
        browser.close()
