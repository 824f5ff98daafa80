"""The conversation that plays itself."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agent.events import Ask, Done, Event, Say
from tests.ui.recorded import Recorded
from ui.demo import EXAMPLE, conversation, play
from ui.render import JsonLines
from workspace.errors import UserError
from workspace.words import Language


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_shipped_conversations_can_be_played(language: Language) -> None:
    script = conversation(EXAMPLE, language)
    files = {name for line in (script.opening, *script.answers.values()) for name in line.files}
    assert [name for name in files if not (EXAMPLE / name).is_file()] == []
    assert {"confirm", "approve"} <= set(script.answers)


class Asking(Recorded):
    """Asks what it is told to, then ends as it is told to."""

    first = "goal"
    fields: Sequence[str] = ("goal", "colour", "confirm")
    done = Done(run="r", report="report.json")

    def open(self) -> Iterator[Event]:
        yield Ask(field=self.first, text="?")

    def send(self, text: str, files: Sequence[Path] = ()) -> Iterator[Event]:
        self.said.append((text, [path.name for path in files]))
        if len(self.said) <= len(self.fields):
            yield Ask(field=self.fields[len(self.said) - 1], text="?")
        elif self.done.report:
            yield self.done
        else:
            yield Say(text="and now?")


def test_each_question_gets_the_answer_for_its_field(tmp_path: Path) -> None:
    session, out = Asking(tmp_path), io.StringIO()
    assert play(session, JsonLines(out, out), "en") == 0
    script = conversation(EXAMPLE, "en")
    answers = [script.answers["goal"].text, script.otherwise.text, script.answers["confirm"].text]
    assert [text for text, _ in session.said] == [script.opening.text, *answers]
    assert session.said[0][1] == list(script.opening.files)
    assert json.loads(out.getvalue().splitlines()[-1])["report"] == "report.json"


def test_a_conversation_that_was_broken_off_goes_on_with_what_it_asks(tmp_path: Path) -> None:
    session, out = Asking(tmp_path), io.StringIO()
    session.first, session.fields = "confirm", ()
    play(session, JsonLines(out, out), "zh")
    assert session.said == [(conversation(EXAMPLE, "zh").answers["confirm"].text, [])]


def test_a_conversation_without_a_report_card_is_an_error(tmp_path: Path) -> None:
    session = Asking(tmp_path)
    session.done = Done()
    with pytest.raises(UserError, match="without a report card"):
        play(session, JsonLines(io.StringIO(), io.StringIO()), "en")


def test_questions_without_end_are_an_error_too(tmp_path: Path) -> None:
    session = Asking(tmp_path)
    session.fields = ["goal"] * 1000
    with pytest.raises(UserError, match="without a report card"):
        play(session, JsonLines(io.StringIO(), io.StringIO()), "en")
    assert len(session.said) < 100


def test_a_language_without_a_conversation_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"conversation\.zh\.yaml"):
        conversation(tmp_path, "zh")
