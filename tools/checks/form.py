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
from workspace.words import CHINESE, Language, Words, language_of

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
LABELS: dict[Language, Words] = {"en": Words("English", "英文"), "zh": Words("Chinese", "中文")}
PARTS = {"question": Words("question", "问题"), "answer": Words("answer", "回答")}

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
        """Told in the language of the goal: a row in the wrong language is no guide."""
        language = language_of(kit.spec.goal.value) if kit.spec.goal else "en"
        return [_fault(reason.to(language)) for reason in self._faults(row, kit)]

    def _faults(self, row: Sample, kit: Kit) -> Iterator[Words]:
        if not row.question.strip():
            yield Words("there is no question", "没有问题")
        if not row.messages or row.messages[-1].role != "assistant" or not row.answer.strip():
            yield Words("there is no answer", "没有回答")
        if row.question.strip() and not any(map(str.isalnum, row.question)):
            yield Words("there are no words in the question", "问题里没有文字")
        yield from _label_faults(row, kit)
        yield from _language_faults(row, kit)
        if BROKEN_OFF.search(row.answer):
            yield Words(f"the answer breaks off: …{row.answer[-30:]}", f"回答不完整：…{row.answer[-30:]}")
        for name, text in ((PARTS["question"], row.question), (PARTS["answer"], row.answer)):
            text = MARK.sub("", text)  # [NAME Z**] was put there on purpose
            if found := next((m for p in LEFTOVERS if (m := p.search(text))), None):
                yield Words(
                    f"the {name.en} holds a leftover of a template: {found.group()}",
                    f"{name.zh}里有模板残留：{found.group()}",
                )
            if len(text) > self.longest:
                yield Words(
                    f"the {name.en} is longer than {self.longest} characters", f"{name.zh}超过 {self.longest} 个字符"
                )
            if _repeats(text):
                yield Words(f"the {name.en} repeats itself", f"{name.zh}自我重复")


def _fault(reason: str) -> Finding:
    return Finding(check="form", verdict="fail", reason=reason, drops=True)


def _classifies(kit: Kit) -> bool:
    return kit.spec.task is not None and kit.spec.task.value == "classification"


def _label_faults(row: Sample, kit: Kit) -> Iterator[Words]:
    if not _classifies(kit):
        return
    if not row.label:
        yield Words("there is no label", "没有类别")
    elif kit.spec.labels and row.label not in {label.name for label in kit.spec.labels.value}:
        yield Words(f"the label {row.label} is none of the specification's", f"类别 {row.label} 不在规格说明之内")
    elif row.answer != row.label:
        yield Words(f"the answer is not the label {row.label}", f"回答不是类别 {row.label}")


def _language_faults(row: Sample, kit: Kit) -> Iterator[Words]:
    wanted = kit.spec.languages.value if kit.spec.languages else ()
    if row.cell.language in wanted:
        wanted = tuple(language for language in wanted if language == row.cell.language)
    texts = {"question": row.question} if _classifies(kit) else {"question": row.question, "answer": row.answer}
    for name, text in texts.items():
        if wanted and not any(_may_be(text, language) for language in wanted):
            names, part = [LABELS[language] for language in wanted], PARTS[name]
            yield Words(
                f"the {part.en} is not in {' or '.join(one.en for one in names)}",
                f"{part.zh}不是{'或'.join(one.zh for one in names)}",
            )


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
