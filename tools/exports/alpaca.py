"""Alpaca's form: instruction, input and output, with earlier turns as history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from tools.base import Export
from tools.exports.lines import Line, held, kept, parted, system_of, write_entry, write_lines
from workspace.sample import Message, Sample
from workspace.words import Words

COLUMNS = {
    "prompt": "instruction",
    "query": "input",
    "response": "output",
    "system": "system",
    "history": "history",
}


class Alpaca(Export):
    """Holds questions and answers in turn; of several turns of one side in a row it makes one, a line each."""

    name: ClassVar[str] = "alpaca"
    words: ClassVar[Words] = Words("Alpaca instructions", "Alpaca 指令问答格式")
    suffix: ClassVar[str] = ".jsonl"

    def line(self, row: Sample) -> dict[str, object]:
        system, turns = system_of(row)
        *before, (said, answered) = _pairs(turns)
        instruction, extra = parted(row) or (said, "")
        own: Line = {"instruction": instruction, "input": extra, "output": answered}
        own |= {"system": system} if system else {}
        return held(row, own | ({"history": [list(pair) for pair in before]} if before else {}))

    def write(self, rows: Iterable[Sample], path: Path) -> None:
        keys = write_lines(map(self.line, kept(rows)), path)
        write_entry(path, {"columns": {ours: theirs for ours, theirs in COLUMNS.items() if theirs in keys}})


def _pairs(turns: Sequence[Message]) -> list[tuple[str, str]]:
    """(what the person says, what is answered), both joined where one side speaks twice."""
    pairs: list[tuple[list[str], list[str]]] = [([], [])]
    for turn in turns:
        said, answered = pairs[-1]
        if turn.role == "assistant":
            answered.append(turn.content)
        elif answered:
            pairs.append(([turn.content], []))
        else:
            said.append(turn.content)
    return [("\n".join(said), "\n".join(answered)) for said, answered in pairs]
