"""Whom a project belongs to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workspace.errors import UserError
from workspace.members import Members, claim, give, invite, members, uninvite
from workspace.project import Project


def test_a_project_that_nobody_made_is_the_machines(tmp_path: Path) -> None:
    assert members(Project(tmp_path, "one")) == Members(owner="", reviewers=())
    assert not claim(tmp_path, "one", "ann")
    assert members(Project(tmp_path, "one")).owner == ""


def test_of_many_at_once_one_is_the_owner(tmp_path: Path) -> None:
    names = [f"person{n}" for n in range(20)]
    with ThreadPoolExecutor(20) as pool:
        won = [
            name
            for name, mine in zip(names, pool.map(lambda name: claim(tmp_path, "x", name), names), strict=True)
            if mine
        ]
    assert won == [members(Project(tmp_path, "x")).owner]
    assert [path.name for path in tmp_path.iterdir()] == ["projects"]


def test_reviewers_come_and_go(tmp_path: Path) -> None:
    claim(tmp_path, "one", "ann")
    project = Project(tmp_path, "one")
    for name in ("bob", "cy", "bob"):
        invite(project, name)
    assert members(project) == Members(owner="ann", reviewers=("bob", "cy"))
    uninvite(project, "bob")
    uninvite(project, "nobody")
    assert members(project).reviewers == ("cy",)
    with pytest.raises(UserError):
        invite(project, "ann")


def test_a_new_owner_is_no_reviewer_any_more(tmp_path: Path) -> None:
    project = Project(tmp_path, "one")
    invite(project, "bob")
    give(project, "bob")
    assert members(project) == Members(owner="bob", reviewers=())


def test_none_of_many_invited_at_once_is_lost(tmp_path: Path) -> None:
    project = Project(tmp_path, "one")
    names = [f"person{n}" for n in range(20)]
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda name: invite(project, name), names))
    assert sorted(members(project).reviewers) == sorted(names)
