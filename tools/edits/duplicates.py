"""Takes out rows that say the same again, and those that give one text a second label."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from typing import ClassVar

from pydantic import Field

from tools.base import Edit, Kit
from tools.copies.likeness import all_folded
from tools.copies.near import Near
from tools.edits.meanings import Meanings
from tools.facts.polarity import negated
from workspace.sample import Evidence, Finding, Sample
from workspace.words import Words, language_of

QUOTED = 120
DIGITS = re.compile(r"\d+")
DECIMAL = re.compile(r"\d+[.．]\d+")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered of a row that stays."""

    id: str
    label: str | None
    said: str
    answer: str


@dataclass(frozen=True, slots=True)
class Key:
    """What a row is compared by: `same` is equal in copies, `apart` in those that are nearly copies."""

    row: Kept
    text: str
    same: bytes
    apart: int


class Duplicates(Edit):
    """The first of several stays. Only texts are kept in memory, never rows.

    Rows with a label are compared by what the person says; others by question and answer, and there another number
    makes another row. Rows of a table are copies where every column says the same.
    """

    name: ClassVar[str] = "duplicates"
    words: ClassVar[Words] = Words("copies taken out", "去掉重复数据")
    similarity: float = Field(84.0, ge=50, le=100, description="from which likeness on two texts count as one")
    # What is asked for in one class is alike by nature: "create a virtual card", "receive a virtual card".
    labelled: float = Field(88.0, ge=50, le=100, description="the same, where both have one label; if it is more")
    called: str = Field("duplicates", description="the name that its findings bear")
    at_once: int = Field(8192, ge=1, description="rows that are compared together before the first of them comes out")

    semantic: float | None = Field(None, ge=0.5, le=1, description="from which cosine on other words are a copy too")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """A row that was dropped before hides no other. Copies in other words need all rows before the first is out."""
        judged = self._judged(rows)
        return Meanings(likeness=self.semantic, drops=True).apply(judged, kit) if self.semantic else judged

    def _judged(self, rows: Iterable[Sample]) -> Iterator[Sample]:
        stay, stream = _Stay(self.similarity, max(self.similarity, self.labelled), self.called), iter(rows)
        while batch := list(islice(stream, self.at_once)):
            kept = [row.kept for row in batch]
            found = iter(stay.findings(list(compress(batch, kept))))
            for row, looked_at in zip(batch, kept, strict=True):
                finding = next(found) if looked_at else None
                yield row.judged(finding) if finding else row


