"""The rules a person named, tried on every row, and every calculation in its text, worked out again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tools.base import Check, Kit
from tools.figures.arithmetic import Calculation, answered, calculations
from tools.figures.consistency import Statement
from tools.figures.growth import statements
from tools.figures.named import figure_named
from tools.rules.reading import columns, evaluate, plain_name, values_of
from workspace.rules import Condition, Rule
from workspace.sample import Finding, Origin, Sample, Scalar, sample
from workspace.words import Language, Words, language_of

LONGEST = 80  # of a value in a reason; the row itself holds the rest


class Logic(Check):
    """A rule about a value that the row lacks has nothing to say, and drops nothing.

    Calculations need no rule: what can't be read with certainty is left alone.
    """

    name = "logic"
    words = Words("Obeys the rules", "符合规则")

    passing: ClassVar[Sample] = sample("I lost my card", "lost_card", Origin(source="example"), label="lost_card")
    failing: ClassVar[Sample] = sample("Tell your password", "lost_card", Origin(source="example"), label="lost_card")

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        rules = kit.spec.rules.value if kit.spec.rules else ()
        values = values_of(row)
        return [
            *(self._tried(r, r.condition, _with_said(r.condition, values, row.answer)) for r in rules if r.condition),
            *(self._worked_out(found, _language(row)) for found in _calculated(row)),
            *(self._recomputed(found, _language(row)) for found in statements(row.answer, row.question, row.fields)),
        ]

    def _tried(self, rule: Rule, condition: Condition, values: dict[str, Scalar]) -> Finding:
        held = evaluate(condition, values)
        seen = {name: values.get(plain_name(name)) for name in columns(condition)}
        return Finding(
            check=self.name,
            verdict="unknown" if held is None else "pass" if held else "fail",
            reason=_reason(rule.sentence, held, seen),
            drops=held is False,
        )

    def _recomputed(self, found: Statement, language: Language) -> Finding:
        return Finding(
            check=self.name,
            verdict="pass" if found.right else "fail",
            reason=found.why.to(language),
            claim=found.text,
            drops=not found.right,
        )

    def _worked_out(self, found: Calculation, language: Language) -> Finding:
        really = f"{found.left} {'' if found.really[0] == '≈' else '= '}{found.really}"
        reason = (
            Words(f"{found.text} is right", f"{found.text}，计算正确")
            if found.right
            else Words(f"{really}, not {found.said}", f"{really}，而不是 {found.said}")
        )
        return Finding(
            check=self.name,
            verdict="pass" if found.right else "fail",
            reason=reason.to(language),
            claim=found.text,
            drops=not found.right,
        )


def _language(row: Sample) -> Language:
    return language_of(row.answer + row.question)


def _with_said(condition: Condition, values: dict[str, Scalar], answer: str) -> dict[str, Scalar]:
    """Columns that the row lacks are read from the answer where one figure stands next to the name."""
    missing = [name for name in columns(condition) if plain_name(name) not in values]
    return {**values, **{plain_name(n): said for n in missing if (said := figure_named(answer, n)) is not None}}


def _calculated(row: Sample) -> list[Calculation]:
    """In whatever the assistant says, and where a bare calculation is asked and a bare number answered."""
    said = [found for turn in row.messages if turn.role == "assistant" for found in calculations(turn.content)]
    asked = next((turn.content for turn in reversed(row.messages) if turn.role == "user"), "")
    bare = answered(asked, row.answer) if row.answer and not said else None
    return [*said, bare] if bare else said


def _reason(sentence: str, held: bool | None, seen: dict[str, Scalar]) -> str:
    chinese = language_of(sentence) == "zh"
    if held is None:
        missing = ", ".join(name for name, value in seen.items() if value is None)
        why = Words(
            f"no {missing} in this row" if missing else "its values can't be compared",
            f"这条数据没有{missing}" if missing else "其中的值无法比较",
        )
        return f"{sentence} : {why.zh if chinese else why.en}"
    values = ", ".join(f"{name} = {_short(value)}" for name, value in seen.items())
    return f"{sentence} : {'实际为' if chinese else 'found'} {values}"


def _short(value: Scalar) -> str:
    text = "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
