"""Keeps what the model is tested on out of what it learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from pydantic import Field

from tools.base import Check, Kit
from tools.likeness import Seen, folded
from workspace.sample import Evidence, Finding, Message, Origin, Sample, row_id
from workspace.words import Words

SHORTEST = 12


def _example(text: str) -> Sample:
    origin, messages = Origin(source="generate"), (Message(role="user", content=text),)
    return Sample(id=row_id(messages, origin), messages=messages, origin=origin)


class Leak(Check):
    """A row that says what a held-back row says: the same, nearly, or with more around it."""

    name: ClassVar[str] = "leak"
    words: ClassVar[Words] = Words("nothing from the test in it", "不含测试题")
    passing: ClassVar[Sample] = _example("How do I open a savings account for my daughter?")
    failing: ClassVar[Sample] = _example("Hello, I lost my card on the bus yesterday! Can you help?")
    similarity: float = Field(90.0, ge=50, le=100)

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        """Rows of the test itself are left alone."""
        if row.split == "test" or not kit.held_back:
            return ()
        index, text = _index(_Held(kit.held_back, len(kit.held_back))), folded(row.question)
        number, how = self._near(index, text) or _within(index, text) or (None, "")
        if number is None or kit.held_back[number].id == row.id:
            return ()
        return (_leaking(kit.held_back[number], how),)

    def _near(self, index: _Index, text: str) -> tuple[int, str] | None:
        found = next(index.seen.like(text, self.similarity), None)
        return (found[0], f"{found[1]:.0f}% the same letters as") if found else None


@dataclass(frozen=True)
class _Index:
    texts: tuple[str, ...]
    seen: Seen


class _Held:
    """The same list is the same key: hashing its rows for every row checked would cost more than the check."""

    def __init__(self, rows: Sequence[Sample], count: int) -> None:
        self.rows = rows
        self.count = count

    def __hash__(self) -> int:
        return hash((id(self.rows), self.count))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.rows is self.rows and other.count == self.count


@lru_cache(maxsize=4)
def _index(held: _Held) -> _Index:
    texts = tuple(folded(row.question) for row in held.rows)
    return _Index(texts, Seen(texts))


def _within(index: _Index, text: str) -> tuple[int, str] | None:
    """Short texts ("yes", 谢谢) stand in many others by chance."""
    found = (number for number, held in enumerate(index.texts) if len(held) >= SHORTEST and held in text)
    number = next(found, None)
    return None if number is None else (number, "it holds")


def _leaking(held: Sample, how: str) -> Finding:
    quote = held.question[:120]
    return Finding(
        check="leak",
        verdict="fail",
        reason=f"{how} a row held back for the test: “{quote}”",
        evidence=Evidence(document=f"row {held.id}", start=0, end=len(quote), quote=quote),
        drops=True,
    )
