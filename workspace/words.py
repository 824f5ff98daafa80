"""A sentence for people in each language the product speaks, so that no face has to translate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]

CHINESE = re.compile("[\u4e00-\u9fff]")
LATIN = re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence, twice. Both are written by hand; neither is derived from the other."""

    en: str
    zh: str

    def to(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


def language_of(text: str) -> Language:
    """`zh` if Chinese characters carry the text: one of them says about as much as two Latin letters."""
    chinese = 0 if text.isascii() else len(CHINESE.findall(text))
    return "zh" if chinese and chinese * 3 > len(LATIN.findall(text)) else "en"
