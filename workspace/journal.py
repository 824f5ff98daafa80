"""What can't be computed again, in one SQLite file: orders, model replies, decisions, uploads, and a chained audit."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workspace.errors import disk_full
from workspace.who import who

OrderState = Literal["accepted", "running", "done", "failed"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders(
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL,
  created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS replies(
  key TEXT PRIMARY KEY, slot TEXT NOT NULL, text TEXT NOT NULL, tokens_in INT NOT NULL, tokens_out INT NOT NULL,
  created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS decisions(
  id TEXT PRIMARY KEY, question TEXT NOT NULL, answer TEXT NOT NULL, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS inbox(
  hash TEXT PRIMARY KEY, name TEXT NOT NULL, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS audit(
  number INTEGER PRIMARY KEY, at REAL NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL,
  hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS head(
  one INTEGER PRIMARY KEY CHECK(one = 1), number INTEGER NOT NULL, hash TEXT NOT NULL);
"""
GENESIS = "0" * 64
# What an audit line repeats of each.
KEPT = {"decision": ("id", "question", "answer"), "order": ("id", "kind"), "upload": ("hash", "name")}


@dataclass(frozen=True, slots=True)
class Order:
    id: str
    kind: str
    payload: str
    state: OrderState
    note: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's reply that was accepted. `key` names model, prompt, parameters and slot."""

    key: str
    slot: str
    text: str
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Something that was done: when, by whom, and what there is to say of it."""

    number: int
    at: float
    what: str
    who: str
    detail: dict[str, str]


def reply_key(model: str, prompt: str, parameters: str, slot: str) -> str:
    """64 hexadecimal digits; the slot lets the same prompt be asked again on purpose."""
    return hashlib.sha256("\0".join((model, prompt, parameters, slot)).encode()).hexdigest()


class Journal:
    """Safe from several threads, and from several processes that each hold their own Journal.

    A rollback journal, not WAL: WAL before SQLite 3.51.3 can lose a commit with two connections.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, timeout=30, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=TRUNCATE")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """Raises UserError if the disk is full; nothing of the block is written then."""
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                    raise disk_full("the journal") from error
                raise
            finally:
                # A full disk may have rolled it back already, and a second time would hide the reason.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    # orders

    def accept(self, id: str, kind: str, payload: str) -> bool:
        """True if the order is new; a second time it changes nothing."""
        with self._write() as db:
            found = db.execute(
                "INSERT INTO orders VALUES(?,?,?,'accepted','',?) ON CONFLICT DO NOTHING",
                (id, kind, payload, time.time()),
            )
            if found.rowcount:
                self._append(db, "order", {"id": id, "kind": kind})
            return bool(found.rowcount)

    def mark(self, id: str, state: OrderState, note: str = "") -> None:
        with self._write() as db:
            db.execute("UPDATE orders SET state=?, note=? WHERE id=?", (state, note, id))
            self._append(db, "order " + state, {"id": id, "note": note})

    def orders(self) -> list[Order]:
        """Oldest first."""
        with self._lock:
            rows = self._db.execute("SELECT id, kind, payload, state, note FROM orders ORDER BY created, id")
            return [Order(*row) for row in rows]

    # replies

    def reply(self, key: str) -> Reply | None:
        with self._lock:
            row = self._db.execute(
                "SELECT key, slot, text, tokens_in, tokens_out FROM replies WHERE key=?", (key,)
            ).fetchone()
            return Reply(*row) if row else None

    def replies(self, keys: Sequence[str]) -> dict[str, Reply]:
        """Those of the keys that are known, in one look: a look may wait for a sync to disk."""
        found: dict[str, Reply] = {}
        with self._lock:
            for start in range(0, len(keys), 500):
                some = keys[start : start + 500]
                marks = ",".join("?" * len(some))
                rows = self._db.execute(
                    f"SELECT key, slot, text, tokens_in, tokens_out FROM replies WHERE key IN ({marks})", some
                )
                found.update((row[0], Reply(*row)) for row in rows)
        return found

    def keep(self, replies: Iterable[Reply]) -> None:
        """All in one transaction: one sync to disk, however many arrived together."""
        now = time.time()
        with self._write() as db:
            db.executemany(
                "INSERT INTO replies VALUES(?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                [(r.key, r.slot, r.text, r.tokens_in, r.tokens_out, now) for r in replies],
            )

    def tokens(self) -> tuple[int, int]:
        """(read, written) over all replies ever paid for."""
        with self._lock:
            row = self._db.execute(
                "SELECT COALESCE(SUM(tokens_in),0), COALESCE(SUM(tokens_out),0) FROM replies"
            ).fetchone()
            return int(row[0]), int(row[1])

    # decisions and uploads

    def decide(self, id: str, question: str, answer: str) -> str:
        """The answer that counts: the first one given under this id."""
        with self._write() as db:
            found = db.execute(
                "INSERT INTO decisions VALUES(?,?,?,?) ON CONFLICT DO NOTHING", (id, question, answer, time.time())
            )
            if found.rowcount:
                self._append(db, "decision", {"id": id, "question": question, "answer": answer})
                return answer
            return str(db.execute("SELECT answer FROM decisions WHERE id=?", (id,)).fetchone()[0])

    def decided(self, id: str) -> str | None:
        with self._lock:
            row = self._db.execute("SELECT answer FROM decisions WHERE id=?", (id,)).fetchone()
            return row[0] if row else None

    def answers(self, question: str) -> list[str]:
        """Every answer to a question that was decided more than once, oldest first."""
        with self._lock:
            found = self._db.execute("SELECT answer FROM decisions WHERE question=? ORDER BY rowid", (question,))
            return [row[0] for row in found]

    def receive(self, hash: str, name: str) -> None:
        """An upload whose bytes are already safe under their hash."""
        with self._write() as db:
            found = db.execute("INSERT INTO inbox VALUES(?,?,?) ON CONFLICT DO NOTHING", (hash, name, time.time()))
            if found.rowcount:
                self._append(db, "upload", {"hash": hash, "name": name})

    def inbox(self) -> list[tuple[str, str]]:
        """(hash, name), oldest first."""
        with self._lock:
            return [(h, n) for h, n in self._db.execute("SELECT hash, name FROM inbox ORDER BY created, hash")]

    # audit

    def audit(self, what: str, detail: dict[str, str]) -> None:
        with self._write() as db:
            self._append(db, what, detail)

    def _append(self, db: sqlite3.Connection, what: str, detail: dict[str, str]) -> None:
        """Behind the head, not behind the last line: so a line that was cut off leaves a gap for good."""
        number, previous = self._head(db)
        number = max(number, *db.execute("SELECT COALESCE(MAX(number), 0) FROM audit").fetchone())
        at, text = time.time(), json.dumps({"by": who(), **detail}, ensure_ascii=False)
        hash = _link(previous, at, what, text)
        db.execute("INSERT INTO audit VALUES(?,?,?,?,?,?)", (number + 1, at, what, text, previous, hash))
        db.execute("INSERT OR REPLACE INTO head VALUES(1,?,?)", (number + 1, hash))

    def _head(self, db: sqlite3.Connection) -> tuple[int, str]:
        """(number, hash) of the last line ever written; of a journal that has no head yet, of its last line."""
        head = db.execute("SELECT number, hash FROM head").fetchone()
        last = db.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        number, hash = head or last or (0, GENESIS)
        return int(number), str(hash)

    def audited(self) -> Iterator[AuditLine]:
        """Oldest first. A line that can't be read any more has no detail."""
        with self._lock:
            rows = self._db.execute("SELECT number, at, what, detail FROM audit ORDER BY number").fetchall()
        for number, at, what, text in rows:
            try:
                detail = {str(name): str(value) for name, value in dict(json.loads(text)).items()}
            except (TypeError, ValueError):
                detail = {}
            yield AuditLine(number, float(at), str(what), detail.pop("by", ""), detail)

    def links(self) -> set[str]:
        """The hash of every line."""
        with self._lock:
            return {hash for (hash,) in self._db.execute("SELECT hash FROM audit")}

    def last_link(self) -> str:
        with self._lock:
            return self._head(self._db)[1]

    def broken_link(self) -> int | None:
        """The number of the first audit line that was changed or is missing, or None if the chain holds."""
        previous, expected = GENESIS, 1
        with self._lock:
            for number, at, what, detail, before, hash in self._db.execute("SELECT * FROM audit ORDER BY number"):
                if number != expected or before != previous or hash != _link(before, at, what, detail):
                    return expected
                previous, expected = hash, expected + 1
            return expected if self._head(self._db) != (expected - 1, previous) else None

    def unaudited(self) -> list[str]:
        """Decisions, orders and uploads that are not what the audit says of them: added, removed or rewritten since."""
        told: dict[str, set[tuple[str, ...]]] = {"decision": set(), "order": set(), "upload": set()}
        for line in self.audited():
            if line.what in told:
                told[line.what].add(tuple(line.detail.get(name, "") for name in KEPT[line.what]))
        with self._lock:
            found = {
                "decision": set(self._db.execute("SELECT id, question, answer FROM decisions")),
                "order": set(self._db.execute("SELECT id, kind FROM orders")),
                "upload": set(self._db.execute("SELECT hash, name FROM inbox")),
            }
        return sorted({f"{what} {row[0]}" for what in told for row in told[what] ^ found[what]})


def _link(previous: str, at: float, what: str, detail: str) -> str:
    return hashlib.sha256(f"{previous}\0{at!r}\0{what}\0{detail}".encode()).hexdigest()
