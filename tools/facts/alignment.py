"""A claim laid beside the sentence it was written from: which words were changed, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

TOKEN = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?|\d+(?:[.,]\d+)*|[\u4e00-\u9fff]|[%$¥€£]")
LIGHT = frozenset("a an the that of 的 了".split())


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    start: int
    end: int

    @property
    def key(self) -> str:
        return self.text.lower().replace(",", "")


@dataclass(frozen=True, slots=True)
class Change:
    """A run of the claim that stands where another run of the sentence stands; either may be empty, not both."""

    ours: str
    theirs: str
    our_start: int
    our_end: int
    their_start: int
    their_end: int
    size: int
    at_edge: bool = False  # of the claim


@dataclass(frozen=True, slots=True)
class Aligned:
    """`kept` of the claim's `total` tokens stand in the sentence, in order; its beginning and end may be left out."""

    kept: int
    total: int
    changes: tuple[Change, ...]


def tokens(text: str) -> list[Token]:
    return [Token(m.group(), m.start(), m.end()) for m in TOKEN.finditer(text) if m.group().lower() not in LIGHT]


def aligned(claim: str, sentence: str) -> Aligned:
    ours, theirs = tokens(claim), tokens(sentence)
    left, right = [t.key for t in ours], [t.key for t in theirs]
    runs = list(_runs(left, right))
    kept = sum(end - start for same, start, end, _, _ in runs if same)
    if runs and not runs[0][0]:
        runs[0] = _as_long(runs[0], at_start=True)
    if runs and not runs[-1][0]:
        runs[-1] = _as_long(runs[-1], at_start=False)
    inner = [run for i, run in enumerate(runs) if not (run[1] == run[2] and i in (0, len(runs) - 1))]
    found = [_change(claim, sentence, ours, theirs, run) for run in inner if not run[0]]
    return Aligned(kept, len(ours), tuple(found))


Run = tuple[bool, int, int, int, int]


def _runs(left: Sequence[str], right: Sequence[str]) -> Iterator[Run]:
    """(the same, from and to in the one, from and to in the other); neighbouring changes are one."""
    last: Run | None = None
    for op in Levenshtein.opcodes(left, right):
        run = (op.tag == "equal", op.src_start, op.src_end, op.dest_start, op.dest_end)
        if last and last[0] == run[0]:
            last = (last[0], last[1], run[2], last[3], run[4])
            continue
        if last:
            yield last
        last = run
    if last:
        yield last


def _as_long(run: Run, at_start: bool) -> Run:
    """What the claim leaves out of the sentence's beginning or end is no part of what it changes there."""
    same, a, b, c, d = run
    return (same, a, b, max(c, d - (b - a)), d) if at_start else (same, a, b, c, min(d, c + (b - a)))


def _change(claim: str, sentence: str, ours: Sequence[Token], theirs: Sequence[Token], run: Run) -> Change:
    _, a, b, c, d = run
    our_start, our_end = _place(ours, a, b)
    their_start, their_end = _place(theirs, c, d)
    return Change(
        claim[our_start:our_end],
        sentence[their_start:their_end],
        our_start,
        our_end,
        their_start,
        their_end,
        b - a,
        a == 0 or b == len(ours),
    )


def _place(found: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    if start < end:
        return found[start].start, found[end - 1].end
    here = found[start - 1].end if start else 0
    return here, here
