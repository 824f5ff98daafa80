"""Every row that goes into an edit comes out of it and is counted once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from tests.contract.kits import kit, said
from tools.base import Edit, Kit
from tools.edits.duplicates import Duplicates
from tools.edits.normalise import Normalise
from tools.ledger import counted
from workspace.errors import UserError
from workspace.sample import Sample
from workspace.words import Words


class Losing(Edit):
    name: ClassVar[str] = "losing"
    words: ClassVar[Words] = Words("loses the second row", "丢失第二条")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        yield from (row for number, row in enumerate(rows) if number != 1)


class Doubling(Losing):
    name: ClassVar[str] = "doubling"

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        for row in rows:
            yield row
            yield row


ROWS = (
    said("I lost  my card\u200b"),
    said("Where is my card"),
    said("where is my card?"),
    said("…").judged(Normalise().apply([said("\u200b")], None).__next__().findings[0]),  # type: ignore[arg-type]
)


def test_what_each_edit_changed_and_dropped_is_counted(tmp_path: Path) -> None:
    rows, entries = counted(ROWS, [Normalise(), Duplicates()], kit(tmp_path))
    done = list(rows)
    assert [row.kept for row in done] == [True, True, False, False]
    tidied, copies = entries
    assert (tidied.rows, tidied.changed, dict(tidied.dropped)) == (3, 1, {})
    assert (copies.rows, copies.changed, dict(copies.dropped)) == (3, 0, {"duplicates": 1})
    assert [(c.before, c.after) for c in tidied.examples] == [("I lost  my card\u200b", "I lost my card")]


@pytest.mark.parametrize("edit", [Losing(), Doubling()])
def test_an_edit_that_loses_or_makes_rows_is_stopped(edit: Edit, tmp_path: Path) -> None:
    rows, _ = counted(ROWS, [edit], kit(tmp_path))
    with pytest.raises(UserError, match="rows than it was given"):
        list(rows)
