"""What a person lays beside their rows: documents to be looked up in, tables of terms and relations, and the rest."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent import run as runs
from agent.events import Event, Say
from workspace.errors import UserError
from workspace.project import Project
from workspace.words import Language, Words

if TYPE_CHECKING:
    from tools.knowledge import Knowledge
    from tools.tables import Tables


@dataclass(frozen=True)
class Found:
    """`others` are neither documents nor tables, each with the reason where there is more to say than that."""

    documents: tuple[Path, ...]
    tables: Tables
    others: tuple[tuple[Path, Words | None], ...]


def knowledge_in(
    project: Project, place: Path | None, language: Language, offline: bool
) -> Generator[Event, None, tuple[Knowledge | None, Tables]]:
    """What rows are checked against. Raises UserError where there is nothing to look things up in."""
    from tools.tables import Tables

    if place is None:
        return None, Tables()
    found = _found(project, place)
    if told := found.tables.told():
        yield Say(text=told.to(language))
    if found.others:
        yield Say(text=_not_read(found.others).to(language))
    if not found.documents:
        return None, found.tables
    return (yield from runs.knowledge_of(project, list(found.documents), language, offline)), found.tables


def documents_in(project: Project, place: Path) -> list[Path]:
    """The documents of a folder, or the one that is named. Raises UserError where there is none."""
    documents = _found(project, place).documents
    if not documents:
        raise _no_documents(place)
    return list(documents)


def _found(project: Project, place: Path) -> Found:
    """Raises UserError where there is nothing to look things up in."""
    from tools.tables import tables_of

    inside = sorted(place.rglob("*")) if place.is_dir() else [place]
    files = [p for p in inside if p.is_file() and not p.name.startswith(".")]
    tables = tables_of(files)
    refused = {p: _refused(p, project) for p in files if p not in tables.paths}
    documents = tuple(p for p, why in refused.items() if why is None)
    if not documents and not tables.paths:
        raise next((why for why in refused.values() if isinstance(why, UserError)), _no_documents(place))
    others = ((p, why.problem if isinstance(why, UserError) else None) for p, why in refused.items() if why)
    return Found(documents, tables, tuple(others))


def _refused(path: Path, project: Project) -> UserError | str | None:
    """Why it is no document: the reason where it should be one, "no document" where it isn't; None where it is."""
    from tools.sources.documents import document, is_document

    if not is_document(path):
        return "no document"
    try:
        return None if any(map(str.isalnum, document(path, project.texts))) else "no document"
    except UserError as error:
        return error


def _not_read(others: tuple[tuple[Path, Words | None], ...]) -> Words:
    names = ", ".join(path.name for path, _ in others)
    reasons = [why for _, why in others if why]
    return Words(
        " ".join([f"Not read as documents: {names}.", *(why.en for why in reasons)]),
        "".join([f"以下文件未作为文档读取：{names}。", *(why.zh for why in reasons)]),
    )


def _no_documents(place: Path) -> UserError:
    return UserError(
        Words(f"There is no document in {place}.", f"{place} 里没有文档。"),
        Words(
            "Put documents with text there (.txt, .md, .pdf, .docx, .html, or pictures of pages), or .csv files of "
            "triples or of codes and terms.",
            "请放入有文字的文档（.txt、.md、.pdf、.docx、.html 或扫描图片），或者三元组、词表的 .csv 文件。",
        ),
    )
