"""Every place of a row where a text stands that somebody could be known by, and the row with other texts there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workspace.sample import Finding, Message, Sample, Scalar
from workspace.words import Words


@dataclass(frozen=True, slots=True)
class Place:
    """`name` tells people where; `column` is what a table calls the cell, and empty elsewhere."""

    name: str
    text: str
    column: str = ""

    @property
    def words(self) -> Words:
        turn = self.name.removeprefix("turn ")
        if turn != self.name:
            return Words(self.name, f"第 {turn} 轮")
        return Words(f"column {self.name}", f"{self.name} 列") if self.column else WORDS.get(self.name, OWN)


OWN = Words("row", "数据")
WORDS = {
    "evidence": Words("evidence", "依据"),
    "label": Words("label", "标签"),
    "findings": Words("findings", "检查结果"),
}


def places(row: Sample, labels: frozenset[str] = frozenset()) -> Iterator[Place]:
    """A label of the specification is nobody's, and neither is an answer that is just one; `rewritten` takes what
    this gives, in this order."""
    for number, message in enumerate(row.messages, 1):
        yield Place(f"turn {number}", "" if _is_label(row, message, labels) else message.content)
    for name, value in row.fields.items():
        yield Place(name, written(value), name)
    yield Place("evidence", row.evidence or "")
    yield Place("label", "" if row.label in labels else row.label or "")
    for finding in row.findings:
        yield Place("findings", finding.reason)
        yield Place("findings", finding.claim or "", finding.column or "")


def _is_label(row: Sample, message: Message, labels: frozenset[str]) -> bool:
    return message.role == "assistant" and message.content == row.label and row.label in labels


def written(value: Scalar) -> str:
    """A cell as people write it: a spreadsheet keeps the phone 13812345678 as a number, even as 13812345678.0."""
    if isinstance(value, bool) or value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e20 else str(value)


def rewritten(row: Sample, texts: Sequence[str], labels: frozenset[str] = frozenset()) -> Sample:
    """The row with these texts at its places; what is the same stays as it is, numbers as numbers."""
    before = [place.text for place in places(row, labels)]
    if before == list(texts):
        return row
    changed = iter(zip(before, texts, strict=True))

    def now(old: str | None) -> str | None:
        was, text = next(changed)
        return old if was == text else text

    messages = tuple(Message(role=m.role, content=now(m.content) or "") for m in row.messages)
    fields: dict[str, Scalar] = {}
    for name, value in row.fields.items():
        was, text = next(changed)
        fields[name] = value if was == text else text
    evidence, label = now(row.evidence), now(row.label)
    findings = tuple(_told(f, now(f.reason), now(f.claim)) for f in row.findings)
    new: Mapping[str, object] = {"messages": messages, "fields": fields, "evidence": evidence, "label": label}
    return row.model_copy(update={**new, "findings": findings})


def _told(finding: Finding, reason: str | None, claim: str | None) -> Finding:
    if (reason, claim) == (finding.reason, finding.claim):
        return finding
    return finding.model_copy(update={"reason": reason or "", "claim": claim})
