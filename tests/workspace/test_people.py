"""Who may sign in: names, passwords and the file they are kept in."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

import pytest

from workspace.errors import UserError
from workspace.people import People

WORD = "correct horse 芝麻"


@pytest.fixture
def people(tmp_path: Path) -> People:
    made = People(tmp_path)
    made.add("Ann", WORD)
    return made


def test_only_the_right_name_and_password_fit(people: People) -> None:
    assert people.check("Ann", WORD)
    assert people.check(" ANN ", WORD)
    assert not people.check("Ann", WORD + " ")
    assert not people.check("Ann", "")
    assert not people.check("Bob", WORD)
    assert not people.check("", "")
    assert people.names() == ("ann",)


def test_the_file_holds_no_password_and_is_nobody_elses_to_read(people: People, tmp_path: Path) -> None:
    people.add("bob", WORD)
    file = tmp_path / "people.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert WORD not in file.read_text()
    marks = [people.mark(name) for name in ("ann", "bob")]
    assert len(set(marks)) == 2  # the same password, and yet not the same hash
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_a_wrong_name_takes_as_long_as_a_wrong_password(people: People) -> None:
    def seconds(name: str) -> float:
        before = time.thread_time()
        assert not people.check(name, "something else")
        return time.thread_time() - before

    there, nobody = (median(seconds(name) for _ in range(5)) for name in ("ann", "nobody"))
    assert 0.5 < there / nobody < 2


def test_who_was_removed_can_not_come_in(people: People) -> None:
    mark = people.mark("ann")
    people.remove("ann")
    assert not people.check("ann", WORD)
    assert people.mark("ann") == ""
    people.add("ann", "another password")
    assert people.mark("ann") not in ("", mark)
    assert not people.check("ann", WORD)


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "slack:T1:U1", "<b>", "../x", "a/b", ".hidden", "x" * 65, "a\nb", "a\x00b"]
)
def test_what_can_not_be_a_name(people: People, name: str) -> None:
    with pytest.raises(UserError):
        people.add(name, WORD)


@pytest.mark.parametrize("name", ["小李", "ann@example.org", "a", "Ｂｏｂ", "x" * 64])
def test_what_can_be_a_name(people: People, name: str) -> None:
    people.add(name, WORD)
    assert people.check(name, WORD)


@pytest.mark.parametrize("password", ["", "seven..", "x" * 1001])
def test_a_password_has_a_length(people: People, password: str) -> None:
    with pytest.raises(UserError):
        people.add("bob", password)
    assert people.names() == ("ann",)


def test_a_name_is_taken_once_however_it_is_written(people: People) -> None:
    with pytest.raises(UserError):
        people.add("aNN", WORD)
    with pytest.raises(UserError):
        people.remove("bob")


def test_a_broken_file_lets_nobody_in_and_says_so(people: People, tmp_path: Path) -> None:
    (tmp_path / "people.json").write_text("{")
    with pytest.raises(UserError, match="users"):
        people.check("ann", WORD)
