"""What a file is by its own bytes, whatever its name says, and who reads the formats that are no text."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workspace.words import Words

Foreign = Literal["spreadsheet", "parquet", "pdf", "docx", "html", "picture"]
Packed = Literal["zip", "tar", "gzip", "bzip2"]
MB = 1 << 20
HEAD = 1 << 16
NAMES = 1 << 22


@dataclass(frozen=True, slots=True)
class Reader:
    """`function` is "module:name" of a `read(path) -> Iterator[Record]`; `memory` in bytes, `seconds` of silence.

    `work`: seconds of processor time in all, where reading off pictures takes more than `seconds`.
    """

    words: Words
    function: str
    suffixes: tuple[str, ...]
    memory: int = 448 * MB
    seconds: int = 20
    work: int = 0


READERS: dict[Foreign, Reader] = {
    "spreadsheet": Reader(
        Words("an Excel or OpenDocument workbook", "Excel 或 OpenDocument 工作簿"),
        "tools.sources.spreadsheets:read",
        (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"),
    ),
    "parquet": Reader(Words("a Parquet file", "Parquet 文件"), "tools.sources.parquet:read", (".parquet", ".pq")),
    # What takes long and much memory in a PDF are its scanned pages; it stops by itself before its time is over.
    "pdf": Reader(Words("a PDF", "PDF 文件"), "tools.sources.pdf:read", (".pdf",), 1024 * MB, 60, 900),
    "docx": Reader(Words("a Word document", "Word 文档"), "tools.sources.word:read", (".docx",)),
    "html": Reader(Words("a web page", "网页"), "tools.sources.html:read", (".html", ".htm", ".xhtml")),
    "picture": Reader(
        Words("a picture", "图片"),
        "tools.sources.ocr:read",
        (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"),
        memory=1024 * MB,
        seconds=60,
        work=900,
    ),
}
UNREAD = {
    "EncryptedPackage": Words("protected by a password", "有密码保护的文件"),
    "WordDocument": Words("an old Word document (.doc)", "旧版 Word 文档（.doc）"),
    "PowerPoint Document": Words("an old PowerPoint file", "旧版 PowerPoint 文件"),
    "": Words("an old Excel or Word file, damaged or of an unknown kind", "旧版 Excel 或 Word 文件，已损坏或类型未知"),
}
# What stands in zips that are documents and programs, not archives of files.
APPLICATIONS = {"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF", "AndroidManifest.xml"}
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
PAGES = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table")


def foreign(path: Path) -> Foreign | None:
    """Which reader the file needs; None: it is text, packed, of no kind we know, or not there."""
    head = _head(path)
    if head.startswith(ZIPS):
        return _inside_zip(path)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.lstrip(b"\xef\xbb\xbf\r\n \0")[:5] == b"%PDF-":
        return "pdf"
    if head.startswith(PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or _bitmap(head):
        return "picture"
    if head.startswith(OLD_OFFICE) and old_office(path) in ("Workbook", "Book"):
        return "spreadsheet"
    return "html" if _is_page(path, head) else None


def packed(path: Path) -> Packed | None:
    """Which kind of archive it is, if it is one."""
    head = _head(path)
    if head.startswith(ZIPS):
        return "zip" if _inside_zip(path) is None else None
    if head[257:262] == b"ustar":
        return "tar"
    return "gzip" if head.startswith(b"\x1f\x8b") else "bzip2" if head.startswith(b"BZh") else None


def unread(path: Path) -> Words | None:
    """What it is, where it is of a kind that looks like one we read, and isn't."""
    head = _head(path)
    if head.startswith(OLD_OFFICE):
        return UNREAD.get(old_office(path), UNREAD[""]) if foreign(path) is None else None
    if head.startswith(ZIPS) and foreign(path) is None and set(zip_names(path)) & APPLICATIONS:
        return Words(f"a file of a kind that I don't read ({path.suffix})", f"不支持的文件类型（{path.suffix}）")
    return None


def old_office(path: Path) -> str:
    """What an OLE container holds, by the names in its directory: "Workbook", "WordDocument", "EncryptedPackage" …"""
    with path.open("rb") as file:
        header = file.read(512)
        if len(header) < 512:
            return ""
        (shift,), (first,) = struct.unpack_from("<H", header, 30), struct.unpack_from("<I", header, 48)
        file.seek((first + 1) << min(shift, 12))
        directory = file.read(1 << 14)
    known = ("EncryptedPackage", "Workbook", "Book", "WordDocument", "PowerPoint Document")
    return next((name for name in known if f"{name}\0".encode("utf-16-le") in directory), "")


def zip_names(path: Path) -> Iterator[str]:
    """The names in a zip's own table of contents, as far as its first NAMES bytes; none where it is cut off."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - HEAD - 22))
        tail = file.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0 or len(tail) < end + 22:
            return
        length, start = struct.unpack_from("<II", tail, end + 12)
        file.seek(min(start, size) if start + length <= size else 0)
        table = file.read(min(length, NAMES))
    at = 0
    while table[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(table):
        name, extra, comment = struct.unpack_from("<HHH", table, at + 28)
        yield table[at + 46 : at + 46 + name].decode("utf-8", "replace")
        at += 46 + name + extra + comment


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""


def _inside_zip(path: Path) -> Foreign | None:
    names = set(zip_names(path))
    if names & {"xl/workbook.xml", "xl/workbook.bin"}:
        return "spreadsheet"
    if "word/document.xml" in names:
        return "docx"
    if {"mimetype", "content.xml"} <= names and path.suffix.lower() not in (".odt", ".odp", ".epub"):
        return "spreadsheet"
    return None


def _bitmap(head: bytes) -> bool:
    return head[:2] == b"BM" and len(head) > 18 and head[6:10] == b"\0\0\0\0" and head[14] in (12, 40, 108, 124)


def _is_page(path: Path, head: bytes) -> bool:
    """Many programs save a web page and call it .xls or .csv; a text about web pages stays a text."""
    suffix = path.suffix.lower()
    start = head.lstrip(b"\xef\xbb\xbf\r\n\t ").lower()
    if suffix in READERS["html"].suffixes:
        return b"\0" not in head[:4096] or head[:2] in (b"\xff\xfe", b"\xfe\xff")
    return start.startswith(PAGES) and suffix in (*READERS["spreadsheet"].suffixes, ".csv", ".tsv")
