"""What Slack sent and what is to be posted, in one SQLite file: safe before it is acknowledged, done exactly once."""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field

from ui import words
from workspace.errors import UserError, boundary
from workspace.sample import Frozen

SCHEMA = """
CREATE TABLE IF NOT EXISTS threads(thread TEXT PRIMARY KEY, owner TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS heard(
  number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, thread TEXT NOT NULL, payload TEXT NOT NULL,
  place TEXT, told INT NOT NULL DEFAULT 0, done INT NOT NULL DEFAULT 0, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS posts(
  number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, thread TEXT NOT NULL, payload TEXT NOT NULL,
  ts TEXT NOT NULL DEFAULT '', asks INT NOT NULL, tried INT NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting',
  at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS waiting ON posts(thread) WHERE state = 'waiting';
"""
Kind = Literal["say", "change", "whisper", "file"]
State = Literal["waiting", "sent", "given up"]
T = TypeVar("T")
Task = tuple[Callable[[sqlite3.Connection], Any], "Future[Any]"]


class Thread(Frozen):
    """Where a conversation is held. `ts` is that of its first message."""

    team: str = Field(pattern=r"^[TE][A-Z0-9]+$")
    channel: str = Field(pattern=r"^[CDG][A-Z0-9]+$")
    ts: str = Field(pattern=r"^\d+\.\d+$")

    @property
    def id(self) -> str:
        return f"{self.team}:{self.channel}:{self.ts}"


class Shared(Frozen):
    """A file that somebody put into a thread."""

    id: str
    name: str = "file"
    size: int = 0
    mimetype: str = ""
    url_private_download: str = ""


class Pressed(Frozen):
    """A button under a question: the answer, and the hash of what was asked."""

    hash: str
    answer: str


class Heard(Frozen):
    """What one person said or pressed. `key` is the same however often Slack delivers it."""

    key: str
    thread: Thread
    user: str = Field(pattern=r"^[UW][A-Z0-9]+$")
    text: str = ""
    files: tuple[Shared, ...] = ()
    pressed: Pressed | None = None


class Post(Frozen):
    """`blocks` is JSON as Slack takes it; a change names what it changes, a whisper whom it is for."""

    key: str
    thread: Thread
    kind: Kind
    text: str = ""
    blocks: str = "[]"
    of: str = ""  # change: key of the post that is changed; whisper: the user; file: its path
    asks: bool = False  # it has buttons


@dataclass(frozen=True)
class Sending:
    """A post that waits. `tried`: it may have arrived already. `ts` is its own, of a file its id."""

    post: Post
    tried: bool
    ts: str


