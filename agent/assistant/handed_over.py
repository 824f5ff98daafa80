"""Files, rows and texts that another program hands over: files only from folders that the administrator allowed."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import Field

from workspace.errors import UserError
from workspace.exact import json_bytes
from workspace.project import Project, write_text, writing
from workspace.sample import Frozen
from workspace.settings import settings
from workspace.words import Words

MOST_ROWS, MOST_TEXTS = 500, 50
MOST_CHARACTERS = 2_000_000
LONGEST_NAME = 70  # characters, of which each may be three bytes of the 255 that a file's name can have


class Inline(Frozen):
    """A row as it is."""

    question: str = Field(description="What the person writes; of a classification the text that is sorted")
    answer: str = Field(description="What the model should reply; of a classification the label")
    evidence: str | None = Field(None, description="A text: then this, and nothing else, is what facts are checked by")
    classified: bool = Field(False, description="Whether the answer is a label")


def allowed_folders(home: Path) -> tuple[Path, ...]:
    """Those of TUNESMITH_MCP_FILES, else the one that the program was started in.

    Programs are often started in `/` or in somebody's own folder, where everything lies, and in the image in the
    home folder with its accounts: whoever means one of these has to name it.
    """
    here = Path.cwd().resolve()
    too_much = here in (Path(here.anchor), _own_folder()) or here.is_relative_to(home.resolve())
    return settings().mcp_folders or (() if too_much else (here,))


def _own_folder() -> Path | None:
    try:
        return Path.home().resolve()
    except RuntimeError:  # an account without one
        return None


def inside(given: str, folders: Sequence[Path], home: Path) -> Path:
    """The file or folder, links followed. Raises UserError where it is in none of the folders, there or not.

    What lies in Tunesmith's own home is only allowed by a folder that lies there too.
    """
    path = folders[0].joinpath(Path(given).expanduser()) if folders else Path(given)
    try:
        real, own = path.resolve(), home.resolve()
        within = [folder.resolve() for folder in folders if real.is_relative_to(folder.resolve())]
        allowed = any(folder.is_relative_to(own) or not real.is_relative_to(own) for folder in within)
    except (OSError, RuntimeError, ValueError):  # a link that points at itself, a name with a zero byte
        allowed = False
    if not allowed:
        places = ", ".join(map(str, folders))
        raise UserError(
            Words(f"{given} is outside the folders that may be read.", f"{given} 不在允许读取的文件夹内。"),
            Words(
                f"Allowed: {places or 'none'}. The administrator sets them by TUNESMITH_MCP_FILES.",
                f"允许的文件夹：{places or '无'}。由管理员通过 TUNESMITH_MCP_FILES 设置。",
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
    """A folder of them, each under its own name as far as that is one; no two under the same."""
    _check_amount(len(texts), MOST_TEXTS, list(texts.values()))
    folder = project.place("inline", _digest([json_bytes(dict(texts))]), "documents", "-").parent
    taken: set[str] = set()
    for name, text in texts.items():
        plain = next(one for one in _names(name) if one.casefold() not in taken)
        taken.add(plain.casefold())
        write_text(folder / plain, text)
    return folder


def _names(name: str) -> Iterator[str]:
    """What a text could be called, folders and all: policy/1.md and terms/1.md are two."""
    plain = re.sub(r"[^\w.-]+", "-", name).strip(".-")[-LONGEST_NAME:].strip(".-") or "document"
    stem, end = (plain[:-4], plain[-4:]) if plain.endswith(".txt") else (plain.removesuffix(".md"), ".md")
    yield stem + end
    for number in itertools.count(2):
        yield f"{stem}-{number}{end}"


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
