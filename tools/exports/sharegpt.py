"""ShareGPT's form: turns from human and gpt, the system's word beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from tools.base import Export
from tools.exports.lines import held, kept, system_of, write_entry, write_lines
from workspace.sample import Sample
from workspace.words import Words

NAMES = {"user": "human", "assistant": "gpt", "system": "system"}


class ShareGPT(Export):
    """Holds every row whole."""

    name: ClassVar[str] = "sharegpt"
    words: ClassVar[Words] = Words("ShareGPT conversations", "ShareGPT 多轮对话格式")
    suffix: ClassVar[str] = ".jsonl"

    def line(self, row: Sample) -> dict[str, object]:
        system, turns = system_of(row)
        said = [{"from": NAMES[turn.role], "value": turn.content} for turn in turns]
        return held(row, {"conversations": said, **({"system": system} if system else {})})

    def write(self, rows: Iterable[Sample], path: Path) -> None:
        keys = write_lines(map(self.line, kept(rows)), path)
        columns = {"messages": "conversations", **({"system": "system"} if "system" in keys else {})}
        write_entry(path, {"formatting": "sharegpt", "columns": columns})
