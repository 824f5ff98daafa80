"""What stands in a column: of which type its values are, how many are missing, and which are common."""

from __future__ import annotations

import re
import zlib
from array import array
from collections import Counter
from typing import Literal

from tools.health.report import Column, Count
from tools.health.signs import shown
from tools.personal.columns import kind_of
from workspace.sample import Scalar

Type = Literal["number", "date", "yes or no", "text", "empty"]
MISSING = frozenset("na n/a nan null none nil - -- ? ?? unknown missing #n/a 无 空 缺失 未知 — ——".split()) | {""}
NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:[,，]\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d{1,3})?[%％]?")
DATE = re.compile(r"\d{4}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?(?:[ T]\d{1,2}:\d\d.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
YES_NO = frozenset("true false yes no y n t f 是 否 有 无 对 错".split())
MOST_DISTINCT, MOST_NUMBERS, MOST_COMMON = 20_000, 200_000, 5
MAIN = 0.9  # share of numbers from which a column is one of numbers


class Seen:
    """One column as it goes by; memory stays flat."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.missing = 0
        self.types = Counter[Type]()
        self.distinct: set[int] | None = set()
        self.common = Counter[str]()
        self.numbers = array("d")
        self.least, self.most = "", ""

    def see(self, value: Scalar) -> None:
        text = "" if value is None else str(value).strip()
        if text.lower() in MISSING:
            self.missing += 1
            return
        type_ = _type(text)
        self.types[type_] += 1
        self._count(text)
        if type_ == "number" and len(self.numbers) < MOST_NUMBERS:
            self.numbers.append(_value(text))

    def _count(self, text: str) -> None:
        if self.distinct is not None:
            self.distinct.add(zlib.crc32(text.encode("utf-8", "surrogatepass")))
            if len(self.distinct) > MOST_DISTINCT:
                self.distinct = None
        self.common[text[:80]] += 1
        if len(self.common) > MOST_DISTINCT:
            self.common = Counter(dict(self.common.most_common(1000)))
        if not self.least or text < self.least:
            self.least = text[:80]
        if text > self.most:
            self.most = text[:80]

    def column(self, odd: int = 0) -> Column:
        """`odd`: how many of its values were found not to fit."""
        rows = self.types.total()
        main, count = self.types.most_common(1)[0] if rows else ("empty", 0)
        numbers = main == "number" and count >= MAIN * rows and kind_of(self.name) is None
        least, median, most = (
            self._numbers() if numbers else (shown(self.least, self.name), "", shown(self.most, self.name))
        )
        # A value that stands once is nobody's common value, and may be somebody's name.
        common = [Count(name=shown(v, self.name), rows=n) for v, n in self.common.most_common(MOST_COMMON) if n > 1]
        distinct = None if self.distinct is None else len(self.distinct)
        return Column(
            name=shown(self.name), type=main, missing=self.missing, distinct=distinct, least=least, median=median,
            most=most, common=tuple(common), odd=odd,
        )  # fmt: skip

    def _numbers(self) -> tuple[str, str, str]:
        import numpy as np

        values = np.array(self.numbers)
        return f"{values.min():g}", f"{np.median(values):g}", f"{values.max():g}"


def _type(text: str) -> Type:
    if NUMBER.fullmatch(text):
        return "number"
    if text[:1].isdigit() and DATE.fullmatch(text):
        return "date"
    return "yes or no" if text.lower() in YES_NO else "text"


def _value(text: str) -> float:
    return float(text.replace(",", "").replace("，", "").rstrip("%％"))
