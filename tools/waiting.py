"""Rows that wait until the last one was seen: the first in memory, the rest on disk, so that memory stays flat."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

from workspace.sample import Sample

IN_MEMORY = 20_000


class Waiting:
    """Filled once, then read once, in the same order."""

    def __init__(self) -> None:
        self._held: list[Sample] = []
        self._rest: IO[bytes] | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def add(self, row: Sample) -> None:
        if len(self._held) < IN_MEMORY:
            self._held.append(row)
            return
        self._rest = self._rest or self._open.enter_context(TemporaryFile())  # noqa: SIM115 - it is entered, and left with this
        pickle.dump(row, self._rest, pickle.HIGHEST_PROTOCOL)

    def __iter__(self) -> Iterator[Sample]:
        yield from self._held
        if self._rest is None:
            return
        end = self._rest.tell()
        self._rest.seek(0)
        while self._rest.tell() < end:
            yield pickle.load(self._rest)  # our own rows, of a moment ago, from a file without a name
