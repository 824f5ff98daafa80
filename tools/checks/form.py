"""Whether a row is one at all: a question, an answer, a known label, the right language, no leftovers of a template."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from tools.base import Check, Kit
from tools.personal.finding import MARK
from workspace.sample import Finding, Origin, Sample, sample
from workspace.words import CHINESE, Language, Words

LEFTOVERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\{\{.{0,80}?\}\}",
        r"\bas an ai\b(,| language| model| assistant)",
        r"作为(一个|一名|一款)?(AI|人工智能)(语言)?(模型|助手|助理)",
        r"\[(your|insert|enter|customer|company|user|name)\b[^\]\n]{0,40}\]",
        r"<\|[a-z_]{2,20}\|>",
        r"\blorem ipsum\b",
    )
)
BEYOND_LATIN = re.compile("[\u0250-\U0010ffff]")
LABELS: dict[Language, str] = {"en": "English", "zh": "Chinese"}

# Words that nothing ends with; "log in" and "turn on" do.
BROKEN_OFF = re.compile(r"(?:\w+\W+){4}\b(?:the|an?|of|or|and|under|from|which|because|than|its|their|your)\s*$", re.I)


class Form(Check):
    """Says every fault that it finds; the first one is counted."""

    name: ClassVar[str] = "form"
    words: ClassVar[Words] = Words("whole and in the right form", "完整且格式正确")
    passing: ClassVar[Sample] = sample(
        "I lost my card yesterday.", "lost_card", Origin(source="files"), label="lost_card"
    )
    failing: ClassVar[Sample] = sample("My card is {{status}}.", "broken", Origin(source="files"), label="broken")
    longest: int = Field(8000, ge=10, description="characters in a question or an answer, at most")

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        return [_fault(reason) for reason in self._faults(row, kit)]

    def _faults(self, row: Sample, kit: Kit) -> Iterator[str]:
        if not row.question.strip():
            yield "there is no question"
        if not row.messages or row.messages[-1].role != "assistant" or not row.answer.strip():
            yield "there is no answer"
        if row.question.strip() and not any(map(str.isalnum, row.question)):
            yield "there are no words in the question"
        yield from _label_faults(row, kit)
        yield from _language_faults(row, kit)
        if BROKEN_OFF.search(row.answer):
            yield f"the answer breaks off: …{row.answer[-30:]}"
        for name, text in (("question", row.question), ("answer", row.answer)):
            text = MARK.sub("", text)  # [NAME Z**] was put there on purpose
            if found := next((m for p in LEFTOVERS if (m := p.search(text))), None):
                yield f"the {name} holds a leftover of a template: {found.group()}"
            if len(text) > self.longest:
                yield f"the {name} is longer than {self.longest} characters"
            if _repeats(text):
                yield f"the {name} repeats itself"


def _fault(reason: str) -> Finding:
    return Finding(check="form", verdict="fail", reason=reason, drops=True)


def _classifies(kit: Kit) -> bool:
    return kit.spec.task is not None and kit.spec.task.value == "classification"


def _label_faults(row: Sample, kit: Kit) -> Iterator[str]:
    if not _classifies(kit):
        return
    if not row.label:
        yield "there is no label"
    elif kit.spec.labels and row.label not in {label.name for label in kit.spec.labels.value}:
        yield f"the label {row.label} is none of the specification's"
    elif row.answer != row.label:
        yield f"the answer is not the label {row.label}"


def _language_faults(row: Sample, kit: Kit) -> Iterator[str]:
    wanted = kit.spec.languages.value if kit.spec.languages else ()
    if row.cell.language in wanted:
        wanted = tuple(language for language in wanted if language == row.cell.language)
    texts = {"question": row.question} if _classifies(kit) else {"question": row.question, "answer": row.answer}
    for name, text in texts.items():
        if wanted and not any(_may_be(text, language) for language in wanted):
            yield f"the {name} is not in {' or '.join(LABELS[language] for language in wanted)}"


def _may_be(text: str, language: Language) -> bool:
    """A Chinese sentence may be full of foreign names, so few characters are enough; what has no letters is neither."""
    letters = sum(map(str.isalpha, text))
    chinese = 0 if text.isascii() else len(CHINESE.findall(text))
    latin = letters if text.isascii() else sum(map(str.isalpha, BEYOND_LATIN.sub("", text)))
    if letters < 4 and not chinese:
        return True
    if language == "zh":
        return chinese * 10 >= letters and chinese + latin >= letters * 0.7
    return latin >= letters * 0.7 or (latin >= chinese * 3 and latin + chinese >= letters * 0.7)


def _repeats(text: str) -> bool:
    """A model that ran in circles: hundreds of characters that compress to almost nothing."""
    raw = text.encode("utf-8", "replace")
    return len(raw) > 400 and len(zlib.compress(raw)) * 12 < len(raw)