class _Stay:
    """The rows that stay, by which each new one is judged."""

    def __init__(self, similarity: float, labelled: float, called: str) -> None:
        self._called = called
        self._labelled = labelled
        self._near = Near(similarity)
        self._kept: list[Kept | None] = []
        self._exact: dict[bytes, int] = {}

    def findings(self, rows: Sequence[Sample]) -> list[Finding | None]:
        """For each row what it copies, if any."""
        keys = _keys(rows)
        fresh: dict[tuple[bytes, str | None], Key] = {}
        for key in keys:
            if key.same not in self._exact:
                fresh.setdefault((key.same, key.row.label), key)
        fates = dict(zip(fresh, self._fates(list(fresh.values())), strict=True))
        return [self._finding(key, fresh, fates) for key in keys]

    def _finding(
        self,
        key: Key,
        fresh: dict[tuple[bytes, str | None], Key],
        fates: dict[tuple[bytes, str | None], Finding | None],
    ) -> Finding | None:
        place = key.same, key.row.label
        if place in fresh and (fresh[place] is key or fates[place]):
            return fates[place]
        return self._same(key, self._exact[key.same])

    def _fates(self, keys: Sequence[Key]) -> Iterator[Finding | None]:
        start = len(self._near)
        alike = defaultdict[int, list[tuple[int, float]]](list)
        for number, earlier, ratio in self._near.add([key.text for key in keys], [key.apart for key in keys]):
            alike[number].append((earlier, ratio))
        self._kept += [key.row for key in keys]
        for number, key in enumerate(keys, start):
            first = self._exact.setdefault(key.same, number)
            finding = self._same(key, first) if first != number else None
            if finding is None and (found := self._like(number, alike.get(number, ()))):
                del self._exact[key.same]
                first, ratio = found
                how = Words(f"{ratio:.0f}% the same letters as", f"文字有 {ratio:.0f}% 相同：")
                finding = self._dropping(how, first, ratio / 100)
            if finding is not None:
                self._near.stand_for(number, first)
                self._kept[number] = None
            yield finding

    def _like(self, number: int, alike: Sequence[tuple[int, float]]) -> tuple[int, float] | None:
        """The row that stays and that it is nearly the same as, with the likeness."""
        for earlier, ratio in alike:
            found = self._near.first_of(number, earlier, ratio)
            if found and self._says_as_much(self._row(number), self._row(found[0]), found[1]):
                return found
        return None

    def _says_as_much(self, one: Kept, other: Kept, ratio: float) -> bool:
        """One letter more may be a "not". It costs time to see, so it is looked for last."""
        if one.label is not None:
            return ratio >= self._labelled
        return negated(_all(one)) == negated(_all(other))

    def _row(self, number: int) -> Kept:
        kept = self._kept[number]
        assert kept is not None
        return kept

    def _same(self, key: Key, first: int) -> Finding:
        kept = self._row(first)
        if key.row.label == kept.label:
            return self._dropping(Words("the same words as", "文字相同："), first, 1.0)
        english = f"same text, two labels: {key.row.label} here, {kept.label} in"
        chinese = f"同一段文字有两个类别，这里是 {key.row.label}，另一条是 {kept.label}："
        return self._dropping(Words(english, chinese), first, 1.0)

    def _dropping(self, how: Words, first: int, confidence: float) -> Finding:
        kept = self._row(first)
        quote = kept.said[:QUOTED]
        where = Words(f"row {kept.id}: “{quote}”", f"第 {kept.id} 条“{quote}”")
        language = language_of(quote)
        return Finding(
            check=self._called,
            verdict="fail",
            reason=f"{how.to(language)} {where.to(language)}",
            evidence=Evidence(document=f"row {kept.id}", start=0, end=len(quote), quote=quote),
            confidence=round(confidence, 3),
            drops=True,
        )


def _keys(rows: Sequence[Sample]) -> list[Key]:
    kept = [_kept(row) for row in rows]
    said = all_folded([one.said if row.messages else "" for row, one in zip(rows, kept, strict=True)])
    answers = all_folded([one.answer for one in kept])
    texts = ["\n".join(filter(None, both)) for both in zip(said, answers, strict=True)]
    return [_key(*of) for of in zip(rows, kept, texts, strict=True)]


def _kept(row: Sample) -> Kept:
    """With a label, the answer is the label and tells nothing."""
    said = row.question if row.messages else " | ".join(_plain(value) for value in row.fields.values() if value)
    return Kept(row.id, row.label, said, "" if row.label is not None else row.answer)


def _key(row: Sample, kept: Kept, text: str) -> Key:
    # A claim that is held against two texts is two rows, and so is a question that two systems are asked.
    beside = "\0".join(m.content for m in row.messages if m.role == "system") + f"\0{row.evidence or ''}"
    if not row.messages:
        cells = (f"{name}\0{_plain(value)}" for name, value in row.fields.items())
        return Key(kept, "", _digest(f"{row.label}\0{beside}", *cells), 0)
    # One letter more may be another number; 1.5 and 15 differ in a point alone.
    telling = "" if row.label is not None else f"{DIGITS.findall(text)} {_decimals(_all(kept))}"
    apart = int.from_bytes(_digest(f"{row.label}\0{beside}\0{telling}")[:8])
    return Key(kept, text, _digest(text, beside, telling), apart)


def _decimals(text: str) -> list[str]:
    return [unicodedata.normalize("NFKC", number) for number in DECIMAL.findall(text)]


def _plain(value: object) -> str:
    return " ".join(unicodedata.normalize("NFKC", str("" if value is None else value)).casefold().split())


def _all(row: Kept) -> str:
    return f"{row.said}\n{row.answer}"


def _digest(*parts: str) -> bytes:
    return hashlib.blake2b("\0\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
