"""Wide and narrow forms of one sign, and signs that are typed in several ways: one way for each in a language."""

from __future__ import annotations

import re
import unicodedata

WIDE = re.compile("[\uff01-\uff5e\uff61-\uff9f\uffe0-\uffe6]")
# Letters, figures, and signs that Chinese texts write narrow as often as wide.
NARROWED = re.compile(
    "[\uff02-\uff07\uff0a\uff0b\uff0d-\uff19\uff1c-\uff1e\uff20-\uff3a\uff3c\uff3e-\uff5a\uff5c\uffe0-\uffe6]"
)
KANA = re.compile("[\uff66-\uff9f]+")
BETWEEN_FIGURES = re.compile("(?<=[0-9])：(?=[0-9]{2}(?![0-9]))")
EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SINGLE, DOUBLE = re.compile("[‘’‚‛´]"), re.compile("[“”„‟]")
DASHES, DOTS = re.compile("[‐‑‒–—―−]"), re.compile("…")
REPEATED = re.compile(r"([!?！？。，、；;~～])\1{3,}|(?:[!?！？]){4,}")
MOST = 3  # the same sign in a row


def narrowed(text: str) -> str:
    """Full-width letters, figures and signs narrow; what Chinese punctuates with stays in a text that has Chinese."""
    if not WIDE.search(text):
        return text
    text = KANA.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    if not EAST_ASIAN.search(text):
        return WIDE.sub(_narrow, text)
    return BETWEEN_FIGURES.sub(":", NARROWED.sub(_narrow, text))


def plainly_punctuated(text: str) -> str:
    """Straight quotes, hyphens for dashes, three dots; in Chinese the curly quotes and long dashes are plain."""
    if EAST_ASIAN.search(text):
        return text
    return DOTS.sub("...", DASHES.sub("-", DOUBLE.sub('"', SINGLE.sub("'", text))))


def less_repeated(text: str) -> str:
    """!!!!!!!! becomes !!!"""
    return REPEATED.sub(lambda found: found.group()[:MOST], text)


def _narrow(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found.group())
