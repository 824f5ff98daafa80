"""Divides rows into train, validation and test so that nothing the model learnt from is what it is tested on."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from typing import ClassVar, Self

from pydantic import Field, model_validator

from tools.base import Edit, Kit
from tools.copies.families import Key, families
from tools.copies.likeness import all_folded
from tools.division import Division, Shares, by_time, in_folds, stratified
from tools.timeline import moments_of
from workspace.errors import UserError
from workspace.sample import Finding, Sample, Scalar
from workspace.words import Words, language_of

LEAKED = Words("it is too like a row held back for the test", "与留作测试的数据过于相似")
LATE = Words("it is later than what the test begins with", "时间晚于测试数据的开始")
FOLD = "fold"
LABEL, DIFFICULTY, FILE = "label", "difficulty", "file"


@dataclass(frozen=True, slots=True)
class Noted:
    """A key before its text is folded, and what stands in the column with dates."""

    key: Key
    time: Scalar


class Split(Edit):
    """Real rows make the test; written ones never do. What has a place keeps it.

    Rows that were varied from one another, or are nearly the same, are never parted. `stratify` and `together` name
    a column, or what a row knows of itself: `label`, `difficulty`, `file`.
    """

    name: ClassVar[str] = "split"
    words: ClassVar[Words] = Words("divided into train, validation and test", "划分训练、验证和测试集")
    needs_all: ClassVar[bool] = True
    test_share: float = Field(0.25, ge=0, le=0.9)
    validation_share: float = Field(0.1, ge=0, le=0.5, description="of what is not the test")
    shares: tuple[float, float, float] | None = Field(None, description="train : validation : test, such as 8, 1, 1")
    stratify: str = Field(LABEL, description="in each value of it the shares are the same")
    together: str | None = Field(None, description="rows with the same value of it are never parted")
    time: str | None = Field(None, description="the column with dates: the test is later than all else")
    folds: int = Field(0, ge=0, le=50, description="so many parts, numbered in the field `fold`, in place of a test")
    similarity: float = Field(90.0, ge=50, le=100)

    @model_validator(mode="before")
    @classmethod
    def _shared(cls, values: dict[str, object]) -> dict[str, object]:
        """8, 1, 1 is a tenth for the test and a ninth of the rest for validation."""
        shares = values.get("shares")
        if not isinstance(shares, (tuple, list)) or len(shares) != 3:
            return values
        train, validation, test = (float(share) for share in shares)
        if min(validation, test) < 0 or train <= 0:
            raise ValueError("a share is 0 or more, and that of train more")
        rest = train + validation
        return {**values, "test_share": test / (rest + test), "validation_share": validation / rest}

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.folds == 1 or (self.folds and self.time):
            raise ValueError("folds are two or more, and have no order in time")
        return self

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """Dropped rows go through without a place. The same rows and seed give the same places."""
        seed = kit.spec.seed.value if kit.spec.seed else 0
        with TemporaryFile(dir=kit.project.folder, prefix=".split") as file:
            kept, noted = list[bool](), list[Noted]()
            for row in rows:
                # What a row was read from comes through with it, which no other way of writing it down would keep.
                pickle.dump(row, file, pickle.HIGHEST_PROTOCOL)
                kept.append(row.kept)
                if kept[-1]:
                    noted.append(self._noted(row))
            division = self._division(noted, seed)
            file.seek(0)
            for looked_at in kept:
                row = pickle.load(file)
                yield _placed(row, division) if looked_at else row

    def _noted(self, row: Sample) -> Noted:
        group = _value(row, self.together) if self.together else None
        fold = str(row.fields.get(FOLD, "")) if self.folds else ""
        stratum = _value(row, self.stratify)
        key = Key(
            row.id,
            row.origin.parent,
            "" if stratum is None else str(stratum),
            # Of a table's rows none has a question, so none is like another.
            row.question,
            _real(row),
            row.split,
            None if group in (None, "") else str(group),
            fold=int(fold) if fold.isdecimal() else None,
        )
        return Noted(key, row.fields.get(self.time) if self.time else None)

    def _division(self, noted: Sequence[Noted], seed: int) -> Division:
        whens = moments_of([one.time for one in noted]) if self.time else [None] * len(noted)
        texts = all_folded([one.key.text for one in noted])
        keys = [replace(one.key, text=text, when=when) for one, text, when in zip(noted, texts, whens, strict=True)]
        if self.time and keys and not any(whens):
            raise _nothing_in(self.time)
        if self.together and keys and not any(key.group for key in keys):
            raise _nothing_in(self.together)
        found = families(keys, self.similarity)
        if self.folds:
            return in_folds(found, self.folds, seed)
        divide = by_time if self.time else stratified
        return divide(found, Shares(self.test_share, self.validation_share), seed)


def _placed(row: Sample, division: Division) -> Sample:
    if (fold := division.folds.get(row.id)) is not None:
        return row.model_copy(update={"fields": {**row.fields, FOLD: fold}})
    part = division.parts.get(row.id)
    if part == "test" and not _real(row):
        return row.judged(_dropping(LEAKED, row))
    if row.id in division.late:
        return row.judged(_dropping(LATE, row))
    return row.model_copy(update={"split": part}) if part else row


def _dropping(why: Words, row: Sample) -> Finding:
    reason = why.to(language_of(row.question or " ".join(map(str, row.fields.values()))))
    return Finding(check="split", verdict="fail", reason=reason, drops=True)


def _value(row: Sample, name: str) -> Scalar:
    """What a row knows of itself before what its columns say."""
    known = {
        LABEL: row.label,
        DIFFICULTY: row.cell.difficulty,
        FILE: "/".join(part for part in (row.origin.file, row.origin.sheet) if part) or None,
    }.get(name)
    return row.fields.get(name) if known is None else known


def _real(row: Sample) -> bool:
    return row.origin.source != "generate"


def _nothing_in(column: str) -> UserError:
    return UserError(
        Words(f"No row says anything that I can read in {column!r}.", f"没有一行在“{column}”里有能读懂的内容。"),
        Words(
            "Name a column that the rows have; dates may be 2024-05-31, 31/05/2024 or 2024年5月31日.",
            "请填写数据里有的列名；日期可以写成 2024-05-31、31/05/2024 或 2024年5月31日。",
        ),
    )
