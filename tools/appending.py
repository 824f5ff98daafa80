"""Rows that are new go to the end of a file, each once, however often the fetching was killed on the way."""

from __future__ import annotations

import errno
import os
import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import orjson

from tools.sources.records import STOPPED, content_key
from workspace.errors import disk_full
from workspace.journal import Journal
from workspace.project import sample_line
from workspace.sample import Frozen, Sample, Scalar

AT_ONCE = 1000
BLOCK = 2**16
# Reasons are counted whichever row they are about.
NUMBER = re.compile(r"^(?:row|line) \d+: ")
# How far a mark may lie ahead of our clock: another machine's clock, and where no zone is said the farthest one.
SKEW, FARTHEST_ZONE = timedelta(minutes=5), timedelta(hours=14)


class Watermark(Frozen):
    """Rows up to `since` stand in the file; those of that very value from the byte `offset` on. `size`: of the file."""

    since: Scalar = None
    offset: int = 0
    size: int = 0


@dataclass
class Taken:
    """What became of the rows of one fetch: read = new + known + refused. `broken`: why it ended before its end."""

    new: int = 0
    known: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    broken: str = ""

    @property
    def read(self) -> int:
        return self.new + self.known + self.refused.total()


class Appending:
    """One source into one file. Rows first, then the watermark: a kill in between costs a second reading, no row.

    What was written since the watermark, and what shares its value, is found again in the file by its content.
    `ordered`: the rows come in the order of their marks, so the watermark may move on the way.
    """

    def __init__(self, journal: Journal, stream: str, out: Path, *, ordered: bool) -> None:
        self.out, self.ordered, self._journal = out, ordered, journal
        self._question = f"fetched {stream}"
        self._number, said = 0, journal.answers(self._question)
        mark = Watermark.model_validate_json(said[-1]) if said else Watermark()
        self._number = len(said)
        self.begun_again = out.stat().st_size < mark.size if out.exists() else mark.size > 0
        self.mark = Watermark() if self.begun_again else mark

    @property
    def refused(self) -> Path:
        """Where rows that can't be used go, each with its reason."""
        return self.out.with_name(self.out.stem + ".refused.jsonl")

    def take(self, rows: Iterable[tuple[Sample, Scalar]]) -> Iterator[Taken]:
        """Told after each batch that is safe on disk; the last time with all of it."""
        taken, latest = Taken(), self.mark.since
        with _End(self.out) as good, _End(self.refused, lazy=True) as bad:
            group = _Group(good.places(self.mark.offset if self.ordered else 0), self.mark)
            refused = bad.places(0)
            for row, mark in rows:
                if row.dropped_by is not None:
                    self._refuse(row, refused, bad, taken)
                else:
                    place = group.known(row)
                    taken.known += place is not None
                    taken.new += place is None
                    group.stands(good.add(row) if place is None else place, mark)
                latest = later(latest, mark)
                if good.waiting + bad.waiting >= AT_ONCE:
                    self._safe(good, bad, group)
                    yield taken
            self._safe(good, bad, group)
            if not self.ordered and not taken.broken:
                self._move(Watermark(since=latest, size=good.size))
        yield taken

    def _safe(self, good: _End, bad: _End, group: _Group) -> None:
        good.write()
        bad.write()
        if self.ordered:
            self._move(group.mark(good.size))

    def _refuse(self, row: Sample, known: dict[str, deque[int]], bad: _End, taken: Taken) -> None:
        dropped = row.dropped_by
        if dropped is not None and dropped.check == STOPPED:
            taken.broken = dropped.reason
            return
        taken.refused[NUMBER.sub("", dropped.reason) if dropped else ""] += 1
        if _first(known, row) is None:
            bad.add(row)

    def _move(self, mark: Watermark) -> None:
        if mark != self.mark and mark.since is not None:
            self._journal.decide(f"{self._question}/{self._number}", self._question, mark.model_dump_json())
            self._number, self.mark = self._number + 1, mark


