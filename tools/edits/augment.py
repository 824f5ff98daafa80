"""Makes more rows of those there are, in other words, with slips or turned pictures; each points at its parent."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from tools.base import Edit, Kit
from tools.pictures import cut, turned
from tools.typos import mistyped
from tools.variants import (
    NO_ANSWER,
    Pivot,
    Wanted,
    paraphrased,
    replaced,
    synonyms,
    translated_back,
    unfaithful,
)
from workspace.errors import UserError
from workspace.sample import Finding, Message, Origin, Sample, row_id
from workspace.words import Words, language_of

Way = Literal["synonyms", "typing", "paraphrase", "back-translation", "rotate", "crop"]
BY_MODEL: tuple[Way, ...] = ("synonyms", "paraphrase", "back-translation")
OF_PICTURES: tuple[Way, ...] = ("rotate", "crop")
AT_ONCE = 64
NO_PICTURE = Words("there is no picture there that can be read", "找不到可读取的图片")
FEWER = Words("the model found no further way to say it", "模型没有给出更多说法")


class Augment(Edit):
    """Each row followed by its variants, `copies` of them for each way; one that went wrong says why.

    A variant has its parent's label, answer and place. Of rows held back for the test none is made.
    """

    name: ClassVar[str] = "augment"
    words: ClassVar[Words] = Words("more rows made of those there are", "数据增强")
    ways: tuple[Way, ...] = Field((), description="none unless asked for: rows in are then rows out")
    copies: int = Field(1, ge=1, le=8, description="variants of a row for each way")
    chance: float = Field(0.1, gt=0, le=1, description="of a word to be replaced by one that means the same")
    most: int = Field(3, ge=1, description="words replaced in one text")
    through: tuple[Pivot, ...] = Field(("en", "ja", "ko"), description="languages to translate through and back")
    picture: str | None = Field(None, description="the column that names a picture")
    folder: str | None = Field(None, description="where the pictures are that have no whole path")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """Raises UserError where a model or a column is needed and there is none."""
        if kit.chat is None and (asked := [way for way in self.ways if way in BY_MODEL]):
            raise _no_model(asked[0])
        if self.picture is None and any(way in OF_PICTURES for way in self.ways):
            raise _no_column()
        stream = iter(rows)
        while batch := list(islice(stream, AT_ONCE)):
            texts = {
                way: iter(self._texts(way, [row for row in batch if self._has(row, way)], kit)) for way in self.ways
            }
            for row in batch:
                yield row
                for way in self.ways:
                    if self._has(row, way):
                        yield from next(texts[way])

    def _has(self, row: Sample, way: Way) -> bool:
        if not row.kept or row.split == "test" or row.origin.source == self.name:
            return False
        if way in OF_PICTURES:
            return bool(row.fields.get(self.picture or ""))
        return bool(row.question.strip())

    def _texts(self, way: Way, rows: Sequence[Sample], kit: Kit) -> Iterator[list[Sample]]:
        """For each row its variants of one way."""
        if way in OF_PICTURES:
            return ([self._pictured(row, way, n, kit) for n in range(self.copies)] for row in rows)
        made = self._made(way, rows, kit)
        return ([self._variant(row, way, n, said) for n, said in enumerate(next(made))] for row in rows)

    def _made(self, way: Way, rows: Sequence[Sample], kit: Kit) -> Iterator[Sequence[str | Words]]:
        """`copies` texts a row, or why there is none."""
        seed = kit.spec.seed.value if kit.spec.seed else 0
        if way == "typing":
            for row in rows:
                yield [mistyped(_said(row), self._rng(row, way, n, seed), row.answer) for n in range(self.copies)]
            return
        assert kit.chat is not None
        wanted = [Wanted(_said(row), f"augment/{row.id}/{way}", seed) for row in rows]
        if way == "paraphrase":
            for found in paraphrased(kit.chat, wanted, self.copies):
                texts = list(dict.fromkeys(found or ()))[: self.copies]
                yield [*texts, *[FEWER if found is not None else NO_ANSWER] * (self.copies - len(texts))]
        elif way == "synonyms":
            for row, words in zip(rows, synonyms(kit.chat, wanted), strict=True):
                rngs = [self._rng(row, way, n, seed) for n in range(self.copies)]
                yield [
                    NO_ANSWER if words is None else replaced(_said(row), words, self.chance, self.most, rng)
                    for rng in rngs
                ]
        else:
            each = [Wanted(one.text, f"{one.slot}/{n}", seed + n) for one in wanted for n in range(self.copies)]
            back = translated_back(kit.chat, each, self.through)
            for _ in rows:
                yield [NO_ANSWER if text is None else text for text in islice(back, self.copies)]

    def _rng(self, row: Sample, way: Way, number: int, seed: int) -> random.Random:
        return random.Random(f"{seed}/{row.id}/{way}/{number}")

    def _variant(self, row: Sample, way: Way, number: int, said: str | Words) -> Sample:
        origin = self._origin(row, way, number)
        text = said if isinstance(said, str) else ""
        spoken = max(n for n, message in enumerate(row.messages) if message.role == "user")
        messages = tuple(
            Message(role="user", content=text) if n == spoken else message for n, message in enumerate(row.messages)
        )
        variant = row.model_copy(
            update={"id": row_id(messages, origin), "messages": messages, "origin": origin, "findings": (), "raw": None}
        )
        wrong = said if isinstance(said, Words) else unfaithful(_said(row), text, row.answer if not row.label else "")
        return variant.judged(self._dropping(wrong, row)) if wrong else variant

    def _pictured(self, row: Sample, way: Way, number: int, kit: Kit) -> Sample:
        column = self.picture or ""
        source, origin = Path(self.folder or "") / str(row.fields[column]), self._origin(row, way, number)
        id = row_id(row.messages, origin)
        target = kit.project.place("pictures", f"{id}.png")
        seed = kit.spec.seed.value if kit.spec.seed else 0
        done = (turned if way == "rotate" else cut)(source, target, self._rng(row, way, number, seed))
        fields = {**row.fields, column: str(target) if done else row.fields[column]}
        variant = row.model_copy(update={"id": id, "origin": origin, "fields": fields, "findings": (), "raw": None})
        return variant if done else variant.judged(self._dropping(NO_PICTURE, row))

    def _origin(self, row: Sample, way: Way, number: int) -> Origin:
        return Origin(source=self.name, slot=f"{row.id}/{way}/{number}", parent=row.id, licence=row.origin.licence)

    def _dropping(self, why: Words, row: Sample) -> Finding:
        return Finding(check=self.name, verdict="fail", reason=why.to(language_of(row.question)), drops=True)


def _said(row: Sample) -> str:
    """The last that the person says."""
    return next((m.content for m in reversed(row.messages) if m.role == "user"), "")


def _no_model(way: Way) -> UserError:
    return UserError(
        Words(f"{way} needs a model to ask.", f"“{way}”需要调用模型。"),
        Words("Run it without --offline, or ask for `typing` alone.", "请不要使用 --offline，或者只选择 `typing`。"),
    )


def _no_column() -> UserError:
    return UserError(
        Words("Which column names the pictures?", "没有说明哪一列是图片。"),
        Words("Name it as `picture`.", "请用 `picture` 指定列名。"),
    )
