"""A model's opinion of a row, which counts for as much as it agreed with a person on rows that the person labelled."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, Field

from tools.base import Check, Kit
from tools.calibration import Agreement
from tools.llm import Ask, prompt
from workspace.project import Project, write_text
from workspace.sample import Finding, Origin, Sample, sample
from workspace.spec import Spec
from workspace.words import Words, language_of

USUAL = 4  # the score from which a row passes before a person was asked
UNCOMPARED = Words(
    "never compared with your own labels, so this is advice only", "还没有和您的标注对照过，因此只作参考"
)
TOO_DIFFERENT = Words(
    "agrees with your labels too seldom, so this is advice only", "与您的标注一致程度太低，因此只作参考"
)
ITSELF = Words("wrote this row itself, so this is advice only", "这条数据就是它自己写的，因此只作参考")


class Reply(BaseModel):
    """The reason comes first, so that the score is written with it in view."""

    reason: str = Field(description="one sentence", max_length=400)
    score: int = Field(ge=1, le=5)


class Judge(Check):
    """Takes a row out only where it was compared with a person, agreed well enough, and did not write the row itself.

    A row that the model of this run wrote is judged in earnest only where the specification says `judge: all`.
    """

    name = "judge"
    words = Words("A model finds it good", "模型评判合格")
    cost = "model"

    passing: ClassVar[Sample] = sample("I lost my card", "lost_card", Origin(source="files"), label="lost_card")
    failing: ClassVar[Sample] = sample("Pay Anna 5 pounds", "lost_card", Origin(source="files"), label="lost_card")

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        """Nothing without a model, or where its reply was no use."""
        reply = opinion(row, kit)
        if reply is None:
            return ()
        language = language_of(row.question)
        compared = compared_with(kit.project, criteria(kit))
        advice = _advice(row, kit.spec, compared)
        passes = reply.score >= (compared.threshold if compared else USUAL)
        if advice or compared is None:
            told = (advice or UNCOMPARED).to(language)
            reason = f"{reply.reason} ({reply.score}/5; {told})"
            return (Finding(check=self.name, verdict="unknown", reason=reason, confidence=0.5),)
        reason, verdict = f"{reply.reason} ({reply.score}/5)", "pass" if passes else "fail"
        found = {"reason": reason, "confidence": round(compared.sure(passes), 3), "drops": not passes}
        return (Finding.model_validate({"check": self.name, "verdict": verdict, **found}),)


def _advice(row: Sample, spec: Spec, compared: Agreement | None) -> Words | None:
    """Why the opinion takes nothing out; None where it counts."""
    if compared is None:
        return UNCOMPARED
    if not compared.trusted:
        return TOO_DIFFERENT
    by_itself = row.origin.source == "generate" and not (spec.judge and spec.judge.value == "all")
    return ITSELF if by_itself else None


def opinion(row: Sample, kit: Kit) -> Reply | None:
    if kit.chat is None:
        return None
    language = language_of(row.question)
    fence = (
        "=" * 8
        + hashlib.sha256(f"{row.question}\0{row.answer}\0{row.evidence}".encode("utf-8", "replace")).hexdigest()[:12]
    )
    slots = {"question": row.question, "answer": row.answer, "evidence": row.evidence or "-"}
    filled = prompt("judge", language, goal=_goal(kit.spec), rules=_rules(kit.spec), fence=fence, **slots)
    return kit.chat.ask(Ask(prompt=filled, reply=Reply, slot="judge", max_tokens=300)).value


def _goal(spec: Spec) -> str:
    return spec.goal.value if spec.goal else "give right and useful answers"


def _rules(spec: Spec) -> str:
    lines = [f"- {rule.sentence}" for rule in (spec.rules.value if spec.rules else ())]
    lines += [f"- {label.name}: {label.definition}" for label in (spec.labels.value if spec.labels else ())]
    return "\n".join(lines)


def criteria(kit: Kit) -> str:
    """Names the model and what it judges by; an agreement holds for these alone."""
    model = kit.chat.model if kit.chat else ""
    said = "\0".join([model, _goal(kit.spec), prompt_file()])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def prompt_file() -> str:
    slots = dict.fromkeys(("goal", "rules", "fence", "question", "answer", "evidence"), "")
    return prompt("judge", "en", **slots) + prompt("judge", "zh", **slots)


def _file(project: Project) -> Path:
    return project.folder / "judge.json"


def keep(project: Project, found: Agreement) -> None:
    write_text(_file(project), found.model_dump_json(indent=1))


def compared_with(project: Project, by: str | None = None) -> Agreement | None:
    """How it did against the person of this project, last time; None if never, or by other criteria."""
    path = _file(project)
    if not path.exists():
        return None
    found = Agreement.model_validate_json(path.read_bytes())
    return found if by is None or found.criteria == by else None


def told(found: Agreement) -> Words:
    agreed, out_of = found.rows - found.errors.count, found.rows
    low, high = found.errors.interval
    through, wrong = found.let_through.count, found.let_through.rows
    counts = Words(
        f"The judge agrees with you on {agreed} of {out_of} rows (wrong on {low:.0%} to {high:.0%} of such rows, 95%). "
        f"It lets {through} of {wrong} wrong rows through; kappa {found.kappa:.2f}; {found.threshold}/5 passes.",
        f"评判模型在 {out_of} 条中有 {agreed} 条与您一致（同类数据的错误率 95% 区间为 {low:.0%} 到 {high:.0%}）；"
        f"{wrong} 条错误数据中放过 {through} 条；kappa {found.kappa:.2f}；{found.threshold}/5 分起算合格。",
    )
    if found.trusted:
        return counts
    return Words(counts.en + " That is too little to take rows out by.", counts.zh + "这还不足以据此剔除数据。")
