"""A yes is given to one question: a hash that is old, another's or made up changes nothing."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from agent.agreement import LONGEST, NotOpen
from agent.events import Event, Failed
from agent.session import Session, asked
from tests.agent.test_session import TEXTS, until
from tests.scripted import Scripted
from workspace.errors import UserError


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    path = tmp_path / "messages.csv"
    labels = ("refund", "delivery", "password")
    lines = [f"{text} {n},{label}" for n in range(6) for label, text in zip(labels, TEXTS, strict=True)]
    path.write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def hash_open(session: Session) -> str:
    question = asked(list(session.pending()))
    assert question is not None
    return question.hash


def said(session: Session) -> list[str]:
    return [str(what) for whom, what in session.history() if whom == "you"]


@pytest.fixture
def ready(home: Path, scripted: Scripted, messages: Path) -> Session:
    """Before the one page."""
    session = Session(home, "shop")
    until(session, "confirm", list(session.open()), [messages])
    return session


def test_every_question_has_a_hash_that_stays_while_it_is_open(ready: Session, home: Path) -> None:
    hash = hash_open(ready)
    assert len(hash) == 64
    assert hash_open(Session(home, "shop")) == hash
    list(ready.send("how long will it take?"))
    assert hash_open(ready) == hash


def test_an_approval_counts_once(ready: Session) -> None:
    hash = hash_open(ready)
    first = list(ready.send("yes", agreed=hash))
    assert not [event for event in first if isinstance(event, Failed)]
    before = said(ready)
    with pytest.raises(NotOpen):
        list(ready.send("yes", agreed=hash))
    assert said(ready) == before
    assert len(ready.project.journal.orders()) == 1


def test_an_approval_of_what_was_edited_since_is_refused(ready: Session) -> None:
    hash = hash_open(ready)
    list(ready.send("change the rows to 24"))
    before = said(ready)
    with pytest.raises(NotOpen):
        list(ready.send("yes", agreed=hash))
    assert (said(ready), ready.project.journal.orders()) == (before, [])
    assert hash_open(ready) != hash


def test_rows_decided_meanwhile_make_it_another_question(ready: Session) -> None:
    from agent.reviewing import decide_sample

    list(ready.send("yes", agreed=hash_open(ready)))
    run, hash = ready.current, hash_open(ready)
    assert run is not None
    decide_sample(run, "audit", [1], "1 is wrong")
    with pytest.raises(NotOpen):
        list(ready.send("yes", agreed=hash))
    list(ready.send("yes", agreed=hash_open(ready)))
    assert run.version is not None


def test_the_same_approval_from_two_sides_at_once_has_one_effect(ready: Session, home: Path) -> None:
    hash, results = hash_open(ready), list[str]()

    def press() -> None:
        try:
            events: list[Event] = list(ready.send("yes", agreed=hash))
            results.append("done" if not [e for e in events if isinstance(e, Failed)] else "failed")
        except NotOpen:
            results.append("refused")

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "refused", "refused", "refused"]
    assert said(ready).count("yes") == 1


def test_a_message_without_a_hash_is_read_as_ever(ready: Session) -> None:
    assert not [event for event in ready.send("yes") if isinstance(event, Failed)]
    assert len(ready.project.journal.orders()) == 1


def test_a_message_that_is_too_long_is_refused_and_not_kept(ready: Session) -> None:
    before = said(ready)
    with pytest.raises(UserError, match="20,001"):
        list(ready.send("x" * (LONGEST + 1)))
    assert said(ready) == before
    list(ready.send("x" * LONGEST))
    assert said(ready)[-1] == "x" * LONGEST
