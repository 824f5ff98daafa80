"""Which of very many texts are nearly the same: candidates by shared bands, each confirmed by edit distance."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING

from tools.copies.likeness import Lines, all_folded, unlike

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Alike = tuple[int, int, float]
AT_ONCE = 8192
WORTH_THREADS = 1000  # pairs
SWAPPED = 99.0  # the likeness of two texts that differ in the order of two words alone
MOVED = 70.0  # from which edit distance on, as a ratio, that is so


class Near:
    """Folded texts, numbered as they come, many at a time. Texts are alike only within the same `apart`.

    An empty text is like no other.
    """

    def __init__(self, similarity: float) -> None:
        from tools.copies.sketches import Shared

        self._similarity = similarity
        self._shared = Shared()
        self._lines = Lines()
        self._texts: list[str] = []
        self._lengths = array("q")
        self._letters = array("q")  # the sum of its bytes: the same for the same letters in another order
        self._aparts = array("Q")
        self._first = array("q")
        self._hashed = array("q")

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, texts: Sequence[str], aparts: Sequence[int] = ()) -> Iterator[Alike]:
        """(number, an earlier number, likeness up to 100) of those at least so similar, in their order."""
        self._first.extend(range(len(self), len(self) + len(texts)))
        self._texts += texts
        self._lengths.extend(map(len, texts))
        self._letters.extend(sum(text.encode("utf-8", "surrogatepass")) for text in texts)
        self._aparts.extend(aparts or repeat(0, len(texts)))
        return self._confirmed(*self._candidates(len(self) - len(texts)))

    def first_of(self, number: int, alike: int, ratio: float) -> tuple[int, float] | None:
        """What stands in place of a text that the number is like, with the likeness; None where those two are not."""
        first = self._first[alike]
        if first == alike:
            return first, ratio
        return next(((first, other) for *_, other in self._confirmed([number], [first])), None)

    def stand_for(self, number: int, first: int) -> None:
        """From now on the first counts in place of the other, which is forgotten."""
        self._first[number] = first
        self._texts[number] = ""

    def _candidates(self, start: int) -> tuple[list[int], list[int]]:
        """Pairs that share a band and an `apart`, and whose lengths leave them room to be alike."""
        import numpy as np

        from tools.copies.sketches import bands

        texts = [(number, text) for number, text in enumerate(self._texts[start:], start) if text]
        if not texts:
            return [], []
        self._hashed.extend(number for number, _ in texts)
        own, earlier = self._shared.add(bands([self._lines.note(text) for _, text in texts]))
        # Views, not copies: they must be gone before an array grows again.
        first, lengths, hashed = (np.frombuffer(held, np.int64) for held in (self._first, self._lengths, self._hashed))
        aparts = np.frombuffer(self._aparts, np.uint64)
        pairs = _each_once(hashed[own] << 32 | first[hashed[earlier]])
        own, earlier = pairs >> 32, pairs & 0xFFFFFFFF
        shorter, both = np.minimum(lengths[own], lengths[earlier]), lengths[own] + lengths[earlier]
        possible = (own != earlier) & (aparts[own] == aparts[earlier]) & (200 * shorter >= self._similarity * both)
        return own[possible].tolist(), earlier[possible].tolist()

    def _confirmed(self, own: Sequence[int], earlier: Sequence[int]) -> Iterator[Alike]:
        import numpy as np
        from rapidfuzz import fuzz, process

        ones, others = [self._texts[i] for i in own], [self._texts[j] for j in earlier]
        for n in [n for n, one in enumerate(ones) if "\n" in one]:
            ones[n], others[n] = unlike(ones[n], others[n])
        workers = -1 if len(ones) >= WORTH_THREADS else 1
        ratios = process.cpdist(ones, others, scorer=fuzz.ratio, score_cutoff=self._similarity, workers=workers)
        if self._similarity <= SWAPPED:
            letters = np.frombuffer(self._letters, np.int64)
            maybe = np.flatnonzero(letters[own] == letters[earlier]).tolist()
            del letters  # a view: it must be gone before the array grows again
            for n in maybe:
                if ratios[n] < SWAPPED and _swapped(ones[n], others[n]):
                    ratios[n] = SWAPPED
        for n in np.flatnonzero(ratios >= self._similarity).tolist():
            yield own[n], earlier[n], float(ratios[n])


def _swapped(one: str, other: str) -> bool:
    """The same letters with a word moved to the next place; a word moved far may say something else."""
    from rapidfuzz import fuzz

    return one != other and sorted(one) == sorted(other) and fuzz.ratio(one, other) >= MOVED


def _each_once(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    import numpy as np

    numbers = np.sort(numbers)
    return numbers[np.concatenate(([True], numbers[1:] != numbers[:-1]))] if len(numbers) else numbers


def copies(texts: Sequence[str], similarity: float, at_once: int = AT_ONCE) -> dict[int, int]:
    """For each text that is a copy, exact or near, the number of the first, which is none itself."""
    near, exact, standing = Near(similarity), dict[str, int](), list[int]()
    found: dict[int, int] = {}
    for start in range(0, len(texts), at_once):
        fresh: list[str] = []
        for number, text in enumerate(all_folded(texts[start : start + at_once]), start):
            first = exact.setdefault(text, number)
            if first == number:
                standing.append(number)
                fresh.append(text)
            else:
                found[number] = first
        for own, earlier, ratio in near.add(fresh):
            if standing[own] not in found and (first_of := near.first_of(own, earlier, ratio)):
                near.stand_for(own, first_of[0])
                found[standing[own]] = standing[first_of[0]]
    return {number: found.get(first, first) for number, first in found.items()}
