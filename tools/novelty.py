"""Whether a written row is new, or a copy of one that is already there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workspace.sample import Finding, Sample

NEAR = 90.0


def novel(rows: Iterable[Sample], known: Iterable[Sample]) -> Iterator[Sample]:
    """Each row, judged against `known` and the rows before it: the same words, or nearly (`NEAR` of 100 in rapidfuzz).

    Only what the person says counts: one question with two answers is a copy too. A dropped row hides no other.
    """
    from rapidfuzz import fuzz, process

    ids, seen = [], []
    for row in known:
        ids.append(row.id)
        seen.append(_plain(row.question))
    for row in rows:
        text = _plain(row.question)
        found = process.extractOne(text, seen, scorer=fuzz.ratio, score_cutoff=NEAR) if row.kept else None
        if found:
            yield row.judged(_copy(ids[found[2]], found[1]))
            continue
        if row.kept:
            ids.append(row.id)
            seen.append(text)
        yield row


def _plain(text: str) -> str:
    """Letters and digits alone: a full stop more makes no new row."""
    return "".join(c for c in text.casefold() if c.isalnum() or c == " ")


def _copy(id: str, likeness: float) -> Finding:
    how = "the same words as" if likeness == 100 else f"{likeness:.0f}% the same letters as"
    return Finding(check="duplicates", verdict="fail", reason=f"{how} row {id}", confidence=likeness / 100, drops=True)
