"""Who is signed in: a random token in the browser, its hash here, until it runs out or somebody signs out."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from workspace.errors import boundary
from workspace.people import People, private
from workspace.sample import Frozen
from workspace.words import Words

KEEPING = Words("writing down who is signed in", "记录登录状态")
WEEK = 7 * 24 * 3600.0
MOST_EACH = 50  # browsers that one person is signed in with


class Visit(Frozen):
    """`mark` is the password's: with another password, or none, the visit is over. `until` in seconds since 1970."""

    person: str
    mark: str
    until: float


VISITS: TypeAdapter[dict[str, Visit]] = TypeAdapter(dict[str, Visit])


class Visits:
    """`home/signed-in.json`, so that nobody has to sign in again because the server was restarted."""

    def __init__(self, home: Path, people: People) -> None:
        self._path, self._people = home / "signed-in.json", people
        self._lock = threading.Lock()
        self._open = self._kept()

    def begin(self, person: str) -> str:
        """The token that the browser keeps. Raises UserError where it can't be written down."""
        token, now = secrets.token_urlsafe(32), time.time()
        with self._lock:
            there = {key: visit for key, visit in self._open.items() if visit.until > now}
            theirs = sorted((v.until, key) for key, v in there.items() if v.person == person)
            for _, oldest in theirs[: max(0, len(theirs) + 1 - MOST_EACH)]:
                del there[oldest]
            there[_hash(token)] = Visit(person=person, mark=self._people.mark(person), until=now + WEEK)
            self._keep(there)
        return token

    def person(self, token: str) -> str | None:
        visit = self._open.get(_hash(token))
        if visit is None or visit.until < time.time() or not visit.mark:
            return None
        return visit.person if self._people.mark(visit.person) == visit.mark else None

    def end(self, token: str) -> None:
        """Over at once, also where it can't be written down: then UserError, for a restart would bring it back."""
        with self._lock:
            self._open = {key: visit for key, visit in self._open.items() if key != _hash(token)}
            self._keep(self._open)

    def _keep(self, there: dict[str, Visit]) -> None:
        with boundary(KEEPING):
            private(self._path, VISITS.dump_json(there))
        self._open = there

    def _kept(self) -> dict[str, Visit]:
        """What can't be read signs everybody out, and no more."""
        try:
            return VISITS.validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return {}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
