"""Which of a person's documents are tables that checks look things up in, and what can't be used of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.knowledge_tables import Refused
from tools.relations.triples import Relations, is_triples, read_relations
from tools.terms import Terms, is_vocabulary, read_terms
from workspace.words import Words

SHOWN = 5


@dataclass(frozen=True)
class Tables:
    paths: tuple[Path, ...] = ()
    terms: Terms | None = None
    relations: Relations | None = None

    @property
    def refused(self) -> tuple[Refused, ...]:
        return tuple(line for table in (self.terms, self.relations) if table for line in table.refused)

    def told(self) -> Words | None:
        """The lines that count for nothing; None where all do."""
        if not self.refused:
            return None
        more = " …" if len(self.refused) > SHOWN else ""
        first = self.refused[:SHOWN]
        english = "; ".join(f"{r.document} line {r.line}: {r.reason.en}" for r in first)
        chinese = "；".join(f"{r.document} 第 {r.line} 行：{r.reason.zh}" for r in first)
        count = len(self.refused)
        return Words(f"{count} lines count for nothing. {english}{more}", f"有 {count} 行无法使用。{chinese}{more}")


def tables_of(paths: Sequence[Path]) -> Tables:
    """Raises UserError where one has the head of a table that is looked up and not a single line of use."""
    found = tuple(path for path in paths if is_triples(path) or is_vocabulary(path))
    return Tables(found, read_terms([p for p in found if not is_triples(p)]), read_relations(found))
