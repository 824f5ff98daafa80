"""From a file's bytes to its characters: refuses what is no text, and finds out which encoding the text is in."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from workspace.errors import UserError
from workspace.words import Words

HEAD = 1 << 16
LONGEST_LINE = 1_000_000
SURROGATE = re.compile("[\ud800-\udfff]")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MAGIC = (
    (b"%PDF", Words("a PDF", "PDF 文件")),
    (b"PK\x03\x04", Words("an Excel, Word or zip file", "Excel、Word 或压缩文件")),
    (b"\xd0\xcf\x11\xe0", Words("an old Excel or Word file", "旧版 Excel 或 Word 文件")),
    (b"\x89PNG", Words("a picture", "图片")),
    (b"\xff\xd8\xff", Words("a picture", "图片")),
    (b"GIF8", Words("a picture", "图片")),
    (b"RIFF", Words("a picture, sound or film", "图片、音频或视频")),
    (b"\x7fELF", Words("a program", "程序")),
    (b"\x1f\x8b", Words("a compressed file", "压缩文件")),
    (b"7z\xbc\xaf", Words("a compressed file", "压缩文件")),
    (b"Rar!", Words("a compressed file", "压缩文件")),
    (b"PAR1", Words("a Parquet file", "Parquet 文件")),
    (b"SQLite format 3", Words("a database", "数据库文件")),
    (b"GGUF", Words("a model", "模型文件")),
)
# Stands where a line longer than LONGEST_LINE was cut: a lone surrogate, so that it is never taken for text.
CUT = "\udc81"
NO_TEXT = Words("a file that holds no text", "不含文本的文件")


@dataclass(frozen=True, slots=True)
class Encoding:
    """`name` is that of a Python codec; `sure` from 0 to 1: 1 where a mark or every byte says so."""

    name: str
    sure: float


def _as_surrogate(error: UnicodeError) -> tuple[str, int]:
    """What "surrogateescape" does, but for any codec and any byte: a lone surrogate in place of what is broken."""
    return "\udc80", getattr(error, "end", 0)


codecs.register_error("tunesmith.surrogate", _as_surrogate)


@contextmanager
def opened(path: Path, newline: str | None = "") -> Iterator[TextIO]:
    """The file as text. What does not fit its encoding comes as lone surrogates, so that only its row is refused.

    Raises UserError where the file is absent, empty, or no text.
    """
    with path.open(encoding=encoding_of(path), errors="tunesmith.surrogate", newline=newline) as file:
        yield file


def lines(file: TextIO) -> Iterator[str]:
    """Lines with their ends; of one longer than LONGEST_LINE the beginning and CUT, so that memory stays flat."""
    while line := file.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith(("\n", "\r")):
            yield line
            continue
        rest = more = file.readline(LONGEST_LINE)
        while more and not more.endswith(("\n", "\r")):
            more = file.readline(LONGEST_LINE)
        yield line + CUT if rest else line


def decodable(text: str) -> bool:
    """No lone surrogate: neither one that stands for an undecodable byte nor one that came in by an escape."""
    return text.isascii() or not SURROGATE.search(text)


def encoding_of(path: Path) -> str:
    """The name of a Python codec. Raises UserError where the file is absent, empty, or no text."""
    return detected(path).name


def detected(path: Path) -> Encoding:
    """Raises UserError where the file is absent, empty, or no text."""
    head = _head(path)
    for bom, name in BOMS:
        if head.startswith(bom):
            return Encoding(name, 1.0)
    if wide := _wide(head):
        return Encoding(wide, 0.95)
    _refuse_binary(head, path)
    good, bad = _utf8_lines(path)
    # One broken row in a good file must not have the whole file read as something else.
    if good > bad or not bad:
        return Encoding("utf-8", round(good / (good + bad), 2) if bad else 1.0)
    with path.open("rb") as file:
        sample = file.read(16 * HEAD)
    return _eastern(sample) or _western(sample) or _other(sample, path)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise UserError(
            Words(f"There is no file {path.name} that I can open.", f"打不开文件 {path.name}。"),
            Words("Check its name and place, and send it again.", "请检查文件名和位置，再发一次。"),
        ) from error
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise UserError(
            Words(f"{path.name} is empty.", f"{path.name} 是空的。"),
            Words("Send a file that holds at least one row.", "请发送至少有一行内容的文件。"),
        )
    return head


def _wide(head: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of Latin text is then zero."""
    if len(head) < 16:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 5 and even <= odd // 20:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) // 5 and odd <= even // 20 else None


