"""A web page's own text, section by section and table row by table row, without its menus, scripts and hidden parts."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tools.sources.blocks import Block, Text, grid, records
from tools.sources.decoding import BOMS, encoding_of
from tools.sources.record import Record
from workspace.errors import UserError
from workspace.words import Words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
# Not the head itself: the parser puts a page's first parts into it where they come before the body.
NO_TEXT = "script style noscript template svg iframe object canvas audio video select button datalist title".split()
BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main nav ol p pre section summary table tbody "
    "td tfoot th thead tr ul".split()
)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
AROUND = frozenset(("nav", "footer", "aside", "menu"))
MENUS = frozenset(("div", "ul", "ol", "section", "td", "p", "header"))
AROUND_ROLES = frozenset(("navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar"))
MENU = re.compile(
    r"(?:^|[\s_-])(?:nav\w*|\w*menu|\w*bar|bread\w*|crumbs?|footer|foot|header|copyright|cookies?|links?)(?=[\s_-]|$)"
)
HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
# A part is a menu by its name only if most of it is links, and it is not most of the page.
LINKED, MOST = 0.6, 0.5
# Parts within parts are looked at again and again; no page needs more than this many looks at all of it.
LOOKS = 20
WIDEST, LONGEST_CELL = 500, 2000


def read(path: Path) -> Iterator[Record]:
    """Raises UserError where there is no text in it. What stands around the text is one record that says so."""
    page, broken = _parsed(path)
    around: list[str] = []
    last = 0
    for record in records(_blocks(_main(page), around)):
        last = record.line
        yield record
    if broken:
        last += 1
        yield Record(last, {}, f"what follows could not be read: {broken}")
    if not last and not around:
        raise _empty(path)
    if around:
        reason = "left out: menus, headers, footers and hidden parts of the page"
        yield Record(last + 1, {}, reason, "\n".join(around))


def _parsed(path: Path) -> tuple[HtmlElement, str]:
    """The page, and why the parser stopped before its end, if it did."""
    from lxml import etree, html

    text = _decoded(path).replace("\0", "").encode("utf-8", "replace")
    if not text.strip():
        raise _empty(path)
    try:
        # Without huge_tree a page nested deeper than 256 is cut off, with it one deeper than 2048.
        parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
        page = html.document_fromstring(text, parser=parser)
    except etree.ParserError as error:
        raise _empty(path) from error
    title = " ".join((page.findtext(".//title") or "").split())
    etree.strip_elements(page, etree.Comment, etree.ProcessingInstruction, *NO_TEXT, with_tail=False)
    if title and page.find(".//h1") is None and (body := page.find("body")) is not None:
        heading = html.Element("h1")
        heading.text, heading.tail, body.text = title, body.text, None
        body.insert(0, heading)
    fatal = parser.error_log.filter_from_fatals()
    return page, str(fatal[0].message).split(", use ")[0] if fatal else ""


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    for bom, name in BOMS:
        if data.startswith(bom):
            return data.decode(name, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode(_declared(data[:4096]) or encoding_of(path), "replace")


def _declared(head: bytes) -> str | None:
    if not (said := CHARSET.search(head)):
        return None
    try:
        name = codecs.lookup(said[1].decode("ascii", "replace")).name
    except LookupError:
        return None
    # Pages that say GB2312 use characters which only its successor has.
    return {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "iso8859-1": "cp1252"}.get(name, name)


def _main(page: HtmlElement) -> HtmlElement:
    """The one part that calls itself the main one, if most of the page's text is in it; else all of it."""
    parts = page.xpath("//main | //*[@role='main']") or page.xpath("//article")
    return parts[0] if len(parts) == 1 and _size(parts[0]) > 200 else page


def _size(part: HtmlElement) -> int:
    return sum(len(text.strip()) for text in part.itertext())


def _blocks(root: HtmlElement, around: list[str]) -> Iterator[Block]:
    from lxml import etree

    walk = etree.iterwalk(root, events=("start", "end"))
    page = _Page(_size(root), around)
    for event, part in walk:
        if event == "end":
            yield from page.leave(part)
            page.add("" if part is root else part.tail or "")
            continue
        yield from page.enter(part)
        if part is not root and page.is_around(part):
            walk.skip_subtree()
        elif part.tag == "table" and (rows := _data(part)):
            yield from page.captioned(part)
            yield from grid(rows)
            walk.skip_subtree()
        else:
            page.add(part.text or "")


