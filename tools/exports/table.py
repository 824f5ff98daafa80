"""A table of the rows' own columns: CSV for whoever wants to look at them in a spreadsheet, Parquet, JSONL."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from tools.base import Export
from tools.exports.lines import WRITTEN_AS, refuse_suffix, write_rows, write_table
from tools.exports.originals import narrow, shape_of, table_line
from workspace.sample import Sample
from workspace.words import Words


class Table(Export):
    """The columns as they came; of a row of ours question and answer or label, a conversation as JSON in one."""

    name: ClassVar[str] = "csv"
    words: ClassVar[Words] = Words("a table (CSV)", "表格（CSV）")
    suffix: ClassVar[str] = ".csv"

    def line(self, row: Sample) -> dict[str, object]:
        return narrow(table_line(row), shape_of(row))

    def write(self, rows: Iterable[Sample], path: Path) -> None:
        """One shape for all rows, and a column for every name."""
        refuse_suffix(path, WRITTEN_AS["CSV"])
        write_table(rows, path)


class Parquet(Export):
    """The columns as they came, each with its type."""

    name: ClassVar[str] = "parquet"
    words: ClassVar[Words] = Words("a typed table (Parquet)", "带类型的表格（Parquet）")
    suffix: ClassVar[str] = ".parquet"

    def line(self, row: Sample) -> dict[str, object]:
        return table_line(row)

    def write(self, rows: Iterable[Sample], path: Path) -> None:
        refuse_suffix(path, WRITTEN_AS["Parquet"])
        write_rows(rows, path, self.line, None)


class Jsonl(Export):
    """The columns as they came, a row a line."""

    name: ClassVar[str] = "jsonl"
    words: ClassVar[Words] = Words("a row a line (JSONL)", "每行一条（JSONL）")
    suffix: ClassVar[str] = ".jsonl"

    def line(self, row: Sample) -> dict[str, object]:
        return table_line(row)

    def write(self, rows: Iterable[Sample], path: Path) -> None:
        refuse_suffix(path, (*WRITTEN_AS["JSONL"], *WRITTEN_AS["JSON"]))
        write_rows(rows, path, self.line, None)
