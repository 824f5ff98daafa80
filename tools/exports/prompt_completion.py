"""TRL's form: a prompt and its completion."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from tools.base import Export
from tools.exports.lines import write_rows
from tools.exports.originals import converted
from workspace.sample import Sample
from workspace.words import Words


class PromptCompletion(Export):
    """Two texts; two lists of turns where there is more than one question and one answer."""

    name: ClassVar[str] = "prompt-completion"
    words: ClassVar[Words] = Words("prompts with completions", "提示与补全")
    suffix: ClassVar[str] = ".jsonl"

    def line(self, row: Sample) -> dict[str, object]:
        return converted(row, "prompt-completion")

    def write(self, rows: Iterable[Sample], path: Path) -> None:
        write_rows(rows, path, self.line, "prompt-completion")
