"""A sentence for people in each language the product speaks, so that no face has to translate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence, twice. Both are written by hand; neither is derived from the other."""

    en: str
    zh: str

    def to(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


def language_of(text: str) -> Language:
    """`zh` if Chinese characters carry the text: one of them says about as much as two Latin letters."""
    chinese = sum("\u4e00" <= c <= "\u9fff" for c in text)
    latin = sum(c.isascii() and c.isalpha() for c in text)
    return "zh" if chinese * 3 > latin else "en"
