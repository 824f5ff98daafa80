"""A PDF page by page: the text that lies in it, or what can be read off the picture where none does."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools.sources.paragraphs import text_of
from tools.sources.record import Record
from workspace.errors import UserError
from workspace.words import Words

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

PASSWORD = 4
MOST_PAGES = 5000
# Seconds of processor time: what is read until then is worth more than nothing (the limit of the process is higher).
LONGEST = 600
# Dots an inch that a picture is read at, and the longest side in pixels.
DPI, LONGEST_SIDE = 200, 2600
# A page whose text is a stamp over a scan: this few characters, the picture over so much of the page.
STAMP, COVERED = 60, 0.5
# Characters that a font gave no meaning: a text with more of them is read off the page's picture.
MEANINGLESS = re.compile("[\ufffd\ufffe\uffff\ue000-\uf8ff\0-\x08\x0e-\x1f]")
MOST_MEANINGLESS = 0.2
# A line at the edge of a page is a running header where so many of the pages have it there.
EDGE, REPEATED, FEWEST, SAMPLE = 2, 0.6, 3, 40


def read(path: Path) -> Iterator[Record]:
    """A record a page. A running header stays in the text of the first page that has it; later it is a column.

    Raises UserError where the file is no PDF, is damaged, or wants a password.
    """
    document = _opened(path)
    pages = min(len(document), MOST_PAGES)
    running = _running(document, pages)
    shown: set[str] = set()
    for number in range(1, pages + 1):
        if time.process_time() > LONGEST:
            yield _unread(number, len(document), f"it took longer than {LONGEST // 60} minutes")
            return
        yield _page(document, number, running, shown)
    if pages < len(document):
        yield _unread(pages + 1, len(document), f"a document has {MOST_PAGES} pages at most")


def _unread(first: int, last: int, why: str) -> Record:
    return Record(first, {}, f"pages {first} to {last} are not read: {why}", page=first)


def _opened(path: Path) -> PdfDocument:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise _protected(path) if error.err_code == PASSWORD else _damaged(path) from error
    if not len(document):
        raise _damaged(path)
    return document


def _page(document: PdfDocument, number: int, running: frozenset[str], shown: set[str]) -> Record:
    from pypdfium2 import PdfiumError

    try:
        page = document[number - 1]
        text = text_of(page)
        if not text or _is_stamp(text, page) or _meaningless(text):
            record = _scan(page, number)
            read = str(record.values.get("text", ""))
            if not text or _meaningless(text) or len(read) > 2 * len(text):
                return record
    except PdfiumError as error:
        return Record(number, {}, f"the page is damaged ({error})", page=number)
    return _without_running(text, number, running, shown)


def _meaningless(text: str) -> bool:
    return len(MEANINGLESS.findall(text)) > MOST_MEANINGLESS * len(text)


# Scanned pages


def _scan(page: PdfPage, number: int) -> Record:
    """What the page's picture says. A page with nothing on it is refused as empty."""
    from tools.sources.ocr import scanned

    if not any(True for _ in page.get_objects(max_depth=4)):
        return Record(number, {}, "the page is empty", page=number)
    scale = min(DPI / 72, LONGEST_SIDE / max(*page.get_size(), 1))
    pixels = page.render(scale=scale, rev_byteorder=False).to_numpy()
    return scanned(pixels[:, :, :3]).record(number, number)


def _is_stamp(text: str, page: PdfPage) -> bool:
    return len(text) <= STAMP and _covered(page) > COVERED


def _covered(page: PdfPage) -> float:
    """How much of the page its largest picture covers."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    width, height = page.get_size()
    boxes = (picture.get_bounds() for picture in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=4))
    areas = [float((right - left) * (top - bottom)) for left, bottom, right, top in boxes]
    return max(areas, default=0.0) / max(float(width * height), 1.0)


# Running headers and footers


def _running(document: PdfDocument, pages: int) -> frozenset[str]:
    """Lines that stand at the same edge of most pages; in them figures, which may count the pages, are all one.

    So that the first page doesn't wait for the last, only SAMPLE pages are looked at, from all over the document.
    """
    from pypdfium2 import PdfiumError

    looked_at = sorted({place * pages // min(pages, SAMPLE) for place in range(min(pages, SAMPLE))})
    seen = Counter[str]()
    for number in looked_at if pages >= FEWEST else ():
        try:
            seen.update({name for _, name in _edges(text_of(document[number]).split("\n"))})
        except PdfiumError:
            continue
    return frozenset(line for line, count in seen.items() if count >= max(FEWEST, REPEATED * len(looked_at)))


def _edges(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(place, name) of the first and last lines; the name says at which edge, and the line without its figures."""
    filled = [place for place, line in enumerate(lines) if line]
    for edge, places in (("top", filled[:EDGE]), ("bottom", filled[-EDGE:])):
        for place in places:
            yield place, f"{edge} {re.sub(r'[0-9]+', '0', lines[place])}"


def _without_running(text: str, number: int, running: frozenset[str], shown: set[str]) -> Record:
    lines = text.split("\n")
    found = [(place, name) for place, name in _edges(lines) if name in running]
    taken = sorted({place for place, name in found if name in shown})
    shown.update(name for _, name in found)
    kept = "\n".join(line for place, line in enumerate(lines) if place not in taken).strip()
    if not kept or not taken:
        return Record(number, {"text": text}, page=number)
    return Record(number, {"text": kept, "running header": "\n".join(lines[place] for place in taken)}, page=number)


def _protected(path: Path) -> UserError:
    return UserError(
        Words(f"{path.name} is protected by a password.", f"{path.name} 有密码保护。"),
        Words(
            "Open it with the password, save it without one and send that.",
            "请用密码打开，另存为无密码的文件后再发送。",
        ),
    )


def _damaged(path: Path) -> UserError:
    return UserError(
        Words(f"{path.name} is no PDF, or is damaged.", f"{path.name} 不是 PDF，或者已经损坏。"),
        Words(
            "Open it in its own program, save it as PDF again and send that.",
            "请用原来的程序打开，重新保存为 PDF 后再发送。",
        ),
    )
