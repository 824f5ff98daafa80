"""Rows that say the same, gathered: which one stands for them, which copy it, and how."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from workspace.sample import Finding, Sample

Kind = Literal["exact", "near", "semantic", "record"]
# The findings of edits that name the row that a row copies. `copies` is what `tunesmith check` calls `duplicates`.
FOUND_BY: dict[str, Kind] = {"duplicates": "near", "copies": "near", "meanings": "semantic", "records": "record"}
ROW = "row "


@dataclass(frozen=True, slots=True)
class Member:
    """`likeness` to the row that stands for it, 0 to 1. `dropped`: whether this is why it was taken out."""

    id: str
    kind: Kind
    likeness: float
    dropped: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """`representative` is the id of the row that stays, and the cluster's own: the same rows give the same clusters."""

    representative: str
    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        return len(self.members) + 1


def clusters(rows: Iterable[Sample]) -> list[Cluster]:
    """Of rows that `duplicates`, `meanings` or `records` have looked at; the largest first, then in the rows' order."""
    found = defaultdict[str, list[Member]](list)
    first = dict[str, str]()
    for row in rows:
        for finding in row.findings:
            if (kind := _kind(finding)) and finding.evidence:
                other = finding.evidence.document.removeprefix(ROW)
                # What stood for others may turn out to be a copy by another measure.
                first[row.id] = top = _top(first, other)
                found[top] += [Member(row.id, kind, finding.confidence, finding.drops), *found.pop(row.id, ())]
                break
    return sorted((Cluster(id, tuple(members)) for id, members in found.items()), key=lambda one: -one.size)


def _kind(finding: Finding) -> Kind | None:
    kind = FOUND_BY.get(finding.check)
    return "exact" if kind == "near" and finding.confidence == 1 else kind


def _top(first: dict[str, str], id: str) -> str:
    while id in first:
        id = first[id]
    return id
