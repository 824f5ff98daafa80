"""A written text that means another label is dropped; a real one, or one that can't be compared, is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.checks.label import WRITTEN, LabelFits
from workspace.sample import Sample


def written(text: str, label: str) -> Sample:
    return said(text, label, origin=WRITTEN)


@pytest.mark.parametrize(
    ("text", "label", "kept"),
    [
        ("my card was stolen on the bus", "lost_card", True),
        ("How do I set up a new account with you?", "open_account", True),
        ("How do I set up a new account with you?", "lost_card", False),
        ("Someone has stolen my bank card", "open_account", False),
    ],
)
def test_what_is_nearer_to_another_label_is_dropped(text: str, label: str, kept: bool, tmp_path: Path) -> None:
    row = written(text, label)
    judged = row.judged(*LabelFits().check(row, kit(tmp_path)))
    assert judged.findings
    assert judged.kept is kept


@pytest.mark.parametrize(
    "row",
    [
        said("How do I set up a new account with you?", "lost_card"),
        written("我想开一个新账户", "lost_card"),
        written("How do I set up a new account with you?", "balance"),
    ],
    ids=["real", "Chinese", "no example of its label"],
)
def test_it_says_nothing_where_it_knows_nothing(row: Sample, tmp_path: Path) -> None:
    assert LabelFits().check(row, kit(tmp_path)) == ()
