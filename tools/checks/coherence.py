"""Whether a long answer holds together: said once, to its end, in order, on its topic, pointing at what is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from tools.base import Check, Kit
from tools.coherence import Defect, defects, overlap, weight
from tools.facts.claims import sentences
from workspace.sample import Finding, Origin, Sample, sample
from workspace.words import Words, language_of

REST = (
    "A refund takes two weeks at most. Gift cards that were bought in the shop are paid out on the day of the refund. "
    "A parcel that was opened can be sent back for thirty days. Whoever sends it pays for the parcel. "
    "The shop answers every message about a refund."
)


class Coherence(Check):
    """Repeating a long sentence and breaking off drop; what else looks wrong is pointed out."""

    name: ClassVar[str] = "coherence"
    words: ClassVar[Words] = Words("a long answer holds together", "长文本前后连贯")
    passing: ClassVar[Sample] = sample("How do refunds work?", REST, Origin(source="example"))
    failing: ClassVar[Sample] = sample(
        "How do refunds work?", f"{REST} {REST.split('. ')[1]}.", Origin(source="example")
    )
    sentences: int = Field(5, ge=2, description="How many sentences make an answer long")
    letters: int = Field(400, ge=50, description="or how many Latin letters; a Chinese character counts for three")
    overlap: float = Field(0.02, ge=0, le=1, description="Share of words in common with the sentence before, at least")

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        text = row.answer
        if weight(text) < self.letters and len(sentences(text)) < self.sentences:
            return ()
        shown = "\n".join([*(m.content for m in row.messages[:-1]), row.evidence or "", *map(str, row.fields.values())])
        found = [self._finding(defect) for defect in defects(text, row.question, shown)]
        return found or self._whole(text)

    def _finding(self, defect: Defect) -> Finding:
        reason = defect.reason.to(language_of(defect.sentence))
        confidence = 0.95 if defect.clear else 0.7
        return Finding(
            check=self.name,
            verdict="fail",
            reason=reason,
            claim=defect.sentence,
            confidence=confidence,
            drops=defect.clear,
        )

    def _whole(self, text: str) -> list[Finding]:
        shared = overlap(text)
        if shared is None:
            return []
        loose = shared < self.overlap
        reason = Words(
            f"A sentence shares {shared:.0%} of its words with the one before, on average.",
            f"平均每句有 {shared:.0%} 的词与前一句相同。",
        )
        verdict = "unknown" if loose else "pass"
        return [Finding(check=self.name, verdict=verdict, reason=reason.to(language_of(text)))]
