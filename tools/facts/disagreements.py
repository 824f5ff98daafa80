"""Where two of the person's documents say different things of the same, told before any row is judged by them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.facts.claims import Reading, Sentence, coverage, read, sentences
from tools.facts.comparers import SAME_SENTENCE, compare
from tools.knowledge import Knowledge
from workspace.sample import Evidence
from workspace.words import Words

# Sentences of two documents meet over their rarest words; a word in more sentences than this tells nothing apart.
RAREST = 4
COMMON = 60


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two places of two documents, of which at most one is right."""

    one: Evidence
    other: Evidence
    reason: Words


@dataclass(frozen=True, slots=True)
class _Said:
    document: str
    place: Sentence
    reading: Reading


def disagreements(knowledge: Knowledge) -> list[Disagreement]:
    """In the order of the documents. Only of sentences that are the same both ways but for a figure or a "not"."""
    said = [
        _Said(name, place, read(place.text))
        for name in knowledge.documents()
        for place in sentences(knowledge.text(name))
    ]
    return [
        Disagreement(_at(a), _at(b), reason)
        for a, b in _meeting(said)
        if (reason := _denies(a.reading, b.reading)) is not None
    ]


def _meeting(said: Sequence[_Said]) -> Iterator[tuple[_Said, _Said]]:
    """Pairs from two documents that share at least two of their rare words, each pair once."""
    common = Counter(word for one in said for word in one.reading.bag)
    holding: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(said):
        rare = sorted((w for w in one.reading.bag if common[w] <= COMMON), key=lambda w: (common[w], w))
        shared: Counter[int] = Counter()
        for word in [w for w in rare if common[w] > 1][:RAREST]:
            shared.update(holding[word])
        for other, count in sorted(shared.items()):
            if count >= 2 and said[other].document != one.document:
                yield said[other], one
        for word in rare:
            holding[word].append(number)


def _denies(a: Reading, b: Reading) -> Words | None:
    if min(len(a.bag), len(b.bag)) < 3 or min(coverage(a.bag, b.bag), coverage(b.bag, a.bag)) < SAME_SENTENCE:
        return None
    there, back = compare(a, b), compare(b, a)
    return there.reason if there.outcome == back.outcome == "contradicted" else None


def _at(said: _Said) -> Evidence:
    return Evidence(document=said.document, start=said.place.start, end=said.place.end, quote=said.place.text)
