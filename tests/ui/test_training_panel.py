"""What the training's panel draws and does, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from agent.run import Run
from finetune.orders import asked_to_stop
from finetune.train import LOCK
from tests.agent.trained import finished, run_in, training
from tests.ui.recorded import Recorded, loss_plot
from tests.ui.test_panels import NASTY, Tags
from ui.panels import board
from ui.panels.look import Deed, Look
from workspace.errors import UserError
from workspace.members import give
from workspace.words import Language


@pytest.fixture
def run(home: Path) -> Run:
    return run_in(home)


@pytest.fixture
def running(run: Run) -> Iterator[Path]:
    folder = training(run, 35)
    with FileLock(folder / LOCK):
        yield folder


def look_at(run: Run, tmp_path: Path, language: Language = "en", person: str = "") -> Look:
    session = Recorded(tmp_path / "recorded")
    session.current = run
    return Look(session, {}, language, {}, person)


def press(look: Look, act: str, value: str = "", given: str = "") -> None:
    assert board.act("training", look, Deed(act=act, value=value, fields={"value": given})) is None


def drawn(look: Look) -> str:
    html = board.draw("training", look)
    assert not Tags(html.replace("selected", "")).open
    return html


def test_a_late_visitor_sees_the_whole_curve(run: Run, running: Path, tmp_path: Path) -> None:
    html = drawn(look_at(run, tmp_path))
    assert html.count("h0") == 35  # each step
    assert "best: step 30" in html
    assert 'aria-valuenow="35"' in html
    assert "about 2 min" in html


@pytest.mark.parametrize(("wish", "keep"), [("keep", True), ("stop", False)])
def test_the_first_press_asks_and_the_second_does(
    run: Run, running: Path, tmp_path: Path, wish: str, keep: bool
) -> None:
    look = look_at(run, tmp_path)
    assert 'data-act="yes"' not in drawn(look)
    press(look, "sure", wish)
    assert drawn(look).count("tm-primary") == 1
    assert asked_to_stop(running) is None
    press(look, "yes", wish)
    asked = asked_to_stop(running)
    assert asked is not None
    assert asked.keep is keep
    assert "ending" in drawn(look)


def test_a_press_on_what_was_not_asked_does_nothing(run: Run, running: Path, tmp_path: Path) -> None:
    look = look_at(run, tmp_path)
    press(look, "yes", "keep")
    press(look, "sure", "stop")
    press(look, "yes", "keep")
    press(look, "sure", "stop")
    press(look, "no")
    press(look, "yes", "stop")
    assert asked_to_stop(running) is None


def test_twice_the_same_button_is_once(run: Run, running: Path, tmp_path: Path) -> None:
    look = look_at(run, tmp_path)
    press(look, "sure", "stop")
    press(look, "yes", "stop")
    press(look, "yes", "stop")
    assert [line.what for line in run.project.journal.audited()].count("training asked to end") == 1


def test_somebody_else_may_not_end_it(run: Run, running: Path, tmp_path: Path) -> None:
    give(run.project, "ana")
    look = look_at(run, tmp_path, person="bo")
    press(look, "sure", "keep")
    with pytest.raises(UserError, match="Only the owner"):
        press(look, "yes", "keep")
    assert asked_to_stop(running) is None


def test_after_a_kill_it_goes_on_through_the_conversation(run: Run, tmp_path: Path) -> None:
    training(run, 35)
    look, said = look_at(run, tmp_path), []
    look.say = said.append
    assert "ended while it trained" in drawn(look)
    press(look, "sure", "on")
    press(look, "yes", "on")
    assert said == ["Go on"]


def test_before_training_a_choice_is_changed_through_the_conversation(run: Run, tmp_path: Path) -> None:
    look, said = look_at(run, tmp_path), []
    look.say = said.append
    html = drawn(look)
    assert html.count('data-act="edit"') == 5
    press(look, "edit", "budget_minutes")
    assert '<input id="tm-choice" name="value"' in drawn(look)
    press(look, "change", "budget_minutes", "30")
    press(look, "edit", "method")
    assert '<option value="lora" selected>' in drawn(look)
    press(look, "no")
    press(look, "change", "method", "full")  # not open any more
    press(look, "edit", "nonsense")
    assert said == ["change the time limit to 30 minutes"]
    assert drawn(look).count('data-act="edit"') == 5


def test_what_is_learned_is_marked(run: Run, tmp_path: Path) -> None:
    training(run, 2)
    html = drawn(look_at(run, tmp_path))
    assert "<mark>red<i>&lt;|im_end|&gt;</i></mark>" in html
    assert "⟦" not in html


def test_events_alone_are_enough(tmp_path: Path) -> None:
    loss = tuple((float(x), 3.0 / x) for x in range(1, 41))
    html = drawn(Look(Recorded(tmp_path), {"loss": loss_plot(True, loss)}, "zh"))
    assert "训练数据" in html
    assert html.count("h0") == 40


def test_a_curve_by_factors_stays_inside_its_picture(tmp_path: Path) -> None:
    loss = tuple((float(x), 30.0 * 0.9**x) for x in range(1, 90))
    html = drawn(Look(None, {"loss": loss_plot(False, loss)}, "en"))
    places = [
        tuple(map(float, pair.split(","))) for path in re.findall(r'points="([^"]+)"', html) for pair in path.split()
    ]
    assert all(0 <= x <= 640 and 0 <= y <= 300 for x, y in places)
    assert ">0.01</text>" in html or ">0.002</text>" in html


def test_words_of_a_run_are_no_markup(run: Run, tmp_path: Path) -> None:
    training(run, 3)
    run.project.journal.mark(run.id, "failed", NASTY)
    tags = Tags(board.draw("training", look_at(run, tmp_path)))
    assert not tags.open
    assert tags.names.isdisjoint({"script", "img", "a"})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_finished_one_has_nothing_to_press(run: Run, tmp_path: Path, language: Language) -> None:
    finished(run)
    html = drawn(look_at(run, tmp_path, language))
    assert "data-act" not in html
    assert ("All 90 steps are done" in html) == (language == "en")
