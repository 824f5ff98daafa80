"""Rows that must not be parted when a data set is divided: varied from one another, nearly the same, of one origin."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tools.copies.near import Near
from workspace.sample import Split as Part

AT_ONCE = 8192


@dataclass(frozen=True, slots=True)
class Key:
    """What of a row decides its place. `group`: rows of one group stay together; `when` it is from."""

    id: str
    parent: str | None
    stratum: str
    text: str
    real: bool
    split: Part | None
    group: str | None = None
    when: datetime | None = None
    fold: int | None = None


@dataclass(slots=True)
class Family:
    keys: list[Key] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.keys)

    @property
    def real(self) -> int:
        """Those that the test may be made of."""
        return sum(key.real and key.split is None for key in self.keys)

    @property
    def stratum(self) -> str:
        return self.keys[0].stratum

    @property
    def fixed(self) -> Part | None:
        """The place that one of them has already, the test before all."""
        places = {key.split for key in self.keys}
        return next((place for place in ("test", "validation", "train") if place in places), None)

    def chance(self, seed: int) -> str:
        """By which families are put in an order that follows from ids and seed alone."""
        first = min(key.id for key in self.keys)
        return hashlib.sha256(f"{seed}/{first}".encode()).hexdigest()


def families(keys: Sequence[Key], similarity: float) -> list[Family]:
    """In the order of their first rows."""
    root: dict[str, str] = {}

    def top(id: str) -> str:
        while root.setdefault(id, id) != id:
            root[id] = id = root[root[id]]
        return id

    first: dict[str, str] = {}
    for key in keys:
        if key.parent:
            root[top(key.id)] = top(key.parent)
        if key.group is not None:
            root[top(key.id)] = top(first.setdefault(key.group, key.id))
    near = Near(similarity)
    for start in range(0, len(keys), AT_ONCE):
        for number, earlier, _ in near.add([key.text for key in keys[start : start + AT_ONCE]]):
            root[top(keys[number].id)] = top(keys[earlier].id)
    found: dict[str, Family] = defaultdict(Family)
    for key in keys:
        found[top(key.id)].keys.append(key)
    return list(found.values())
