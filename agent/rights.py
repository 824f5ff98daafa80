"""Who may do what in which project; every face asks here before it shows or does anything."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from workspace.errors import UserError
from workspace.members import Members, claim, give, members, members_in
from workspace.people import People, folded
from workspace.project import NAME, Project, projects
from workspace.spec import Spec, read_spec
from workspace.words import Words

Right = Literal["see", "order", "review", "arbitrate"]
Role = Literal["owner", "reviewer"]
# `see` is the conversation and every panel; a reviewer has the rows to review before them, and nothing else.
RIGHTS: dict[Role, frozenset[Right]] = {
    "owner": frozenset({"see", "order", "review", "arbitrate"}),
    "reviewer": frozenset({"review"}),
}
OURS = ("checks", "files")  # where commands and assistants keep what was handed to them: the machine's account's own
TOUCHED = ("transcript.jsonl", "graph.sqlite", "journal.sqlite")
REFUSED: dict[Right, Words] = {
    "see": Words("This project isn't yours.", "这不是您的项目。"),
    "order": Words("Only the owner of this project may order that.", "只有项目所有者可以下达这项指令。"),
    "review": Words("You aren't among those who review this project.", "您不在该项目的审阅者之列。"),
    "arbitrate": Words("Only the owner of this project may decide between reviewers.", "只有项目所有者可以仲裁分歧。"),
}


@dataclass(frozen=True)
class Listed:
    """A project as somebody finds it in a list; `title` is its goal, "" before one was told."""

    name: str
    title: str
    role: Role
    changed: float  # seconds since 1970


def role_in(home: Path, name: str, person: str) -> Role | None:
    """Nobody's project is the account's of this machine, "", which may do everything everywhere.

    Nothing is made on disk: whoever guesses names leaves no folders behind.
    """
    if not NAME.fullmatch(name):
        return None
    return _role(members_in(home / "projects" / name), person)


def enter(home: Path, name: str, person: str) -> Role | None:
    """As `role_in`; a project that is not there yet is made theirs, but for those of the machine's account."""
    if person and name not in OURS and NAME.fullmatch(name) and claim(home, name, person):
        return "owner"
    return role_in(home, name, person)


def may(project: Project, person: str, right: Right) -> bool:
    """Whether who arbitrates has voted on the same row is for agent/review/arbitration.py to know."""
    role = _role(members(project), person)
    return role is not None and right in RIGHTS[role]


def _role(found: Members, person: str) -> Role | None:
    if person in ("", found.owner):
        return "owner"
    return "reviewer" if person in found.reviewers else None


def require(project: Project, person: str, right: Right) -> None:
    """Raises UserError where they may not."""
    if not may(project, person, right):
        raise refusal(right)


def refusal(right: Right) -> UserError:
    return UserError(
        REFUSED[right],
        Words("Ask its owner, or start a project of your own.", "请联系项目所有者，或新建自己的项目。"),
    )


def hand_over(home: Path, name: str, person: str) -> str:
    """Give a project to somebody who may sign in; the name that they are known by. Raises UserError for neither."""
    known = folded(person)
    if known not in People(home).names():
        raise UserError(
            Words(f"There is no user {known}.", f"没有用户 {known}。"),
            Words(f"Add them first: tunesmith users add {known}", f"请先添加：tunesmith users add {known}"),
        )
    if name not in projects(home):
        raise UserError(
            Words(f"There is no project {name}.", f"没有项目 {name}。"),
            Words("`tunesmith status` lists those that there are.", "`tunesmith status` 会列出现有项目。"),
        )
    give(Project(home, name), known)
    return known


def projects_of(home: Path, person: str) -> tuple[Listed, ...]:
    """What they own or review, newest first."""
    found = []
    for name in projects(home):
        role = role_in(home, name, person)
        if role:
            folder = home / "projects" / name
            found.append(Listed(name, _title(folder), role, _changed(folder)))
    return tuple(sorted(found, key=lambda one: (-one.changed, one.name)))


def _changed(folder: Path) -> float:
    return max((path.stat().st_mtime for name in TOUCHED if (path := folder / name).exists()), default=0.0)


def _title(folder: Path) -> str:
    """The goal as the conversation has it by now, else that of the newest specification."""
    talk = folder / "graph.sqlite"
    goal = _goal_told(talk, talk.stat().st_mtime_ns) if talk.exists() else ""
    if goal:
        return goal
    written = sorted(folder.glob("runs/*/spec.yaml"), key=lambda path: path.stat().st_mtime_ns)
    return _goal_written(written[-1], written[-1].stat().st_mtime_ns) if written else ""


@lru_cache(maxsize=2000)
def _goal_told(path: Path, changed: int) -> str:
    from langgraph.checkpoint.sqlite import SqliteSaver

    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        saver = SqliteSaver(database)
        saver.is_setup = True  # setup() would turn WAL on, and may not write here
        last = saver.get({"configurable": {"thread_id": path.parent.name, "checkpoint_ns": ""}})
    except sqlite3.OperationalError:  # the conversation is just being opened: no table is there yet
        return ""
    finally:
        database.close()
    draft = last["channel_values"].get("draft") if last else None
    try:
        return _goal(Spec.model_validate(draft)) if draft else ""
    except ValidationError:  # one project of an older kind takes nobody's list away
        return ""


@lru_cache(maxsize=2000)
def _goal_written(path: Path, changed: int) -> str:
    try:
        return _goal(read_spec(path))
    except UserError:
        return ""


def _goal(spec: Spec) -> str:
    return str(spec.goal.value) if spec.goal else ""
