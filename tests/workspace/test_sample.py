"""A row is frozen, named by its words and origin, and what was found about it decides whether it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from workspace.project import read_samples, write_samples
from workspace.sample import Cell, Evidence, Finding, Message, Origin, Sample, sample

ROW = sample("I lost my card", "lost_card", Origin(source="files", file="a.csv", row=2), label="lost_card")
PASS = Finding(check="facts", verdict="unknown", reason="nothing settles it")
DROP = Finding(check="form", verdict="fail", reason="too short", drops=True)
LATER = Finding(check="leak", verdict="fail", reason="like the test", drops=True)


def test_a_finding_that_drops_takes_it_out_and_the_first_is_counted() -> None:
    assert ROW.kept
    assert ROW.judged(PASS).kept
    judged = ROW.judged(PASS, DROP).judged(LATER)
    assert not judged.kept
    assert judged.dropped_by == DROP
    assert judged.findings == (PASS, DROP, LATER)


def test_a_row_never_changes() -> None:
    with pytest.raises(ValidationError):
        ROW.label = "balance"  # type: ignore[misc]
    assert ROW.judged(DROP) is not ROW
    assert ROW.kept


def test_the_id_follows_from_words_and_origin_alone() -> None:
    again = sample("I lost my card", "lost_card", Origin(source="files", file="a.csv", row=2))
    assert again.id == ROW.id
    assert len(ROW.id) == 12
    others = [
        sample("I lost my car", "lost_card", ROW.origin),
        sample("I lost my card", "balance", ROW.origin),
        sample("I lost my cardlost_card", "", ROW.origin),
        sample("I lost my card", "lost_card", Origin(source="files", file="a.csv", row=3)),
    ]
    assert len({ROW.id, *(row.id for row in others)}) == 5


def test_question_and_answer_of_a_conversation() -> None:
    turns = [("system", "be kind"), ("user", "hi"), ("assistant", "yes?"), ("user", "my card"), ("assistant", "gone?")]
    row = ROW.model_copy(update={"messages": tuple(Message(role=role, content=text) for role, text in turns)})
    assert (row.question, row.answer) == ("hi\nmy card", "gone?")
    assert ROW.model_copy(update={"messages": ()}).answer == ""


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate({**ROW.model_dump(), "colour": "red"})
    with pytest.raises(ValidationError):
        Message.model_validate({"role": "narrator", "content": "x"})
    with pytest.raises(ValidationError):
        Sample.model_validate({**ROW.model_dump(), "raw": {"values": {}, "parts": {}}})


def test_a_row_on_disk_is_the_same_row(tmp_path: Path) -> None:
    evidence = Evidence(document="policy.md", start=0, end=3, quote="退款\u2028")
    full = ROW.judged(DROP.model_copy(update={"evidence": evidence})).model_copy(
        update={"cell": Cell(scenario="日常"), "fields": {"n": 3, "x": None, "y": 0.5, "z": True}, "split": "test"}
    )
    path = tmp_path / "rows.jsonl"
    digest = write_samples(path, [full, ROW])
    assert list(read_samples(path)) == [full, ROW]
    assert write_samples(tmp_path / "again.jsonl", read_samples(path)) == digest
