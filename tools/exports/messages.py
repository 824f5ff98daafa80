"""OpenAI's chat form, which most trainers read: a list of role and content in each line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from tools.base import Export
from tools.exports.lines import write_rows
from tools.exports.originals import converted
from workspace.sample import Sample
from workspace.words import Words


class Messages(Export):
    """Holds every row whole."""

    name: ClassVar[str] = "messages"
    words: ClassVar[Words] = Words("chat messages", "对话消息（messages）")
    suffix: ClassVar[str] = ".jsonl"

    def line(self, row: Sample) -> dict[str, object]:
        return converted(row, "messages")

    def write(self, rows: Iterable[Sample], path: Path) -> None:
        write_rows(rows, path, self.line, "messages")
