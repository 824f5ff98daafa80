"""Moves rows through edits and checks in one pass, and counts what became of them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from tools.base import Check, Edit, Kit
from tools.routing import routed, thresholds_of
from workspace.results import Tally
from workspace.sample import Sample
from workspace.settings import settings

# A row that dropped for one of these was never written: it counts as failed, not as rejected.
FAILURES = frozenset({"missing", "unfinished", "malformed", "budget", "endpoint"})


def run_edits(rows: Iterable[Sample], edits: Sequence[Edit], kit: Kit) -> Iterator[Sample]:
    """The rows after each edit in turn; as many come out as went in."""
    for edit in edits:
        rows = edit.apply(rows, kit)
    return iter(rows)


def run_checks(rows: Iterable[Sample], checks: Sequence[Check], kit: Kit) -> Iterator[Sample]:
    """The rows judged, in their order. Every cheap check sees every row; a model is asked only about survivors.

    A row that came in dropped goes through untouched; one whose checks are too unsure waits for a person.
    """
    cheap = [check for check in checks if check.cost == "cheap"]
    model = [check for check in checks if check.cost == "model"]
    last = [check for check in checks if check.cost == "last"]
    judged: Iterator[Sample] = (_all(row, cheap, kit) if row.kept else row for row in rows)
    if model and kit.chat is None:  # nobody to wait for
        judged = (_while_kept(row, model, kit) for row in judged)
    elif model:
        judged = _together(judged, model, kit)
    judged = (_while_kept(row, last, kit) for row in judged) if last else judged
    needed = thresholds_of(kit.spec)
    return (routed(row, needed) for row in judged)


def tally(rows: Iterable[Sample], failed: Collection[str] = FAILURES) -> Tally:
    """Each row counted once: accepted, or under the first finding that dropped it."""
    accepted, rejected, lost = 0, Counter[str](), Counter[str]()
    for row in rows:
        dropped = row.dropped_by
        if dropped is None:
            accepted += 1
        else:
            (lost if dropped.check in failed else rejected)[dropped.check] += 1
    requested = accepted + rejected.total() + lost.total()
    return Tally(requested=requested, accepted=accepted, rejected=_sorted(rejected), failed=_sorted(lost))


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in sorted(counts)}


def _all(row: Sample, checks: Sequence[Check], kit: Kit) -> Sample:
    return row.judged(*(finding for check in checks for finding in check.check(row, kit)))


def _while_kept(row: Sample, checks: Sequence[Check], kit: Kit) -> Sample:
    for check in checks:
        if row.kept:
            row = row.judged(*check.check(row, kit))
    return row


def _together(rows: Iterable[Sample], checks: Sequence[Check], kit: Kit) -> Iterator[Sample]:
    """As many rows at once as requests may be under way, and no more than twice as many waiting: memory stays flat."""
    most = settings().most_at_once
    waiting: deque[Future[Sample]] = deque()
    pool = ThreadPoolExecutor(most)
    try:
        for row in rows:
            waiting.append(pool.submit(_while_kept, row, checks, kit))
            while waiting and (waiting[0].done() or len(waiting) >= 2 * most):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
