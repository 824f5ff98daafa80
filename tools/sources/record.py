"""What every reader hands on: one record of a file, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workspace.errors import UserError
from workspace.words import Words

# Records by which it is seen what a table's columns hold.
PREVIEW = 200


@dataclass(frozen=True, slots=True)
class Record:
    """`line` counts from 1. Where `problem` says something, `raw` is what stands there and `values` may lack some.

    `file` is the member of a folder or zip that it stands in; `page` counts from 1; `confidence`: see Origin.
    """

    line: int
    values: Mapping[str, object]
    problem: str = ""
    raw: str = ""
    file: str = ""
    sheet: str | None = None
    page: int | None = None
    confidence: float | None = None


def unreadable(path: Path, why: str) -> UserError:
    return UserError(
        Words(f"{path.name} can't be read: {why}.", f"无法读取 {path.name}：{why}。"),
        Words("Correct it there, or save it as CSV.", "请更正该处，或另存为 CSV。"),
    )
