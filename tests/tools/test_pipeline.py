"""Rows come out of the pipeline in the order they went in, cheap checks first, models only about survivors."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

import pytest

from tests.contract.kits import kit, said
from tools.base import Check, Edit, Kit
from tools.llm import Chat
from tools.pipeline import run_checks, run_edits, tally
from workspace.errors import UserError
from workspace.sample import Finding, Sample
from workspace.words import Words

ASKED: list[str] = []
ROWS = [said(f"row {i}", id=f"{i}") for i in range(60)]


def drop(name: str, reason: str = "no good") -> Finding:
    return Finding(check=name, verdict="fail", reason=reason, drops=True)


class Short(Check):
    name: ClassVar[str] = "short"
    words: ClassVar[Words] = Words("short", "短")

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        return [drop("short")] if row.id.endswith("3") else []


class Slow(Check):
    """Takes longer over earlier rows, so that answers arrive in another order."""

    name: ClassVar[str] = "slow"
    words: ClassVar[Words] = Words("slow", "慢")
    cost: ClassVar[Literal["cheap", "model"]] = "model"

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        ASKED.append(row.id)
        time.sleep(0.02 if int(row.id) % 10 == 0 else 0)
        return [drop("slow")] if row.id.endswith("5") else []


class After(Slow):
    name: ClassVar[str] = "after"

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        assert not row.id.endswith("5")
        return [Finding(check="after", verdict="pass", reason=threading.current_thread().name)]


class Broken(Slow):
    name: ClassVar[str] = "broken"

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        raise UserError(Words("the key is wrong", "密钥不对"), Words("mend it", "请修改"))


class Loud(Edit):
    name: ClassVar[str] = "loud"
    words: ClassVar[Words] = Words("loud", "大声")

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        return (row.model_copy(update={"label": f"{row.label}!"}) for row in rows)


def test_order_survivors_and_findings(tmp_path: Path, chat: Chat) -> None:
    ASKED.clear()
    out = list(run_checks(ROWS, [Slow(), After(), Short()], replace(kit(tmp_path), chat=chat)))
    assert [row.id for row in out] == [row.id for row in ROWS]
    assert not any(id.endswith("3") for id in ASKED)
    assert len(ASKED) == 54
    assert tally(out).rejected == {"short": 6, "slow": 6}


def test_a_row_that_was_dropped_before_goes_through_untouched(tmp_path: Path) -> None:
    row = said("x", id="3").judged(drop("read"))
    assert list(run_checks([row], [Short(), Slow()], kit(tmp_path))) == [row]


def test_where_there_is_no_model_the_rows_end_the_same(tmp_path: Path, chat: Chat) -> None:
    checks = [Slow(), After(), Short()]
    alone = list(run_checks(ROWS, checks, kit(tmp_path)))
    together = list(run_checks(ROWS, checks, replace(kit(tmp_path), chat=chat)))
    assert [row.dropped_by for row in alone] == [row.dropped_by for row in together]


def test_models_are_asked_about_several_rows_at_once(tmp_path: Path, chat: Chat) -> None:
    rows = [said("x", id=str(i * 10)) for i in range(60)]
    started = time.monotonic()
    list(run_checks(rows, [Slow()], replace(kit(tmp_path), chat=chat)))
    assert time.monotonic() - started < 0.6


def test_rows_are_taken_as_they_are_needed(tmp_path: Path, chat: Chat) -> None:
    taken = []

    def endless() -> Iterator[Sample]:
        while True:
            taken.append(1)
            yield said("x", id="1")

    for checks in ([Short()], [Slow()]):
        taken.clear()
        stream = run_checks(endless(), checks, replace(kit(tmp_path), chat=chat))
        next(stream)
        stream.close()
        assert len(taken) <= 128


def test_what_a_person_must_hear_comes_through(tmp_path: Path, chat: Chat) -> None:
    for asked in (chat, None):
        with pytest.raises(UserError, match="the key is wrong"):
            list(run_checks(ROWS, [Broken()], replace(kit(tmp_path), chat=asked)))


def test_edits_follow_one_another(tmp_path: Path) -> None:
    (row,) = run_edits([said("x")], [Loud(), Loud()], kit(tmp_path))
    assert row.label == "lost_card!!"


def test_a_tally_counts_each_row_once(tmp_path: Path) -> None:
    rows = [said("x"), said("y").judged(drop("form"), drop("leak")), said("z").judged(drop("unfinished"))]
    found = tally(rows)
    assert (found.requested, found.accepted, found.rejected, found.failed) == (3, 1, {"form": 1}, {"unfinished": 1})
    assert found.balances