class _Page:
    """The paragraph that is being read, and what it stands in."""

    def __init__(self, whole: int, around: list[str]) -> None:
        self._whole, self._around, self._looked = whole, around, 0
        self._said: list[str] = []
        self._lists: list[int | None] = []
        self._mark, self._heading, self._verbatim = "", 0, 0

    def add(self, text: str) -> None:
        self._said.append(text if self._verbatim else re.sub(r"\s+", " ", text))

    def enter(self, part: HtmlElement) -> Iterator[Block]:
        tag = part.tag
        if tag == "br":
            self._said.append("\n")
        if tag not in BLOCKS:
            return
        yield from self._flush()
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._mark = self._next_mark()
        elif tag in HEADINGS:
            self._heading = HEADINGS.index(tag) + 1
        self._verbatim += tag == "pre"

    def leave(self, part: HtmlElement) -> Iterator[Block]:
        tag = part.tag
        if tag not in BLOCKS:
            return
        yield from self._flush()
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        self._mark, self._heading = "", 0
        self._verbatim -= tag == "pre"

    def captioned(self, table: HtmlElement) -> Iterator[Block]:
        for caption in table.iterchildren("caption"):
            self.add(_text(caption))
            yield from self._flush()

    def is_around(self, part: HtmlElement) -> bool:
        """Whether it is left out; what it says is kept apart."""
        if not _hidden(part) and not _navigates(part) and not self._is_menu(part):
            return False
        if said := " ".join(" ".join(part.itertext()).split()):
            self._around.append(said)
        return True

    def _is_menu(self, part: HtmlElement) -> bool:
        """By its name, if it is links for the most part and not most of the page."""
        name = f"{part.get('class') or ''} {part.get('id') or ''}".lower()
        if part.tag not in MENUS or self._looked > LOOKS * self._whole or not MENU.search(name):
            return False
        size = _size(part)
        self._looked += size
        return size < MOST * self._whole and sum(_size(link) for link in part.iter("a")) >= LINKED * size

    def _next_mark(self) -> str:
        indent = "  " * (len(self._lists) - 1)
        if not self._lists or (count := self._lists[-1]) is None:
            return f"{indent}- "
        self._lists[-1] = count + 1
        return f"{indent}{count + 1}. "

    def _flush(self) -> Iterator[Block]:
        said = "".join(self._said)
        self._said.clear()
        lines = said.split("\n") if self._verbatim else (" ".join(line.split()) for line in said.split("\n"))
        if text := "\n".join(lines).strip("\n" if self._verbatim else None):
            yield Text(self._mark + text, self._heading)
            self._mark = ""


def _hidden(part: HtmlElement) -> bool:
    style = part.get("style")
    return part.get("hidden") is not None or part.get("aria-hidden") == "true" or bool(style and HIDDEN.search(style))


def _navigates(part: HtmlElement) -> bool:
    """A part around the text by its tag or its role."""
    if part.tag in AROUND or part.get("role") in AROUND_ROLES:
        return part.find(".//h1") is None
    return part.tag == "header" and part.getparent().tag == "body" and part.find(".//h1") is None


# Tables


def _data(table: HtmlElement) -> list[list[str]]:
    """Its rows, merged cells in every row and column that they cover; nothing where it only arranges the page."""
    if table.find(".//table") is not None or table.get("role") in ("presentation", "none"):
        return []
    rows: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}
    for row in table.iter("tr"):
        rows.append(_cells(row, below))
    if len(rows) < 2 or max(map(len, rows)) < 2 or any(len(cell) > LONGEST_CELL for row in rows for cell in row):
        return []
    return rows


def _cells(row: HtmlElement, below: dict[int, tuple[int, str]]) -> list[str]:
    """`below` holds, by column, for how many more rows a merged cell reaches down, and what it says."""
    cells: list[str] = []

    def reach() -> None:
        while len(cells) in below and len(cells) < WIDEST:
            rows, text = below.pop(len(cells))
            if rows > 1:
                left[len(cells)] = rows - 1, text
            cells.append(text)

    left: dict[int, tuple[int, str]] = {}
    for cell in row.iterchildren("td", "th"):
        reach()
        text, down = _text(cell), _span(cell, "rowspan")
        for _ in range(_span(cell, "colspan")):
            if down > 1:
                left[len(cells)] = down - 1, text
            cells.append(text)
    reach()
    below.update(left)
    return cells[:WIDEST]


def _span(cell: HtmlElement, name: str) -> int:
    said = cell.get(name) or "1"
    return min(max(int(said), 1), WIDEST) if said.isascii() and said.isdigit() and len(said) < 6 else 1


def _text(part: HtmlElement) -> str:
    return " ".join(" ".join(part.itertext()).split())


def _empty(path: Path) -> UserError:
    return UserError(
        Words(f"There is no text in the web page {path.name}.", f"网页 {path.name} 里没有文字。"),
        Words(
            "If a program builds the page, open it in a browser, save what it shows and send that.",
            "如果页面内容由程序生成，请用浏览器打开，把显示的内容另存后再发送。",
        ),
    )
