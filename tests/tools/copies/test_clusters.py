"""Copies are gathered around the row that stays, the largest group first."""

from __future__ import annotations

from pathlib import Path

from tests.contract.kits import kit, said
from tools.copies.clusters import clusters
from tools.edits.duplicates import Duplicates
from workspace.sample import Evidence, Finding


def test_the_largest_first_with_the_kind_and_the_likeness_of_each(tmp_path: Path) -> None:
    long = "I want to know where the new card is that you sent to my old address"
    rows = [
        said("How much is left?", id="a"),
        said("how much is left", id="b"),
        said(long, id="c"),
        said(long + "es", id="d"),
        said(long.upper(), id="e"),
        said("Close my account", id="f"),
    ]
    judged = list(Duplicates().apply(rows, kit(tmp_path)))
    found = clusters(judged)
    assert [(one.representative, one.size) for one in found] == [("c", 3), ("a", 2)]
    assert [(m.id, m.kind, m.dropped) for m in found[0].members] == [("d", "near", True), ("e", "exact", True)]
    assert 0.9 < found[0].members[0].likeness < found[0].members[1].likeness == 1
    assert clusters(judged) == found


def test_what_stood_for_others_and_is_a_copy_itself_brings_them_along() -> None:
    def copy(of: str, check: str) -> Finding:
        evidence = Evidence(document=f"row {of}", start=0, end=0, quote="")
        return Finding(check=check, verdict="fail", reason="x", evidence=evidence, confidence=0.9, drops=True)

    rows = [
        said("1", id="a"),
        said("2", id="c").judged(copy("b", "duplicates")),
        said("3", id="b").judged(copy("a", "meanings")),
    ]
    (only,) = clusters(rows)
    assert (only.representative, [m.id for m in only.members]) == ("a", ["b", "c"])
