"""Which texts are nearly the same: found by MinHash over character 3-grams, confirmed by edit distance."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz
from rensa import RMinHash, RMinHashLSH

# Over characters, not words: words find nearly none of the Chinese ones.
THRESHOLD = 0.4
HASHES = 128
BANDS = 32
COMMON = 20
NO_WORD = re.compile(r"[\W_]+")
SPACE = re.compile(r"\s+")


def folded(text: str) -> str:
    """The text without case, spaces, punctuation and width, line by line: equal after this is the same text."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return "\n".join(
        filter(None, (NO_WORD.sub("", line) or SPACE.sub("", line) for line in plain.casefold().splitlines()))
    )


class Seen:
    """Folded texts met so far, each under a number.

    A line that many texts share (an instruction above each) would make all of them alike, so it counts for nothing.
    """

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self._texts: list[str] = []
        self._lines = Counter[str]()
        self._index = RMinHashLSH(THRESHOLD, HASHES, BANDS)
        for text in texts:
            self.add(text)

    def add(self, text: str, apart: str = "") -> int:
        """Texts are alike only within the same `apart`, which costs nothing: no pair of others is looked at."""
        number = len(self._texts)
        self._texts.append(text)
        self._lines.update(set(text.split("\n")))
        self._index.insert(number, _minhash(self._telling(text), apart))
        return number

    def like(self, text: str, similarity: float, apart: str = "") -> Iterator[tuple[int, float]]:
        """(number, 0 to 100) of those at least so similar, oldest first."""
        for number in sorted(self._index.query(_minhash(self._telling(text), apart))):
            ratio = _ratio(text, self._texts[number], similarity)
            if ratio >= similarity:
                yield number, ratio

    def _telling(self, text: str) -> str:
        lines = text.split("\n")
        return "\n".join(line for line in lines if self._lines[line] < COMMON) or text


def _ratio(a: str, b: str, similarity: float) -> float:
    """Of what differs: lines that both begin with are left out, for there may be much more of them."""
    if a == b:
        return 100.0
    one, other = a.split("\n"), b.split("\n")
    while len(one) > 1 and len(other) > 1 and one[0] == other[0]:
        del one[0], other[0]
    return fuzz.ratio("\n".join(one), "\n".join(other), score_cutoff=similarity)


def _minhash(text: str, apart: str) -> RMinHash:
    sketch = RMinHash(num_perm=HASHES, seed=7)
    sketch.update([apart + text[i : i + 3] for i in range(max(1, len(text) - 2))])
    return sketch
