"""Each claim of a row against the person's documents: what they say, what they deny, and what they leave open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from tools.base import Check, Kit
from tools.facts.claims import content_words, coverage, read, sentences, statements
from tools.facts.comparison import OPEN, RIGHT
from tools.facts.entailment import FactVerdict, Line, Opinion, opinion
from tools.facts.evidence import settled
from tools.facts.injection import INJECTED, injected
from tools.facts.propositions import Proposition, clauses, propositions
from tools.knowledge import Knowledge, cut
from workspace.sample import Evidence, Finding, Origin, Sample, sample
from workspace.words import Words, language_of

# As many lines as a small model keeps in view; what is further down the ranking has misled it more than it helped.
SHOWN = 8
SAME_WORDS = Words("The document says so in these words.", "文档里有相同的说法。")


class Facts(Check):
    """For a row whose answer is a bare label, what is checked is what its message states."""

    name = "facts"
    words = Words("Agrees with the documents", "与文档一致")
    cost = "model"
    passages: int = Field(5, ge=1, le=20, description="How many passages of the documents are looked at for a claim")

    passing: ClassVar[Sample] = sample(
        "How long does a refund take?", "A refund takes 120 minutes.", Origin(source="example")
    ).model_copy(update={"evidence": "A refund takes 2 hours. Gift cards are never refunded."})
    failing: ClassVar[Sample] = sample(
        "退款要多久？", "退款会在5个工作日内到账。", Origin(source="example")
    ).model_copy(update={"evidence": "退款会在三个工作日内到账。"})

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        if row.evidence is None and (kit.knowledge is None or not kit.knowledge.documents()):
            return ()
        bare = row.label is not None and row.answer.strip() == row.label
        question = "" if bare else _last_question(row)
        strict = not bare and kit.spec.unknown_facts is not None and kit.spec.unknown_facts.value == "reject"
        said = [Proposition(s, s) for s in statements(row.question)] if bare else propositions(row.answer)
        return [self._finding(claim.alone, self._judge(claim, question, row, kit), strict) for claim in said]

    def _finding(self, claim: str, judged: Opinion, strict: bool) -> Finding:
        return Finding(
            check=self.name,
            verdict=judged.verdict,
            reason=judged.reason.to(language_of(claim)),
            claim=claim,
            evidence=_evidence(judged.line) if judged.line else None,
            confidence=round(judged.confidence, 4),
            drops=judged.verdict == "contradicted" or (strict and judged.verdict == "unknown"),
        )

    def _judge(self, said: Proposition, question: str, row: Sample, kit: Kit) -> Opinion:
        claim = said.alone
        passages = [p for p in self._passages(claim, question, row, kit.knowledge) if p.text.strip()]
        if not passages:
            return Opinion("unknown", Words("No document speaks of this.", "没有文档提到这一点。"))
        # Code reads all of a row's own evidence: whether a figure stands nowhere is for the whole of it to say.
        whole = [Line("evidence", 0, len(row.evidence), row.evidence)] if row.evidence else passages
        by_code = verbatim(said.text, whole) or compared(claim, question, whole, row.answer)
        if by_code or kit.chat is None:
            return by_code or Opinion("unknown", OPEN)
        lines = [line for passage in passages for line in _cut(passage) if not injected(line.text)]
        return opinion(claim, question, speaking(claim, question, lines), kit.chat)

    def _passages(self, claim: str, question: str, row: Sample, knowledge: Knowledge | None) -> list[Line]:
        """Where the claim may be settled, each a few sentences long."""
        query = claim if len(content_words(claim)) > 3 else f"{question} {claim}"
        if row.evidence is not None:
            return _closest(query, row.evidence, self.passages)
        hits = knowledge.find(query, self.passages) if knowledge else []
        return [Line(hit.document, hit.start, hit.end, hit.text) for hit in hits]


def _last_question(row: Sample) -> str:
    return next((m.content for m in reversed(row.messages) if m.role == "user"), "")


def _closest(query: str, text: str, k: int) -> list[Line]:
    """The k passages of a row's own evidence that share most with the claim, in the order of the text."""
    places = [place for place, _ in cut(text)]
    asked_for = read(query).bag
    best = sorted(places, key=lambda place: -coverage(asked_for, read(place.text).bag))[:k]
    ordered = sorted(best, key=lambda place: place.start)
    return [Line("evidence", place.start, place.end, place.text) for place in ordered]


def _cut(passage: Line) -> Iterator[Line]:
    for s in sentences(passage.text):
        yield Line(passage.document, passage.start + s.start, passage.start + s.end, s.text)


def verbatim(claim: str, passages: Sequence[Line]) -> Opinion | None:
    """Supported where a sentence of the documents, or a clause that stands alone, is the claim, word for word."""
    words = _words(claim)
    for line in (line for passage in passages for line in _cut(passage)):
        there = words in _words(line.text) and words in map(_words, (line.text, *clauses(line.text)))
        if there and content_words(claim) and not injected(line.text):
            return Opinion("supported", SAME_WORDS, line, RIGHT["words"])
    return None


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+|[^\w\s.,;:!?。，；：！？]", text.casefold()))


def compared(claim: str, question: str, passages: Sequence[Line], answer: str = "") -> Opinion | None:
    """What code alone can settle; None for the rest."""
    found = settled(claim, question, [p.text for p in passages], INJECTED, answer)
    if found is None:
        return None
    verdict: FactVerdict = "supported" if found.comparison.outcome == "supported" else "contradicted"
    passage = passages[found.text]
    start, end = passage.start + found.start, passage.start + found.end
    line = Line(passage.document, start, end, passage.text[found.start : found.end])
    return Opinion(verdict, found.comparison.reason, line, found.comparison.confidence)


def speaking(claim: str, question: str, lines: Sequence[Line]) -> list[Line]:
    """The lines that share most with the claim, each with the one before it, to which its "it" may point."""
    if len(lines) <= SHOWN:
        return list(lines)
    asked_for = read(claim).bag | read(question).bag
    ranked = sorted(range(len(lines)), key=lambda i: -coverage(asked_for, read(lines[i].text).bag))
    chosen: set[int] = set()
    for number in ranked:
        before = number - 1 if number and lines[number - 1].document == lines[number].document else number
        if len(chosen | {before, number}) > SHOWN:
            break
        chosen |= {before, number}
    return [lines[i] for i in sorted(chosen)]


def _evidence(line: Line) -> Evidence:
    return Evidence(document=line.document, start=line.start, end=line.end, quote=line.text)
