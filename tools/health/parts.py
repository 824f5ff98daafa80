"""Whether train, validation and test are of one kind: the words, the labels and the lengths of each against train."""

from __future__ import annotations

import math
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence

from tools.health.report import Count, Part
from workspace.sample import Sample

WORD = re.compile(r"[a-z0-9\u00c0-\u024f]+|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
BUCKETS, TOLD = 4096, 300
FEWEST = 20
MOST_LABELS = 5000


class Split:
    """What is kept of one part: counts, no text."""

    def __init__(self) -> None:
        self.rows = 0
        self.words = array("L", [0]) * BUCKETS
        self.labels = Counter[str]()
        self.lengths = array("L")

    def see(self, row: Sample) -> None:
        self.rows += 1
        question = row.question
        self.lengths.append(len(question))
        for word in WORD.findall(question[:4000].lower()):
            self.words[zlib.crc32(word.encode()) % BUCKETS] += 1
        if row.label and (row.label in self.labels or len(self.labels) < MOST_LABELS):
            self.labels[row.label] += 1


def parts(splits: Mapping[str, Split]) -> tuple[Part, ...]:
    """Each against train, or against the largest where there is none."""
    if not splits:
        return ()
    base = "train" if "train" in splits else max(splits, key=lambda name: splits[name].rows)
    return tuple(_part(name, split, splits[base] if name != base else None) for name, split in splits.items())


def _part(name: str, split: Split, base: Split | None) -> Part:
    median = sorted(split.lengths)[split.rows // 2] if split.rows else 0
    if base is None or min(split.rows, base.rows) < FEWEST:
        return Part(name=name, rows=split.rows, median=median)
    labels = list(split.labels | base.labels)
    mine, theirs = ([part.labels[label] for label in labels] for part in (split, base))
    gaps = {label: abs(split.labels[label] / split.rows - base.labels[label] / base.rows) for label in labels}
    moved = sorted((label for label in labels if gaps[label] > 0.02), key=lambda label: -gaps[label])[:5]
    return Part(
        name=name,
        rows=split.rows,
        median=median,
        words=divergence(*_most_said(split.words, base.words)),
        labels=divergence(mine, theirs) if labels else None,
        moved=tuple(Count(name=label, rows=split.labels[label]) for label in moved),
    )


def _most_said(a: Sequence[int], b: Sequence[int]) -> tuple[list[int], list[int]]:
    """The most frequent words of both, the rest as one: rare ones differ by chance."""
    order = sorted(range(BUCKETS), key=lambda i: -(a[i] + b[i]))[:TOLD]
    return [*(a[i] for i in order), sum(a) - sum(a[i] for i in order)], [
        *(b[i] for i in order), sum(b) - sum(b[i] for i in order),
    ]  # fmt: skip


def divergence(a: Sequence[int], b: Sequence[int]) -> float:
    """Jensen-Shannon with base 2, from 0 (the same) to 1, less what two samples of one distribution would show.

    By chance it is about (kinds - 1)(1/n + 1/m) / (8 ln 2) (from the chi-squared law of the likelihood ratio).
    """
    n, m = sum(a), sum(b)
    if not n or not m:
        return 0.0
    found = 0.0
    for x, y in zip(a, b, strict=True):
        p, q = x / n, y / m
        middle = (p + q) / 2
        found += sum(share * math.log2(share / middle) / 2 for share in (p, q) if share)
    kinds = sum(1 for x, y in zip(a, b, strict=True) if x or y)
    return round(max(0.0, found - (kinds - 1) * (1 / n + 1 / m) / (8 * math.log(2))), 4)
