"""Users on the command line, and who is asked for before the chat opens to the network."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ui.test_cli import tunesmith
from ui.door.users import first_user
from workspace.errors import UserError
from workspace.members import claim, members
from workspace.people import People
from workspace.project import Project
from workspace.server import serving

WORD = "open sesame 芝麻"


def test_users_come_and_go(tmp_path: Path) -> None:
    Project(tmp_path, "old")
    added = tunesmith("users", "add", "Ann", home=tmp_path, given=f"{WORD}\n")
    assert added.returncode == 0, added.stderr
    assert "users give ann PROJECT" in added.stdout
    assert People(tmp_path).check("ann", WORD)
    assert "ann" in tunesmith("users", home=tmp_path).stdout
    assert tunesmith("users", "give", "ann", "old", home=tmp_path).returncode == 0
    assert members(Project(tmp_path, "old")).owner == "ann"
    assert tunesmith("users", "remove", "ann", home=tmp_path).returncode == 0
    assert People(tmp_path).names() == ()


@pytest.mark.parametrize(
    ("command", "given", "code", "said"),
    [
        (("add", "ann"), "", 1, "No password"),
        (("add", "ann"), "short\n", 1, "5 characters"),
        (("add", "a b"), f"{WORD}\n", 1, "can't be a user's name"),
        (("remove", "bob"), "", 1, "no user bob"),
        (("give", "bob", "x"), "", 1, "no user bob"),
        (("add",), "", 2, "NAME"),
        (("add", "ann", WORD), "", 2, "unrecognized"),
    ],
)
def test_what_is_refused(tmp_path: Path, command: tuple[str, ...], given: str, code: int, said: str) -> None:
    answer = tunesmith("users", *command, home=tmp_path, given=given)
    assert answer.returncode == code
    assert said in answer.stderr


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """At a terminal, these are typed one after the other."""

    def types(*lines: str) -> None:
        rest = iter(lines)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda prompt: next(rest))
        monkeypatch.setattr("getpass.getpass", lambda prompt: next(rest))

    return types


def test_beyond_this_machine_the_first_user_is_asked_for(tmp_path: Path, typed: Callable[..., None]) -> None:
    typed("Ann", WORD, WORD)
    first_user(tmp_path, "0.0.0.0", "en")
    assert People(tmp_path).check("ann", WORD)
    typed()
    first_user(tmp_path, "0.0.0.0", "en")  # there is one now
    first_user(tmp_path / "other", "127.0.0.1", "en")  # nobody is asked on this machine


def test_a_password_is_typed_twice(tmp_path: Path, typed: Callable[..., None]) -> None:
    typed("Ann", WORD, WORD + ".")
    with pytest.raises(UserError, match="not the same"):
        first_user(tmp_path, "0.0.0.0", "en")
    assert People(tmp_path).names() == ()


def test_one_server_a_home(tmp_path: Path) -> None:
    with serving(tmp_path):
        with pytest.raises(UserError, match="serves"), serving(tmp_path):
            pass
        second = tunesmith("serve", "chat", home=tmp_path)
        assert second.returncode == 1
        assert "--home" in second.stderr
        assert tunesmith("status", home=tmp_path).returncode == 0
    with serving(tmp_path):
        pass


def test_a_project_changes_hands_only_if_there_is_one(tmp_path: Path) -> None:
    People(tmp_path).add("ann", WORD)
    claim(tmp_path, "hers", "ann")
    answer = tunesmith("users", "give", "ann", "../../etc", home=tmp_path)
    assert answer.returncode == 1
    assert "no project" in answer.stderr
