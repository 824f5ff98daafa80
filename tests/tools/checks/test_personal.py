"""A row in which something is left goes where it had to be hidden, and is only pointed at elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.checks.personal import Personal


@pytest.mark.parametrize("way", ["mask", "hash", "generalise"])
def test_what_is_left_drops_the_row_and_is_not_repeated(tmp_path: Path, way: str) -> None:
    (finding,) = Personal().check(said("Call 13812345678, ask for Margaret Thornbury"), kit(tmp_path, privacy=way))
    assert (finding.drops, finding.verdict) == (True, "fail")
    assert "phone number in turn 1" in finding.reason
    assert "name in turn 1" in finding.reason
    assert "5678" not in finding.model_dump_json()


def test_where_nothing_had_to_be_hidden_it_is_only_said(tmp_path: Path) -> None:
    (finding,) = Personal().check(said("Call 13812345678"), kit(tmp_path, privacy="keep"))
    assert not finding.drops


def test_what_was_hidden_is_fine(tmp_path: Path) -> None:
    row = said("Call [PHONE ****5678], ask for [NAME_0123456789ab] who is 35 years old")
    assert not Personal().check(row, kit(tmp_path, privacy="mask"))
