"""What another assistant may not order, and what it is told of others that work beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.agreement import NotOpen
from agent.assistant.assisting import ELSEWHERE, Assistant
from agent.events import Progress
from agent.session import Session
from tests.agent.test_session import messages, until
from tests.scripted import Scripted
from workspace.errors import UserError

__all__ = ["messages"]


@pytest.mark.parametrize("hash", ["", " "])
def test_nothing_is_approved_without_its_hash(home: Path, scripted: Scripted, messages: Path, hash: str) -> None:
    session = Session(home, "shop")
    until(session, "confirm", list(session.open()), [messages])
    with pytest.raises(NotOpen):
        Assistant(home, ()).approve("shop", hash, "yes", None)
    assert session.project.journal.orders() == []


def test_a_step_in_another_process_is_told(home: Path, scripted: Scripted, messages: Path) -> None:
    session = Session(home, "shop")
    until(session, "confirm", list(session.open()), [messages])
    step = session.send("yes")
    next(event for event in step if isinstance(event, Progress))
    assistant = Assistant(home, ())
    status = assistant.status("shop", None)
    opened = assistant.talk("shop", "", [], None)
    opened.over.wait(30)
    assert (status.state, status.said) == ("working", (ELSEWHERE.en,))
    assert assistant.told(opened, "en").said[-1] == ELSEWHERE.en
    list(step)
    assert assistant.status("shop", None).state == "asking"


def test_the_folder_that_is_checked_is_the_one_that_is_used(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "allowed" / "model").mkdir(parents=True)
    (tmp_path / "elsewhere" / "model").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="outside"):
        Assistant(home, (tmp_path / "allowed",)).release("model", None, None, "en")
