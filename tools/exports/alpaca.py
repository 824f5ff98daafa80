"""Alpaca's form: instruction, input and output, with earlier turns as history."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from tools.base import Export
from tools.exports.lines import write_rows
from tools.exports.originals import converted
from workspace.sample import Sample
from workspace.words import Words


class Alpaca(Export):
    """Holds questions and answers in turn; of several turns of one side in a row it makes one, a line each."""

    name: ClassVar[str] = "alpaca"
    words: ClassVar[Words] = Words("Alpaca instructions", "Alpaca 指令问答格式")
    suffix: ClassVar[str] = ".jsonl"

    def line(self, row: Sample) -> dict[str, object]:
        return converted(row, "alpaca")

    def write(self, rows: Iterable[Sample], path: Path) -> None:
        write_rows(rows, path, self.line, "alpaca")
