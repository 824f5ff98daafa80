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
from tests.slack_server import CHANNEL, TEAM, Message, Workspace
from ui.inbox import Thread
from ui.threads import Clerk, project_of


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
