"""Takes out rows that say the same again, and those that give one text a second label."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from tools.base import Edit, Kit
from tools.likeness import Seen, folded
from tools.polarity import negated
from workspace.sample import Evidence, Finding, Sample
from workspace.words import Words, language_of

QUOTED = 120
DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Key:
    """What is remembered of a row that stays. `apart`: whatever must be the same in a copy, for letters to count."""

    id: str
    label: str | None
    text: str
    quote: str
    beside: bytes
    apart: str


class Duplicates(Edit):
    """The first of several stays. Only texts are kept in memory, never rows.

    Rows with a label are compared by what the person says; others by question and answer, and there another number
    makes another row.
    """

    name: ClassVar[str] = "duplicates"
    words: ClassVar[Words] = Words("copies taken out", "去掉重复数据")
    similarity: float = Field(90.0, ge=50, le=100, description="from which likeness on two texts count as one")
    called: str = Field("duplicates", description="the name that its findings bear")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """A row that was dropped before hides no other."""
        exact: dict[tuple[bytes, str], Key] = {}
        keys: list[Key] = []
        seen = Seen()
        for row in rows:
            if not row.kept:
                yield row
                continue
            key = _key(row)
            finding = self._same(key, exact.get((key.beside, key.text))) or self._near(key, keys, seen)
            if finding is None:
                exact[key.beside, key.text] = key
                keys.append(key)
                seen.add(key.text, key.apart)
            yield row.judged(finding) if finding else row

    def _same(self, key: Key, kept: Key | None) -> Finding | None:
        if kept is None:
            return None
        if key.label == kept.label:
            return self._dropping(Words("the same words as", "文字相同："), kept, 1.0)
        english = f"same text, two labels: {key.label} here, {kept.label} in"
        return self._dropping(
            Words(english, f"同一段文字有两个类别，这里是 {key.label}，另一条是 {kept.label}："), kept, 1.0
        )

    def _near(self, key: Key, keys: Sequence[Key], seen: Seen) -> Finding | None:
        for number, ratio in seen.like(key.text, self.similarity, key.apart):
            how = Words(f"{ratio:.0f}% the same letters as", f"文字有 {ratio:.0f}% 相同：")
            return self._dropping(how, keys[number], ratio / 100)
        return None

    def _dropping(self, how: Words, kept: Key, confidence: float) -> Finding:
        where = Words(f"row {kept.id}: “{kept.quote}”", f"第 {kept.id} 条“{kept.quote}”")
        language = language_of(kept.quote)
        return Finding(
            check=self.called,
            verdict="fail",
            reason=f"{how.to(language)} {where.to(language)}",
            evidence=Evidence(document=f"row {kept.id}", start=0, end=len(kept.quote), quote=kept.quote),
            confidence=round(confidence, 3),
            drops=True,
        )


def _key(row: Sample) -> Key:
    said = row.question if row.label is not None else f"{row.question}\n{row.answer}"
    # A claim that is held against two texts is two rows, and so is a question that two systems are asked.
    beside = "\0".join(m.content for m in row.messages if m.role == "system") + f"\0{row.evidence or ''}"
    text = folded(said)
    # One letter more may be another number, or a "not".
    telling = "" if row.label is not None else f"{DIGITS.findall(text)} {negated(said)}"
    return Key(
        row.id,
        row.label,
        text,
        row.question[:QUOTED],
        _digest(beside),
        _digest(f"{row.label}\0{beside}\0{telling}").hex(),
    )


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
