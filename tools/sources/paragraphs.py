"""From the characters of a PDF page with their places to paragraphs: wrapped lines joined, table rows kept apart."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from ctypes import byref
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from tools.facts.wrapping import GOES_ON, OWN_LINE

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

# PDFium's sign for a hyphen that cuts a word at the end of a line; it joins the halves by itself.
CUT = "\x02"
CUT_WORD = re.compile(rf"(\w*){CUT}(\w*)")
WIDE = re.compile("[\u2e80-\uffef]")
# Characters that look like others and are not found by them: ligatures, and radicals, which fonts of Chinese often
# have for the same drawing. Of the second block of radicals Unicode itself names only a few equivalents.
RADICALS = str.maketrans(
    "⺟⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳", "母西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟"
)
ALIKE = (*range(0x2F00, 0x2FE0), *range(0xF900, 0xFB00), *range(0xFB00, 0xFB07))
PLAIN = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in ALIKE},
    **RADICALS,
    **dict.fromkeys((0xF06C, 0xF06E, 0xF0A7, 0xF0B7, 0xF0D8, 0xF0FC), "•"),
    0: "\ufffd",
    0xA0: " ",
    0xAD: "",
    0x2011: "-",
}
# In heights of a line: how far apart two cells of a row stand, and two paragraphs.
CELLS, APART = 1.5, 1.9
FULL = 0.4
LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Line:
    """Places in points from the bottom left: where it begins, and where it ends (lower, if a cut word is in it)."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    height: float


def text_of(page: PdfPage) -> str:
    """The page's text in its own order, a paragraph a line and an empty line where there is room between them."""
    _set_upright(page)
    text = ""
    before: Line | None = None
    for run in _runs(_in_rows(_lines(page))):
        wraps = _wraps(run)
        for place, line in enumerate(run):
            text += _between(before, line, place - 1 in wraps) + line.text
            before = line
    return CUT_WORD.sub(lambda cut: _uncut(cut, text), text).translate(PLAIN)


def _between(line: Line | None, below: Line, wraps: bool) -> str:
    if line is None:
        return ""
    if wraps:
        together = re.search(r"\w-$", line.text) or WIDE.match(below.text) or WIDE.match(line.text[-1])
        return "" if together else " "
    return "\n\n" if line.bottom - below.top > (APART - 1) * line.height else "\n"


def _set_upright(page: PdfPage) -> None:
    """PDFium reads a page as it is shown; one whose text is shown lying or upside down is turned until it stands."""
    from pypdfium2.raw import FPDFText_CountChars, FPDFText_GetCharAngle

    place = page.get_textpage()
    count = min(FPDFText_CountChars(place), LOOKED_AT)
    angles = Counter(round(math.degrees(FPDFText_GetCharAngle(place, n)) / -90) * 90 % 360 for n in range(count))
    if angles and (most := angles.most_common(1)[0][0]) != page.get_rotation():
        page.set_rotation(most)


def _uncut(cut: re.Match[str], text: str) -> str:
    """The word whole again; its hyphen stays between figures, and where the text has the word with it elsewhere."""
    with_hyphen = f"{cut[1]}-{cut[2]}"
    keeps = cut[1][-1:].isdigit() or cut[2][:1].isdigit() or with_hyphen in text
    return with_hyphen if keeps else cut[1] + cut[2]


# Characters and lines


def _lines(page: PdfPage) -> list[Line]:
    place = page.get_textpage()
    text = _characters(place)
    boxes = _Boxes(place, page.get_rotation(), *page.get_size())
    found: list[Line] = []
    for run in re.finditer(r"[^\r\n]+", text):
        said = run.group()
        start, end = run.start() + len(said) - len(said.lstrip()), run.start() + len(said.rstrip())
        if start < end:
            found.append(_line(text[start:end].replace("\ufffe", CUT), start, end, boxes))
    return found


def _characters(place: PdfTextPage) -> str:
    """As many as PDFium counts, so that each has its place."""
    from pypdfium2.raw import FPDFText_CountChars, FPDFText_GetUnicode

    count = FPDFText_CountChars(place)
    text = str(place.get_text_range(errors="replace"))
    if len(text) == count:
        return text
    # In the text as a whole, characters without a meaning are missing.
    return "".join(chr(FPDFText_GetUnicode(place, n)) for n in range(count))


