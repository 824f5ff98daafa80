"""Reads the rows of a run while they are being written: what is new is added, what was replaced is read anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

Stamp = tuple[int, int, int] | None
Stamps = tuple[Stamp, Stamp, Stamp]


class Growing:
    """`rows.jsonl`, and beside it the round under way: `written.jsonl`, of which `judged.jsonl` are through the checks.

    A row of the round takes the place of its written form once it is judged; both files go with the end of the round.
    Rows are the bytes of their lines.
    """

    def __init__(self, folder: Path) -> None:
        self.whole = folder / "rows.jsonl"
        self._written, self._judged = _Appended(folder / "written.jsonl"), _Appended(folder / "judged.jsonl")
        self._seen: Stamp = None
        self._rows: tuple[bytes, ...] = ()
        self._known: frozenset[bytes] = frozenset()

    def stamp(self) -> Stamps:
        return _stamp(self.whole), _stamp(self._written.path), _stamp(self._judged.path)

    def rows(self) -> tuple[list[bytes], bool, list[bytes]]:
        """(judged, whether they are others than before and not only more, written but not judged)."""
        now = _stamp(self.whole)
        fresh = now != self._seen
        if fresh:
            self._rows = tuple(_lines(self.whole.read_bytes())) if now else ()
            self._known = frozenset(map(_start, self._rows))
            self._seen = now
        fresh = self._judged.read() or fresh
        self._written.read()
        judged, written = self._judged.rows, self._written.rows[len(self._judged.rows) :]
        return [*self._rows, *self._new(judged)], fresh, self._new(written)

    def _new(self, rows: list[bytes]) -> list[bytes]:
        """The round ends by writing all rows anew; for a moment its own files are there too."""
        return [row for row in rows if _start(row) not in self._known]


class _Appended:
    """A file to which lines are added; it may be begun anew, or be gone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[bytes] = []
        self._file, self._offset = 0, 0

    def read(self) -> bool:
        """Whether it was begun anew."""
        try:
            with self.path.open("rb") as file:
                there = os.fstat(file.fileno())
                anew = there.st_ino != self._file or there.st_size < self._offset or not self._goes_on(file)
                if anew:
                    self._begin(there.st_ino)
                self._take(file)
        except FileNotFoundError:
            anew = bool(self.rows)
            self._begin(0)
        return anew

    def _goes_on(self, file: BinaryIO) -> bool:
        """Another file may have got the same number: then what was read last stands elsewhere in it."""
        last = self.rows[-1] + b"\n" if self.rows else b""
        file.seek(self._offset - len(last))
        return file.read(len(last)) == last

    def _begin(self, file: int) -> None:
        self._file, self._offset, self.rows = file, 0, []

    def _take(self, file: BinaryIO) -> None:
        """The last line may not be whole yet, and then waits."""
        file.seek(self._offset)
        text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self.rows += _lines(whole)
        self._offset += len(whole)


def _lines(text: bytes) -> list[bytes]:
    return [line for line in text.split(b"\n") if line.strip()]


def _start(row: bytes) -> bytes:
    """A line begins with the row's id."""
    return row[: row.find(b",")]


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
