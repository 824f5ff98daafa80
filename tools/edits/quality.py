"""Takes out rows that teach nothing: empty, repeated, advertisements, in another language, too short or too long."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from pydantic import Field

from tools.base import Edit, Kit
from tools.waiting import Waiting
from tools.writing.advertising import selling
from tools.writing.emptiness import Lack, answers_nothing, asks_nothing, repeats, says_nothing
from tools.writing.foreign import language_in
from tools.writing.widths import narrowed
from workspace.sample import Finding, Sample
from workspace.words import Words, language_of

TAIL = 6.0  # robust standard deviations of the logarithm of a length
LEAST_ROWS = 50  # before lengths have a usual range


class Text(NamedTuple):
    role: str
    text: str


class Quality(Edit):
    """Each row that goes says what was measured and where the limit lies. What a label says is never judged."""

    name: ClassVar[str] = "quality"
    words: ClassVar[Words] = Words("rows that teach nothing taken out", "去掉没有价值的数据")
    shortest: int = Field(1, ge=0, description="characters of a message, at least")
    longest: int = Field(100_000, ge=1, description="characters of a message, at most")
    tails: bool = Field(False, description="also what is far shorter or longer than the others of this data")
    empty: bool = Field(True, description="signs without words, placeholders, a model speaking of itself")
    repetition: bool = True
    advertising: bool = True
    banned: tuple[str, ...] = Field((), description="words that may not occur, whatever their width or case")
    languages: tuple[str, ...] = Field((), description="ISO 639-1 codes of the wanted ones; none: any")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        if not self.tails:
            yield from map(self._judged, rows)
            return
        with Waiting() as waiting:
            lengths = Lengths()
            for row in rows:
                judged = self._judged(row)
                lengths.note(judged)
                waiting.add(judged)
            for row in waiting:
                yield self._dropped(row, found) if row.kept and (found := lengths.far(row)) else row

    def _judged(self, row: Sample) -> Sample:
        if not row.kept:
            return row
        found = next(self._lacks(row), None)
        return self._dropped(row, found) if found else row

    def _dropped(self, row: Sample, found: Lack) -> Sample:
        language = language_of(f"{row.question}{row.answer}")
        reason = found.why.to(language)
        return row.judged(Finding(check=self.name, verdict="fail", reason=reason, drops=True))

    def _lacks(self, row: Sample) -> Iterator[Lack]:
        """What is cheap comes first: the first one found is the reason."""
        texts = texts_of(row)
        for role, text in texts:
            yield from self._short_or_long(text)
            if self.empty:
                said = says_nothing(text) or (asks_nothing(text) if role == "user" and row.messages else None)
                yield from filter(None, (said, answers_nothing(text) if role == "assistant" else None))
            if self.repetition and (found := repeats(text)):
                yield found
        for _, text in texts:
            if self.advertising and (sold := selling(text)):
                yield _advertising(sold)
        if self.banned and (word := self._forbidden(row, texts)):
            yield Lack(Words(f"the banned word “{word}”", f"含有禁用词“{word}”"))
        if self.languages:
            yield from self._foreign(texts)

    def _short_or_long(self, text: str) -> Iterator[Lack]:
        signs = len(text.strip())
        if signs < self.shortest:
            yield Lack(
                Words(f"{signs} characters (at least {self.shortest})", f"只有 {signs} 个字符（至少 {self.shortest}）")
            )
        if signs > self.longest:
            yield Lack(
                Words(f"{signs} characters (at most {self.longest})", f"有 {signs} 个字符（至多 {self.longest}）")
            )

    def _foreign(self, texts: Iterable[Text]) -> Iterator[Lack]:
        for _, text in texts:
            language = language_in(text)
            if language and language not in self.languages:
                wanted = ", ".join(self.languages)
                yield Lack(Words(f"it is in “{language}”, not in {wanted}", f"语言是“{language}”，不是 {wanted}"))

    def _forbidden(self, row: Sample, texts: Iterable[Text]) -> str | None:
        fields = (str(value) for value in row.fields.values())
        text = narrowed("\n".join((*(text for _, text in texts), row.label or "", *fields))).casefold()
        found = self._pattern.search(text)
        return str(found.group(1)) if found else None

    @cached_property
    def _pattern(self) -> Any:
        """RE2: one pass over the text however many words. A Latin word stands by itself, Chinese has no edges."""
        import re2

        words = sorted({narrowed(word).casefold().strip() for word in self.banned} - {""}, key=lambda w: (-len(w), w))
        plain = [re.escape(word) for word in words if not word.isascii()]
        latin = [re.escape(word) for word in words if word.isascii()]
        sides = [*plain, *((rf"(?:\b(?:{'|'.join(latin)})\b)",) if latin else ())]
        return re2.compile(f"({'|'.join(sides)})")


def texts_of(row: Sample) -> list[Text]:
    """What is said, without instructions of the system, and without an answer that is a label."""
    said = [Text(m.role, m.content) for m in row.messages if m.role != "system"]
    if row.label is not None and said and said[-1] == ("assistant", row.label):
        said.pop()
    return said


def _advertising(sold: tuple[str, ...]) -> Lack:
    shown = ", ".join(sold[:4])
    return Lack(Words(f"an advertisement: a way to be reached, and {shown}", f"广告：有联系方式，还有{shown}"))


class Lengths:
    """Of all rows: lengths of what is asked and of what is answered, as logarithms."""

    def __init__(self) -> None:
        self._seen: dict[str, list[float]] = {}
        self._limits: dict[str, tuple[float, float]] | None = None

    def note(self, row: Sample) -> None:
        for role, text in texts_of(row) if row.kept else ():
            self._seen.setdefault(role, []).append(math.log(max(1, len(text))))

    def far(self, row: Sample) -> Lack | None:
        if self._limits is None:
            self._limits = {role: _limits(seen) for role, seen in self._seen.items() if len(seen) >= LEAST_ROWS}
        for role, text in texts_of(row):
            low, high = self._limits.get(role, (0.0, math.inf))
            if not low <= len(text) <= high:
                span = f"{low:.0f} to {high:.0f}"
                return Lack(
                    Words(
                        f"{len(text)} characters, where those of this data have {span}",
                        f"有 {len(text)} 个字符，而本数据通常为 {low:.0f} 到 {high:.0f} 个",
                    )
                )
        return None


def _limits(seen: list[float]) -> tuple[float, float]:
    """Of a length in characters. The spread is that of the median deviation, never less than a factor of 1.5."""
    ordered = sorted(seen)
    middle = ordered[len(ordered) // 2]
    spread = max(math.log(1.5) / 3, 1.4826 * sorted(abs(one - middle) for one in ordered)[len(ordered) // 2])
    return math.exp(middle - TAIL * spread), math.exp(middle + TAIL * spread)
