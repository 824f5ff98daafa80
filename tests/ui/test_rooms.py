"""A conversation that browsers look at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.agreement import NotOpen
from agent.events import Ask, Event, Failed, Progress, Say, Table
from tests.ui.recorded import Recorded
from ui.door.shelf import Shelf
from ui.panels.trying import waits
from ui.rooms import IDLE, Room, Rooms
from workspace.errors import UserError
from workspace.who import who
from workspace.words import Words


def until(holds: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.01)


def entered(session: Recorded) -> Room:
    room = Room(lambda: session, "en")
    room.enter()
    until(lambda: not room.busy)
    return room


def test_a_message_is_visible_before_it_is_answered(tmp_path: Path) -> None:
    room = entered(Recorded(tmp_path))
    before = room.revision
    room.say("wait", [tmp_path / "report.md"])
    assert room.turns[-1].text == "wait"
    assert [path.name for path in room.turns[-1].paths] == ["report.md"]
    assert room.turns[-1].running
    assert room.revision > before


def test_a_question_is_answered_while_work_is_under_way(tmp_path: Path) -> None:
    session = Recorded(tmp_path)
    room = entered(session)
    room.say("wait")
    until(lambda: bool(room.turns[-1].shown))
    room.say("how many failed?")
    until(lambda: not room.turns[-1].running)
    assert room.turns[-2].running
    assert isinstance(room.turns[-1].shown[0], Say)
    session.gate.set()
    until(lambda: not room.busy)
    bars = [event for event in room.turns[-2].shown if isinstance(event, Progress)]
    assert [(bar.done, bar.total) for bar in bars] == [(10, 10)]  # the bar moved in the message that started it


def test_the_panel_turns_to_what_comes_up_once_a_turn(tmp_path: Path) -> None:
    room = entered(Recorded(tmp_path))
    room.say("yes")
    until(lambda: not room.busy)
    assert list(room.panels) == ["rows", "rejected", "coverage", "loss", "report", "try"]
    assert room.focus == "report"
    assert room.drawn["loss"] == 4
    assert (
        room.turned == 3
    )  # to the rows, of the three tables in a row; to the curve once, though four came; to the report


def test_choices_go_when_they_are_answered(tmp_path: Path) -> None:
    room = entered(Recorded(tmp_path))
    room.say("bank messages")
    until(lambda: not room.busy)
    assert room.question is not None
    assert room.question.choices[0] == "Mask it"
    room.say("wait")
    assert room.question is None


class Broken(Recorded):
    """Can't be opened at first; breaks on a word."""

    tries = 0

    def open(self) -> Iterator[Event]:
        self.tries += 1
        if self.tries == 1:
            raise UserError(Words("No weights.", "没有权重。"), Words("Fetch them.", "请下载。"))
        yield from super().open()

    def send(self, text: str, files: object = (), agreed: str = "") -> Iterator[Event]:
        yield Say(text="so far")
        raise ValueError("deep inside")


def test_what_goes_wrong_is_said_and_the_conversation_goes_on(tmp_path: Path) -> None:
    room = Room(lambda: session, "zh")
    session = Broken(tmp_path)
    room.enter()
    until(lambda: not room.busy)
    assert room.turns[0].shown == [Failed(problem="没有权重。", fix="请下载。")]
    room.say("again")
    until(lambda: not room.busy)
    shown = room.turns[-1].shown
    assert [type(event) for event in shown] == [Say, Ask, Say, Failed]  # opened at the second try, then broke
    failed = shown[-1]
    assert isinstance(failed, Failed)
    assert "deep inside" in failed.problem
    assert "Traceback" not in failed.problem


class Remembering(Recorded):
    """Opened a second time: it knows what was said, and tells again where it stands."""

    def history(self) -> Iterator[tuple[str, str | Event]]:
        yield "tunesmith", Say(text="Hello!")
        yield "you", "bank messages"
        yield "tunesmith", Ask(field="rows", text="How many rows?")

    def open(self) -> Iterator[Event]:
        yield Ask(field="rows", text="How many rows?")
        yield Say(text="Welcome back.")


