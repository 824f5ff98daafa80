"""What exactly a reply agrees to: a hash handed out with each question, and refused once the question is another."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from agent.run import Run
from workspace.errors import UserError
from workspace.exact import json_bytes
from workspace.project import Project
from workspace.words import Words

if TYPE_CHECKING:
    from langgraph.types import Interrupt

    from agent.graph import State

LONGEST = 20_000  # characters of a message
UNDER_WAY = UserError(
    Words("A step is under way, and it goes by what was agreed.", "这一步正在进行，依据的是已确认的内容。"),
    Words("Change it as soon as the step is over, or stop it first.", "请等这一步结束再修改，或先停止它。"),
)


class NotOpen(UserError):
    """The question that a reply was meant for is not the one that is open now."""

    def __init__(self) -> None:
        super().__init__(
            Words(
                "That question has been answered, or what it was about has changed since.",
                "这个问题已经有人回答过，或者内容之后有了变化。",
            ),
            Words(
                "Nothing was done. Look at what is open now, and answer that.",
                "没有执行任何操作，请看当前的问题再回答。",
            ),
        )


def hash_of(project: Project, interrupt: Interrupt, values: State) -> str:
    """64 hexadecimal digits over the place in the conversation, the texts, the draft, and the run with its rows.

    An interrupt's id is another one each time its node waits, so the same words asked twice have two hashes.
    """
    run = values.get("run")
    shown = [
        project.name,
        interrupt.id,
        interrupt.value,
        values.get("draft", {}),
        _stands(Run(project, run)) if run else [],
    ]
    return hashlib.sha256(json_bytes(shown)).hexdigest()


def _stands(run: Run) -> list[object]:
    """What a run is made of now: a row that somebody decides about is another answer to "shall I freeze this?"."""
    from tools.decisions import so_far

    version = run.version
    return [run.id, version.hash if version else "", so_far(run.project.journal, run.id)]


def check_length(text: str) -> None:
    """Raises UserError for a message that nobody would read in one piece."""
    if len(text) > LONGEST:
        raise UserError(
            Words(
                f"The message has {len(text):,} characters; {LONGEST:,} is the most.",
                f"这条消息有 {len(text):,} 个字，最多 {LONGEST:,} 个字。",
            ),
            Words(
                "Put the long text into a file and drop that, or send it in parts. Nothing was sent.",
                "请把长文本存成文件拖进来，或分几次发送。这条消息没有发出。",
            ),
        )
