"""Texts are folded many at a time as they are one by one."""

from __future__ import annotations

import random
import unicodedata

from tools.copies.likeness import all_folded, folded

AWKWARD = [
    "",
    "?!",
    "one\ntwo",
    "a\u2028b",
    "e\u0301te\u0301",
    "\u0301",
    "각\u11a8",
    "ｶﾞ ｷﾞ",
    "½ ﬁne",
    "\0",
    "a\0b",
    "İ ß ς",
]


def test_many_at_once_as_one_by_one() -> None:
    rng = random.Random(3)
    letters = [chr(c) for c in (*range(0x250), *range(0x300, 0x370), *range(0x2000, 0x3400), *range(0xFF00, 0x10000))]
    letters += ["😀", "𝐀", "\ud800", *(chr(c) for c in range(0x1100, 0x1200)), *"的一是不了人我在有他这为之大来"]
    texts = ["".join(rng.choices(letters, k=rng.randint(0, 12))) for _ in range(5000)]
    for some in (AWKWARD, texts, [text for text in texts if "\0" not in text]):
        assert all_folded(some) == [folded(text) for text in some]


def test_every_letter_by_itself() -> None:
    letters = [f"a{chr(c)}b" for c in range(0x11000) if unicodedata.category(chr(c)) != "Cn"]
    assert all_folded(letters) == [folded(text) for text in letters]