class _Group:
    """Follows the rows in the order of their marks: where those of the latest mark begin in the file.

    A mark in the future is not trusted: it would hide all that comes before it in time. Its rows are read again and
    again, so the offset never passes them.
    """

    def __init__(self, places: dict[str, deque[int]], mark: Watermark) -> None:
        self._places, self._since, self._start = places, mark.since, mark.offset
        self._held: int | None = None
        self._now = datetime.now(UTC)

    def known(self, row: Sample) -> int | None:
        return _first(self._places, row)

    def stands(self, place: int, mark: Scalar) -> None:
        if mark is None or ahead(mark, self._now):
            self._held = place if self._held is None else min(self._held, place)
        elif mark == self._since:
            self._start = min(self._start, place)
        else:
            self._since, self._start = mark, place

    def mark(self, size: int) -> Watermark:
        start = self._start if self._held is None else min(self._start, self._held)
        return Watermark(since=self._since, offset=start, size=size)


class _End:
    """The end of a file of rows: an unfinished last line is taken off, and what is added is synced in batches.

    `lazy`: the file is not made before there is something to add.
    """

    def __init__(self, path: Path, *, lazy: bool = False) -> None:
        self.path, self.size = path, 0
        self._lines, self._lazy = list[bytes](), lazy
        self._file: BinaryIO | None = None

    def __enter__(self) -> _End:
        if not self._lazy or self.path.exists():
            self._opened()
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def waiting(self) -> int:
        return len(self._lines)

    def places(self, offset: int) -> dict[str, deque[int]]:
        """Where each row stands from that byte on, by its content; lines that aren't rows of ours don't count."""
        found: dict[str, deque[int]] = defaultdict(deque)
        if self._file is not None:
            self._file.seek(offset)
            for line in self._file:
                with suppress(ValueError):
                    found[content_key(Sample.model_validate(orjson.loads(line)))].append(offset)
                offset += len(line)
        return found

    def add(self, row: Sample) -> int:
        """The byte at which it will stand."""
        self._opened()
        self._lines.append(sample_line(row))
        self.size += len(self._lines[-1])
        return self.size - len(self._lines[-1])

    def write(self) -> None:
        """Raises UserError where the disk is full."""
        if not self._lines:
            return
        file = self._opened()
        try:
            file.write(b"".join(self._lines))
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise disk_full(str(self.path)) from error
            raise
        self._lines = []

    def _opened(self) -> BinaryIO:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+b")
            _mend(self._file)
            self.size = self._file.seek(0, os.SEEK_END)
        return self._file


def _mend(file: BinaryIO) -> None:
    """A kill in the middle of a line leaves half of it; a file from elsewhere may lack its last line end."""
    end = start = file.seek(0, os.SEEK_END)
    tail = b""
    while start and b"\n" not in tail:
        before = max(0, start - BLOCK)
        file.seek(before)
        tail, start = file.read(start - before) + tail, before
    last = tail.rpartition(b"\n")[2]
    if not last:
        return
    try:
        orjson.loads(last)
    except ValueError:
        file.truncate(end - len(last))
    else:
        file.write(b"\n")
    file.flush()


def _first(places: dict[str, deque[int]], row: Sample) -> int | None:
    found = places.get(content_key(row))
    return found.popleft() if found else None


def later(one: Scalar, other: Scalar) -> Scalar:
    """The larger of two marks: moments by time, whatever their zones; numbers by size; else by their letters."""
    if one is None or other is None:
        return other if one is None else one
    try:
        return max(one, other, key=lambda mark: _moment(mark) or _number(mark))
    except (TypeError, ValueError):
        return max(str(one), str(other))


def ahead(mark: Scalar, now: datetime) -> bool:
    moment = _moment(mark)
    if moment is None:
        return mark == "infinity"
    zoned = isinstance(mark, str) and datetime.fromisoformat(mark).tzinfo is not None
    return moment > now + (SKEW if zoned else FARTHEST_ZONE)


def _moment(mark: Scalar) -> datetime | None:
    if not isinstance(mark, str):
        return None
    try:
        found = datetime.fromisoformat(mark)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _number(mark: Scalar) -> float:
    return float(mark if mark is not None else "nan")
