"""The columns of a whole table in little memory: each different value once, and per row which of them stands there."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from workspace.sample import Sample, Scalar

if TYPE_CHECKING:
    import numpy as np

# What people write where they have nothing to write; as it stands when folded.
MARKS = frozenset(
    "na n/a n.a. n.a nan null none nil missing unknown tbd #n/a #na - -- --- — —— ? ?? ??? . / \\ "
    "无 无数据 空 空缺 缺失 缺 未知 不详 不明 未填 未填写 暂无 待定 没有 略".split()
) | {"not available", "not applicable", "no data"}
SHAPES = (
    (re.compile(r"[0-9]+"), "9"),
    (re.compile(r"[^\W\d_\u2e80-\u9fff\uac00-\ud7af]+"), "a"),
    (re.compile(r"[\u2e80-\u9fff\uac00-\ud7af]+"), "中"),
    (re.compile(r"\s+"), " "),
)


def shape(text: str) -> str:
    """ "al_scip-2" as "a_a-9": what kinds of signs stand where, but not how many."""
    for pattern, sign in SHAPES:
        text = pattern.sub(sign, text)
    return text


def is_missing(text: str) -> bool:
    return not text or text.casefold() in MARKS


@dataclass
class Column:
    """`codes[row]` is the place of that row's value in `values`; `counts` in how many rows each stands."""

    name: str
    values: list[str] = field(default_factory=list)
    codes: array[int] = field(default_factory=lambda: array("i"))
    _places: dict[str, int] = field(default_factory=dict)

    def add(self, value: str) -> None:
        place = self._places.get(value)
        if place is None:
            place = self._places[value] = len(self.values)
            self.values.append(value)
        self.codes.append(place)

    def place(self, value: str) -> int | None:
        return self._places.get(value)

    @cached_property
    def rows(self) -> np.ndarray:
        """The codes as an array of int64."""
        import numpy as np

        return np.frombuffer(self.codes, dtype=np.int32).astype(np.int64)

    @cached_property
    def counts(self) -> np.ndarray:
        import numpy as np

        return np.bincount(self.rows, minlength=len(self.values))

    @cached_property
    def missing(self) -> np.ndarray:
        """Per value, whether it says nothing."""
        import numpy as np

        return np.array([is_missing(value) for value in self.values], dtype=bool)

    @cached_property
    def filled(self) -> int:
        """Rows that say something here."""
        return int(self.counts[~self.missing].sum())

    def present(self) -> Iterator[tuple[str, int]]:
        """(value, rows) of what says something, the most frequent first, in a fixed order."""
        found = [(value, int(n)) for value, n, no in zip(self.values, self.counts, self.missing, strict=True) if not no]
        return iter(sorted(found, key=lambda pair: (-pair[1], pair[0])))


class Columns:
    """Filled row by row; a row that lacks a column, or comes before the column is known, has nothing there."""

    def __init__(self) -> None:
        self.rows = 0
        self._columns: dict[str, Column] = {}

    def add(self, cells: Mapping[str, Scalar]) -> None:
        for name in cells:
            if name not in self._columns:
                column = self._columns[name] = Column(name)
                for _ in range(self.rows):
                    column.add("")
        for name, column in self._columns.items():
            column.add(written(cells.get(name)))
        self.rows += 1

    def __iter__(self) -> Iterator[Column]:
        return iter(self._columns.values())

    def __getitem__(self, name: str) -> Column:
        return self._columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self._columns


def written(value: Scalar) -> str:
    return "" if value is None else str(value).strip()


def cells_of(row: Sample) -> dict[str, Scalar]:
    """What can be studied by column: the fields, and the label if there is one."""
    return {**row.fields, "label": row.label} if row.label is not None else row.fields
