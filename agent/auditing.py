"""Who did what in a project, when and why; and whether anybody has rewritten it since."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from agent.events import Event, Say, Table
from workspace.errors import UserError
from workspace.journal import GENESIS, AuditLine
from workspace.project import Project, projects
from workspace.words import Language, Words

HEADS = (
    Words("No.", "序号"),
    Words("When (UTC)", "时间（UTC）"),
    Words("Who", "谁"),
    Words("What", "做了什么"),
    Words("Why, and about what", "原因与对象"),
)


def audit(home: Path, name: str | None = None, language: Language = "en") -> Iterator[Event]:
    """Every line, then the verdict. Raises UserError where something was changed, removed or slipped in."""
    known = projects(home)
    if name is not None and name not in known:
        raise UserError(
            Words(f"There is no project {name}.", f"没有项目 {name}。"),
            Words(f"Known are: {', '.join(known) or '-'}.", f"已有的项目：{'、'.join(known) or '-'}。"),
        )
    broken: list[Words] = []
    for one in [name] if name else known:
        project = Project(home, one)
        try:
            lines = list(project.journal.audited())
            faults = list(_faults(project))
        except sqlite3.DatabaseError as error:
            lines, faults = (
                [],
                [Words(f"{one}: the journal can't be read ({error})", f"{one}：日志无法读取（{error}）")],
            )
        yield _table(one, lines, language)
        if not faults:
            words = Words(f"{one}: {len(lines)} lines, intact.", f"{one}：共 {len(lines)} 条，完好。")
            yield Say(text=words.to(language))
        broken += faults
    if broken:
        raise UserError(
            Words("; ".join(words.en for words in broken) + ".", "；".join(words.zh for words in broken) + "。"),
            Words(
                "Compare the journal with a backup; what stands before that line can be trusted.",
                "请与备份核对；该处之前的记录仍然可信。",
            ),
        )


def _table(name: str, lines: Sequence[AuditLine], language: Language) -> Table:
    title = Words(f"Audit of {name}", f"{name} 的审计记录")
    rows = tuple((line.number, _when(line.at), line.who, line.what, _about(line)) for line in lines)
    return Table(
        panel="status", title=title.to(language), columns=tuple(head.to(language) for head in HEADS), rows=rows
    )


def _when(at: float) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, OSError, ValueError):
        return "?"


def _about(line: AuditLine) -> str:
    return "; ".join(f"{name}: {value}" for name, value in line.detail.items() if value)


def _faults(project: Project) -> Iterator[Words]:
    name, journal = project.name, project.journal
    if (number := journal.broken_link()) is not None:
        yield Words(
            f"{name}: the chain breaks at line {number}, which was changed, moved or removed",
            f"{name}：审计链在第 {number} 条断开，该条被改动、移动或删除",
        )
    for what in journal.unaudited():
        yield Words(f"{name}: {what} is not as it was recorded", f"{name}：{what} 与记录不符")
    links = {*journal.links(), GENESIS}
    for path in sorted((project.folder / "versions").glob("*/audit.txt")):
        if path.read_text(encoding="utf-8").strip() not in links:
            yield Words(
                f"{name}: lines from before version {path.parent.name} are gone",
                f"{name}：版本 {path.parent.name} 之前的记录已丢失",
            )
