"""The same in other words is pointed out, and what only looks like it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.copies.clusters import clusters
from tools.edits.duplicates import Duplicates
from tools.edits.meanings import Meanings
from workspace.sample import Sample

ROWS = [
    said("What is the capital of France?", id="a"),
    said("Book a table for two tonight", id="b"),
    said("Which city is France's capital?", id="c"),
    said("Which city is France's capital?", "balance", id="other label"),
    said("Book a table for 4 tonight", id="other number"),
    said("Turn on the lights in the kitchen", id="d"),
    said("Turn the kitchen lights on", id="e"),
    said("我的银行卡昨天被偷了", id="f"),
    said("昨天我的银行卡被偷了", id="g"),
    said("昨天我的银行卡没有被偷", id="denied"),
    said("怎么修改收货地址", id="h"),
]


def copies(out: list[Sample]) -> dict[str, str]:
    return {m.id: one.representative for one in clusters(out) for m in one.members}


@pytest.mark.parametrize("drops", [False, True])
def test_english_and_chinese(tmp_path: Path, drops: bool) -> None:
    out = list(Meanings(likeness=0.8, drops=drops).apply(ROWS, kit(tmp_path)))
    assert copies(out) == {"c": "a", "e": "d", "g": "f"}
    assert [row.id for row in out if not row.kept] == (["c", "e", "g"] if drops else [])


def test_as_an_option_of_copies(tmp_path: Path) -> None:
    rows = [*ROWS, said("WHAT is the capital of France", id="letters")]
    out = list(Duplicates(semantic=0.8).apply(rows, kit(tmp_path)))
    assert copies(out)["letters"] == "a"
    assert copies(out)["c"] == "a"
    assert len(out) == len(rows)
