"""A row, from found to trained on: frozen, never deleted, with every judgement that was passed on it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, InstanceOf

# "call": a tool is called, the content being JSON; "tool": what it gave back.
Role = Literal["system", "user", "assistant", "call", "tool"]
# What a column of a file can hold of a row.
Part = Literal[
    "messages", "instruction", "input", "question", "answer", "label", "system", "history", "evidence", "split"
]
Verdict = Literal["supported", "contradicted", "unknown", "pass", "fail"]
Split = Literal["train", "validation", "test"]
Outcome = Literal["kept", "rejected", "review"]
# Two findings that no check makes: what a person decided, and that nobody but a person should.
PERSON, REVIEW = "person", "review"
Scalar = str | int | float | bool | None


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(Frozen):
    role: Role
    content: str


class Origin(Frozen):
    """Where a row comes from. `slot` orders generated rows; `parent` is the id of the row it was varied from.

    `file` is a file's name (a member of a zip stands behind a "/"), a table or an address; `row` and `page` count
    from 1. `confidence` (0 to 1): how surely its text was read off a picture.
    """

    source: str
    file: str | None = None
    sheet: str | None = None
    page: int | None = None
    row: int | None = None
    confidence: float | None = None
    slot: str | None = None
    parent: str | None = None
    licence: str | None = None


class Evidence(Frozen):
    """`quote` is exactly `document[start:end]`, in characters."""

    document: str
    start: int
    end: int
    quote: str


class Finding(Frozen):
    """One judgement. `drops` says whether it takes the row out; what unknown means is the specification's choice.

    `column` names the field that it is about, where it is about one cell of a table; `claim` is then what stands there.
    """

    check: str
    verdict: Verdict
    reason: str
    claim: str | None = None
    column: str | None = None
    evidence: Evidence | None = None
    confidence: float = 1.0
    drops: bool = False


class Cell(Frozen):
    """A place in the quota grid. A real row has no cell but its label."""

    scenario: str | None = None
    difficulty: str | None = None
    language: str | None = None
    tone: str | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """The record that a row was read from, which of its columns hold what, and the row as it was read."""

    values: Mapping[str, object]
    parts: Mapping[Part, str]
    row: Sample

    def unchanged(self, row: Sample) -> bool:
        """Nothing has touched what it says."""
        was = self.row
        same = row.messages is was.messages and row.fields is was.fields
        return same and (row.label, row.evidence, row.split) == (was.label, was.evidence, was.split)


class Sample(Frozen):
    """One training example.

    `messages` ends with the assistant's answer. For classification that answer is `label`.
    `fields` are the row's other columns or template slots, which rules may name.
    `evidence` is a text that came with the row: then that, and nothing else, is what its facts are checked against.
    `raw` is for the way back into the form the row came in; it is never written down, and what is written back from
    it is what the row says now.
    """

    id: str
    messages: tuple[Message, ...]
    origin: Origin
    label: str | None = None
    evidence: str | None = None
    fields: dict[str, Scalar] = {}
    cell: Cell = Cell()
    split: Split | None = None
    findings: tuple[Finding, ...] = ()
    raw: InstanceOf[Raw] | None = Field(default=None, exclude=True, repr=False)

    @property
    def kept(self) -> bool:
        return self.dropped_by is None

    @property
    def outcome(self) -> Outcome:
        """A row in review waits for a person and is not kept before they say so."""
        dropped = self.dropped_by
        return "kept" if dropped is None else "review" if dropped.check == REVIEW else "rejected"

    @property
    def question(self) -> str:
        """What the person says: all user turns, one a line."""
        return "\n".join(m.content for m in self.messages if m.role == "user")

    @property
    def answer(self) -> str:
        """What the model should reply: the last assistant turn, or nothing."""
        return next((m.content for m in reversed(self.messages) if m.role == "assistant"), "")

    @property
    def dropped_by(self) -> Finding | None:
        """The judgement that took the row out: the reason that is counted.

        A person's last word outranks all that was found before it; that the row waits for one outranks the checks
        that were too unsure; else it is the first that drops.
        """
        if not self.findings:
            return None
        spoken = max((n for n, finding in enumerate(self.findings) if finding.check == PERSON), default=0)
        dropping = [finding for finding in self.findings[spoken:] if finding.drops]
        return next((finding for finding in dropping if finding.check == REVIEW), dropping[0] if dropping else None)

    def judged(self, *findings: Finding) -> Sample:
        return self.model_copy(update={"findings": (*self.findings, *findings)}) if findings else self


def sample(question: str, answer: str, origin: Origin, *, label: str | None = None, cell: Cell | None = None) -> Sample:
    """A one-turn row whose id follows from its origin and words alone, so that a repeated run names it the same."""
    messages = (Message(role="user", content=question), Message(role="assistant", content=answer))
    return Sample(id=row_id(messages, origin), messages=messages, origin=origin, label=label, cell=cell or Cell())


def row_id(messages: tuple[Message, ...], origin: Origin) -> str:
    """12 hexadecimal digits."""
    text = origin.model_dump_json(exclude_none=True) + "".join(f"\0{m.role}\0{m.content}" for m in messages)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
