"""A running Slack face with the Slack that it talks to, as a test speaks to both."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slack_bolt.async_app import AsyncApp

from agent.session import Session
from tests.agent.test_session import ANSWERS, LABELS, TEXTS
from tests.slack_server import BOT, CHANNEL, TEAM, Message, Workspace
from ui.channel.inbox import Thread
from ui.channel.threads import Clerk, project_of


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.02)


@dataclass
class Place:
    """A running face, and the Slack that it talks to."""

    slack: Workspace
    home: Path
    clerk: Clerk
    url: str
    app: AsyncApp

    def say(self, text: str, thread: str = "", **more: Any) -> str:
        """The message's ts; acknowledged with 200."""
        body = self.slack.spoken(text, thread, **more)
        assert self.slack.deliver(self.url, body) == 200
        return str(body["event"]["ts"])

    def idle(self) -> bool:
        inbox = self.clerk.inbox
        return not inbox.undone() and not inbox.unsent()

    def settle(self) -> None:
        until(self.idle)

    def talk(self, text: str, thread: str, **more: Any) -> list[Message]:
        """What was posted in answer to a reply in the thread."""
        before = len(self.slack.posts(thread))
        self.say(text, thread, kind="message", **more)
        self.settle()
        return self.slack.posts(thread)[before:]

    def heard(self) -> list[tuple[str, int]]:
        """(key, done) of whatever was kept."""
        db = sqlite3.connect(self.home / "slack.sqlite")
        found = db.execute("SELECT key, done FROM heard ORDER BY number").fetchall()
        db.close()
        return found

    def session(self, thread: str) -> Session:
        return Session(self.home, project_of(Thread(team=TEAM, channel=CHANNEL, ts=thread)))


def until_asked(place: Place, thread: str, field: str) -> None:
    """Answer what is asked until `field` is asked for."""
    offered = "text,label\n" + "".join(
        f"{text} {n},{label}\n" for n in range(6) for label, text in zip(LABELS, TEXTS, strict=True)
    )
    place.slack.offered["messages.csv"] = offered.encode()
    shared = {"id": "F0MESSAGES", "name": "messages.csv", "size": len(offered), "mimetype": "text/csv"}
    shared["url_private_download"] = f"{place.slack.url}/files/messages.csv"
    for _ in range(25):
        question = next(e for e in place.session(thread).pending() if e.type == "ask")
        if question.field == field:
            return
        files = {"files": [shared], "subtype": "file_share"} if question.field == "examples" else {}
        place.talk(ANSWERS[question.field], thread, **files)
    raise AssertionError(f"never asked for {field}")


def start_thread(place: Place, text: str = "Sort what customers write to our shop into kinds.") -> str:
    thread = place.say(f"<@{BOT}> {text}")
    place.settle()
    return thread


def confirming(place: Place) -> tuple[str, Message]:
    """A thread that waits for the yes, and the message with its buttons."""
    thread = start_thread(place)
    until_asked(place, thread, "confirm")
    return thread, place.slack.posts(thread)[-1]


def orders(place: Place, thread: str) -> int:
    return len(place.session(thread).project.journal.orders())
