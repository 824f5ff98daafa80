"""ShareGPT's form: turns from human and gpt, the system's word beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from tools.base import Export
from tools.exports.lines import write_rows
from tools.exports.originals import converted
from workspace.sample import Sample
from workspace.words import Words


class ShareGPT(Export):
    """Holds every row whole."""

    name: ClassVar[str] = "sharegpt"
    words: ClassVar[Words] = Words("ShareGPT conversations", "ShareGPT 多轮对话格式")
    suffix: ClassVar[str] = ".jsonl"

    def line(self, row: Sample) -> dict[str, object]:
        return converted(row, "sharegpt")

    def write(self, rows: Iterable[Sample], path: Path) -> None:
        write_rows(rows, path, self.line, "sharegpt")
