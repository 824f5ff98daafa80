"""The closed language in which a person's rules are kept: a tree of pydantic models, never evaluated as code."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workspace.sample import Frozen

Comparison = Literal["<", "<=", "==", "!=", ">=", ">"]


class Column(Frozen):
    """A value of the row: `question`, `answer`, `label`, or the name of a field."""

    kind: Literal["column"] = "column"
    name: str


class Constant(Frozen):
    kind: Literal["constant"] = "constant"
    value: float | str


class Arithmetic(Frozen):
    """`left operator right` over numbers; division by zero makes the rule unknown, not failed."""

    kind: Literal["arithmetic"] = "arithmetic"
    operator: Literal["+", "-", "*", "/"]
    left: Value
    right: Value


Value = Annotated[Column | Constant | Arithmetic, Field(discriminator="kind")]


class Compare(Frozen):
    """Numbers, dates (ISO or written out) or texts; `tolerance` is absolute, in the unit of the values."""

    kind: Literal["compare"] = "compare"
    left: Value
    operator: Comparison
    right: Value
    tolerance: float = 0.0


class Between(Frozen):
    """`low <= value <= high`; either end may be open."""

    kind: Literal["between"] = "between"
    value: Value
    low: float | None = None
    high: float | None = None


class In(Frozen):
    kind: Literal["in"] = "in"
    value: Value
    allowed: tuple[str, ...]


class Length(Frozen):
    """Characters, or words; for Chinese text a word is a character."""

    kind: Literal["length"] = "length"
    value: Value
    unit: Literal["characters", "words"] = "characters"
    low: int | None = None
    high: int | None = None


class Matches(Frozen):
    """A regular expression in RE2's syntax, searched anywhere in the text."""

    kind: Literal["matches"] = "matches"
    value: Value
    pattern: str


class Contains(Frozen):
    """At least one of the words, without regard to case. Forbidden words are `Not(Contains)`."""

    kind: Literal["contains"] = "contains"
    value: Value
    words: tuple[str, ...]


class Exists(Frozen):
    """The field is there and not empty."""

    kind: Literal["exists"] = "exists"
    value: Value


class Count(Frozen):
    """How often `pattern` (RE2) occurs in the text."""

    kind: Literal["count"] = "count"
    value: Value
    pattern: str
    low: int | None = None
    high: int | None = None


class And(Frozen):
    kind: Literal["and"] = "and"
    all: tuple[Condition, ...]


class Or(Frozen):
    kind: Literal["or"] = "or"
    any: tuple[Condition, ...]


class Not(Frozen):
    kind: Literal["not"] = "not"
    of: Condition


class Implies(Frozen):
    kind: Literal["implies"] = "implies"
    when: Condition
    then: Condition


Condition = Annotated[
    Compare | Between | In | Length | Matches | Contains | Exists | Count | And | Or | Not | Implies,
    Field(discriminator="kind"),
]


class Rule(Frozen):
    """A condition with the sentence the person said; `condition` is None while nothing can check the sentence.

    `proposed` is what a model read in it. It checks nothing until the person's yes makes it the condition.
    """

    sentence: str
    condition: Condition | None = None
    proposed: Condition | None = None


for _model in (Arithmetic, And, Or, Not, Implies, Rule):
    _model.model_rebuild()
