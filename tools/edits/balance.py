"""Brings the classes to like sizes: rows of large ones go, or small ones get variants of their own rows."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from typing import ClassVar

from pydantic import Field

from tools.base import Edit, Kit
from tools.edits.augment import Augment
from workspace.sample import Finding, Sample
from workspace.words import Words, language_of

MOST_COPIES = 8


class Balance(Edit):
    """Only what is learnt from is touched: no row of the test or of validation, none without a label.

    With `more`, small classes grow and nothing is taken out; without, large ones shrink, written rows before real ones.
    """

    name: ClassVar[str] = "balance"
    words: ClassVar[Words] = Words("classes brought to like sizes", "类别均衡")
    needs_all: ClassVar[bool] = True
    ratio: float = Field(1.0, ge=1, description="how many times the smallest class the largest may be")
    more: Augment | None = Field(None, description="how to make rows for small classes")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        seed = kit.spec.seed.value if kit.spec.seed else 0
        held = list(rows)
        classes: dict[str, list[Sample]] = defaultdict(list)
        for row in held:
            if row.kept and row.label is not None and row.split in (None, "train"):
                classes[row.label].append(row)
        for some in classes.values():
            some.sort(key=lambda row: (row.origin.source != "files", _chance(row, seed)))
        if self.more:
            yield from held
            yield from self._grown(classes, kit)
        else:
            surplus = self._surplus(classes)
            for row in held:
                yield row.judged(surplus[row.id]) if row.id in surplus else row

    def _surplus(self, classes: dict[str, list[Sample]]) -> dict[str, Finding]:
        most = int(min(map(len, classes.values()), default=0) * self.ratio)
        return {row.id: self._dropping(row, len(some), most) for some in classes.values() for row in some[most:]}

    def _grown(self, classes: dict[str, list[Sample]], kit: Kit) -> Iterator[Sample]:
        """Variants of each small class, as many as it lacks: of as many different rows as there are."""
        assert self.more is not None
        wanted = ceil(max(map(len, classes.values()), default=0) / self.ratio)
        for label in sorted(classes):
            some, lacking = classes[label], wanted - len(classes[label])
            if lacking > 0:
                yield from self._variants(some, lacking, self.more, kit)

    def _variants(self, rows: Sequence[Sample], lacking: int, more: Augment, kit: Kit) -> Iterator[Sample]:
        """What went wrong is handed on with its reason, and others are made in its place while there are any."""
        each = min(MOST_COPIES, ceil(lacking / max(1, len(rows) * len(more.ways))))
        parents, made = {row.id for row in rows}, 0
        for variant in more.model_copy(update={"copies": each}).apply(rows, kit):
            if variant.id in parents:
                continue
            if made == lacking:
                return
            made += variant.kept
            yield variant

    def _dropping(self, row: Sample, size: int, most: int) -> Finding:
        why = Words(
            f"{row.label} has {size} rows, {most} are kept for balance",
            f"类别 {row.label} 有 {size} 条，为了均衡保留 {most} 条",
        )
        return Finding(check=self.name, verdict="fail", reason=why.to(language_of(row.question)), drops=True)


def _chance(row: Sample, seed: int) -> str:
    return hashlib.sha256(f"{seed}/{row.id}".encode("utf-8", "surrogatepass")).hexdigest()
