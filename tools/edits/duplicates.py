"""Takes out rows that say the same again, and those that give one text a second label."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import Field

from tools.base import Edit, Kit
from tools.likeness import Seen, folded
from workspace.sample import Evidence, Finding, Sample
from workspace.words import Words

QUOTED = 120
DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Key:
    """What is remembered of a row that stays."""

    id: str
    label: str | None
    text: str
    quote: str


@dataclass
class Label:
    """The rows of one label that stay, and an index over their texts, in the same order."""

    keys: list[Key] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)


class Duplicates(Edit):
    """The first of several stays. Only texts are kept in memory, never rows.

    Rows with a label are compared by what the person says; others by question and answer, and there another number
    makes another row.
    """

    name: ClassVar[str] = "duplicates"
    words: ClassVar[Words] = Words("copies taken out", "去掉重复数据")
    similarity: float = Field(90.0, ge=50, le=100, description="from which likeness on two texts count as one")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """A row that was dropped before hides no other."""
        exact: dict[str, Key] = {}
        labels: dict[str | None, Label] = defaultdict(Label)
        for row in rows:
            if not row.kept:
                yield row
                continue
            key, label = _key(row), labels[row.label]
            if key.text in exact:
                yield row.judged(_same(key, exact[key.text]))
            elif near := self._near(key, label):
                yield row.judged(near)
            else:
                exact[key.text] = key
                label.keys.append(key)
                label.seen.add(key.text)
                yield row

    def _near(self, key: Key, label: Label) -> Finding | None:
        for number, ratio in label.seen.like(key.text, self.similarity):
            kept = label.keys[number]
            if key.label is not None or DIGITS.findall(key.text) == DIGITS.findall(kept.text):
                return _dropping(f"{ratio:.0f}% the same letters as", kept, ratio / 100)
        return None


def _key(row: Sample) -> Key:
    said = row.question if row.label is not None else f"{row.question}\n{row.answer}"
    return Key(row.id, row.label, folded(said), row.question[:QUOTED])


def _same(key: Key, kept: Key) -> Finding:
    if key.label == kept.label:
        return _dropping("the same words as", kept, 1.0)
    return _dropping(f"same text, two labels: {key.label} here, {kept.label} in", kept, 1.0)


def _dropping(how: str, kept: Key, confidence: float) -> Finding:
    return Finding(
        check="duplicates",
        verdict="fail",
        reason=f"{how} row {kept.id}: “{kept.quote}”",
        evidence=Evidence(document=f"row {kept.id}", start=0, end=len(kept.quote), quote=kept.quote),
        confidence=round(confidence, 3),
        drops=True,
    )
