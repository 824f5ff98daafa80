"""Whom a project belongs to and who reviews its rows, kept in the project's own folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict

from workspace.errors import UserError
from workspace.project import Project, writing
from workspace.words import Words

FILE = "members.json"


class Members(BaseModel):
    """`owner` "" is the account of this machine: so is every project that nobody made in a face with people."""

    model_config = ConfigDict(frozen=True)

    owner: str = ""
    reviewers: tuple[str, ...] = ()


def members(project: Project) -> Members:
    return members_in(project.folder)


def members_in(folder: Path) -> Members:
    """Of the project in this folder, which may not be there."""
    path = folder / FILE
    return Members.model_validate_json(path.read_bytes()) if path.exists() else Members()


def claim(home: Path, name: str, person: str) -> bool:
    """Make the project theirs if there is none of that name; False if there was one, whosesoever it is.

    The folder appears with its owner in it: nobody can come in between.
    """
    folder = home / "projects" / name
    if folder.exists():
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".new-") as made:
        part = Path(made) / name
        _write(part, Members(owner=person))
        try:
            part.rename(folder)
        except OSError:  # somebody was quicker, and it is theirs
            if folder.exists():
                return False
            raise
    return True


def give(project: Project, person: str) -> None:
    """To another owner."""
    with _changing(project):
        now = members(project)
        others = tuple(name for name in now.reviewers if name != person)
        _write(project.folder, Members(owner=person, reviewers=others))


def invite(project: Project, person: str) -> None:
    """To review its rows. The owner reviews without being asked."""
    with _changing(project):
        now = members(project)
        if not person or person == now.owner:
            raise UserError(
                Words("The project's owner reviews it already.", "项目所有者本来就可以审阅。"),
                Words("Name somebody else.", "请填写其他人。"),
            )
        if person not in now.reviewers:
            _write(project.folder, now.model_copy(update={"reviewers": (*now.reviewers, person)}))


def uninvite(project: Project, person: str) -> None:
    with _changing(project):
        now = members(project)
        others = tuple(name for name in now.reviewers if name != person)
        _write(project.folder, now.model_copy(update={"reviewers": others}))


def _changing(project: Project) -> FileLock:
    return FileLock(project.place("members.lock"))


def _write(folder: Path, now: Members) -> None:
    with writing(folder / FILE) as file:
        file.write(now.model_dump_json().encode())
