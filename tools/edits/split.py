"""Divides rows into train, validation and test so that nothing the model learnt from is what it is tested on."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import floor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from pydantic import Field

from tools.base import Edit, Kit
from tools.likeness import Seen, folded
from workspace.project import read_samples, write_samples
from workspace.sample import Finding, Sample
from workspace.sample import Split as Part
from workspace.words import Words

LEAKED = Finding(check="split", verdict="fail", reason="it is too like a row held back for the test", drops=True)


@dataclass(frozen=True, slots=True)
class Key:
    """What of a row decides its place."""

    id: str
    parent: str | None
    label: str
    text: str
    real: bool
    split: Part | None


@dataclass(slots=True)
class Family:
    """Rows that must not be parted: varied from one another, or nearly the same."""

    keys: list[Key] = field(default_factory=list)

    @property
    def real(self) -> int:
        return sum(key.real and key.split is None for key in self.keys)

    @property
    def fixed(self) -> Part | None:
        """The place that one of them has already, the test before all."""
        places = {key.split for key in self.keys}
        return next((place for place in ("test", "validation", "train") if place in places), None)


class Split(Edit):
    """Real rows make the test; written ones never do. What has a place keeps it."""

    name: ClassVar[str] = "split"
    words: ClassVar[Words] = Words("divided into train, validation and test", "划分训练、验证和测试集")
    needs_all: ClassVar[bool] = True
    test_share: float = Field(0.25, ge=0, le=0.9)
    validation_share: float = Field(0.1, ge=0, le=0.5)
    similarity: float = Field(90.0, ge=50, le=100)

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """Dropped rows go through without a place. The same rows and seed give the same places."""
        keys: list[Key] = []
        with TemporaryDirectory(dir=kit.project.folder, prefix=".split") as folder:
            path = Path(folder) / "rows.jsonl"
            write_samples(path, _keyed(rows, keys))
            places = self.places(keys, kit.spec.seed.value if kit.spec.seed else 0)
            for row in read_samples(path):
                if not row.kept:
                    yield row
                elif places[row.id] == "test" and not _real(row):
                    yield row.judged(LEAKED)
                else:
                    yield row.model_copy(update={"split": places[row.id]})

    def places(self, keys: Sequence[Key], seed: int) -> dict[str, Part]:
        """The place of each row by id, label by label; the order within a label follows from ids and seed alone."""
        labels: dict[str, list[Family]] = defaultdict(list)
        for family in self._families(keys):
            labels[family.keys[0].label].append(family)
        drawn = not any(key.real and key.split == "test" for key in keys)
        found: dict[str, Part] = {}
        for label in sorted(labels):
            families = sorted(labels[label], key=lambda f: _chance(f, seed))
            for family, place in zip(families, self._divided(families, drawn), strict=True):
                found.update({key.id: key.split or place for key in family.keys})
        return found

    def _divided(self, families: Sequence[Family], drawn: bool) -> list[Part]:
        """A place for each family of one label: the test first, then validation; train is the rest."""
        places: list[Part | None] = [family.fixed for family in families]
        if drawn:
            self._hold_back(families, places)
        sizes = [len(family.keys) for family in families]
        rest = sum(size for size, place in zip(sizes, places, strict=True) if place != "test")
        wanted = floor(rest * self.validation_share + 0.5)
        wanted -= sum(size for size, place in zip(sizes, places, strict=True) if place == "validation")
        for i, size in enumerate(sizes):
            if places[i] is None and size <= wanted:
                places[i] = "validation"
                wanted -= size
        return [place or "train" for place in places]

    def _hold_back(self, families: Sequence[Family], places: list[Part | None]) -> None:
        """Real rows go to the test, one at least where there are two, and never the last."""
        free = [i for i, family in enumerate(families) if family.real and places[i] is None]
        share = sum(families[i].real for i in free) * self.test_share
        wanted = max(1, floor(share + 0.5)) if share else 0
        # A real row from which others were written costs all of them, so it is held back last.
        for i in sorted(free, key=lambda i: len(families[i].keys) - families[i].real)[: len(free) - 1]:
            if wanted > 0:
                places[i] = "test"
                wanted -= families[i].real

    def _families(self, keys: Sequence[Key]) -> list[Family]:
        root: dict[str, str] = {}

        def top(id: str) -> str:
            while root.setdefault(id, id) != id:
                root[id] = id = root[root[id]]
            return id

        seen = Seen()
        for number, key in enumerate(keys):
            if key.parent:
                root[top(key.id)] = top(key.parent)
            for other, _ in seen.like(key.text, self.similarity):
                root[top(key.id)] = top(keys[other].id)
            assert seen.add(key.text) == number
        families: dict[str, Family] = defaultdict(Family)
        for key in keys:
            families[top(key.id)].keys.append(key)
        return list(families.values())


def _keyed(rows: Iterable[Sample], keys: list[Key]) -> Iterator[Sample]:
    """The rows as they come; `keys` fills up with those of the kept ones, so that rows need not stay in memory."""
    for row in rows:
        if row.kept:
            keys.append(Key(row.id, row.origin.parent, row.label or "", folded(row.question), _real(row), row.split))
        yield row


def _real(row: Sample) -> bool:
    return row.origin.source == "files"


def _chance(family: Family, seed: int) -> str:
    first = min(key.id for key in family.keys)
    return hashlib.sha256(f"{seed}/{first}".encode()).hexdigest()
