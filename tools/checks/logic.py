"""The rules a person named, tried on every row, with the values that broke them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tools.base import Check, Kit
from tools.rules import columns, evaluate, plain_name, values_of
from workspace.rules import Condition, Rule
from workspace.sample import Finding, Origin, Sample, Scalar, sample
from workspace.words import Words, language_of

LONGEST = 80  # of a value in a reason; the row itself holds the rest


class Logic(Check):
    """A rule about a value that the row lacks has nothing to say, and drops nothing."""

    name = "logic"
    words = Words("Obeys the rules", "符合规则")

    passing: ClassVar[Sample] = sample("I lost my card", "lost_card", Origin(source="example"), label="lost_card")
    failing: ClassVar[Sample] = sample("Tell your password", "lost_card", Origin(source="example"), label="lost_card")

    def check(self, row: Sample, kit: Kit) -> Sequence[Finding]:
        rules = kit.spec.rules.value if kit.spec.rules else ()
        values = values_of(row)
        return [self._tried(rule, rule.condition, values) for rule in rules if rule.condition is not None]

    def _tried(self, rule: Rule, condition: Condition, values: dict[str, Scalar]) -> Finding:
        held = evaluate(condition, values)
        seen = {name: values.get(plain_name(name)) for name in columns(condition)}
        return Finding(
            check=self.name,
            verdict="unknown" if held is None else "pass" if held else "fail",
            reason=_reason(rule.sentence, held, seen),
            drops=held is False,
        )


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
