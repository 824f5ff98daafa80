"""Folders and archives: every file in them through the same readers, each that can't be read with the reason."""

from __future__ import annotations

import bz2
import gzip
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from tools.sources.kinds import HEAD, MB, packed
from tools.sources.reading import records
from tools.sources.record import Record, unreadable
from workspace.errors import UserError
from workspace.words import Words

PIECE = 1 << 18
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
PROTECTED = "it is protected by a password"
OUTSIDE = "its path leads out of the archive"
LINK = "it is a link, not a file"


@dataclass(slots=True)
class Room:
    """What may still be unpacked: files, bytes, and how deep archives may lie in archives.

    A file may be `ratio` times as large as its packed form, or `small` bytes.
    """

    files: int = 10_000
    size: int = 2048 * MB
    depth: int = 2
    ratio: int = 200
    small: int = 50 * MB


class _Full(Exception):
    """Why nothing more is unpacked."""


def unpacked(path: Path, room: Room | None = None) -> Iterator[Record]:
    """The records of all files in a folder or archive, `file` being the path inside it; of a packed file its own.

    Raises UserError where the archive itself is damaged.
    """
    room = room or Room()
    if path.is_dir():
        yield from _folder(path, room)
    elif (kind := packed(path)) == "zip":
        yield from _zip(path, room)
    elif kind == "tar" or _holds_tar(path):
        yield from _tar(path, room)
    else:
        yield from _single(path, room)


def _folder(folder: Path, room: Room) -> Iterator[Record]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            yield _refused(path.name, "it is hidden")
        elif path.is_symlink() or not (path.is_dir() or path.is_file()):
            yield _refused(path.name, LINK)
        else:
            yield from _member(path, path.name, room)


def _zip(path: Path, room: Room) -> Iterator[Record]:
    if _entries(path) > room.files:
        raise unreadable(path, f"it holds more than {room.files} files")
    try:
        file = zipfile.ZipFile(path)
    except DAMAGED as error:
        raise cut_off(path) from error
    with file:
        for info in file.infolist():
            member = _zip_name(info)
            if info.is_dir():
                continue
            if reason := _unsafe(member, info.external_attr >> 16) or (PROTECTED if info.flag_bits & 1 else ""):
                yield _refused(member, reason)
                continue
            try:
                with file.open(info) as content, _copied(content, member, info.compress_size, room) as copy:
                    yield from _member(copy, member, room)
            except DAMAGED as error:
                yield _refused(member, f"it is damaged ({error})")
            except _Full as full:
                yield _refused(member, str(full))


def _tar(path: Path, room: Room) -> Iterator[Record]:
    try:
        # As a stream: what comes behind a file that is too large is never unpacked.
        with tarfile.open(path, "r|*") as file:
            for info in file:
                if info.isdir():
                    continue
                if reason := _unsafe(info.name, 0 if info.isfile() else stat.S_IFLNK):
                    yield _refused(info.name, reason)
                elif content := file.extractfile(info):
                    with _copied(content, info.name, path.stat().st_size, room) as copy:
                        yield from _member(copy, info.name, room)
    except DAMAGED as error:
        yield _refused("", f"the archive is damaged from here on ({error})")
    except _Full as full:
        yield _refused("", f"unpacking stopped here: {full}")


def _single(path: Path, room: Room) -> Iterator[Record]:
    """A file that was packed alone, as data.csv.gz."""
    try:
        with _inside(path) as content, _copied(content, path.stem, path.stat().st_size, room) as copy:
            yield from records(copy)
    except _Full as full:
        raise unreadable(path, str(full)) from full
    except DAMAGED as error:
        raise unreadable(path, f"it is damaged ({error})") from error


def _member(path: Path, member: str, room: Room) -> Iterator[Record]:
    """Its records, each with the member that it stands in; one that can't be read is one refused record."""
    room.files -= 1
    inner = packed(path) is not None
    if room.files < 0 or (inner and room.depth < 1):
        yield _refused(member, "archives are opened no deeper than this" if inner else "there are too many files")
        return
    room.depth -= inner
    try:
        for found in unpacked(path, room) if inner or path.is_dir() else records(path):
            file = f"{member}/{found.file}" if found.file else member
            yield Record(
                *(found.line, found.values, found.problem, found.raw, file, found.sheet, found.page, found.confidence)
            )
    except UserError as refused:
        yield _refused(member, refused.problem.en)
    finally:
        room.depth += inner


def _refused(member: str, reason: str) -> Record:
    return Record(1, {}, reason, member, file=member)


@contextmanager
def _copied(
    content: IO[bytes] | gzip.GzipFile | bz2.BZ2File, member: str, packed_size: int, room: Room
) -> Iterator[Path]:
    """The file on disk, under its own name, as long as it is read. Raises _Full."""
    most = min(room.size, max(room.small, packed_size * room.ratio))
    with tempfile.TemporaryDirectory(prefix="tunesmith-") as folder:
        path = Path(folder, PurePosixPath(member).name[-100:] or "file")
        size = 0
        with path.open("wb") as out:
            while piece := content.read(PIECE):
                size += len(piece)
                if size > most:
                    large = f"it is larger than {most // MB} MB when unpacked"
                    raise _Full(large + (f", {room.ratio} times its packed size" if most < room.size else ""))
                out.write(piece)
        room.size -= size
        yield path


def _inside(path: Path) -> gzip.GzipFile | bz2.BZ2File:
    return gzip.open(path) if packed(path) == "gzip" else bz2.open(path)


def _holds_tar(path: Path) -> bool:
    try:
        with _inside(path) as content:
            return content.read(512)[257:262] == b"ustar"
    except DAMAGED:
        return False


def _unsafe(member: str, mode: int) -> str:
    parts = PurePosixPath(member.replace("\\", "/")).parts
    if stat.S_IFMT(mode) == stat.S_IFLNK:
        return LINK
    return OUTSIDE if not parts or ".." in parts or parts[0] == "/" or ":" in parts[0] else ""


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Without the mark for UTF-8 a name is in the code page of whoever packed it: in China that is GBK."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _entries(path: Path) -> int:
    """How many files a zip says it holds, before its table of contents is read into memory."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - HEAD - 22))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        return 0
    count, size = struct.unpack_from("<HI", tail, end + 10)
    return max(int(count), int(size) // 1000)


def cut_off(path: Path) -> UserError:
    return UserError(
        Words(
            f"{path.name} is an Excel, Word or zip file that is damaged or cut off.",
            f"{path.name} 是 Excel、Word 或压缩文件，但已损坏或不完整。",
        ),
        Words("Save or download it again and send that.", "请重新保存或下载后再发送。"),
    )
