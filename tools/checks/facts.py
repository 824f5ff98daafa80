"""Each claim of a row against the person's documents: what they say, what they deny, and what they leave open."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import BaseModel, Field

from tools.base import Check, Kit
from tools.claims import Sentence, claims, content_words, coverage, read, sentences, statements
from tools.comparers import OPEN, counterpart, relation
from tools.evidence import settled
from tools.knowledge import Knowledge, cut
from tools.llm import Ask, Chat, prompt
from workspace.sample import Evidence, Finding, Origin, Sample, sample
from workspace.words import Language, Words, language_of

FactVerdict = Literal["supported", "contradicted", "unknown"]
# Code: as benchmarks/facts.py prints (505 of 506 supported and 381 of 381 contradicted were right). A model's word
# counts for less, and is not calibrated.
SURE: dict[tuple[str, FactVerdict], float] = {
    ("code", "supported"): 0.99,
    ("code", "contradicted"): 0.99,
    ("model", "supported"): 0.8,
    ("model", "contradicted"): 0.8,
}
# Words of a document that speak to whoever checks it are no evidence, and no checker gets to read them.
ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,60}\b(?:instruction|prompt|rule|above|previous|prior|told)"
    r"|\b(?:mark|label|rate|judge|treat|consider|answer|output|respond|reply|return|say)\b.{0,60}"
    r"\b(?:supported|contradicted|unknown)\b"
    r"|\b(?:every|all|any|this|the) (?:claims?|statements?|answers?)\b.{0,40}"
    r"\b(?:supported|contradicted|verified|true)\b"
    r"|\bverdict\b|system prompt|language model|<\|?(?:im_|system|assistant|user)"
    r"|(?:忽略|无视|忘记|忘掉|不要理会|不必理会).{0,15}(?:指令|指示|要求|提示|规则|以上|上述)"
    r"|(?:标记|标为|判定|判断|判为|视为|回答|输出|给出).{0,15}(?:支持|属实|正确|矛盾|supported|contradicted|unknown)|系统提示",
    re.I | re.S,
)


class Reply(BaseModel):
    """The quote comes first, so that the verdict is written with it in view."""

    quote: str = Field(description="the deciding sentence, copied")
    verdict: FactVerdict


@dataclass(frozen=True, slots=True)
class Passage:
    """A place of a document that may settle a claim; text == document[start:...]."""

    document: str
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: FactVerdict
    reason: Words
    evidence: Evidence | None = None
    confidence: float = 0.5


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
        said = statements(row.question) if bare else claims(row.answer)
        return [self._finding(claim, self._judge(claim, question, row, kit), strict) for claim in said]

    def _finding(self, claim: str, judged: Judgement, strict: bool) -> Finding:
        return Finding(
            check=self.name,
            verdict=judged.verdict,
            reason=judged.reason.to(language_of(claim)),
            claim=claim,
            evidence=judged.evidence,
            confidence=judged.confidence,
            drops=judged.verdict == "contradicted" or (strict and judged.verdict == "unknown"),
        )

    def _judge(self, claim: str, question: str, row: Sample, kit: Kit) -> Judgement:
        passages = [p for p in self._evidence(claim, question, row, kit.knowledge) if p.text.strip()]
        if not passages:
            return Judgement("unknown", Words("No document speaks of this.", "没有文档提到这一点。"))
        # Code reads all of a row's own evidence: whether a figure stands nowhere is for the whole of it to say.
        whole = [Passage("evidence", 0, row.evidence)] if row.evidence else passages
        by_code = compared(claim, question, whole, row.answer)
        if by_code or kit.chat is None:
            return by_code or Judgement("unknown", OPEN)
        return asked(claim, question, passages, kit.chat)

    def _evidence(self, claim: str, question: str, row: Sample, knowledge: Knowledge | None) -> Iterator[Passage]:
        query = claim if len(content_words(claim)) > 3 else f"{question} {claim}"
        if row.evidence is not None:
            yield from _closest(query, row.evidence, self.passages)
        elif knowledge is not None:
            for hit in knowledge.find(query, self.passages):
                yield Passage(hit.document, hit.start, hit.text)


def _last_question(row: Sample) -> str:
    return next((m.content for m in reversed(row.messages) if m.role == "user"), "")


def _closest(query: str, text: str, k: int) -> list[Passage]:
    """The k passages of a row's own evidence that share most with the claim, in the order of the text."""
    places = [place for place, _ in cut(text)]
    asked_for = read(query).bag
    best = sorted(places, key=lambda place: -coverage(asked_for, read(place.text).bag))[:k]
    return [Passage("evidence", place.start, place.text) for place in sorted(best, key=lambda place: place.start)]


