"""Keeps what the model is tested on out of what it learns from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from pydantic import Field

from tools.base import Check, Kit
from tools.copies.likeness import Seen, folded
from workspace.sample import Evidence, Finding, Message, Origin, Sample, row_id
from workspace.words import Language, Words, language_of

# Folded characters from which on a text says enough to be known again inside another one: by chance, shorter ones
# ("yes please", 谢谢) stand in many. A text found inside a test row must be longer: it may be how many of them begin.
HELD: dict[Language, int] = {"en": 20, "zh": 8}
HOLDING: dict[Language, int] = {"en": 50, "zh": 20}
WINDOW = 8
QUOTED = 120
DIGITS = re.compile(r"\d+")
NEARLY = Words("nearly the same ({share:.0f}%) as", "（相似度 {share:.0f}%）与")
HOLDS = Words("it holds", "其中的文字与")
PART = Words("it is part of", "部分内容与")


def _example(text: str) -> Sample:
    origin, messages = Origin(source="generate"), (Message(role="user", content=text),)
    return Sample(id=row_id(messages, origin), messages=messages, origin=origin)


class Leak(Check):
    """A row that asks what a held-back row asks: the same, nearly, with more around it, or a long part of it."""

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
        language = language_of(row.question)
        number, how = self._near(index, text) or _within(index, text, language) or (None, NEARLY)
        if number is None or kit.held_back[number].id == row.id:
            return ()
        return (_leaking(kit.held_back[number], how.to(language), language),)

    def _near(self, index: _Index, text: str) -> tuple[int, Words] | None:
        """Another number makes another question."""
        for number, share in index.seen.like(text, self.similarity, _digits(text)):
            return number, Words(NEARLY.en.format(share=share), NEARLY.zh.format(share=share))
        return None


@dataclass(frozen=True)
class _Index:
    """`heads`: texts by how they begin; `parts`: by every WINDOW characters of them."""

    texts: tuple[str, ...]
    seen: Seen
    heads: dict[str, list[int]]
    parts: dict[str, list[int]]


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
    index = _Index(texts, Seen(), defaultdict(list), defaultdict(list))
    for number, text in enumerate(texts):
        index.seen.add(text, _digits(text))
        if len(text) >= HELD[language_of(text)]:
            index.heads[text[:WINDOW]].append(number)
        if len(text) >= HOLDING[language_of(text)]:
            for start in range(0, len(text) - WINDOW + 1, WINDOW):
                index.parts[text[start : start + WINDOW]].append(number)
    return index


def _digits(text: str) -> str:
    return " ".join(DIGITS.findall(text))


def _within(index: _Index, text: str, language: Language) -> tuple[int, Words] | None:
    for number in _beginning(index.heads, text, len(text)):
        if index.texts[number] in text:
            return number, HOLDS
    if len(text) >= HOLDING[language]:
        # Wherever the text stands in the other, one of its first windows is one that was noted.
        for number in _beginning(index.parts, text, 2 * WINDOW - 1):
            if text in index.texts[number]:
                return number, PART
    return None


def _beginning(noted: dict[str, list[int]], text: str, end: int) -> Iterator[int]:
    for start in range(max(0, min(end, len(text)) - WINDOW + 1)):
        yield from noted.get(text[start : start + WINDOW], ())


def _leaking(held: Sample, how: str, language: Language) -> Finding:
    quote = held.question[:QUOTED]
    said = Words(f"{how} a row held back for the test: “{quote}”", f"{how}留作测试的数据重复：“{quote}”")
    return Finding(
        check="leak",
        verdict="fail",
        reason=said.to(language),
        evidence=Evidence(document=f"row {held.id}", start=0, end=len(quote), quote=quote),
        drops=True,
    )
