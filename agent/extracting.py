"""From documents to a table of relations that waits for a person's yes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agent.documents import documents_in
from agent.events import Event, File, Progress, Say
from workspace.errors import boundary
from workspace.project import Project, write_text
from workspace.words import Language, Words


def relations(home: Path, documents: Path, out: Path, language: Language = "en") -> Iterator[Event]:
    """Each passage is asked about once; what a model has said is in the journal, so a stopped one goes on for free."""
    from tools.llm import open_chat
    from tools.relations.extraction import Extracted, extract, table_of

    project = Project(home, "relations")
    with project.working(), boundary(Words("looking for relations", "查找关系")):
        paths, chat = documents_in(project, documents), open_chat(project.journal)
        found: list[Extracted] = []
        try:
            for number, total, held in extract(paths, chat, project.texts):
                found += held
                yield Progress(stage=Words("Reading", "阅读").to(language), done=number, total=total)
        finally:
            chat.close()
        write_text(out, table_of(found))
    count = table_of(found).count("\n") - 1
    told = Words(
        f"{count} relations found. Write yes in the column confirmed of those that are right; only these will count.",
        f"找到 {count} 条关系。请在正确的行的 confirmed 列填“是”；只有这些会被采用。",
    )
    yield Say(text=told.to(language))
    yield File(title=Words("Relations to confirm", "待确认的关系").to(language), path=str(out))
