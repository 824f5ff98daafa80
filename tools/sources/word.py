"""A Word document: sections under their headings, tables row by row, notes where they are referred to."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from tools.sources.blocks import Block, Text, grid, records
from tools.sources.numbering import Numbers, Styles, child, kind, value
from tools.sources.record import Record
from workspace.errors import UserError
from workspace.words import Words

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAIN = "word/document.xml"
LARGEST_PART, LARGEST = 40_000_000, 400_000_000  # bytes
WIDEST = 500
# What a reader of the document doesn't see: what was deleted or moved away, fields' formulas, old twins of text boxes.
UNSEEN = frozenset(("del", "moveFrom", "instrText", "delText", "delInstrText", "Fallback", "pPr", "rPr"))
SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def read(path: Path) -> Iterator[Record]:
    """Headers and footers come once, at the end. What was deleted with changes tracked is a record that says so.

    Raises UserError where the file is no Word document, is damaged, or defines entities of its own.
    """
    with _whole(path), ZipFile(path) as package:
        document = _Document(package, path)
        last = 0
        for record in records(document.blocks()):
            last = record.line
            yield record
    if document.deleted:
        reason = "left out: text that was deleted while changes were tracked, and comments"
        yield Record(last + 1, {}, reason, "\n".join(document.deleted))
    elif not last:
        raise _refused(path, Words("there is no text in it", "里面没有文字"))


class _Document:
    """One document while it is read. Blocks are forgotten as soon as they are handed out."""

    def __init__(self, package: ZipFile, path: Path) -> None:
        self._package, self._path = package, path
        self.deleted: list[str] = []
        names = package.namelist()
        self._parts = sorted(name for name in names if name.startswith("word/") and name.endswith(".xml"))
        self._styles = Styles(self._part("word/styles.xml"))
        self._numbers = Numbers(self._part("word/numbering.xml"))
        self._notes = {
            name: {value(note, "id"): note for note in self._part(f"word/{name}s.xml")}
            for name in ("footnote", "endnote")
        }

    def blocks(self) -> Iterator[Block]:
        with self._opened(MAIN, LARGEST) as file:
            yield from self._body(file)
        around: list[str] = []
        for name in self._parts:
            if name.startswith(("word/header", "word/footer")):
                around += [text for text in self._texts(self._part(name)) if text not in around]
        yield from map(Text, around)
        for comment in self._part("word/comments.xml"):
            self.deleted += self._texts(comment)

    def _body(self, file: IO[bytes]) -> Iterator[Block]:
        from lxml import etree

        rows: list[list[str]] = []
        for _, part in etree.iterparse(
            file, tag=("{*}p", "{*}tr", "{*}tbl"), resolve_entities=False, no_network=True, load_dtd=False
        ):
            if part.getroottree().docinfo.doctype:
                raise _refused(self._path, Words("it defines entities of its own", "其中自定义了实体"))
            within = [kind(above) for above in part.iterancestors()]
            tables = within.count("tbl")
            if "p" in within or tables > (kind(part) == "tr"):
                continue
            if kind(part) == "p" and not tables:
                yield from self._paragraph(part)
            elif kind(part) == "tr":
                rows += self._row(part, rows)
            elif kind(part) == "tbl":
                yield from grid(rows)
                rows = []
            if kind(part) != "p" or not tables:
                _forget(part)

    def _inside(self, part: Element) -> Iterator[Block]:
        """The blocks of a text box, a cell, a note or a header."""
        for inner in part.iterchildren():
            if kind(inner) == "p":
                yield from self._paragraph(inner)
            elif kind(inner) == "tbl":
                rows: list[list[str]] = []
                for row in _children(inner, "tr"):
                    rows += self._row(row, rows)
                yield from grid(rows)
            elif kind(inner) not in UNSEEN:
                yield from self._inside(inner)

    def _texts(self, part: Element) -> list[str]:
        """Its blocks as lines of text; what is a table in it, row by row."""
        return [text for block in self._inside(part) for text in _lines(block)]

    def _paragraph(self, part: Element) -> Iterator[Block]:
        from lxml import etree

        said: list[str] = []
        after: list[Block] = []
        walk = etree.iterwalk(part, events=("start",))
        for _, inner in walk:
            name = kind(inner)
            if name in UNSEEN:
                self._left_out(inner)
                walk.skip_subtree()
            elif name in ("t",):
                said.append(inner.text or "")
            elif name in SIGNS:
                said.append(SIGNS[name])
            elif name == "txbxContent":
                after += self._inside(inner)
                walk.skip_subtree()
            elif name in ("footnoteReference", "endnoteReference"):
                note = self._notes[name.removesuffix("Reference")].get(value(inner, "id"))
                after += self._inside(note) if note is not None else ()
        if text := "".join(said).strip():
            heading = self._styles.heading(part)
            mark = self._numbers.mark(*self._styles.numbered(part))
            yield Text(mark + (" ".join(text.split()) if heading else text), heading)
        yield from after

    def _left_out(self, part: Element) -> None:
        if kind(part) in ("del", "moveFrom"):
            text = "".join(inner.text or "" for inner in part.iter("{*}delText", "{*}t")).strip()
            self.deleted += [text] if text and kind(part) == "del" else []

    def _row(self, part: Element, above: list[list[str]]) -> Iterator[list[str]]:
        """One row, none where it was deleted. A merged cell says the same in every row and column it covers."""
        properties = child(part, "trPr")
        if properties is not None and child(properties, "del") is not None:
            self.deleted += ["".join(inner.text or "" for inner in part.iter("{*}delText", "{*}t"))]
            return
        cells: list[str] = []
        for cell in _children(part, "tc"):
            properties = child(cell, "tcPr")
            merged = child(properties, "vMerge")
            text = "\n".join(self._texts(cell))
            if merged is not None and value(merged, "val") != "restart" and above and len(above[-1]) > len(cells):
                text = above[-1][len(cells)]
            span = value(child(properties, "gridSpan"), "val")
            cells += [text] * (min(int(span), WIDEST) if span.isdigit() else 1)
        yield cells[:WIDEST]

    # the package

    def _part(self, name: str) -> Element:
        """The root of a smaller part; an empty one where the document has none."""
        from lxml import etree

        if name not in self._package.namelist():
            return etree.Element("none")
        with self._opened(name, LARGEST_PART) as file:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
            root = etree.parse(file, parser).getroot()
        if root.getroottree().docinfo.doctype:
            raise _refused(self._path, Words("it defines entities of its own", "其中自定义了实体"))
        return root

    @contextmanager
    def _opened(self, name: str, largest: int) -> Iterator[IO[bytes]]:
        if self._package.getinfo(name).file_size > largest:
            raise _refused(
                self._path,
                Words(
                    f"{name} in it is larger than {largest // 10**6} MB", f"其中的 {name} 超过 {largest // 10**6} MB"
                ),
            )
        with self._package.open(name) as file:
            yield file


def _children(part: Element, name: str) -> Iterator[Element]:
    """Those of this kind, also inside content controls and tracked insertions."""
    for inner in part.iterchildren():
        if kind(inner) == name:
            yield inner
        elif kind(inner) in ("sdt", "sdtContent", "ins", "customXml", "smartTag", "moveTo"):
            yield from _children(inner, name)


def _lines(block: Block) -> Iterable[str]:
    return [block.text] if isinstance(block, Text) else [" | ".join(row) for row in block.rows]


def _forget(part: Element) -> None:
    parent = part.getparent()
    part.clear()
    if parent is not None:
        while part.getprevious() is not None:
            del parent[0]


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Whatever a damaged file makes the libraries say becomes a reason."""
    from lxml.etree import XMLSyntaxError

    try:
        yield
    except XMLSyntaxError as error:
        raise _refused(path, Words(f"its XML is broken ({error.msg})", f"其中的 XML 有错误（{error.msg}）")) from error
    except (BadZipFile, KeyError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise _refused(path, Words("it is damaged or no Word document", "文件已损坏，或不是 Word 文档")) from error


def _refused(path: Path, why: Words) -> UserError:
    return UserError(
        Words(f"{path.name} can't be read: {why.en}.", f"无法读取 {path.name}：{why.zh}。"),
        Words(
            "Open it in its own program, save it as .docx again and send that.",
            "请用原来的程序打开，重新保存为 .docx 后再发送。",
        ),
    )
