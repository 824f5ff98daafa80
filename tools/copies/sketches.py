"""What texts have in common, as numbers: MinHash bands over letters, and a table that says which texts share one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Words32 = NDArray[np.uint32]
    Numbers = NDArray[np.int64]

BANDS = 18
ROWS = 4  # hashes in a band: two texts share a band with probability J ** 4, J being the part of their grams in common
# Letters that make a gram. A Chinese character says as much as a part of a word does.
ALPHABETIC = 4
IDEOGRAPHIC = 2
FIRST_IDEOGRAPH = 0x2E80
GAP = "\0" * ALPHABETIC
PIECE = 1000  # texts hashed at a time, so that their hashes stay in the processor's cache
LONGEST_WALK = 64  # texts of one band that are looked at, the newest first: more share it only in a filled-in template
# The constants are those of Wang's and Mueller's integer hashes; any odd ones would do.
GOLDEN, FIRST_MIX, SECOND_MIX = 0x9E3779B1, 0x7FEB352D, 0x846CA68B


def bands(texts: Sequence[str]) -> Words32:
    """(BANDS, len(texts)): two texts have a number in common where they have most of their letters in common.

    MinHash (Broder 1997) with banding; the same on any machine, whatever the number of threads.
    """
    import numpy as np

    pieces = [texts[i : i + PIECE] for i in range(0, len(texts), PIECE)]
    if len(pieces) == 1:
        return _bands(pieces[0])
    from concurrent.futures import ThreadPoolExecutor
    from os import cpu_count

    with ThreadPoolExecutor(cpu_count()) as threads:
        return np.concatenate(list(threads.map(_bands, pieces)), axis=1)


def _bands(texts: Sequence[str]) -> Words32:
    import numpy as np

    hashes, starts = _grams(texts)
    product = np.empty_like(hashes)
    found = np.empty((BANDS, len(texts)), np.uint32)
    for band in range(BANDS):
        key = np.full(len(texts), band + 1, np.uint32)
        for row in range(ROWS):
            # Multiplying by an odd number puts all hashes into another order.
            np.multiply(hashes, _multiplier(band * ROWS + row), out=product)
            key = _mixed(key * np.uint32(GOLDEN) ^ np.minimum.reduceat(product, starts))
        found[band] = key
    return found


def _grams(texts: Sequence[str]) -> tuple[Words32, NDArray[np.intp]]:
    """Hashes of all grams of all texts, and where those of each text begin. A text has one at least."""
    import numpy as np

    letters = np.frombuffer((GAP.join(texts) + GAP).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.cumsum(lengths + len(GAP)) - lengths - len(GAP)
    ideographic = letters >= FIRST_IDEOGRAPH
    hashes = np.where(ideographic, _rolled(letters, IDEOGRAPHIC), _rolled(letters, ALPHABETIC))
    place = np.arange(len(letters)) - np.repeat(starts, lengths + len(GAP))
    reach = place + np.where(ideographic, IDEOGRAPHIC, ALPHABETIC)
    whole = (reach <= np.repeat(lengths, lengths + len(GAP))) | (place == 0)
    counts = np.add.reduceat(whole, starts, dtype=np.int64)
    return _mixed(hashes[whole]), np.cumsum(counts) - counts


def _rolled(letters: Words32, size: int) -> Words32:
    import numpy as np

    hashes = np.zeros(len(letters), np.uint32)
    for offset in range(size):
        hashes = (hashes ^ np.roll(letters, -offset)) * np.uint32(GOLDEN)
        hashes ^= hashes >> np.uint32(15)
    return hashes


def _mixed(hashes: Words32) -> Words32:
    """Each bit of the result depends on each bit of what goes in."""
    import numpy as np

    hashes = (hashes ^ (hashes >> np.uint32(16))) * np.uint32(FIRST_MIX)
    hashes = (hashes ^ (hashes >> np.uint32(15))) * np.uint32(SECOND_MIX)
    return hashes ^ (hashes >> np.uint32(16))


def _multiplier(number: int) -> np.uint32:
    import numpy as np

    return np.uint32((number + 1) * 0x5851F42D4C957F2D >> 13 & 0xFFFFFFFF | 1)


class Shared:
    """Which earlier texts share a band: a hash table with chains, in flat arrays of 12 bytes a band and text."""

    def __init__(self) -> None:
        import numpy as np

        self._count = 0
        self._keys = np.empty(1 << 14, np.uint32)
        self._next = np.empty(1 << 14, np.int32)
        self._heads = np.full(1 << 14, -1, np.int32)

    def add(self, keys: Words32) -> tuple[Numbers, Numbers]:
        """Texts by their bands, (BANDS, n), numbered on: pairs (text, earlier text) that share one."""
        import numpy as np

        fresh = np.ascontiguousarray(keys.T).ravel()
        start, self._count = self._count, self._count + len(fresh)
        self._grow(start)
        self._keys[start : self._count] = fresh
        self._link(start)
        return self._walk(start)

    def _grow(self, filled: int) -> None:
        import numpy as np

        if self._count <= len(self._keys):
            return
        size = 1 << (self._count - 1).bit_length()
        keys, self._keys = self._keys, np.empty(size, np.uint32)
        self._keys[:filled] = keys[:filled]
        self._next, self._heads = np.empty(size, np.int32), np.full(size, -1, np.int32)
        for start in range(0, filled, len(keys)):
            self._link(start, min(filled, start + len(keys)))

    def _link(self, start: int, end: int | None = None) -> None:
        """Each entry leads to the one before it in its chain, and its chain begins with it."""
        import numpy as np

        end = end or self._count
        slots = (self._keys[start:end] & np.uint32(len(self._heads) - 1)).astype(np.int64)
        order = np.sort(slots << 32 | np.arange(start, end))
        slots, entries = order >> 32, (order & 0xFFFFFFFF).astype(np.int32)
        before = np.concatenate(([-1], entries[:-1])).astype(np.int32)
        first = np.concatenate(([True], slots[1:] != slots[:-1]))
        before[first] = self._heads[slots[first]]
        self._next[entries] = before
        last = np.concatenate((first[1:], [True]))
        self._heads[slots[last]] = entries[last]

    def _walk(self, start: int) -> tuple[Numbers, Numbers]:
        import numpy as np

        own = np.arange(start, self._count, dtype=np.int32)
        at, found = self._next[own], []
        for _ in range(LONGEST_WALK):
            going = at >= 0
            own, at = own[going], at[going]
            if not len(own):
                break
            met = self._keys[own] == self._keys[at]
            found.append((own[met] // BANDS).astype(np.int64) << 32 | at[met] // BANDS)
            at = self._next[at]
        pairs = np.concatenate(found) if found else np.empty(0, np.int64)
        return pairs >> 32, pairs & 0xFFFFFFFF
