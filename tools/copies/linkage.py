"""Which rows of a table are the same thing written twice: columns compared by their rare words, numbers and codes."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from workspace.sample import Scalar

Record = Mapping[str, Scalar]
WORD = re.compile(r"[^\W_]+(?:[-./][^\W_]+)*")
PIECE = re.compile(r"[^\W_]+")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LIKE = 0.65  # from which likeness on, 0 to 1, two records are one
NUMBER = 6  # digits from which on a value with hardly a letter is one number, however it is written
OFTEN = 40  # records with a word in common: in more it points at none of them
MISSPELT = 0.8
OTHER_NUMBER = -0.25  # another telephone says more against than another name
TOLD = 0.8
SHORTENED = 0.8  # what "ave" counts for beside "avenue"
FEW = 0.5  # of the columns' weight must be filled in both
SHARED = 0.3  # of the rarer words' weight must be in common, before two records are looked at


@dataclass(frozen=True, slots=True)
class Column:
    """The words of each record in one column, what each word tells (log of its rarity), and what the column tells."""

    words: list[frozenset[str]]
    tells: dict[str, float]
    weight: float

    def total(self, words: frozenset[str]) -> float:
        return sum(self.tells[word] for word in words)

    def likeness(self, one: int, other: int) -> float | None:
        """At most 1; None where one says nothing. Between the whole of both and the whole of the shorter one."""
        ours, theirs = self.words[one], self.words[other]
        if not ours or not theirs:
            return None
        if not ours & theirs and all(word.startswith("#") for word in ours | theirs):
            return OTHER_NUMBER
        shared = self.total(ours & theirs) + self._nearly(ours - theirs, theirs - ours)
        whole, other_whole = self.total(ours), self.total(theirs)
        return min(1.0, shared / (whole + other_whole) + shared / min(whole, other_whole) / 2)

    def _nearly(self, ours: frozenset[str], theirs: frozenset[str]) -> float:
        """What misspelt and shortened words still tell. A number is another number."""
        left = {word for word in theirs if _spelt(word)}
        found = 0.0
        for word in sorted(filter(_spelt, ours)):
            best = max(left, key=lambda other: (_alike(word, other), other), default="")
            if best and (alike := _alike(word, best)):
                left.discard(best)
                found += alike * (self.tells[word] + self.tells[best]) / 2
        return found


def linked(records: Sequence[Record], least: float = LIKE) -> list[tuple[int, int, float]]:
    """(record, earlier record, likeness 0 to 1) of those that are one thing; sorted.

    A weighted mean over the columns, after Fellegi and Sunter (1969), with weights from the table itself: a column
    that tells records apart counts for more, and one in which nothing is said twice for nothing.
    """
    columns = list(_columns(records))
    full = sum(column.weight for column in columns)
    found = []
    for other, one in _candidates(columns):
        likeness = [(c.likeness(one, other), c.weight) for c in columns]
        said = [(alike, weight) for alike, weight in likeness if alike is not None]
        weight = sum(weight for _, weight in said)
        told = sum(alike * weight for alike, weight in said)
        # Of n records, another one is as like by chance until log n is told.
        if weight >= FEW * full and told >= max(least * weight, TOLD * math.log(len(records))):
            found.append((one, other, told / weight))
    return sorted(found)


def _columns(records: Sequence[Record]) -> Iterator[Column]:
    for name in dict.fromkeys(name for record in records for name in record):
        values = [record.get(name) for record in records]
        words = [_words(value) for value in values]
        often = Counter(word for some in words for word in some)
        told = Counter(some for some in words if some)
        numbered = all(isinstance(v, int) or str(v).strip().isdigit() for v in values if v not in (None, ""))
        # A running number tells nothing of the thing.
        if not told or (numbered and max(told.values()) == 1):
            continue
        tells = {word: math.log((len(records) + 1) / count) for word, count in often.items()}
        weights = [math.log((len(records) + 1) / told[some]) for some in words if some]
        yield Column(words, tells, sum(weights) / len(weights))


def _words(value: Scalar) -> frozenset[str]:
    text = unicodedata.normalize("NFKC", "" if value is None else str(value)).casefold()
    digits = "".join(filter(str.isdigit, text))
    if len(digits) >= NUMBER and sum(map(str.isalpha, text)) <= 2:
        return frozenset(("#" + digits,))
    return frozenset(part for word in WORD.findall(text) for part in _parts(word))


def _parts(word: str) -> list[str]:
    """Chinese in pairs of characters; a code ("AB-1234") without what parts it; other words by themselves."""
    if CHINESE.search(word):
        return [word[i : i + 2] for i in range(max(1, len(word) - 1))]
    pieces = PIECE.findall(word)
    coded = any(map(str.isdigit, word)) and any(map(str.isalpha, word))
    return ["".join(pieces)] if coded else pieces


def _spelt(word: str) -> bool:
    return word.isalpha() and not CHINESE.search(word)


def _alike(word: str, other: str) -> float:
    if min(len(word), len(other)) > 2 and (ratio := fuzz.ratio(word, other) / 100) >= MISSPELT:
        return ratio
    return SHORTENED if word.startswith(other) or other.startswith(word) else 0.0


def _candidates(columns: Sequence[Column]) -> list[tuple[int, int]]:
    """Pairs (earlier, later) that have enough rare words in common."""
    shared = defaultdict[tuple[int, int], float](float)
    rare = defaultdict[int, float](float)
    for column in columns:
        holding = defaultdict[str, list[int]](list)
        for number, words in enumerate(column.words):
            for word in words:
                holding[word].append(number)
        for word, numbers in holding.items():
            if 2 <= len(numbers) <= OFTEN:
                for place, later in enumerate(numbers):
                    rare[later] += column.tells[word]
                    for earlier in numbers[:place]:
                        shared[earlier, later] += column.tells[word]
    return [pair for pair, told in shared.items() if told >= SHARED * min(rare[pair[0]], rare[pair[1]])]
