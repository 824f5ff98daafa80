"""What a person says decides what, in two ways of writing it; what can't be checked is refused with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.wrong_cells.constraints import constraints_of, holds_constraints, read_constraints
from tools.wrong_cells.dependencies import Dependency
from workspace.errors import UserError


@pytest.mark.parametrize(
    ("line", "by", "then"),
    [
        ("t1&t2&EQ(t1.Zip,t2.Zip)&IQ(t1.City,t2.City)", ("Zip",), "City"),
        ("t1&t2&EQ(t1.A,t2.A)&EQ(t1.B,t2.B)&IQ(t1.C,t2.C)", ("A", "B"), "C"),
        ("zip -> city", ("zip",), "city"),
        ("省份，城市 → 区号", ("省份", "城市"), "区号"),
    ],
)
def test_columns_that_decide_another(line: str, by: tuple[str, ...], then: str) -> None:
    assert constraints_of([line]).dependencies == (Dependency(by, then, given=True),)


def test_names_are_found_however_they_are_written() -> None:
    (found,) = constraints_of(["zip code -> CITY"], ["ZipCode", "city"]).dependencies
    assert (found.by, found.then) == (("ZipCode",), "city")


@pytest.mark.parametrize(
    ("line", "cells", "broken"),
    [
        ('t1&EQ(t1.state,"AL")&IQ(t1.country,"US")', {"state": "al", "country": "FR"}, True),
        ('t1&EQ(t1.state,"AL")&IQ(t1.country,"US")', {"state": "al", "country": "US"}, False),
        ("t1&LT(t1.age,0)", {"age": "-3"}, True),
        ("t1&LT(t1.age,0)", {"age": "unknown"}, False),
        ("t1&GTE(t1.from,t1.to)", {"from": "1,200", "to": "900"}, True),
    ],
)
def test_what_no_row_may_be(line: str, cells: dict[str, str], broken: bool) -> None:
    (denial,) = constraints_of([line]).denials
    assert denial.broken_by(cells) is broken


@pytest.mark.parametrize("line", ["t1&t2&EQ(t1.A,t2.A)&GT(t1.B,t2.B)", "whatever this says", "t1&t2&IQ(t1.A,t2.B)"])
def test_what_can_not_be_checked_is_refused(line: str) -> None:
    with pytest.raises(UserError) as caught:
        constraints_of([line])
    assert line in caught.value.problem.en


def test_a_file_of_them_is_told_from_a_file_of_rules(tmp_path: Path) -> None:
    theirs, rules = tmp_path / "theirs.txt", tmp_path / "rules.yaml"
    theirs.write_text("# what decides what\n\nt1&t2&EQ(t1.A,t2.A)&IQ(t1.B,t2.B)\nA -> B\n", encoding="utf-8")
    rules.write_text("- the answer has at most 50 words\n- if a -> b then c\n", encoding="utf-8")
    assert holds_constraints(theirs)
    assert len(read_constraints(theirs)) == 2
    assert not holds_constraints(rules)
    assert not holds_constraints(tmp_path / "none")
