"""Files, rows and texts that another program hands over: files only from folders that the administrator allowed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from pydantic import Field

from workspace.errors import UserError
from workspace.exact import json_bytes
from workspace.project import Project, write_text, writing
from workspace.sample import Frozen
from workspace.settings import settings
from workspace.words import Words

MOST_ROWS, MOST_TEXTS = 500, 50
MOST_CHARACTERS = 2_000_000


class Inline(Frozen):
    """A row as it is."""

    question: str = Field(description="What the person writes; of a classification the text that is sorted")
    answer: str = Field(description="What the model should reply; of a classification the label")
    evidence: str | None = Field(None, description="A text: then this, and nothing else, is what facts are checked by")
    classified: bool = Field(False, description="Whether the answer is a label")


def allowed_folders() -> tuple[Path, ...]:
    """Those of TUNESMITH_MCP_FILES, else the one that the program was started in."""
    return settings().mcp_folders or (Path.cwd(),)


def inside(given: str, folders: Sequence[Path]) -> Path:
    """The file or folder, links followed. Raises UserError where it is in none of the folders, there or not."""
    path = folders[0].joinpath(Path(given).expanduser()) if folders else Path(given)
    try:
        real = path.resolve()
        allowed = any(real.is_relative_to(folder.resolve()) for folder in folders)
    except (OSError, RuntimeError, ValueError):  # a link that points at itself, a name with a zero byte
        allowed = False
    if not allowed:
        places = ", ".join(map(str, folders))
        raise UserError(
            Words(f"{given} is outside the folders that may be read.", f"{given} 不在允许读取的文件夹内。"),
            Words(
                f"Allowed: {places}. The administrator sets them by TUNESMITH_MCP_FILES.",
                f"允许的文件夹：{places}。由管理员通过 TUNESMITH_MCP_FILES 设置。",
            ),
        )
    if not real.exists():
        raise UserError(Words(f"There is no {given}.", f"找不到 {given}。"), Words("Check the path.", "请检查路径。"))
    return real


def kept_rows(project: Project, rows: Sequence[Inline]) -> Path:
    """A file of them, under the hash of what they say."""
    _check_amount(len(rows), MOST_ROWS, [row.question + row.answer + (row.evidence or "") for row in rows])
    lines = [json_bytes(_record(row)) + b"\n" for row in rows]
    path = project.place("inline", _digest(lines), "rows.jsonl")
    with writing(path) as file:
        file.writelines(lines)
    return path


def kept_texts(project: Project, texts: Mapping[str, str]) -> Path:
    """A folder of them, each under its own name as far as that is one."""
    _check_amount(len(texts), MOST_TEXTS, list(texts.values()))
    folder = project.place("inline", _digest([json_bytes(dict(texts))]), "documents", "-").parent
    for number, (name, text) in enumerate(texts.items(), 1):
        plain = re.sub(r"[^\w.-]+", "-", PurePath(name).name).strip(".-") or f"document-{number}"
        write_text(folder / (plain if plain.endswith((".md", ".txt")) else f"{plain}.md"), text)
    return folder


def _record(row: Inline) -> dict[str, object]:
    said = {"text": row.question, "label": row.answer} if row.classified else None
    return {**(said or {"prompt": row.question, "completion": row.answer}), "evidence": row.evidence}


def _digest(lines: Sequence[bytes]) -> str:
    return hashlib.sha256(b"".join(lines)).hexdigest()[:16]


def _check_amount(count: int, most: int, texts: Sequence[str]) -> None:
    if 0 < count <= most and sum(map(len, texts)) <= MOST_CHARACTERS:
        return
    raise UserError(
        Words(
            f"{count} were given: 1 to {most} can be, of 2,000,000 characters in all.",
            f"给了 {count} 条：一次可以给 1 到 {most} 条，总共不超过 2,000,000 个字符。",
        ),
        Words("Put more of them into a file and name that.", "更多内容请存成文件再指定文件。"),
    )
