"""Who else looks at the rows of a project: the owner asks people of this installation by name."""

from __future__ import annotations

from agent.rights import require
from agent.run import Run
from workspace import members
from workspace.errors import UserError
from workspace.people import People, folded
from workspace.words import Words


def invite(run: Run, person: str, name: str) -> None:
    """Raises UserError where there is no such user."""
    require(run.project, person, "order")
    given = name.strip()
    known = given if given.startswith("slack:") else folded(given)
    home = run.project.folder.parents[1]
    if known not in People(home).names() and not known.startswith("slack:"):
        raise UserError(
            Words(f"There is no user {given or '…'} here.", f"这里没有用户 {given or '…'}。"),
            Words(
                "Whoever runs this installation adds them: `tunesmith users add NAME`.",
                "请由管理员添加：`tunesmith users add 用户名`。",
            ),
        )
    members.invite(run.project, known)


def uninvite(run: Run, person: str, name: str) -> None:
    require(run.project, person, "order")
    members.uninvite(run.project, name)