class Inbox:
    """Safe from several threads. One thread writes: what arrived together is synced to disk together."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, daemon=True, name="inbox")
        self._writer.start()

    def close(self) -> None:
        self._tasks.put(None)
        self._writer.join(10)
        self._db.close()

    # what was heard

    def keep(self, heard: Heard, *, starts: bool) -> Future[bool]:
        """True if it is new and for us: we were called, or are in its thread already. Safe on disk by then."""

        def work(db: sqlite3.Connection) -> bool:
            thread, now = heard.thread.id, time.time()
            if starts:
                db.execute("INSERT INTO threads VALUES(?,?,?) ON CONFLICT DO NOTHING", (thread, heard.user, now))
            found = db.execute(
                "INSERT INTO heard(key, thread, payload, at) SELECT ?,?,?,? FROM threads WHERE thread=? "
                "ON CONFLICT DO NOTHING",
                (heard.key, thread, heard.model_dump_json(), now, thread),
            )
            return found.rowcount > 0

        return self._later(work)

    def owner(self, thread: Thread) -> str:
        """The user who started it."""
        return self._now(
            lambda db: str(db.execute("SELECT owner FROM threads WHERE thread=?", (thread.id,)).fetchone()[0])
        )

    def undone(self) -> list[Heard]:
        """Oldest first: what a kill interrupted."""
        rows = self._now(lambda db: db.execute("SELECT payload FROM heard WHERE done=0 ORDER BY number").fetchall())
        return [Heard.model_validate_json(payload) for (payload,) in rows]

    def begin(self, key: str, place: str, told: int) -> None:
        """Where the conversation stood before this was worked on, and how much of it had been told."""
        self._now(lambda db: db.execute("UPDATE heard SET place=?, told=? WHERE key=?", (place, told, key)))

    def begun(self, key: str) -> tuple[str, int] | None:
        found = self._now(lambda db: db.execute("SELECT place, told FROM heard WHERE key=?", (key,)).fetchone())
        return (found[0], int(found[1])) if found and found[0] is not None else None

    def done(self, key: str, posts: list[Post]) -> None:
        """It is finished and its replies wait to be posted: both, or neither."""

        def work(db: sqlite3.Connection) -> None:
            db.execute("UPDATE heard SET done=1 WHERE key=?", (key,))
            _insert(db, posts)

        self._now(work)

    # what is to be posted

    def add(self, post: Post) -> None:
        self._now(lambda db: _insert(db, [post]))

    def due(self, thread: str) -> list[Sending]:
        """In the order in which they were said."""
        rows = self._now(
            lambda db: db.execute(
                "SELECT payload, tried, ts FROM posts WHERE thread=? AND state='waiting' ORDER BY number", (thread,)
            ).fetchall()
        )
        return [Sending(Post.model_validate_json(payload), bool(tried), ts) for payload, tried, ts in rows]

    def unsent(self) -> list[str]:
        """The threads in which something waits."""
        rows = self._now(lambda db: db.execute("SELECT DISTINCT thread FROM posts WHERE state='waiting'").fetchall())
        return [thread for (thread,) in rows]

    def trying(self, key: str, ts: str = "") -> None:
        self._now(lambda db: db.execute("UPDATE posts SET tried=1, ts=? WHERE key=?", (ts, key)))

    def settle(self, key: str, state: State, ts: str = "") -> None:
        self._now(lambda db: db.execute("UPDATE posts SET state=?, ts=? WHERE key=?", (state, ts, key)))

    def ts(self, key: str) -> str:
        """Slack's name for a message of ours; "" if there is none."""
        found = self._now(lambda db: db.execute("SELECT ts FROM posts WHERE key=?", (key,)).fetchone())
        return str(found[0]) if found else ""

    def asking(self, thread: Thread) -> list[Post]:
        """The posts of a thread whose buttons are still there."""
        rows = self._now(
            lambda db: db.execute(
                "SELECT payload FROM posts WHERE thread=? AND asks=1 ORDER BY number", (thread.id,)
            ).fetchall()
        )
        return [Post.model_validate_json(payload) for (payload,) in rows]

    # the one writer

    def _now(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return self._later(work).result()

    def _later(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        future: Future[T] = Future()
        self._tasks.put((work, future))
        return future

    def _write(self) -> None:
        while first := self._tasks.get():
            batch = [first]
            while not self._tasks.empty() and (task := self._tasks.get()):
                batch.append(task)
            # Whoever gave up waiting is sent it again; to answer them would be an error here.
            self._answer([task for task in batch if task[1].set_running_or_notify_cancel()])

    def _answer(self, batch: list[Task]) -> None:
        """Whatever goes wrong is told to whoever waits, and the writer lives on; of several each is then alone."""
        try:
            with boundary(words.KEEPING):
                results = self._commit([work for work, _ in batch])
        except UserError as error:
            if len(batch) == 1:
                batch[0][1].set_exception(error.__cause__ or error)
            else:
                for task in batch:
                    self._answer([task])
        else:
            for (_, future), result in zip(batch, results, strict=True):
                future.set_result(result)

    def _commit(self, batch: list[Callable[[sqlite3.Connection], Any]]) -> list[Any]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            results = [work(self._db) for work in batch]
            self._db.execute("COMMIT")
            return results
        finally:
            # A full disk may have rolled it back already.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def _insert(db: sqlite3.Connection, posts: list[Post]) -> None:
    for post in posts:
        if post.kind == "change":
            db.execute("UPDATE posts SET asks=0 WHERE key=?", (post.of,))
        db.execute(
            "INSERT INTO posts(key, thread, payload, asks, at) VALUES(?,?,?,?,?) ON CONFLICT DO NOTHING",
            (post.key, post.thread.id, post.model_dump_json(), post.asks, time.time()),
        )
