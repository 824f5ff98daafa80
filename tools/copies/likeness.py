"""Which texts are nearly the same, met one by one: found by MinHash over 3-grams, confirmed by edit distance."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING
from zlib import crc32

from rapidfuzz import fuzz
from rensa import RMinHash, RMinHashLSH

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Over characters, not words: words find nearly none of the Chinese ones.
THRESHOLD = 0.4
HASHES = 128
BANDS = 32
COMMON = 20
SLOTS = 22  # bits of a checksum that lines are counted by
NO_WORD = re.compile(r"[\W_]+")
SPACE = re.compile(r"\s+")
MANY = 500  # texts folded at once
BEYOND = 0x10000  # code points from here on are looked at one by one
NOTHING, AWKWARD = 0x110000, "\uffff"


def folded(text: str) -> str:
    """The text without case, spaces, punctuation and width, line by line: equal after this is the same text."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return "\n".join(
        filter(None, (NO_WORD.sub("", line) or SPACE.sub("", line) for line in plain.casefold().splitlines()))
    )


def all_folded(texts: Sequence[str]) -> list[str]:
    """As `folded` gives them, in a tenth of the time: letter by letter through a table."""
    import numpy as np

    table, found = _table(), list[str]()
    for start in range(0, len(texts), MANY):
        some = texts[start : start + MANY]
        letters = np.frombuffer(("\0".join(some)).encode("utf-32-le", "surrogatepass"), np.uint32)
        plain = table[np.minimum(letters, BEYOND)]
        lines = plain[plain != NOTHING].tobytes().decode("utf-32-le", "surrogatepass").split("\0")
        if len(lines) != len(some):
            lines = [AWKWARD] * len(some)
        found += [folded(text) if not line or AWKWARD in line else line for line, text in zip(lines, some, strict=True)]
    return found


@cache
def _table() -> NDArray[np.uint32]:
    """For each letter the folded one, NOTHING where it falls away, AWKWARD where its neighbours have a say in it."""
    import numpy as np

    table = np.full(BEYOND + 1, ord(AWKWARD), np.uint32)
    for code in range(BEYOND):
        letter = chr(code)
        plain = unicodedata.normalize("NFKC", letter).casefold()
        if len((letter + plain).splitlines()) == 1 and not any(map(_joins, letter + plain)):
            left = NO_WORD.sub("", plain)
            if len(left) < 2:
                table[code] = ord(left) if left else NOTHING
    table[0] = 0
    return table


def _joins(letter: str) -> bool:
    """Whether it may melt into the letter before: marks, and the parts of Korean syllables."""
    return unicodedata.category(letter).startswith("M") or "\u1100" <= letter <= "\u11ff"


class Lines:
    """How often each line was met, by its checksum: a line that many texts share makes all of them alike."""

    def __init__(self) -> None:
        self._counts = array("H", bytes(2 << SLOTS))

    def note(self, text: str) -> str:
        """The text without what many before it share (an instruction above each)."""
        if "\n" not in text:
            return text
        lines = text.split("\n")
        slots = [crc32(line.encode("utf-8", "surrogatepass")) >> (32 - SLOTS) for line in lines]
        for slot in set(slots):
            self._counts[slot] = min(self._counts[slot] + 1, COMMON)
        return "\n".join(line for line, slot in zip(lines, slots, strict=True) if self._counts[slot] < COMMON) or text


def unlike(one: str, other: str) -> tuple[str, str]:
    """Both without the lines that both begin with: there may be much more of them than of what differs."""
    if "\n" not in one or "\n" not in other:
        return one, other
    ours, theirs = one.split("\n"), other.split("\n")
    same = 0
    while same < min(len(ours), len(theirs)) - 1 and ours[same] == theirs[same]:
        same += 1
    return "\n".join(ours[same:]), "\n".join(theirs[same:])


class Seen:
    """Folded texts met so far, each under a number."""

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

    def _telling(self, text: str) -> str:
        return "\n".join(line for line in text.split("\n") if self._lines[line] < COMMON) or text

    def like(self, text: str, similarity: float, apart: str = "") -> Iterator[tuple[int, float]]:
        """(number, 0 to 100) of those at least so similar, oldest first."""
        for number in sorted(self._index.query(_minhash(self._telling(text), apart))):
            ratio = fuzz.ratio(*unlike(text, self._texts[number]), score_cutoff=similarity)
            if ratio >= similarity:
                yield number, ratio


def _minhash(text: str, apart: str) -> RMinHash:
    sketch = RMinHash(num_perm=HASHES, seed=7)
    sketch.update([apart + text[i : i + 3] for i in range(max(1, len(text) - 2))])
    return sketch
