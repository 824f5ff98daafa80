"""Points out rows that mean the same in other words; takes them out only where that is asked for."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from tools.base import Edit, Kit
from tools.embeddings import Embed, minilm, minilm_if_here
from tools.facts.polarity import opposed
from tools.figures.numerals import numbers, plain
from workspace.sample import Evidence, Finding, Sample
from workspace.words import Language, Words, language_of

if TYPE_CHECKING:
    import numpy as np

QUOTED = 120
AT_ONCE = 1024
EMBEDDED = 4096  # texts put into vectors in one go
Pair = tuple[int, int, float]


class Meanings(Edit):
    """The first of several stays. English by sentence vectors, Chinese by the characters and pairs of them it shares.

    What has another label, another number, or denies what the other says is another row. Chinese in quite other
    words is not found: no model for it is small enough to be at hand.
    """

    name: ClassVar[str] = "meanings"
    words: ClassVar[Words] = Words("the same in other words", "意思相同的数据")
    needs_all: ClassVar[bool] = True
    likeness: float = Field(0.9, ge=0.5, le=1, description="from which cosine on two texts mean the same")
    drops: bool = Field(False, description="whether the later row is taken out")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """Raises UserError where the weights can't be had. Time grows with the square of the rows, memory does not."""
        held = list(rows)
        groups: dict[tuple[Language, bytes], list[int]] = defaultdict(list)
        for place, row in enumerate(held):
            if row.kept and row.question.strip():
                groups[language_of(row.question), _apart(row)].append(place)
        same: dict[int, tuple[int, float]] = {}
        for (language, _), places in groups.items():
            texts = [_text(held[place]) for place in places]
            for later, earlier, likeness in self._pairs(texts, language, kit) if len(texts) > 1 else ():
                place, first = places[later], places[earlier]
                if place not in same and first not in same and _agree(texts[later], texts[earlier]):
                    same[place] = first, likeness
        for place, row in enumerate(held):
            yield row.judged(self._finding(held[same[place][0]], same[place][1])) if place in same else row

    def _pairs(self, texts: Sequence[str], language: Language, kit: Kit) -> Iterator[Pair]:
        """(later, earlier, cosine), in their order."""
        if language == "zh":
            return _by_characters(texts, self.likeness)
        embed = (minilm if kit.chat else minilm_if_here)()
        return _by_vectors(_vectors(texts, embed), self.likeness)

    def _finding(self, first: Sample, likeness: float) -> Finding:
        quote = first.question[:QUOTED]
        said = Words(f"means the same as row {first.id}: “{quote}”", f"与第 {first.id} 条意思相同：“{quote}”")
        return Finding(
            check=self.name,
            verdict="fail" if self.drops else "unknown",
            reason=said.to(language_of(quote)),
            evidence=Evidence(document=f"row {first.id}", start=0, end=len(quote), quote=quote),
            confidence=round(min(1.0, likeness), 3),
            drops=self.drops,
        )


def _text(row: Sample) -> str:
    return row.question if row.label is not None else f"{row.question}\n{row.answer}".strip()


def _apart(row: Sample) -> bytes:
    """Rows that differ in it are never compared."""
    beside = "\0".join(m.content for m in row.messages if m.role == "system")
    text = f"{row.label}\0{beside}\0{row.evidence or ''}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _agree(one: str, other: str) -> bool:
    return _values(one) == _values(other) and not opposed(one, other)


def _values(text: str) -> list[float]:
    return sorted(number.value for number in numbers(plain(text)))


def _vectors(texts: Sequence[str], embed: Embed) -> np.ndarray:
    import numpy as np

    parts = [embed(texts[start : start + EMBEDDED]) for start in range(0, len(texts), EMBEDDED)]
    return np.concatenate([np.asarray(part, dtype=np.float32) for part in parts])


def _by_vectors(vectors: np.ndarray, least: float) -> Iterator[Pair]:
    import numpy as np

    for start in range(0, len(vectors), AT_ONCE):
        alike = vectors[start : start + AT_ONCE] @ vectors[: start + AT_ONCE].T
        later, earlier = np.nonzero(alike >= least)
        for n in np.flatnonzero(earlier < later + start).tolist():
            yield int(later[n]) + start, int(earlier[n]), float(alike[later[n], earlier[n]])


def _by_characters(texts: Sequence[str], least: float) -> Iterator[Pair]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    weights = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts)
    for start in range(0, len(texts), AT_ONCE):
        alike = (weights[start : start + AT_ONCE] @ weights[: start + AT_ONCE].T).tocoo()
        found = zip(alike.row.tolist(), alike.col.tolist(), alike.data.tolist(), strict=True)
        yield from sorted((i + start, j, value) for i, j, value in found if value >= least and j < i + start)
