"""Which rows a person must look at before more are made and before a version is frozen, and what that came to."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Sequence
from typing import Literal

from tools.calibration import Share
from tools.decisions import Decided
from workspace.journal import Journal
from workspace.sample import Frozen, Sample
from workspace.words import Words

Which = Literal["gate", "audit"]
PILOT = 100  # rows that are looked at, and at most so many are written, before anything is scaled up
AUDITED = 0.01
# One in a hundred of a small set would be a handful, which says nothing.
LEAST_AUDITED = 20
ENOUGH = 0.95
TITLES: dict[Which, Words] = {
    "gate": Words("Before scaling up", "扩大规模之前"),
    "audit": Words("Final audit", "最终抽检"),
}


class Looked(Frozen):
    """How far a person got with a sample: `rows` are its ids, each accepted, corrected, rejected or left.

    One that had to be corrected was not right: what is made like it would be as wrong.
    """

    which: Which
    rows: tuple[str, ...]
    accepted: int
    rejected: int
    corrected: int = 0

    @property
    def left(self) -> int:
        return len(self.rows) - self.share.rows

    @property
    def share(self) -> Share:
        return Share(count=self.accepted, rows=self.accepted + self.rejected + self.corrected)

    @property
    def passed(self) -> bool:
        return not self.left and self.accepted >= ENOUGH * len(self.rows)

    @property
    def failed(self) -> bool:
        """Whatever is said of the rest, it can't be enough any more."""
        return len(self.rows) - self.rejected - self.corrected < ENOUGH * len(self.rows)

    @property
    def words(self) -> Words:
        """97 of 100 accepted, with the interval that so few rows leave open."""
        title, (low, high) = TITLES[self.which], self.share.interval
        if not self.share.rows:
            return Words(
                f"{title.en}: {self.left} rows wait to be looked at.", f"{title.zh}：{self.left} 条等待人工查看。"
            )
        left = Words(f"; {self.left} left", f"，还剩 {self.left} 条") if self.left else Words("", "")
        if self.corrected:
            left = Words(f"; {self.corrected} corrected{left.en}", f"，更正 {self.corrected} 条{left.zh}")
        n = self.share.rows
        return Words(
            f"{title.en}: a person accepted {self.accepted} of {n} random rows "
            f"[{low:.1%} to {high:.1%} at 95%]{left.en}.",
            f"{title.zh}：随机抽取的 {n} 条中人工接受 {self.accepted} 条 [95% 区间 {low:.1%}–{high:.1%}]{left.zh}。",
        )


def drawn(rows: Sequence[Sample], which: Which, seed: int, unless: Collection[str] = ()) -> tuple[str, ...]:
    """Ids of the kept rows to look at, in the rows' order; the same rows and seed give the same.

    `unless`: rows that were looked at before come last.
    """
    kept = [row.id for row in rows if row.kept]
    size = PILOT if which == "gate" else max(LEAST_AUDITED, math.ceil(AUDITED * len(kept)))
    order = sorted(kept, key=lambda id: (id in unless, _chance(seed, which, id)))
    chosen = set(order[:size])
    return tuple(id for id in kept if id in chosen)


def remembered(journal: Journal, run: str, which: Which) -> tuple[str, ...]:
    """The sample as it was first drawn, or nothing."""
    found = journal.decided(_name(run, which))
    return tuple(json.loads(found)) if found else ()


def remember(journal: Journal, run: str, which: Which, ids: Sequence[str]) -> tuple[str, ...]:
    """The sample that counts: the first one, whatever became of the rows since."""
    return tuple(json.loads(journal.decide(_name(run, which), f"{which} sample", json.dumps(ids))))


def passed(journal: Journal, run: str, rejected: Sequence[str]) -> tuple[str, ...]:
    """What was taken out when the gate first opened: what is written behind it must not change with a later word."""
    return tuple(json.loads(journal.decide(f"gate of {run} open", "taken out before scaling", json.dumps(rejected))))


def looked(which: Which, ids: Sequence[str], decided: Decided) -> Looked:
    """A person's last word on each row is what counts."""
    last = [decided[id][-1].verdict for id in ids if decided.get(id)]
    accepted, rejected, corrected = (last.count(verdict) for verdict in ("accept", "reject", "fix"))
    return Looked(which=which, rows=tuple(ids), accepted=accepted, rejected=rejected, corrected=corrected)


def _name(run: str, which: Which) -> str:
    return f"{which} of {run}"


def _chance(seed: int, which: Which, id: str) -> str:
    return hashlib.sha256(f"{seed}/{which}/{id}".encode()).hexdigest()
