"""Relations that a model finds in documents, written to a table in which a person confirms the right ones."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field

from tools.facts.injection import injected
from tools.knowledge import cut
from tools.llm import Ask, Chat, prompt
from tools.names import folded
from tools.relations.triples import span_of
from tools.sources.documents import document
from workspace.words import language_of

HEAD = ("subject", "relation", "object", "from", "to", "confirmed", "quote", "document")


class Found(BaseModel):
    """The quote comes first, so that the rest is written with it in view."""

    quote: str
    subject: str
    relation: str
    object: str
    since: str = ""
    until: str = ""


class Reply(BaseModel):
    relations: list[Found] = Field(max_length=12)


@dataclass(frozen=True, slots=True)
class Extracted:
    """A relation whose quote stands in the document."""

    found: Found
    document: str


def extract(paths: Sequence[Path], chat: Chat, kept: Path | None = None) -> Iterator[tuple[int, int, list[Extracted]]]:
    """(passage, passages, what it holds), passage by passage. Without a quote that is found there, nothing counts."""
    passages = [(path.name, place.text) for path in paths for place, _ in cut(document(path, kept))]
    answers = chat.ask_all(Ask(_filled(text), Reply, slot="relations", max_tokens=800) for _, text in passages)
    for number, ((name, text), answer) in enumerate(zip(passages, answers, strict=True), 1):
        given = answer.value.relations if answer.value else []
        yield number, len(passages), [Extracted(found, name) for found in given if borne_out(found, text)]


def borne_out(found: Found, passage: str) -> bool:
    """The quote stands in the passage and names both sides; an order to whoever reads is no relation."""
    words = found.quote.split()
    if not words or injected(found.quote) or not found.relation.strip():
        return False
    if not re.search(r"\s+".join(map(re.escape, words)), passage):
        return False
    quote = folded(found.quote)
    return all(side.strip() and folded(side.strip()) in quote for side in (found.subject, found.object))


def table_of(extracted: Iterable[Extracted]) -> str:
    """A CSV text; each relation once, its column `confirmed` empty, for only a person fills it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    seen: set[tuple[str, ...]] = set()
    for one in extracted:
        sides = (one.found.subject.strip(), one.found.relation.strip(), one.found.object.strip())
        dates = tuple(_dated(written, one.found.quote) for written in (one.found.since, one.found.until))
        if (*map(folded, sides), *dates) not in seen:
            seen.add((*map(folded, sides), *dates))
            writer.writerow((*sides, *dates, "", " ".join(one.found.quote.split()), one.document))
    return text.getvalue()


def _dated(written: str, quote: str) -> str:
    """A date only if it is one and stands in the quote."""
    return written.strip() if span_of(written) and folded(written.strip()) in folded(quote) else ""


def _filled(text: str) -> str:
    # A document can't hold the hash of itself, so it can't close its own fence.
    fence = "=" * 8 + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    return prompt("relations", language_of(text), fence=fence, document=text)
