"""What stands for nothing in a table: left as it is, filled with what is usual in its column, or its row left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from tools.base import Edit, Kit
from tools.waiting import Waiting
from tools.wrong_cells.columns import Column, Columns, cells_of, is_missing, written
from tools.wrong_cells.outliers import PLACEHOLDERS, amount, is_numeric, odd_numbers
from workspace.errors import UserError
from workspace.sample import Finding, Sample, Scalar
from workspace.words import Words, language_of

Usual = tuple[str, Words]
LEAST_FILLED = 0.5  # share of the rows that must say something, before the others are filled or left out


class Missing(Edit):
    """Empty cells, N/A, -, 无, 不详 and the like; and 9999 among numbers that are far from it."""

    name: ClassVar[str] = "missing"
    words: ClassVar[Words] = Words("missing values", "缺失值")
    needs_all: ClassVar[bool] = True
    how: Literal["kept", "filled", "left out"] = Field("kept", description="filled: by the median or the usual value")
    columns: tuple[str, ...] = Field((), description="of these alone; none: of all that are mostly filled")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """What was filled in says so, with what stood there. Raises UserError where a named column is not there."""
        if self.how == "kept":
            yield from rows
            return
        with Waiting() as waiting:
            table = Columns()
            typed: set[str] = set()
            for row in rows:
                cells = cells_of(row) if row.kept else {}
                typed.update(name for name, value in cells.items() if type(value) in (int, float))
                table.add(cells)
                waiting.add(row)
            chosen = [column for column in table if self._is_meant(column, table.rows)]
            self._refuse_unknown(table)
            empty = {column.name: _marks(column) for column in chosen}
            usual = {column.name: _usual(column, empty[column.name]) for column in chosen}
            for row in waiting:
                yield self._treated(row, empty, usual, typed) if row.kept else row

    def _is_meant(self, column: Column, rows: int) -> bool:
        return column.name in self.columns if self.columns else column.filled >= LEAST_FILLED * rows

    def _refuse_unknown(self, table: Columns) -> None:
        if unknown := [name for name in self.columns if name not in table]:
            known = [column.name for column in table]
            raise UserError(
                Words(f"There is no column {', '.join(unknown)}.", f"没有“{'、'.join(unknown)}”这一列。"),
                Words(f"There are: {', '.join(known)}.", f"现有的列：{'、'.join(known)}。"),
            )

    def _treated(
        self, row: Sample, empty: Mapping[str, set[str]], usual: Mapping[str, Usual | None], typed: set[str]
    ) -> Sample:
        cells = cells_of(row)
        lacking = [name for name in empty if name in cells and _lacks(written(cells[name]), empty[name])]
        if not lacking:
            return row
        if self.how == "left out":
            names = ", ".join(lacking)
            reason = Words(f"nothing known in {names}", f"缺少{'、'.join(lacking)}").to(language_of(names))
            finding = Finding(check=self.name, verdict="fail", reason=reason, column=lacking[0], drops=True)
            return row.judged(finding)
        filled = {name: found for name in lacking if (found := usual[name]) is not None and name in row.fields}
        findings = [_finding(name, written(cells[name]), told) for name, (_, told) in filled.items()]
        put = {name: _number(value) if name in typed else value for name, (value, _) in filled.items()}
        return row.model_copy(update={"fields": {**row.fields, **put}}).judged(*findings)


def _lacks(text: str, marks: set[str]) -> bool:
    return is_missing(text) or text in marks


def _marks(column: Column) -> set[str]:
    """Numbers that stand for nothing known: -1, 9999 and the like, where they are far from all others."""
    odd = odd_numbers(column)
    return {value for value in odd if (found := amount(value)) and found.value in PLACEHOLDERS}


def _usual(column: Column, marks: set[str]) -> Usual | None:
    """(what is filled in, what is said of it): as it is written in one of the rows. None where nothing is usual."""
    present = [(value, rows) for value, rows in column.present() if value not in marks]
    if not present:
        return None
    total = sum(rows for _, rows in present)
    if not is_numeric(column):
        value, rows = present[0]
        return value, Words(
            f"filled with the usual value “{value}” ({rows} of {total} rows)",
            f"填入最常见的值“{value}”（{total} 行中有 {rows} 行）",
        )
    ordered = sorted(
        ((found.value, value, rows) for value, rows in present if (found := amount(value))), key=lambda one: one[0]
    )
    half, seen = sum(rows for *_, rows in ordered) / 2, 0
    for _, value, rows in ordered:
        seen += rows
        if seen >= half:
            return value, Words(f"filled with the median {value} of {total} rows", f"填入 {total} 行的中位数 {value}")
    return None


def _number(text: str) -> Scalar:
    """A number where numbers stood."""
    found = amount(text)
    return text if found is None else int(found.value) if text.lstrip("-").isdigit() else found.value


def _finding(column: str, was: str, told: Words) -> Finding:
    reason = told.to(language_of(column))
    return Finding(check="missing", verdict="pass", reason=reason, claim=was, column=column)
