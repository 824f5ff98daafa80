"""What was heard and what is to be posted, on disk."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ui.channel.inbox import Heard, Inbox, Post, Thread

THREAD = Thread(team="T1", channel="C1", ts="1.000001")


def heard(key: str, thread: Thread = THREAD, user: str = "U1") -> Heard:
    return Heard(key=key, thread=thread, user=user, text="hello")


def post(key: str, **more: object) -> Post:
    return Post.model_validate({"key": key, "thread": THREAD, "kind": "say", **more})


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "slack.sqlite")


def test_what_comes_twice_is_kept_once(inbox: Inbox) -> None:
    assert inbox.keep(heard("a"), starts=True).result()
    assert not inbox.keep(heard("a"), starts=True).result()
    assert [one.key for one in inbox.undone()] == ["a"]


def test_only_threads_that_are_ours(inbox: Inbox) -> None:
    assert not inbox.keep(heard("a"), starts=False).result()
    inbox.keep(heard("b"), starts=True).result()
    assert inbox.keep(heard("c", user="U2"), starts=False).result()
    assert inbox.owner(THREAD) == "U1"


def test_another_process_finds_what_was_not_done(inbox: Inbox, tmp_path: Path) -> None:
    for key in "abc":
        inbox.keep(heard(key), starts=True).result()
    inbox.begin("b", "here", 3)
    inbox.done("a", [post("a:0")])
    again = Inbox(tmp_path / "slack.sqlite")
    assert [one.key for one in again.undone()] == ["b", "c"]
    assert again.begun("b") == ("here", 3)
    assert again.begun("c") is None
    assert [sending.post.key for sending in again.due(THREAD.id)] == ["a:0"]
    assert again.unsent() == [THREAD.id]


def test_a_question_asks_until_it_is_changed(inbox: Inbox) -> None:
    inbox.add(post("q", asks=True))
    inbox.add(post("q", asks=True))
    assert [one.key for one in inbox.asking(THREAD)] == ["q"]
    inbox.add(post("q:closed", kind="change", of="q"))
    assert inbox.asking(THREAD) == []


def test_many_at_once_are_each_kept(inbox: Inbox) -> None:
    with ThreadPoolExecutor(32) as pool:
        found = list(pool.map(lambda n: inbox.keep(heard(f"k{n % 50}"), starts=True).result(), range(200)))
    assert sum(found) == 50


def test_what_can_not_be_written_is_told_to_whoever_waits(inbox: Inbox) -> None:
    inbox._now(lambda db: db.execute("DROP TABLE heard"))
    with pytest.raises(sqlite3.Error):
        inbox.keep(heard("a"), starts=True).result()
    inbox.add(post("p"))  # the writer lives on
    assert inbox.ts("p") == ""


def test_whatever_goes_wrong_with_one_is_told_to_it_alone(inbox: Inbox) -> None:
    def wrong(db: sqlite3.Connection) -> None:
        raise ValueError("not a row")

    given_up = inbox.keep(heard("gone"), starts=True)
    given_up.cancel()
    waiting = [inbox._later(wrong), inbox.keep(heard("a"), starts=True)]
    with pytest.raises(ValueError, match="not a row"):
        waiting[0].result(5)
    assert waiting[1].result(5) is True