def compared(claim: str, question: str, passages: Sequence[Passage], answer: str = "") -> Judgement | None:
    """What code alone can settle; None for the rest."""
    found = settled(claim, question, [p.text for p in passages], ORDERS, answer)
    if found is None:
        return None
    verdict: FactVerdict = "supported" if found.comparison.outcome == "supported" else "contradicted"
    passage = passages[found.text]
    place = Sentence(passage.text[found.start : found.end], found.start, found.end)
    return Judgement(verdict, found.comparison.reason, _evidence_at(passage, place), SURE["code", verdict])


def _evidence_at(passage: Passage, place: Sentence) -> Evidence:
    start = passage.start + place.start
    return Evidence(document=passage.document, start=start, end=start + len(place.text), quote=place.text)


def asked(claim: str, question: str, passages: Sequence[Passage], chat: Chat) -> Judgement:
    """The model's verdict, as far as its quote bears it out."""
    language = language_of(claim)
    document = "\n\n".join(_readable(p.text) for p in passages)
    filled = _filled(language, claim, question, document)
    # One slot for all: the same claim before the same passages is paid for once.
    reply = chat.ask(Ask(prompt=filled, reply=Reply, slot="facts", max_tokens=300)).value
    if reply is None:
        return Judgement("unknown", Words("The model gave no usable verdict.", "模型没有给出可用的结论。"))
    if reply.verdict == "unknown":
        return Judgement("unknown", OPEN)
    return borne_out(claim, question, reply, passages)


def borne_out(claim: str, question: str, reply: Reply, passages: Sequence[Passage]) -> Judgement:
    """A verdict counts only with a quote that stands in the document, is about the claim, and agrees in its figures."""
    place = next((found for p in passages if (found := _quoted(reply.quote, p))), None)
    if place is None or ORDERS.search(place.quote):
        return Judgement(
            "unknown", Words("The words given as proof are not in the document.", "给出的依据在文档中找不到。")
        )
    ours, theirs = read(claim), read(place.quote)
    if not (ours.bag | read(question).bag) & theirs.bag:
        return Judgement(
            "unknown", Words("The words given as proof speak of something else.", "给出的依据说的是另一件事。")
        )
    others = [(q, counterpart(q, ours, theirs)) for q in ours.quantities]
    if reply.verdict == "supported" and any(other and relation(q, other) == "differs" for q, other in others):
        return Judgement("unknown", Words("The figures differ from those of the document.", "数字与文档不一致。"))
    reason = {
        "supported": Words("The document bears it out.", "文档可以证实。"),
        "contradicted": Words("The document says otherwise.", "文档的说法与之不符。"),
    }[reply.verdict]
    return Judgement(reply.verdict, reason, place, SURE["model", reply.verdict])


def _quoted(quote: str, passage: Passage) -> Evidence | None:
    """Where the quote stands in the passage; white space may differ, nothing else."""
    words = quote.split()
    if not words or not content_words(quote):
        return None
    found = re.search(r"\s+".join(map(re.escape, words)), passage.text)
    return _evidence_at(passage, Sentence(found.group(), found.start(), found.end())) if found else None


def _readable(text: str) -> str:
    """The passage without what in it is addressed to its checker."""
    orders = [s for s in sentences(text) if ORDERS.search(s.text)]
    for place in reversed(orders):
        text = text[: place.start] + text[place.end :]
    return text.strip()


def _filled(language: Language, claim: str, question: str, document: str) -> str:
    # A document can't hold the hash of itself, so it can't close its own fence.
    fence = "=" * 8 + hashlib.sha256(document.encode("utf-8", "replace")).hexdigest()[:16]
    return prompt("facts", language, fence=fence, document=document, claim=claim, question=question or "-")
