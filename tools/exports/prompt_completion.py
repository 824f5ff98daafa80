"""TRL's form: a prompt and its completion."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from tools.base import Export
from tools.exports.lines import held, kept, write_lines
from workspace.sample import Sample
from workspace.words import Words


class PromptCompletion(Export):
    """Two texts; two lists of turns where there is more than one question and one answer."""

    name: ClassVar[str] = "prompt-completion"
    words: ClassVar[Words] = Words("prompts with completions", "提示与补全")
    suffix: ClassVar[str] = ".jsonl"

    def line(self, row: Sample) -> dict[str, object]:
        *prompt, answer = row.messages
        if len(prompt) == 1:
            return held(row, {"prompt": prompt[0].content, "completion": answer.content})
        turns = [turn.model_dump() for turn in prompt]
        return held(row, {"prompt": turns, "completion": [answer.model_dump()]})

    def write(self, rows: Iterable[Sample], path: Path) -> None:
        write_lines(map(self.line, kept(rows)), path)
