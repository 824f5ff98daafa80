"""Whoever guesses passwords waits longer each time, by the name that is tried and by where they come from."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

FREE = 5
# A name waits no longer than this, or anybody could keep its owner out; an address may.
LONGEST = {"name": 60.0, "address": 900.0}
FORGOTTEN = 3600.0
MOST_KEPT = 20_000
Key = tuple[str, str]  # a kind of LONGEST, and which


@dataclass
class Tried:
    times: int = 0
    until: float = 0.0
    last: float = 0.0


class Tries:
    """A try counts from when it is begun: a hundred at once are not a hundred free ones."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, threading.Lock()
        self._tried: dict[Key, Tried] = {}

    def begin(self, name: str, address: str) -> float:
        """Seconds to wait first; 0 where the try may be made, which counts as failed until it is told otherwise."""
        now, keys = self._now(), _keys(name, address)
        with self._lock:
            wait = max(self._tried[key].until - now if key in self._tried else 0.0 for key in keys)
            if wait > 0:
                return wait
            self._make_room(now)
            for key in keys:
                self._count(key, now)
        return 0.0

    def succeeded(self, name: str, address: str) -> None:
        """The address gets back this one try only: else a guesser would sign in as themselves in between."""
        of_name, of_address = _keys(name, address)
        with self._lock:
            self._tried.pop(of_name, None)
            tried = self._tried.get(of_address)
            if tried:
                tried.times, tried.until = tried.times - 1, 0.0

    def _count(self, key: Key, now: float) -> None:
        tried = self._tried.setdefault(key, Tried())
        if now - tried.last > FORGOTTEN:
            tried.times = 0
        tried.times, tried.last = tried.times + 1, now
        if tried.times >= FREE:
            tried.until = now + min(2.0 ** (tried.times - FREE), LONGEST[key[0]])

    def _make_room(self, now: float) -> None:
        if len(self._tried) > MOST_KEPT:
            self._tried = {key: tried for key, tried in self._tried.items() if now - tried.last < FORGOTTEN}
        while len(self._tried) > MOST_KEPT:
            del self._tried[next(iter(self._tried))]


def _keys(name: str, address: str) -> tuple[Key, Key]:
    try:
        found = ipaddress.ip_address(address)
        found = getattr(found, "ipv4_mapped", None) or found
        # A household or a rented server has a whole /64 of these.
        where = str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
    except ValueError:
        where = address
    return ("name", name), ("address", where)