def _line(text: str, start: int, end: int, boxes: _Boxes) -> Line:
    first, last = boxes.of(start), boxes.of(end - 1)
    height = max(first.top - first.bottom, 1.0)
    parts = list(text)
    for space in re.finditer(r"(?<=\S)[ \u00a0]+(?=\S)", text):
        gap = boxes.of(start + space.end()).left - boxes.of(start + space.start() - 1).right
        if gap > CELLS * height:
            parts[space.start() : space.end()] = ["\t", *[""] * (len(space.group()) - 1)]
    return Line("".join(parts), first.left, first.top, last.right, last.bottom, height)


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    bottom: float
    right: float
    top: float


class _Boxes:
    """Places of characters on the page as it is shown, whichever way it is turned."""

    def __init__(self, place: PdfTextPage, turned: int, width: float, height: float) -> None:
        self._place, self._turned, self._width, self._height = place, turned, width, height

    def of(self, number: int) -> _Box:
        from pypdfium2.raw import FS_RECTF, FPDFText_GetLooseCharBox

        box = FS_RECTF()
        FPDFText_GetLooseCharBox(self._place, number, byref(box))
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
        # The size is that of the page as it is shown.
        match self._turned:
            case 90:
                return _Box(bottom, self._height - right, top, self._height - left)
            case 180:
                return _Box(self._width - right, self._height - top, self._width - left, self._height - bottom)
            case 270:
                return _Box(self._width - top, left, self._width - bottom, right)
        return _Box(left, bottom, right, top)


def _in_rows(lines: Sequence[Line]) -> list[Line]:
    """Lines that follow each other on one height are the cells of a row."""
    rows: list[Line] = []
    for line in lines:
        before = rows[-1] if rows else None
        if before and abs(before.bottom - line.bottom) < 0.3 * before.height and line.left > before.right:
            near = line.left - before.right < CELLS * before.height
            text = f"{before.text}{' ' if near else chr(9)}{line.text}"
            rows[-1] = Line(text, before.left, before.top, line.right, line.bottom, before.height)
        else:
            rows.append(line)
    return rows


# Paragraphs


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Neighbours that may belong to one column."""
    run: list[Line] = []
    for line in lines:
        if run and not _near(run[-1], line):
            yield run
            run = []
        run.append(line)
    yield run


def _near(line: Line, below: Line) -> bool:
    same = abs(line.height - below.height) < 0.2 * line.height
    gap = line.bottom - below.top
    return (
        same and -0.6 * line.height < gap < (APART - 1) * line.height and abs(line.left - below.left) < 4 * line.height
    )


def _wraps(run: Sequence[Line]) -> frozenset[int]:
    """After which lines of the run the paragraph goes on."""
    margin = max((line.right for line in run), default=0.0)
    full = {place for place, (line, below) in enumerate(pairwise(run)) if _is_full(line, below, margin)}
    # In verses and lists only the longest lines are full.
    prose = len(run) > 2 and len(full) >= FULL * (len(run) - 1)
    going_on = (_goes_on(line, below, place in full, prose) for place, (line, below) in enumerate(pairwise(run)))
    return frozenset(place for place, goes_on in enumerate(going_on) if goes_on)


def _is_full(line: Line, below: Line, margin: float) -> bool:
    """The next line's first word would not have fitted any more."""
    word = re.match(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+", below.text)
    # A sign that may not begin a line takes the character before it along, so Chinese lines end up to two earlier.
    slack = 2 if WIDE.match(below.text) else 0
    room = (_width(word.group() if word else "") + slack + 0.6) * line.height / 2
    return line.right + room > margin


def _goes_on(line: Line, below: Line, full: bool, prose: bool) -> bool:
    if "\t" in line.text + below.text or OWN_LINE.match(below.text) or below.left - line.left > 0.8 * line.height:
        return False
    cut_off = line.text[-1] == "-" and line.text[-2:-1].isalnum() and below.text[0].isalnum()
    chinese = WIDE.match(line.text[-1]) and WIDE.match(below.text) and line.text[-1] not in "。！？；："
    in_sentence = GOES_ON.match(f"{line.text}\n{below.text}") or (full and chinese and len(line.text) > 20)
    return (full and prose) or cut_off or bool(in_sentence)


def _width(text: str) -> int:
    return len(text) + len(WIDE.findall(text))
