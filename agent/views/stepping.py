"""What to do after a report card, and what of it the conversation can do when it is told so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workspace.results import NextStep, ReportCard
from workspace.spec import Spec
from workspace.words import Language, Words


@dataclass(frozen=True)
class StepView:
    """`message` is what a button says to the conversation for the person; empty where only they can do it."""

    text: str
    rows: tuple[str, ...]
    message: str = ""


def steps(card: ReportCard, spec: Spec | None, language: Language) -> tuple[StepView, ...]:
    return tuple(_views(card, spec, language))


def _views(card: ReportCard, spec: Spec | None, language: Language) -> Iterator[StepView]:
    """The same message is offered once."""
    said: set[str] = set()
    for step in card.next:
        words = _message(step, spec)
        message = words.to(language) if words and words.en not in said else ""
        said |= {words.en} if words else set()
        yield StepView(step.words.to(language), step.rows, message)


def _message(step: NextStep, spec: Spec | None) -> Words | None:
    if step.kind == "check":
        return Words("Why were rows rejected?", "为什么有数据被拒绝？")
    if spec is None:
        return None
    if step.kind == "more_rows" and step.label is None and spec.rows:
        more = 2 * spec.rows.value
        return Words(f"Change the rows to {more}", f"把数据量改成 {more}")
    method = spec.method.value if spec.method else "lora"
    if step.kind == "training" and method in ("lora", "prompt", "prefix"):
        return Words("Use full tuning", "改用全量微调")
    return None