def test_a_conversation_comes_back_without_saying_things_twice(tmp_path: Path) -> None:
    room = entered(Remembering(tmp_path))
    told = [event.text for turn in room.turns for event in turn.shown if isinstance(event, Say | Ask)]
    assert told == ["Hello!", "How many rows?", "Welcome back."]
    assert [turn.text for turn in room.turns] == ["", "bank messages", ""]


def test_projects_do_not_mix(tmp_path: Path) -> None:
    rooms = Rooms(lambda project: Recorded(tmp_path / project))
    one, other = rooms.room("one", "en"), rooms.room("other", "zh")
    for room in (one, other):
        room.enter()
    one.say("secret of one")
    until(lambda: not one.busy and not other.busy)
    assert rooms.room("one", "zh") is one
    assert "secret" not in str(other.turns)
    assert "您好" in str(other.turns)


def test_a_conversation_that_nobody_looks_at_is_let_go_and_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions: dict[str, Recorded] = {}
    rooms = Rooms(lambda project: sessions.setdefault(project, Recorded(tmp_path / project)))
    for name in ("left", "looked at", "at work"):
        rooms.room(name, "en").enter()
    until(lambda: not any(rooms.room(name, "en").busy for name in ("left", "looked at", "at work")))
    rooms.room("at work", "en").say("wait")
    until(lambda: bool(rooms.room("at work", "en").turns[-1].shown))
    now = time.monotonic() + IDLE + 60
    with monkeypatch.context() as later:
        later.setattr(time, "monotonic", lambda: now)
        rooms.room("looked at", "en")
        rooms.room("another", "en")
    assert [rooms.there(name) for name in ("left", "looked at", "at work")] == [False, True, True]
    assert {name for name, session in sessions.items() if session.closed} == {"left"}
    sessions["at work"].gate.set()


def test_a_file_is_the_projects_once_it_was_sent(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "chat-files")
    path = shelf.folder / "a" / "rows.csv"
    path.parent.mkdir(parents=True)
    path.write_text("text\n")
    for person in ("ann", "ann", "bob"):
        shelf.take_in(person, [str(path)])
    session = Recorded(tmp_path)
    session.gate.set()
    room = Room(lambda: session, "en", shelf.received)
    for person, there in (("ann", True), ("bob", True), ("ann", False)):
        assert shelf.theirs(person, str(path))
        room.say("look", [path], person)
        until(lambda: not room.busy)
        assert path.exists() is there
    assert not shelf.theirs("ann", str(path))


def test_trying_out_draws_on_its_panel_and_says_nothing(tmp_path: Path) -> None:
    session = Recorded(tmp_path)
    room = entered(session)
    turns, focus = len(room.turns), room.focus
    room.beside(session.try_out("where is my card?"))
    assert room.busy
    until(lambda: not room.busy)
    shown = room.panels["try"]
    assert isinstance(shown, Table)
    assert shown.rows[0][:2] == ("where is my card?", "card_arrival")
    assert waits(shown)
    room.beside(session.choose("left"))
    until(lambda: not room.busy)
    assert session.chosen == ["left"]
    assert not waits(room.panels["try"])
    assert (len(room.turns), room.focus) == (turns, focus)


def test_what_cannot_be_tried_out_is_told_in_the_conversation(tmp_path: Path) -> None:
    session = Recorded(tmp_path)
    room = entered(session)
    room.beside(session.try_out("fail"))
    until(lambda: not room.busy)
    assert isinstance(room.turns[-1].shown[0], Failed)


def test_what_is_done_meanwhile_is_put_down_to_whoever_asked(tmp_path: Path) -> None:
    room = entered(Recorded(tmp_path))
    names: list[str] = []

    def work() -> Iterator[Event]:
        names.append(who())
        yield Say(text="done")

    room.beside(work(), "ann")
    until(lambda: not room.busy)
    assert names == ["ann"]
    assert who() != "ann"


def test_the_same_button_twice_has_one_effect(tmp_path: Path) -> None:
    session = Recorded(tmp_path)
    room = entered(session)
    hash = room.question.hash if room.question else ""
    for _ in range(3):
        room.say("bank messages", agreed=hash)
    until(lambda: not room.busy)
    assert session.said == [("bank messages", [])]
    assert [turn.text for turn in room.turns] == ["", "bank messages"]


