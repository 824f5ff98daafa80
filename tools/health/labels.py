"""How rows are shared among labels, and which labels the most similar rows contradict."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.health.report import Balance, Count, Example
from tools.health.signs import shown

LOOKED_AT = 2500
NEIGHBOURS = 5
ALIKE = 0.35  # cosine from which a row counts as a neighbour
CHUNK = 500
SEED = 7


@dataclass(frozen=True, slots=True)
class Labelled:
    row: int
    text: str
    label: str


class Drawn:
    """A fair sample of the labelled rows, the same whenever the same file is looked at (Vitter 1985, algorithm R)."""

    def __init__(self) -> None:
        self.rows: list[Labelled] = []
        self._met = 0
        self._random = random.Random(SEED)

    def see(self, row: Labelled) -> None:
        self._met += 1
        if len(self.rows) < LOOKED_AT:
            self.rows.append(row)
        elif (place := self._random.randrange(self._met)) < LOOKED_AT:
            self.rows[place] = row


def balance(labels: Mapping[str, int]) -> Balance | None:
    if not labels:
        return None
    counts = sorted(labels.items(), key=lambda pair: (-pair[1], pair[0]))
    total = sum(labels.values())
    entropy = -sum(n / total * math.log2(n / total) for n in labels.values())
    return Balance(
        labels=len(labels),
        ratio=round(counts[0][1] / counts[-1][1], 1),
        evenness=round(entropy / math.log2(len(labels)), 3) if len(labels) > 1 else 1.0,
        single=tuple(shown(name) for name, n in counts if n == 1)[:20],
        rows=tuple(Count(name=shown(name), rows=n) for name, n in counts),
    )


def doubtful(rows: Sequence[Labelled]) -> list[Example]:
    """Rows whose nearest neighbours all bear one other label, and none of them the row's own."""
    if len(rows) < 50 or len({row.label for row in rows}) < 2:
        return []
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    try:
        matrix = TfidfVectorizer(analyzer="char", ngram_range=(2, 4), sublinear_tf=True, min_df=2).fit_transform(
            row.text[:500].lower() for row in rows
        )
    except ValueError:  # no two texts share two letters
        return []
    found: list[Example] = []
    for start in range(0, len(rows), CHUNK):
        likeness = (matrix[start : start + CHUNK] @ matrix.T).toarray()
        for i, line in enumerate(likeness, start):
            line[i] = 0
            nearest = [int(j) for j in np.argsort(-line)[:NEIGHBOURS] if line[j] >= ALIKE]
            if doubt := _doubt(rows[i], [rows[j] for j in nearest]):
                found.append(doubt)
    return found


def _doubt(row: Labelled, neighbours: Sequence[Labelled]) -> Example | None:
    """Copies of one text are one neighbour: they are counted elsewhere."""
    labels = Counter({n.text: n.label for n in neighbours}.values())
    if labels.total() < 3 or len(labels) > 1 or row.label in labels:
        return None
    return Example(row=row.row, text=shown(row.text), beside=f"{shown(row.label)} → {shown(next(iter(labels)))}?")
