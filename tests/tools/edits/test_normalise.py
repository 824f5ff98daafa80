"""Tidying changes how a text is written, never what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.kits import kit, said
from tools.edits.normalise import Normalise


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  a \t b  ", "a b"),
        ("a\u3000b\u00a0c", "a b c"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("pass\u200bword\ufeff \u202eevil\u202c", "password evil"),
        ("hid\U000e0041\U000e0042den", "hidden"),
        ("nul\0l\x07", "null"),
        ("cafe\u0301", "café"),
        ("if x:\n    y = 1\n", "if x:\n    y = 1"),
        ("👨\u200d👩\u200d👧 क्\u200dष", "👨\u200d👩\u200d👧 क्\u200dष"),
        ("zero\u200dwidth", "zerowidth"),
        ("Ａ１，好", "Ａ１，好"),
    ],
)
def test_tidy(before: str, after: str) -> None:
    assert Normalise().tidy(before) == after
    assert Normalise().tidy(after) == after


def test_full_width_becomes_narrow_where_asked() -> None:
    assert Normalise(form="NFKC").tidy("Ａ１ﬁ") == "A1fi"


def test_the_label_is_tidied_with_the_answer(tmp_path: Path) -> None:
    (row,) = Normalise().apply(
        [said("a  b", " lost_card\u200b").model_copy(update={"label": " lost_card\u200b"})], kit(tmp_path)
    )
    assert (row.question, row.answer, row.label) == ("a b", "lost_card", "lost_card")


def test_what_can_not_be_seen_is_no_row(tmp_path: Path) -> None:
    (row,) = Normalise().apply([said("\u200b \u2060")], kit(tmp_path))
    assert row.dropped_by.check == "normalise"


def test_a_tidy_row_is_not_touched(tmp_path: Path) -> None:
    row = said("I lost my card")
    (out,) = Normalise().apply([row], kit(tmp_path))
    assert out is row


def test_broken_text_of_others_is_stable(shared: Path) -> None:
    import orjson

    for text in orjson.loads((shared / "naughty_strings" / "blns.json").read_bytes()):
        once = Normalise().tidy(text)
        assert Normalise().tidy(once) == once
