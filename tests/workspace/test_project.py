"""Files of a project are whole or absent, uploads are kept under their hash, and one works in it at a time."""

from __future__ import annotations

import errno
import hashlib
import multiprocessing
import os
from contextlib import suppress
from pathlib import Path

import pytest

from workspace.errors import UserError
from workspace.project import Project, file_hash, projects, write_text, writing


def _hold(home: Path, ready: object, go: object) -> None:
    with Project(home, "bank").working():
        ready.set()  # type: ignore[attr-defined]
        go.wait(30)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..", "x" * 65, "a b", "a\n"])
def test_names_that_could_leave_the_home_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError):
        Project(tmp_path, name)


def test_names_in_any_script_are_fine(tmp_path: Path) -> None:
    for name in ("bank", "银行", "v1.2-b_c"):
        assert Project(tmp_path, name).folder.is_dir()
    assert projects(tmp_path) == sorted(["bank", "银行", "v1.2-b_c"])
    assert projects(tmp_path / "nothing") == []


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with suppress(ZeroDivisionError), writing(path) as file:
        file.write(b"new")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="disk is full"), writing(tmp_path / "a.txt"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


def test_an_upload_is_kept_under_its_hash_and_once(tmp_path: Path) -> None:
    given = tmp_path / "数据 1.csv"
    given.write_text("text,label\n")
    project = Project(tmp_path, "bank")
    path = project.receive(given)
    assert project.receive(given) == path
    digest = hashlib.sha256(b"text,label\n").hexdigest()
    assert file_hash(project.folder / path) == digest
    assert path == f"uploads/{digest[:16]}/数据 1.csv"
    assert project.journal.inbox() == [(digest, "数据 1.csv")]


def test_another_process_waits_outside(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, go = context.Event(), context.Event()
    child = context.Process(target=_hold, args=(tmp_path, ready, go))
    child.start()
    try:
        assert ready.wait(30)
        with pytest.raises(UserError, match="already working"), Project(tmp_path, "bank").working():
            pass
    finally:
        go.set()
        child.join(30)
    with Project(tmp_path, "bank").working():
        pass
