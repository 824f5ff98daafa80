"""What is remembered of each text so that the next one is known again: eight bytes, never the text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tools.copies.likeness import folded
from workspace.sample import Sample
from workspace.words import language_of

# An answer of fewer characters may well be right for many questions.
STOCK_LENGTH = {"en": 30, "zh": 12}
STOCK_TIMES = 3


@dataclass(frozen=True, slots=True)
class Met:
    """`across`: the two splits that one text stands in. `stock`: its answer was given to other questions before."""

    copy: bool = False
    other_label: str | None = None
    across: str = ""
    stock: bool = False


@dataclass(frozen=True, slots=True)
class First:
    """The first row of a text."""

    label: str | None
    split: str | None


class Keys:
    def __init__(self) -> None:
        self._texts: dict[bytes, First] = {}
        self._firsts: dict[First, First] = {}  # few different ones, so each is kept once
        self._answers: dict[bytes, int] = {}
        self._whole: set[bytes] = set()

    def see(self, number: int, row: Sample) -> Met:
        said = row.question if row.label is not None else f"{row.question}\n{row.answer}"
        beside = [m.content for m in row.messages if m.role == "system"]
        # All earlier turns belong to what is asked, so a dialogue is itself only as a whole.
        turns = [m.content for m in row.messages[:-1] if m.role == "assistant"]
        key = _digest("\0".join((folded(said), *beside, *turns, row.evidence or "")))
        first, own = self._texts.get(key), First(row.label, row.split)
        if first is None:
            self._texts[key] = self._firsts.setdefault(own, own)
            return Met(stock=self._stock(row))
        other = first.label if first.label != row.label else None
        across = f"{first.split} / {row.split}" if first.split and row.split and first.split != row.split else ""
        return Met(copy=other is None, other_label=other, across=across)

    def row_again(self, row: Sample) -> bool:
        """Of a table: whether every cell of it stood there before."""
        key = _digest("\0".join(f"{name}\1{value}" for name, value in row.fields.items()))
        again = key in self._whole
        self._whole.add(key)
        return again

    def _stock(self, row: Sample) -> bool:
        """Only of single questions: a conversation may well end as others do."""
        answer = row.answer
        alone = sum(m.role == "user" for m in row.messages) == 1
        if row.label is not None or not alone or len(answer) < STOCK_LENGTH[language_of(answer)]:
            return False
        key = _digest(folded(answer))
        self._answers[key] = self._answers.get(key, 0) + 1
        return self._answers[key] >= STOCK_TIMES


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
