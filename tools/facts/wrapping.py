"""Tells the line breaks that only wrap a paragraph from those that end something."""

from __future__ import annotations

import re
from itertools import pairwise

# In the middle of a sentence a break can only wrap, however wide the column is: a passage may begin within a line.
GOES_ON = re.compile(r".{25,}[a-z,]\s*\n\s*[a-z0-9(]")
WIDE = re.compile("[\u2e80-\uffef]")
# Narrower columns are lists and addresses more often than prose.
NARROWEST = 50
OWN_LINE = re.compile(r"\s*(?:[#>|*•·+-]|\d{1,3}[.)、]\s|[（(]?[一二三四五六七八九十\d]+[)）、．]|```|$)|.*\|")


def wraps(text: str) -> frozenset[int]:
    """Offsets of the breaks after which the next line's first word would not have fitted any more."""
    if "\n" not in text:
        return frozenset()
    found: set[int] = set()
    start = 0
    for paragraph in re.split(r"(\n\s*\n)", text):
        found.update(start + at for at in _within(paragraph))
        start += len(paragraph)
    return frozenset(found)


def _within(paragraph: str) -> list[int]:
    lines = paragraph.split("\n")
    widest = max(map(_width, lines))
    found, end = [], -1
    for line, following in pairwise(lines):
        end += len(line) + 1
        full = widest >= NARROWEST and _width(line) + _width(_first_word(following)) + 1 > widest
        alone = OWN_LINE.match(following) or line.lstrip().startswith(("#", "|")) or "|" in line
        if not alone and (full or GOES_ON.match(f"{line}\n{following}")):
            found.append(end)
    return found


def _width(text: str) -> int:
    """Columns on a screen, where a Chinese character takes two."""
    return len(text) if text.isascii() else len(text) + len(WIDE.findall(text))


def _first_word(line: str) -> str:
    word = re.match(r"\s*(?:[\u2e80-\uffef]|[^\s\u2e80-\uffef]+)", line)
    return word.group().strip() if word else ""
