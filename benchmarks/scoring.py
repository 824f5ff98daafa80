"""How every benchmark of the checks counts and prints, so that their lines make one table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEAD = f"{'what':<52}{'rows':>6}{'wrong':>7}{'prec':>7}{'rec':>7}{'F1':>7}{'acc':>7}{'/s':>9}"


@dataclass(frozen=True)
class Score:
    """Wrong rows are what a check looks for: `found` of them, `missed`, `alarms` over right rows, `passed` right ones.

    `seconds` for all rows together, 0 where speed says nothing.
    """

    what: str
    found: int
    missed: int
    alarms: int
    passed: int
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        return self.found + self.missed + self.alarms + self.passed

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.alarms)

    @property
    def recall(self) -> float:
        return self.found / max(1, self.found + self.missed)

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def accuracy(self) -> float:
        return (self.found + self.passed) / max(1, self.rows)

    def line(self) -> str:
        speed = f"{self.rows / self.seconds:>9.1f}" if self.seconds else f"{'-':>9}"
        figures = "".join(f"{x:>7.3f}" for x in (self.precision, self.recall, self.f1, self.accuracy))
        return f"{self.what:<52}{self.rows:>6}{self.found + self.missed:>7}{figures}{speed}"


def score(what: str, truly_wrong: Sequence[bool], called_wrong: Iterable[bool], seconds: float = 0.0) -> Score:
    """One bool a row on each side, in the same order."""
    pairs = list(zip(truly_wrong, called_wrong, strict=True))
    counts = [pairs.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))]
    return Score(what, *counts, seconds)
