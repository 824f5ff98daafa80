"""What the panel of versions and models draws and does, without a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.events import Event, Say
from agent.run import Run
from finetune.shipping.registry import entries
from tests.agent.trained import finished, releasable, rows_of, run_in, second_version, spec
from tests.ui.recorded import Recorded
from tests.ui.test_panels import NASTY, Tags
from ui.panels import board
from ui.panels.look import Deed, Look
from workspace.errors import UserError
from workspace.members import give
from workspace.words import Language


@pytest.fixture
def run(home: Path) -> Run:
    return run_in(home)


def look_at(run: Run, tmp_path: Path, language: Language = "en", person: str = "") -> Look:
    session = Recorded(tmp_path / "recorded")
    session.current = run
    return Look(session, {}, language, {}, person, link=lambda path: f"offered/{Path(path).name}")


def press(look: Look, act: str, value: str = "") -> list[Event]:
    return list(board.act("versions", look, Deed(act=act, value=value)) or ())


def drawn(look: Look) -> str:
    html = board.draw("versions", look)
    assert not Tags(html).open
    return html


def test_nothing_to_see_before_the_first_version(tmp_path: Path) -> None:
    look = Look(Recorded(tmp_path), {}, "en")
    assert "versions" not in [tab for _, tab in board.tabs(look)]
    assert drawn(look)


def test_the_tree_and_back(run: Run, tmp_path: Path) -> None:
    finished(run)
    look = look_at(run, tmp_path)
    assert "versions" in [tab for _, tab in board.tabs(look)]
    html = drawn(look)
    assert re.findall(r'data-act="open" data-value="(\w+) ', html) == ["version", "model"]
    assert 'data-act="choose"' not in html  # one alone is compared with nothing
    press(look, "open", f"model {run.id}")
    assert "not written yet" in drawn(look)
    assert "tunesmith compress" not in drawn(look)
    work = board.act("versions", look, Deed(act="compress", value=run.id))
    assert work is not None
    assert "Writing and comparing the forms" in drawn(look)
    look.asked.pop("working")
    press(look, "back")
    assert drawn(look) == html


@pytest.mark.parametrize(
    ("language", "title", "file"), [("en", "Passport of", "passport.md"), ("zh", "数据护照", "passport.zh.md")]
)
def test_a_passport_is_read_and_downloaded(run: Run, tmp_path: Path, language: Language, title: str, file: str) -> None:
    look = look_at(run, tmp_path, language)
    press(look, "open", f"version {run.version.hash}")  # type: ignore[union-attr]
    html = drawn(look)
    assert f"<h1>{title}" in html
    assert f'href="offered/{file}" download' in html


def test_two_are_compared_and_a_third_takes_the_place_of_the_first(run: Run, tmp_path: Path) -> None:
    first, second = run.version, second_version(run)
    assert first is not None
    look = look_at(run, tmp_path)
    press(look, "choose", first.hash)
    assert "Choose one more version to compare it with v1.0.0" in drawn(look)
    work = board.act("versions", look, Deed(act="choose", value=second.hash))
    assert "Comparing the rows" in drawn(look)
    assert list(work or ()) == []
    html = drawn(look)
    assert "From v1.0.0 to v1.1.0" in html
    assert "<dt>added</dt><dd>3</dd>" in html
    assert html.count('aria-pressed="true"') == 2
    press(look, "choose", first.hash)
    assert "to compare it with v1.1.0" in drawn(look)


def test_a_release_is_shown_before_it_is_done(run: Run, tmp_path: Path, home: Path) -> None:
    releasable(run, tmp_path / "made")
    look = look_at(run, tmp_path)
    press(look, "open", f"model {run.id}")
    assert drawn(look).count('data-act="offer"') == 1
    assert press(look, "offer", run.id) == []
    html = drawn(look)
    (hash,) = re.findall(r'data-act="yes" data-value="(\w+)"', html)
    assert f"holds for what has the hash {hash}" in html
    assert html.count("tm-primary") == 1
    assert press(look, "yes", "0" * 16) == []  # nobody was shown that
    assert entries(home) == []
    press(look, "offer", run.id)
    (said,) = press(look, "yes", hash)
    assert isinstance(said, Say)
    assert press(look, "yes", hash) == []  # twice the same button
    assert len(entries(home)) == 1
    assert "in use" in drawn(look)


def test_what_may_not_be_released_says_why(run: Run, tmp_path: Path, home: Path) -> None:
    releasable(run, tmp_path / "made", met=False)
    look = look_at(run, tmp_path, "zh")
    press(look, "open", f"model {run.id}")
    press(look, "offer", run.id)
    assert "模型未达到目标" in drawn(look)
    press(look, "back")
    assert "模型未达到目标" not in drawn(look)


def test_a_reviewer_releases_nothing(run: Run, tmp_path: Path, home: Path) -> None:
    releasable(run, tmp_path / "made")
    give(run.project, "ana")
    look = look_at(run, tmp_path, person="bo")
    press(look, "open", f"model {run.id}")
    press(look, "offer", run.id)
    (hash,) = re.findall(r'data-act="yes" data-value="(\w+)"', drawn(look))
    press(look, "yes", hash)
    assert "Only the owner" in drawn(look)
    assert entries(home) == []


@pytest.mark.parametrize("what", ["version 0", "model ../other", "nonsense", "", "version ../../etc"])
def test_what_is_not_there_is_not_opened(run: Run, tmp_path: Path, what: str) -> None:
    look = look_at(run, tmp_path)
    with pytest.raises(UserError, match="no such"):
        press(look, "open", what)
    assert drawn(look)


def test_what_is_gone_while_it_is_looked_at_leads_back_to_the_tree(run: Run, tmp_path: Path) -> None:
    look = look_at(run, tmp_path)
    for open_ in ({"open": "version 0000"}, {"open": "model nobody"}, {"chosen": "0000 1111"}):
        look.asked.update(open_)
        html = drawn(look)
        assert 'role="alert"' in html
        assert 'data-act="open"' in html


def test_words_of_the_project_are_no_markup(home: Path, tmp_path: Path) -> None:
    from agent.run import accept
    from tests.agent.trained import frozen
    from workspace.project import Project

    project = Project(home, "nasty")
    run = accept(project, spec(goal=NASTY))
    rows = [row.model_copy(update={"label": NASTY}) for row in rows_of()]
    version = frozen(run, rows)
    look = look_at(run, tmp_path)
    tree = Tags(drawn(look))
    press(look, "open", f"version {version.hash}")
    passport = Tags(drawn(look))
    for tags in (tree, passport):
        assert tags.names.isdisjoint({"script", "img", "iframe"})
        assert not any(name.startswith("on") for name in tags.attributes)
