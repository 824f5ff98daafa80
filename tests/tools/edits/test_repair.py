"""A model corrects where that is asked, and what it must not change it can't."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tests.scripted import Call, Scripted
from tests.tools.asking import Opening
from tools.edits.repair import Repair
from workspace.errors import UserError
from workspace.sample import Finding, Sample

ROLES = ("user", "assistant")


def corrector(**words: str) -> object:
    def script(call: Call) -> dict[str, object]:
        fence = next(line for line in call.prompt.splitlines() if line.startswith("========"))
        text = call.prompt.split(fence)[-2].strip()
        after = text
        for was, now in words.items():
            after = after.replace(was, now)
        changes = [{"was": was, "now": now} for was, now in words.items() if was in text]
        return {"text": after, "changes": changes, "contradiction": "twice" if "again" in text else ""}

    return script


@pytest.fixture
def repaired(tmp_path: Path, scripted: Scripted, opening: Opening):  # type: ignore[no-untyped-def]
    def run(rows: list[Sample], **words: str) -> list[Sample]:
        scripted.script = corrector(**words)  # type: ignore[assignment]
        return list(Repair(roles=ROLES).apply(iter(rows), replace(kit(tmp_path), chat=opening())))

    return run


def test_what_is_wrong_is_put_right_and_the_original_kept(repaired, scripted: Scripted) -> None:  # type: ignore[no-untyped-def]
    rows = [said("I lost teh card"), said("Fine as it is"), said("Wehre is it")]
    out = repaired(rows, teh="the", Wehre="Where")
    assert [row.question for row in out] == ["I lost the card", "Fine as it is", "Where is it"]
    assert [(f.claim, f.column, f.reason, f.drops) for f in out[0].findings] == [
        ("I lost teh card", "user", "teh → the", False)
    ]
    assert out[1] is rows[1]
    assert [row.label for row in out] == ["lost_card"] * 3
    assert len(scripted.calls) == 3  # labels are no texts


def test_a_reply_that_changes_a_number_is_refused(repaired) -> None:  # type: ignore[no-untyped-def]
    (row,) = repaired([said("It costs 30 euros")], **{"30": "40"})
    assert row.question == "It costs 30 euros"
    assert (row.findings[0].verdict, row.kept) == ("unknown", True)
    assert "changes a number" in row.findings[0].reason


def test_a_contradiction_is_pointed_at_and_left(repaired) -> None:  # type: ignore[no-untyped-def]
    (row,) = repaired([said("Open, and closed again")])
    assert [f.reason for f in row.findings] == ["twice"]


def test_rows_that_were_dropped_keep_their_place(repaired) -> None:  # type: ignore[no-untyped-def]
    gone = said("teh end").judged(Finding(check="form", verdict="fail", reason="no good", drops=True))
    out = repaired([gone, said("teh card"), gone, gone, said("teh bank"), gone], teh="the")
    assert [row.question for row in out] == ["teh end", "the card", "teh end", "teh end", "the bank", "teh end"]


def test_unasked_no_model_is_called(tmp_path: Path, scripted: Scripted) -> None:
    rows = [said("teh card")]
    assert list(Repair().apply(rows, kit(tmp_path))) == rows
    assert scripted.calls == []


def test_asked_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        list(Repair(roles=ROLES).apply([said("teh card")], kit(tmp_path)))
