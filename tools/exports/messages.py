"""OpenAI's chat form, which most trainers read: a list of role and content in each line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from tools.base import Export
from tools.exports.lines import held, kept, write_entry, write_lines
from workspace.sample import Sample
from workspace.words import Words

ENTRY: dict[str, object] = {
    "formatting": "sharegpt",
    "columns": {"messages": "messages"},
    "tags": {
        "role_tag": "role",
        "content_tag": "content",
        "user_tag": "user",
        "assistant_tag": "assistant",
        "system_tag": "system",
    },
}


class Messages(Export):
    """Holds every row whole."""

    name: ClassVar[str] = "messages"
    words: ClassVar[Words] = Words("chat messages", "对话消息（messages）")
    suffix: ClassVar[str] = ".jsonl"

    def line(self, row: Sample) -> dict[str, object]:
        return held(row, {"messages": [message.model_dump() for message in row.messages]})

    def write(self, rows: Iterable[Sample], path: Path) -> None:
        write_lines(map(self.line, kept(rows)), path)
        write_entry(path, ENTRY)
