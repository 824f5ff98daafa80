"""CSV, for whoever wants to look at the rows in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Literal

import orjson

from tools.base import Export
from tools.exports.lines import Line, held, kept
from workspace.project import writing
from workspace.sample import Sample
from workspace.words import Words

Shape = Literal["label", "answer", "turns"]
# From the narrowest, which holds the fewest rows, to the one that holds all.
SHAPES: tuple[Shape, ...] = ("label", "answer", "turns")


class Table(Export):
    """A question and its answer or label in columns; a conversation as JSON in one column."""

    name: ClassVar[str] = "csv"
    words: ClassVar[Words] = Words("a table (CSV)", "表格（CSV）")
    suffix: ClassVar[str] = ".csv"

    def line(self, row: Sample) -> dict[str, object]:
        return _line(row, _shape(row))

    def write(self, rows: Iterable[Sample], path: Path) -> None:
        """One shape for all rows, and a column for every name. Excel knows UTF-8 by the mark at the beginning."""
        every = list(kept(rows))
        shape = max((_shape(row) for row in every), key=SHAPES.index, default=SHAPES[0])
        lines = [_line(row, shape) for row in every]
        columns = list(dict.fromkeys(name for line in lines for name in line))
        with writing(path) as file:
            out = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
            table = csv.DictWriter(out, columns)
            table.writeheader()
            table.writerows(lines)
            out.flush()
            out.detach()


def _shape(row: Sample) -> Shape:
    if len(row.messages) != 2:
        return "turns"
    return "label" if row.label == row.answer else "answer"


def _line(row: Sample, shape: Shape) -> Line:
    if shape == "turns":
        turns = [message.model_dump() for message in row.messages]
        return held(row, {"messages": orjson.dumps(turns).decode()})
    if shape == "label":
        return held(row, {"text": row.question})
    return held(row, {"question": row.question, "answer": row.answer})
