"""Whatever a parser does, its file ends read or refused with a reason, and nothing else is harmed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tools.sources.child import read_apart
from tools.sources.kinds import MB, Reader
from tools.sources.record import Record
from workspace.errors import UserError
from workspace.words import Words


def reader(name: str, *, memory: int = 100 * MB, seconds: int = 10) -> Reader:
    return Reader(Words("a test", "测试"), f"tests.tools.sources.readers_for_child:{name}", (".x",), memory, seconds)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "名.x"
    path.write_text("one\n二\n", encoding="utf-8")
    return path


def test_records_come_as_they_were(file: Path) -> None:
    first, second = read_apart(file, reader("good"))
    assert first == Record(1, {"text": "one", "n": 1, "real": 1.5, "no": None}, sheet="S", page=2, confidence=0.5)
    assert second.values["text"] == "二"


def test_what_json_can_not_say_comes_too(file: Path) -> None:
    (row,) = read_apart(file, reader("strange"))
    assert row.values == {"text": "\ud800 alone", "large": 10**30, "nested": [{"a": "\u2028"}]}


def test_no_records_are_no_error(file: Path) -> None:
    assert list(read_apart(file, reader("nothing"))) == []


def test_a_record_too_long_to_send_is_refused_alone(file: Path) -> None:
    first, second = read_apart(file, reader("huge", memory=200 * MB))
    assert "longer than 2000000 characters" in first.problem
    assert second.values == {"text": "small"}


@pytest.mark.parametrize(
    ("name", "limits", "reason"),
    [
        ("hungry", {"memory": 60 * MB}, "more than 60 MB of memory"),
        ("busy", {"seconds": 1}, "longer than 1 seconds"),
        ("broken", {}, "the table of strings is cut off"),
    ],
)
def test_a_parser_that_stops_short_keeps_what_came(file: Path, name: str, limits: dict[str, int], reason: str) -> None:
    first, last = read_apart(file, reader(name, **limits))
    assert first.values == {"text": "first"}
    assert last.line == 2
    assert reason in last.problem


@pytest.mark.parametrize(
    ("name", "limits", "reason"),
    [
        ("asleep", {"seconds": 1}, "longer than 1 seconds"),
        ("dead", {}, "broke down"),
        ("worded", {}, "It has a password."),
        ("caller", {}, "socket.connect"),
        ("writer", {}, "File too large"),
        ("missing", {}, "missing"),
    ],
)
def test_a_file_of_which_nothing_came_is_refused(file: Path, name: str, limits: dict[str, int], reason: str) -> None:
    with pytest.raises(UserError) as caught:
        list(read_apart(file, reader(name, **limits)))
    assert reason in caught.value.problem.en
    assert caught.value.problem.zh
    assert caught.value.fix.zh


def test_a_parser_knows_no_keys(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    (row,) = read_apart(file, reader("spy"))
    assert "OPENAI_API_KEY" not in row.values


def test_one_who_takes_one_record_and_leaves_waits_for_nobody(file: Path) -> None:
    rows, started = read_apart(file, reader("busy", seconds=60)), time.monotonic()
    # It is still in the child's buffer: what is waited for is the end of the second.
    rows.close()
    assert time.monotonic() - started < 3