def test_an_answer_to_a_question_that_is_closed_is_refused_kindly(tmp_path: Path) -> None:
    session = Recorded(tmp_path)
    room = entered(session)
    hash = room.question.hash if room.question else ""
    room.say("bank messages")
    until(lambda: not room.busy)
    room.say("something else", agreed=hash)
    until(lambda: not room.busy)
    assert session.said == [("bank messages", [])]
    last = room.turns[-1]
    assert isinstance(last.notice, NotOpen)
    assert (last.text, last.failed) == ("", False)
    assert room.question is not None
    assert room.question.field == "privacy"


def test_what_came_to_nothing_can_be_sent_again(tmp_path: Path) -> None:
    session = Recorded(tmp_path)
    room = entered(session)
    given = tmp_path / "rows.csv"
    given.write_text("text\n")
    room.say("fail", [given])
    until(lambda: not room.busy)
    assert room.came_to_nothing(room.turns[-1])
    room.again(len(room.turns) - 1)
    until(lambda: not room.busy)
    assert session.said == [("fail", ["rows.csv"])] * 2
    room.say("bank messages")
    until(lambda: not room.busy)
    assert not room.came_to_nothing(room.turns[-1])
    room.again(len(room.turns) - 1)
    room.again(99)
    assert len(session.said) == 3


def test_a_message_that_is_too_long_is_not_sent(tmp_path: Path) -> None:
    session = Recorded(tmp_path)
    room = entered(session)
    with pytest.raises(UserError):
        room.say("x" * 20_001)
    assert (len(room.turns), session.said) == (1, [])
    room.say("x" * 20_000)
    until(lambda: not room.busy)
    assert len(session.said) == 1


def test_the_language_changes_the_open_question_and_not_what_was_said(tmp_path: Path) -> None:
    session = Recorded(tmp_path)
    room = entered(session)
    room.say("bank messages")
    until(lambda: not room.busy)
    said, hash = room.turns[-1].shown[0], room.question.hash if room.question else ""
    room.speak("zh")
    until(lambda: room.question is not None and "打码" in room.question.choices)
    assert room.turns[-1].shown[0] == said
    assert room.question
    assert room.turns[-1].shown[-1] is room.question
    assert (room.question.hash, session.language, room.language) == (hash, "zh", "zh")
    table = room.panels["specification"]
    assert isinstance(table, Table)
    assert table.title == "规格说明"


def test_a_value_edited_in_place_is_the_persons_own_message(tmp_path: Path) -> None:
    session = Recorded(tmp_path)
    room = entered(session)
    room.say("bank messages")
    until(lambda: not room.busy)
    with pytest.raises(UserError):
        room.edit("Rows", "many")
    room.edit("Rows", "300")
    until(lambda: not room.busy)
    assert (room.turns[-1].text, session.edited) == ("Rows: 300", {"Rows": "300"})
    assert room.question is not None
    asked = [event for turn in room.turns for event in turn.shown if isinstance(event, Ask)]
    assert [question.field for question in asked] == ["goal", "privacy"]  # it moved down and does not stand twice


class Silent(Recorded):
    """Can't say what is open."""

    def pending(self) -> Iterator[Event]:
        raise UserError(Words("Too many were refused.", "排除过多。"), Words("Look at them.", "请查看。"))


def test_what_is_open_and_can_not_be_told_holds_nothing_up(tmp_path: Path) -> None:
    session = Silent(tmp_path)
    room = entered(session)
    room.question, before = None, room.revision
    room.beside(session.try_out("hello"))
    until(lambda: not room.busy)
    assert room.revision > before
    room.say("wait")
    session.gate.set()
    until(lambda: not room.busy)


class Taken(Recorded):
    """Another process works in the project at first; the question stays."""

    def send(self, text: str, files: object = (), agreed: str = "") -> Iterator[Event]:
        self.said.append((text, []))
        if len(self.said) == 1:
            yield Failed(problem="Somebody works here.", fix="Wait.")
            assert self.question
            yield self.question


def test_an_answer_that_came_to_nothing_can_be_pressed_again(tmp_path: Path) -> None:
    session = Taken(tmp_path)
    room = entered(session)
    assert room.question
    for _ in range(3):  # it fails, it is taken, it is not said twice
        room.say("Yes", agreed=room.question.hash if room.question else "goal-0")
        until(lambda: not room.busy)
    assert len(session.said) == 2
