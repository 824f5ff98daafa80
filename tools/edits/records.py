"""Points out rows of a table that are the same thing written twice; takes them out only where that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from pydantic import Field

from tools.base import Edit, Kit
from tools.copies.linkage import LIKE, linked
from workspace.sample import Evidence, Finding, Sample
from workspace.words import Words, language_of

QUOTED = 120


class Records(Edit):
    """The first of several stands for all. Rows with messages are none of its business."""

    name: ClassVar[str] = "records"
    words: ClassVar[Words] = Words("the same thing entered twice", "重复登记的记录")
    needs_all: ClassVar[bool] = True
    likeness: float = Field(LIKE, gt=0, le=1, description="from which likeness on two records count as one")
    drops: bool = Field(False, description="whether the later record is taken out")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        held = list(rows)
        places = [place for place, row in enumerate(held) if row.kept and not row.messages and row.fields]
        found: dict[int, tuple[int, float]] = {}
        for later, earlier, likeness in linked([held[place].fields for place in places], self.likeness):
            first = found.get(earlier, (earlier, 1.0))[0]
            if later not in found or found[later][1] < likeness:
                found[later] = first, likeness
        same = {places[later]: (held[places[first]], likeness) for later, (first, likeness) in found.items()}
        for place, row in enumerate(held):
            yield row.judged(self._finding(*same[place])) if place in same else row

    def _finding(self, first: Sample, likeness: float) -> Finding:
        quote = " | ".join(str(value) for value in first.fields.values() if value not in (None, ""))[:QUOTED]
        said = Words(f"seems to be the same as row {first.id}: “{quote}”", f"可能与第 {first.id} 条是同一条：“{quote}”")
        return Finding(
            check=self.name,
            verdict="fail" if self.drops else "unknown",
            reason=said.to(language_of(quote)),
            evidence=Evidence(document=f"row {first.id}", start=0, end=len(quote), quote=quote),
            confidence=round(likeness, 3),
            drops=self.drops,
        )
