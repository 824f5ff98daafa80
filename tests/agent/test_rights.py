"""Who may do what in which project."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from agent.rights import Right, enter, may, projects_of, require, role_in
from agent.session import Session
from tests.scripted import Scripted
from workspace.errors import UserError
from workspace.members import invite
from workspace.project import Project

EVERYTHING: tuple[Right, ...] = ("see", "order", "review", "arbitrate")
SLACK = "slack:T1:U1"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Ann's; Bob reviews it."""
    assert enter(tmp_path, "one", "ann") == "owner"
    made = Project(tmp_path, "one")
    invite(made, "bob")
    return made


@pytest.mark.parametrize(
    ("person", "allowed"),
    [("ann", EVERYTHING), ("", EVERYTHING), ("bob", ("review",)), ("cy", ()), (SLACK, ()), ("Ann", ()), ("an", ())],
)
def test_who_may_do_what(project: Project, person: str, allowed: tuple[Right, ...]) -> None:
    assert tuple(right for right in EVERYTHING if may(project, person, right)) == allowed
    for right in EVERYTHING:
        if right in allowed:
            require(project, person, right)
        else:
            with pytest.raises(UserError):
                require(project, person, right)


def test_who_comes_first_owns_it_and_others_stay_out(project: Project, tmp_path: Path) -> None:
    assert [enter(tmp_path, "one", person) for person in ("cy", "bob", "ann", "")] == [
        None,
        "reviewer",
        "owner",
        "owner",
    ]
    assert enter(tmp_path, "two", SLACK) == "owner"
    assert enter(tmp_path, "two", "ann") is None


@pytest.mark.parametrize("name", ["", "..", "../../etc", ".git", "a/b", "x" * 65, "a\0b", "<b>"])
def test_guessing_names_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    assert role_in(tmp_path, name, "ann") is None
    assert enter(tmp_path, name, "ann") is None
    assert role_in(tmp_path, "missing", "ann") is None
    assert list(tmp_path.iterdir()) == []


def test_a_project_of_this_machine_is_nobody_elses(tmp_path: Path) -> None:
    project = Project(tmp_path, "old")
    assert may(project, "", "order")
    assert not may(project, "ann", "see")
    assert enter(tmp_path, "old", "ann") is None


@pytest.mark.parametrize("name", ["files", "checks"])
def test_where_the_machine_keeps_files_nobody_makes_a_project(tmp_path: Path, name: str) -> None:
    assert enter(tmp_path, name, "ann") is None
    assert enter(tmp_path, name, "") == "owner"
    assert not (tmp_path / "projects" / name).exists()


def test_the_list_has_a_title_and_nobody_elses(home: Path, scripted: Scripted) -> None:
    for name, person, goal in (("a", "ann", "sort what customers write"), ("b", "bob", "answer questions about tax")):
        assert enter(home, name, person) == "owner"
        session = Session(home, name, "en")
        list(session.open())
        list(session.send(f"I want to {goal} into kinds"))
    invite(Project(home, "b"), "ann")
    listed = projects_of(home, "ann")
    assert [(one.name, one.role) for one in listed] == [("b", "reviewer"), ("a", "owner")]
    assert "customers write" in listed[1].title
    assert [one.name for one in projects_of(home, "bob")] == ["b"]
    assert projects_of(home, "cy") == ()
    assert len(projects_of(home, "")) == 2


def test_a_specification_without_a_conversation_has_a_title_too(tmp_path: Path) -> None:
    spec = Project(tmp_path, "one").place("runs", "r1", "spec.yaml")
    spec.write_text("goal: Sort reviews.\ntask: classification\nlabels: [{name: good}, {name: bad}]\nlanguages: [en]\n")
    assert projects_of(tmp_path, "")[0].title == "Sort reviews."
    spec.write_text("{")
    assert [one.name for one in projects_of(tmp_path, "")] == ["one"]


def test_two_hundred_projects_are_listed_at_once(tmp_path: Path) -> None:
    for number in range(200):
        enter(tmp_path, f"p{number}", "ann")
    before = time.perf_counter()
    assert len(projects_of(tmp_path, "ann")) == 200
    assert time.perf_counter() - before < 1
