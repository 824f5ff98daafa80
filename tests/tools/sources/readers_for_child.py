"""Readers that behave as badly as a parser can, for the tests of the process that they run in."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from tools.sources.record import Record
from workspace.errors import UserError
from workspace.words import Words


def good(path: Path) -> Iterator[Record]:
    print("parsers print")
    for line, text in enumerate(path.read_text("utf-8").splitlines(), 1):
        yield Record(line, {"text": text, "n": line, "real": 1.5, "no": None}, sheet="S", page=2, confidence=0.5)


def strange(_: Path) -> Iterator[Record]:
    yield Record(1, {"text": "\ud800 alone", "large": 10**30, "nested": [{"a": "\u2028"}]})


def nothing(_: Path) -> Iterator[Record]:
    yield from ()


def huge(_: Path) -> Iterator[Record]:
    yield Record(1, {"text": "x" * 20_000_000})
    yield Record(2, {"text": "small"})


def hungry(_: Path) -> Iterator[Record]:
    yield Record(1, {"text": "first"})
    held = []
    while True:
        held.append(bytearray(5_000_000))


def busy(_: Path) -> Iterator[Record]:
    yield Record(1, {"text": "first"})
    while True:
        pass


def asleep(_: Path) -> Iterator[Record]:
    time.sleep(60)
    yield Record(1, {"text": "too late"})


def dead(_: Path) -> Iterator[Record]:
    os.kill(os.getpid(), signal.SIGSEGV)
    yield Record(1, {"text": "never sent"})


def broken(_: Path) -> Iterator[Record]:
    yield Record(1, {"text": "first"})
    raise ValueError("the table of strings is cut off")


def worded(_: Path) -> Iterator[Record]:
    raise UserError(Words("It has a password.", "文件有密码。"), Words("Remove it.", "请去掉密码。"))
    yield


def caller(_: Path) -> Iterator[Record]:
    with socket.socket() as out:
        out.connect(("127.0.0.1", 9))
    yield Record(1, {"text": "called"})


def writer(path: Path) -> Iterator[Record]:
    path.with_suffix(".out").write_text("much " * 100)
    yield Record(1, {"text": "written"})


def spy(_: Path) -> Iterator[Record]:
    yield Record(1, dict.fromkeys(os.environ, "seen"))
