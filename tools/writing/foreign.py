"""Which language a text is in: Chinese, Japanese and Korean by script, others by letters, short ones not at all."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LETTERS = re.compile(r"[^\W\d_]")
HAN, KANA, HANGUL = re.compile("[\u3400-\u9fff]"), re.compile("[\u3040-\u30ff]"), re.compile("[\uac00-\ud7af]")
FEWEST_LETTERS = 30  # of a script that many languages share
FEWEST_HAN = 6
SURE = 0.9
CHINESE = {"wuu": "zh", "yue": "zh", "lzh": "zh"}  # spoken otherwise, written alike
NOT_WORDS = re.compile(r"https?://\S+|\S+@\S+|`[^`]*`|```.*?```", re.DOTALL)


def language_in(text: str) -> str | None:
    """ISO 639-1 code, or None where it can't be told."""
    letters = len(LETTERS.findall(text)) if len(text) < 2000 else len(LETTERS.findall(text[:2000]))
    if not text.isascii():
        head = text[:2000]
        han, kana, hangul = (len(script.findall(head)) for script in (HAN, KANA, HANGUL))
        if 3 * (han + kana + hangul) >= letters and han + kana + hangul >= FEWEST_HAN:
            return "ko" if hangul > han + kana else "ja" if kana > 0.1 * (han + kana) else "zh"
    if letters < FEWEST_LETTERS:
        return None
    language, sure = _identifier().classify(NOT_WORDS.sub(" ", text[:2000]))
    return CHINESE.get(language, language) if sure >= SURE else None


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
