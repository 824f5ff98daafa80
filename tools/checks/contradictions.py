"""Rows that can't both be right: the same question, differently answered; and answers that deny themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import ClassVar, Literal

from tools.base import Check, Kit
from tools.conflicts import Conflict, between, denied, within
from tools.facts.claims import Sentence
from tools.peers import Peer, Peers
from workspace.sample import Evidence, Finding, Origin, Sample, sample
from workspace.words import Words, language_of

SHOWN = 120
MAJORITY = 2  # times as many rows that agree keep a row against those that don't
MOST_PEERS = 50
WRITTEN = Origin(source="generate", slot="r1/balance/0/0")


class Contradictions(Check):
    """Which of two is wrong, no code can tell, so both go, unless twice as many rows or the documents stand by one.

    What a person would want: two answers to one question teach a model to guess, and one of them is false; which, is
    theirs to say, so both are shown with the other's words. Where most rows agree, the few go. Where every claim of
    a row was found in the documents, the row stays. A person's rows of finished rounds are never taken out by a new
    one: only the row that is looked at is judged.
    """

    name: ClassVar[str] = "contradictions"
    words: ClassVar[Words] = Words("says nothing that another row denies", "与其他数据不矛盾")
    cost: ClassVar[Literal["cheap", "model", "last"]] = "last"
    passing: ClassVar[Sample] = sample("I want to open an account", "open_account", WRITTEN, label="open_account")
    failing: ClassVar[Sample] = sample("Somebody took my bank card, please", "balance", WRITTEN, label="balance")

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        """Looks at the findings before it: what the documents bear out is not dropped."""
        return [*self._inside(row), *self._others(row, kit)]

    def _inside(self, row: Sample) -> Iterator[Finding]:
        if row.label is not None and row.label == row.answer:
            return
        if conflict := within(row.answer):
            reason = Words("says two things of one matter", "前后说法不一")
            yield self._finding(reason, conflict, "answer", drops=True)
        elif conflict := denied(row.question, row.answer):
            reason = Words("denies what the question says", "与问题中的说法不符")
            yield self._finding(reason, conflict, "question", drops=True)

    def _others(self, row: Sample, kit: Kit) -> Iterator[Finding]:
        peers = list(_taken(kit.peers or _peers(_Rows(kit.rows)), row))
        against = [(peer, conflict) for peer in peers if (conflict := _conflict(row, peer))]
        if not against:
            return
        opponent, conflict = against[0]
        backing = 1 + sum(_agrees(row, peer, opponent) for peer in peers)
        document = f"row {opponent.id}"
        if backing >= MAJORITY * len(against):
            reason = Words(
                f"{document} says otherwise, but {backing} rows agree with this one",
                f"第 {opponent.id} 条说法不同，但有 {backing} 条与本条一致",
            )
            yield self._finding(reason, conflict, document, drops=False)
        else:
            reason = Words(
                f"the same is asked in {document}, and answered otherwise", f"第 {opponent.id} 条问的相同，答案却不同"
            )
            yield self._finding(reason, conflict, document, drops=not _borne_out(row))

    def _finding(self, reason: Words, conflict: Conflict, document: str, drops: bool) -> Finding:
        place = conflict.theirs
        quote = place.text[:SHOWN]
        language = language_of(conflict.ours + quote)
        said = (
            f": “{conflict.ours[:SHOWN]}” / “{quote}”"
            if language == "en"
            else f"：“{conflict.ours[:SHOWN]}”与“{quote}”"
        )
        return Finding(
            check=self.name,
            verdict="fail" if drops or not document.startswith("row ") else "pass",
            reason=reason.to(language) + said,
            claim=conflict.ours,
            evidence=Evidence(document=document, start=place.start, end=place.start + len(quote), quote=quote),
            drops=drops,
        )


def _taken(peers: Peers, row: Sample) -> Iterator[Peer]:
    for _, peer in zip(range(MOST_PEERS), peers.asked_alike(row), strict=False):
        yield peer


def _conflict(row: Sample, peer: Peer) -> Conflict | None:
    if row.label is not None and peer.label is not None:
        return None if row.label == peer.label else Conflict(row.label, Sentence(peer.answer, 0, len(peer.answer)))
    return between(row.answer, peer.answer, row.question)


def _agrees(row: Sample, peer: Peer, opponent: Peer) -> bool:
    """It stands with this row against the other, and does not merely speak of something else."""
    if row.label is not None and peer.label is not None:
        return row.label == peer.label
    if between(row.answer, peer.answer, row.question):
        return False
    return between(peer.answer, opponent.answer, row.question) is not None


def _borne_out(row: Sample) -> bool:
    facts = [finding for finding in row.findings if finding.check == "facts"]
    return bool(facts) and all(finding.verdict == "supported" for finding in facts)


class _Rows:
    """The same list is the same key: hashing its rows for every row checked would cost more than the check."""

    def __init__(self, rows: Sequence[Sample]) -> None:
        self.rows, self.count = rows, len(rows)

    def __hash__(self) -> int:
        return hash((id(self.rows), self.count))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rows) and other.rows is self.rows and other.count == self.count


@lru_cache(maxsize=4)
def _peers(held: _Rows) -> Peers:
    return Peers.of(held.rows)
