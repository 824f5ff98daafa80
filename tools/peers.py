"""Which rows of many are asked the same: found by keys of their questions, so that no two others are ever compared."""

from __future__ import annotations

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from tools.questions import Asked, asked, same
from workspace.sample import Sample

# More rows than this that differ in one word are a template filled in, not one question misspelt.
TEMPLATE = 20
LONGEST = 4000  # characters of an answer that are remembered


@dataclass(frozen=True, slots=True)
class Peer:
    """What is remembered of a row. `beside`: all that stands around its question; what a row is asked is both."""

    id: str
    asked: Asked
    beside: str
    answer: str
    label: str | None


class Peers:
    """Looked at twice: of the first look only hashes are kept, of the second the rows whose hash another row shares.

    Both looks must be at the same rows. Rows that were dropped before are nobody's peers.
    """

    def __init__(self) -> None:
        self._hashes = array("Q")
        self._sizes = array("H")
        self._known: set[str] | None = None
        self._found: dict[int, list[Peer]] = defaultdict(list)

    @classmethod
    def of(cls, rows: Iterable[Sample]) -> Self:
        """All of them, for rows that come from elsewhere to be held against."""
        peers = cls()
        for row in rows:
            if row.kept:
                peers._add(peer_of(row))
        return peers

    def note(self, row: Sample) -> None:
        keys = _keys(peer_of(row)) if row.kept else ()
        self._hashes.extend(keys)
        self._sizes.append(len(keys))

    def remember(self, rows: Iterable[Sample]) -> None:
        """Rows that share no hash are nobody's peers, and were looked at for the last time."""
        shared = _sharing(self._hashes, self._sizes)
        self._hashes, self._sizes, self._known = array("Q"), array("H"), set()
        for number, row in enumerate(rows) if shared else ():
            if number in shared:
                self._known.add(row.id)
                self._add(peer_of(row))

    def _add(self, peer: Peer) -> None:
        for key in _keys(peer):
            self._found[key].append(peer)

    def asked_alike(self, row: Sample) -> Iterator[Peer]:
        """Every other row that asks the same of the same, in their order by key; each once."""
        if not self._found or (self._known is not None and row.id not in self._known):
            return
        own, seen = peer_of(row), {row.id}
        for key in sorted(_keys(own), key=lambda key: (key % 2, key)):
            found = self._found.get(key, ())
            for peer in found if key % 2 == 0 or len(found) <= TEMPLATE else ():
                if peer.id not in seen and peer.beside == own.beside and same(peer.asked, own.asked):
                    seen.add(peer.id)
                    yield peer


def peer_of(row: Sample) -> Peer:
    turns = [m for m in row.messages if m.role != "system"]
    last = max((i for i, m in enumerate(turns) if m.role == "user"), default=0)
    said = "\0".join((*(m.content for m in row.messages if m.role == "system"), *(m.content for m in turns[:last])))
    beside = hashlib.blake2b(
        f"{said}\0{row.evidence or ''}".encode("utf-8", "surrogatepass"), digest_size=8
    ).hexdigest()
    question = turns[last].content if turns else ""
    return Peer(row.id, asked(question), beside, row.answer[:LONGEST], row.label)


def _keys(peer: Peer) -> set[int]:
    around = int(peer.beside, 16) & ~1
    return {key ^ around for key in peer.asked.keys} if peer.asked.terms else set()


def _sharing(hashes: array[int], sizes: array[int]) -> set[int]:
    """Numbers of the rows of which a hash is another's too; sorted, for a counter would take many times the memory."""
    import numpy as np

    _, inverse, counts = np.unique(np.array(hashes, dtype=np.uint64), return_inverse=True, return_counts=True)
    often = counts[inverse]
    even = np.array(hashes, dtype=np.uint64) % 2 == 0
    shared = (often > 1) & (even | (often <= TEMPLATE))
    return set(np.repeat(np.arange(len(sizes)), np.array(sizes))[shared].tolist())
