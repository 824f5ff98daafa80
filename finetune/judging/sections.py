"""Further parts of a report card: each measured once, kept under what it follows from, and drawn like the others."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from finetune.judging.exam import Evaluated
from workspace.project import write_text
from workspace.results import Section
from workspace.words import Language, Words

Asked = TypeVar("Asked")


class _Kept(BaseModel):
    key: str
    section: Section


@dataclass(frozen=True)
class Keyed(Generic[Asked]):
    """A measurement that follows from more than the exam; `key` is the hash of that."""

    key: str
    measure: Callable[[Asked, Path], Generator[Evaluated, None, Section]]

    def __call__(self, contest: Asked, out: Path) -> Generator[Evaluated, None, Section]:
        return self.measure(contest, out)


def measured(
    name: str,
    measure: Callable[[Asked, Path], Generator[Evaluated, None, Section]],
    contest: Asked,
    out: Path,
    key: str,
) -> Generator[Evaluated, None, Section]:
    """From the disk where the same was measured before."""
    if isinstance(measure, Keyed):
        key = f"{key} {measure.key}"
    path = out / f"section-{name}.json"
    if path.exists():
        kept = _Kept.model_validate_json(path.read_bytes())
        if kept.key == key:
            return kept.section
    section = yield from measure(contest, out)
    write_text(path, _Kept(key=key, section=section).model_dump_json())
    return section


def markdown(section: Section, language: Language) -> str:
    parts = [f"## {section.title.to(language)}", section.text.to(language)]
    if section.rows:
        heads = [head.to(language) for head in section.columns]
        rows = [[_shown(value, language) for value in row] for row in section.rows]
        parts.append(table(heads, rows))
    return "\n\n".join(parts)


def table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str) -> str:
    """A label or a row may hold what a table would take for its own."""
    return text.replace("|", "\\|").replace("\n", " ")


def _shown(value: Words | str, language: Language) -> str:
    return cell(value.to(language) if isinstance(value, Words) else value)
