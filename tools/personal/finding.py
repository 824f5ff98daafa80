"""Finds personal data in a text: what has a form of its own by patterns, names and addresses where asked to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tools.personal.columns import telling, whole
from tools.personal.patterns import SHAPES
from tools.personal.shapes import COMPOUND, KINDS, Kind, Shape
from workspace.words import CHINESE

if TYPE_CHECKING:
    import re2

# What stands in the place of something found; it is passed over, so that hiding twice changes nothing. A mark whose
# rest could be the thing itself, such as [PHONE 13812345678], is none.
MARK = re.compile(
    rf"\[(?:{'|'.join(KINDS)})(?:_[0-9a-f]{{12}}| \*{{4}}[0-9A-Za-z]{{2,4}}| \d{{4}}(?:-\d\d)?| \d\d-\d\d)?\]|"
    rf"\[NAME (?:(?:[^\W\d_]|{'|'.join(COMPOUND)})(?:\*\*)?|[A-Za-z\u00c0-\u024f]{{2,20}})\]|"
    r"\[ADDRESS [\u4e00-\u9fff]{2,10}\]"
)
# One character for one, so that every place in the text stays what it is: digits of all scripts, full-width letters
# and signs, every dash as -, every space (and what can't be seen) as a space.
PLAIN = {c: ord(unicodedata.normalize("NFKC", chr(c))) for c in range(0xFF01, 0xFF5F)}
PLAIN |= {c: ord("-") for c in (*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63)}
PLAIN |= {c: ord(" ") for c in (0xA0, *range(0x2000, 0x200E), 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF)}
PLAIN |= {c: 48 + unicodedata.digit(d) for c in range(0x660, 0x1FFFF) if unicodedata.category(d := chr(c)) == "Nd"}
ODD = re.compile("[" + "".join(map(re.escape, map(chr, sorted(PLAIN)))) + "]")
# English within Chinese: a stretch of some words, not the name of a product.
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f0-9 ,.'’-]{14,}")
WORD = re.compile(r"[^\W\d_]{2,}")
LINK = re.compile(r"[a-z]{2,6}://[^\s\u3400-\u9fff]+")
# Seven numerals in a row are no word: 一三八一二三四五六七八 is a phone number.
NUMERALS = re.compile("[〇零幺一二两三四五六七八九0-9]{7,}")
DIGITS = str.maketrans("〇零幺一二两三四五六七八九", "0011223456789")


@dataclass(frozen=True, slots=True)
class Found:
    """`value` is exactly `text[start:end]`, in characters."""

    kind: Kind
    start: int
    end: int
    value: str


def find(text: str, *, names: bool = False, column: str = "") -> list[Found]:
    """What is personal in a text, in its order and without overlaps. `names`: names and addresses, too, which costs a
    model for each language; `column` is what a table calls the cell."""
    return next(iter(find_all([text], names=names, columns=[column])))


def find_all(texts: Iterable[str], *, names: bool = False, columns: Sequence[str] = ()) -> Iterator[list[Found]]:
    """The same of many texts; `columns` are as many."""
    for number, text in enumerate(texts):
        kind = whole(columns[number], text) if columns else None
        cell = [Found(kind, 0, len(text), text)] if kind else []
        hard = _settled(text, [*cell, *shaped(text)]) if text else []
        if names and text and (not columns or telling(columns[number], text)):
            hard = sorted([*hard, *_around(text, hard)], key=lambda one: one.start)
        yield hard


def _around(text: str, hard: list[Found]) -> Iterator[Found]:
    """Names and addresses, without what is in them and has a form of its own."""
    links = (link.span() for link in LINK.finditer(text)) if "://" in text else ()
    taken = sorted([*((one.start, one.end) for one in hard), *_marks(text), *links])
    for kind, start, end in _named(text):
        cut = False
        for begin, behind in taken:
            if begin < end and start < behind:
                yield from _piece(kind, text, start, begin, cut=True)
                start, cut = behind, True
        yield from _piece(kind, text, start, end, cut)


def _piece(kind: Kind, text: str, start: int, end: int, cut: bool) -> Iterator[Found]:
    """What is left of a span, if more than a letter is, and of an address a number."""
    said = text[start:end].strip(" \n,，;；:：.。-—()（）") if start < end else ""
    if sum(map(str.isalnum, said)) > 1 and not (cut and kind == "ADDRESS" and not re.search(r"\d", said)):
        at = text.index(said, start)
        yield Found(kind, at, at + len(said), said)


def _named(text: str) -> Iterator[tuple[Kind, int, int]]:
    from tools.personal.chinese import chinese
    from tools.personal.english import english

    if CHINESE.search(text) is None:
        yield from english(text)
        return
    yield from chinese(plain(text))
    for part in LATIN.finditer(text):
        if len(WORD.findall(part[0])) < 3:
            continue
        yield from ((kind, part.start() + start, part.start() + end) for kind, start, end in english(part[0]))


def shaped(text: str) -> Iterator[Found]:
    """What the patterns find, surest first; overlaps are not settled."""
    flat = plain(text)
    raw = flat.encode("utf-8", "surrogatepass")
    for number in sorted(_worth_trying().Match(raw) or ()):
        shape, pattern = SHAPES[number], _patterns()[number]
        for found in pattern.finditer(flat):
            start, end = found.span(found.lastindex or 0)
            value = flat[start:end]
            if shape.test(value, found):
                yield Found(shape.kind, start, end, text[start:end])


def plain(text: str) -> str:
    """As long as the text, with narrow digits, letters, dashes and spaces."""
    if text.isascii():
        return text
    if ODD.search(text):
        text = text.translate(PLAIN)
    return NUMERALS.sub(lambda found: found[0].translate(DIGITS), text)


@cache
def _worth_trying() -> re2.Set:
    """All the shapes at once and without their fences: most texts hold nothing, and are told so in one pass."""
    import re2

    options = re2.Options()
    options.max_mem = 64 << 20
    found = re2.Set.SearchSet(options)
    for shape in SHAPES:
        found.Add(shape.body)
    found.Compile()
    return found


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_fenced(shape), re.ASCII) for shape in SHAPES)


def _fenced(shape: Shape) -> str:
    return f"{shape.before}(?:{shape.body}){shape.after}"


def _settled(text: str, found: Iterable[Found]) -> list[Found]:
    """The first of what overlaps; what stands in a mark is none."""
    taken = _marks(text)
    kept: list[Found] = []
    for one in found:
        if all(one.end <= start or end <= one.start for start, end in taken):
            taken.append((one.start, one.end))
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _marks(text: str) -> list[tuple[int, int]]:
    return [mark.span() for mark in MARK.finditer(text)] if "[" in text else []