def _refuse_binary(head: bytes, path: Path) -> None:
    kind = next((words for magic, words in MAGIC if head.startswith(magic)), None)
    controls = sum(byte < 32 and byte not in b"\t\n\v\f\r\x1b" for byte in head)
    if kind is None and (controls <= 2 or controls * 20 <= len(head)):
        return
    kind = kind or NO_TEXT
    raise UserError(
        Words(f"{path.name} is {kind.en}, not a text file.", f"{path.name} 是{kind.zh}，不是文本文件。"),
        Words(
            "Save tables as CSV, and documents as .txt or .md, and send that.",
            "请把表格另存为 CSV、文档另存为 .txt 或 .md 后再发送。",
        ),
    )


def _utf8_lines(path: Path) -> tuple[int, int]:
    """How many lines (or parts of a very long one) beyond ASCII are UTF-8, and how many are not."""
    good = bad = 0
    with path.open("rb") as file:
        decode = codecs.getincrementaldecoder("utf-8")()
        while line := file.readline(LONGEST_LINE):
            whole = line.endswith(b"\n")
            if line.isascii() and whole:
                continue
            try:
                decode.decode(line, final=whole)
                good += 1
            except UnicodeDecodeError:
                decode.reset()
                bad += 1
    return good, bad


def _eastern(sample: bytes) -> Encoding | None:
    """Chinese, Japanese or Korean, if read so nearly all of it is everyday characters.

    Each reads almost any bytes as *some* characters; the everyday ones stand in one block of each table.
    """
    leads, kana = _pairs(sample)
    if kana * 4 > len(leads):
        return Encoding("euc_jp", 0.8)
    gb = _everyday(sample, range(0xB0, 0xD8), range(0xA1, 0xA4))
    big = _everyday(sample, range(0xA4, 0xC7), range(0xA1, 0xA4))
    if max(gb, big) < 0.6:
        return None
    # Hangul fills the first third of the block of GB's everyday characters; Chinese never stays in there for long.
    if gb >= big and len(leads) > 11 and all(0xA1 <= lead <= 0xC8 for lead in leads):
        return Encoding("cp949", 0.8)
    return Encoding("gb18030", round(gb, 2)) if gb >= big else Encoding("big5", round(big, 2))


def _pairs(sample: bytes) -> tuple[list[int], int]:
    """The first bytes of all two-byte characters, and how many of them are kana as EUC-JP has them."""
    leads: list[int] = []
    kana = at = 0
    while at < len(sample) - 1:
        if sample[at] < 0x80:
            at += 1
            continue
        leads.append(sample[at])
        kana += sample[at] in (0xA4, 0xA5) and sample[at + 1] >= 0xA1
        if sample[at + 1] < 0xA1 and sample[at] in (0xA4, 0xA5):
            kana -= len(sample)  # Big5 has half of its characters there, EUC-JP none
        at += 2
    return leads, kana


def _everyday(sample: bytes, characters: range, signs: range) -> float:
    """The share of two-byte characters whose first byte lies in either range. A third of them are no signs alone."""
    every = found = plain = at = 0
    while at < len(sample) - 1:
        if sample[at] < 0x80:
            at += 1
            continue
        every += 1
        found += sample[at] in characters and sample[at + 1] >= 0x40
        plain += sample[at] in signs
        at += 2
    return (found + plain) / every if every and found * 3 > every else 0.0


def _western(sample: bytes) -> Encoding | None:
    """Windows-1252, if what it reads beyond ASCII is letters and the usual signs, and little of it."""
    text = sample.decode("cp1252", "replace")
    beyond = [c for c in text if not c.isascii()]
    usual = sum(c.isalpha() or c in "‘’“”–—…€£§©®°«»·¿¡º¹²³½¼¾×÷µ´" for c in beyond)
    # Words of nothing but such letters are those of another alphabet, read wrongly.
    foreign = sum(len(word) for word in re.findall(r"[À-ÿ]{3,}", text))
    if usual < len(beyond) or len(beyond) * 4 > len(text) or foreign * 2 > len(beyond):
        return None
    return Encoding("cp1252", round(1 - len(beyond) / len(text), 2))


def _other(sample: bytes, path: Path) -> Encoding:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None:
        raise UserError(
            Words(f"I can't tell the encoding of {path.name}.", f"无法识别 {path.name} 的文字编码。"),
            Words("Save it as UTF-8 and send it again.", "请另存为 UTF-8 编码后再发送。"),
        )
    return Encoding(str(best.encoding), round(max(0.0, 1 - best.chaos) * 0.7, 2))
