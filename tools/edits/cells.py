"""Points at cells of a table that are probably wrong, and puts right those that are clear where that is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import ClassVar

from pydantic import Field

from tools.base import Edit, Kit
from tools.waiting import Waiting
from tools.wrong_cells.columns import Columns, cells_of
from tools.wrong_cells.constraints import constraints_of
from tools.wrong_cells.study import Suspicion, suspicions
from workspace.sample import Finding, Sample, Scalar
from workspace.words import Words, language_of


class Study:
    """Sees every row once; after that it says of each, by its number, which of its cells look wrong."""

    def __init__(self, constraints: tuple[str, ...] = (), least: float = 0.0) -> None:
        self._columns, self._constraints, self._least = Columns(), constraints, least
        self._found: dict[int, list[Suspicion]] | None = None

    def note(self, row: Sample) -> None:
        """Rows that were dropped before count as empty."""
        self._columns.add(cells_of(row) if row.kept else {})

    def of(self, number: int) -> list[Suspicion]:
        """Raises UserError where a constraint names a column that the table lacks."""
        if self._found is None:
            names = [column.name for column in self._columns]
            given = constraints_of(self._constraints, names)
            found = suspicions(self._columns, given.dependencies, given.denials)
            self._found = {
                row: kept for row, cells in found.items() if (kept := [c for c in cells if c.sure >= self._least])
            }
        return self._found.get(number, [])


class Cells(Edit):
    """By what the whole table shows: typing errors, values that break with what decides them, odd numbers and dates."""

    name: ClassVar[str] = "cells"
    words: ClassVar[Words] = Words("wrong cells of a table", "表格中的错误单元格")
    needs_all: ClassVar[bool] = True
    constraints: tuple[str, ...] = Field((), description="“zip -> city”, or denial constraints, one each")
    repair: bool = Field(False, description="put right what is clear; what stood there stays in the finding")
    least: float = Field(0.5, ge=0, le=1, description="how sure, before a cell is pointed at")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        """Nothing is dropped. Rows without columns of their own pass at once as long as none had any."""
        study, rows = Study(self.constraints, self.least), iter(rows)
        for row in rows:
            if cells_of(row):
                yield from self._studied(chain([row], rows), study)
                return
            yield row

    def _studied(self, rows: Iterable[Sample], study: Study) -> Iterator[Sample]:
        with Waiting() as waiting:
            for row in rows:
                study.note(row)
                waiting.add(row)
            for number, row in enumerate(waiting):
                found = study.of(number)
                yield _repaired(pointed_at(row, found), found) if self.repair and found else pointed_at(row, found)


def pointed_at(row: Sample, found: list[Suspicion]) -> Sample:
    return row.judged(*map(_finding, found))


def _finding(found: Suspicion) -> Finding:
    language = language_of(f"{found.column} {found.value} {found.meant or ''}")
    return Finding(
        check="cells",
        verdict="fail",
        reason=found.why.to(language),
        claim=found.value,
        column=found.column,
        confidence=found.sure,
    )


def _repaired(row: Sample, found: list[Suspicion]) -> Sample:
    meant = {one.column: one.meant for one in found if one.meant is not None}
    fields = {name: _as(value, meant[name]) if name in meant else value for name, value in row.fields.items()}
    label = meant.get("label", row.label) if "label" not in row.fields else row.label
    return row.model_copy(update={"fields": fields, "label": label})


def _as(value: Scalar, meant: str) -> Scalar:
    """A number stays one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return meant
    try:
        return type(value)(meant)
    except ValueError:
        return meant
