"""What a model reads in a rule that code can't: code builds the condition, from words of the sentence alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

from tools.figures.numerals import numbers, plain
from tools.figures.quantities import quantities
from tools.llm import Ask, Chat, prompt
from tools.rules import patterns as patterns
from tools.rules.evaluation import contains
from tools.rules.examples import examples_of, refusal
from tools.rules.patterns import SUBJECTS, Subject
from tools.rules.sentences import constant_of, named_column
from workspace.rules import (
    And,
    Between,
    Column,
    Compare,
    Comparison,
    Condition,
    Constant,
    Contains,
    Count,
    Exists,
    Implies,
    In,
    Length,
    Matches,
    Not,
    Or,
)
from workspace.words import language_of

LONGEST = 400  # characters of a sentence that is read
KINDS = Literal[
    "none", "compare", "between", "size", "contains one", "contains all", "excludes", "starts", "ends", "one of",
    "filled",
]  # fmt: skip
UNITS = Literal["", "characters", "words", "sentences", "paragraphs", "questions", "steps"]
LABELS = ("label", "category", "class", "类别", "标签", "分类")
TEXTS = ("question", "answer")
# Whoever says that a text is polite does not ask for the word "polite".
NAMES_WORDS = re.compile(
    r"[\"“”‘’「」『』]|\b(?:say|mention|word|phrase|term|contain|includ|us(?:e|ing)|nam(?:e|ing)|call|writ|refer|talk|"
    r"sign|start|begin|open|end|close|finish|appear|occur|slip|leave|put|give|state|list|carr|avoid)|"
    r"说|提|写|出现|包含|含|用|词|字|叫|称|带|开头|结尾|收尾|起头|落款|署|列|有|给|注明|写明|避",
    re.I,
)

NEGATIVE = re.compile(
    r"\b(?:not?|never|nor|none|nothing|nobody|without|cannot|avoid|refrain|forbid|forbidden|ban|banned|leave out|"
    r"keep out|stay clear|free of|stop|skip|drop|omit|taboo)|n't\b|[不别勿禁避无没免忌莫杜]|切忌|去掉",
    re.I,
)
# A rule for some rows only; of the first kind no condition may be overlooked, of the others one may be meant.
CONDITIONAL = re.compile(r"\b(?:if|unless|when|whenever|in case)\b|如果|假如|倘若|若是|除非|的话|时候", re.I)
PARTIAL = re.compile(
    r"\b(?:for|where|wherever|in|on|with|once|as (?:soon|long) as|any|every|each)\b|[若当时凡对遇则]|只要|的", re.I
)


def _short(most: int) -> str:
    """The grammar stops the model there; a reply that is longer is judged by what stands in the sentence."""
    field: str = Field(default="", json_schema_extra={"maxLength": most})
    return field


class Part(BaseModel):
    """One statement, flat enough for a small model; `value`, `second` and `words` are copied from the sentence."""

    kind: KINDS
    column: str = _short(60)
    operator: Comparison = "=="
    value: str = _short(80)
    second: str = _short(80)
    words: list[str] = Field(default=[], json_schema_extra={"maxItems": 8})
    unit: UNITS = ""


class Reply(BaseModel):
    """`when` is of kind "none" where the rule holds for every row, `then` where nothing in a row can show it."""

    when: Part
    then: Part


def proposed(sentence: str, chat: Chat, subject: Subject = "answer") -> Condition | None:
    """What the model makes of the sentence, where code can bear it out; it counts only after the person's yes.

    `subject` is meant where the sentence names no side of the row. Raises UserError where no model can be asked.
    """
    if len(sentence) > LONGEST:
        return None
    words = prompt("rule", language_of(sentence), sentence=sentence)
    reply = chat.ask(Ask(prompt=words, reply=Reply, slot="rule", max_tokens=300)).value
    return condition_of(reply, sentence, subject) if reply else None


def condition_of(reply: Reply, sentence: str, subject: Subject = "answer") -> Condition | None:
    """None where the reply names a figure, word or column that the sentence doesn't, or checks nothing."""
    said = _Said(plain(sentence), subject)
    then, when = said.condition(reply.then), said.condition(reply.when)
    if then is None or (when is None and reply.when.kind != "none") or not said.as_often(when is not None):
        return None
    condition = Implies(when=when, then=then) if when else then
    if refusal(condition) or not said.spent(reply.when, reply.then):
        return None
    shown = examples_of(condition)
    return condition if shown.passing is not None and shown.failing is not None else None


@dataclass(frozen=True)
class _Said:
    """The person's sentence, by which each part of a reply is tried."""

    text: str
    subject: Subject

    def condition(self, part: Part) -> Condition | None:
        column = self._column(part.column)
        if column is None or part.kind == "none":
            return None
        match part.kind:
            case "compare" | "between":
                return None if column.name in TEXTS else self._ordered(part, column)
            case "size":
                return self._sized(part, column)
            case "one of":
                allowed = self._copied(part.words)
                return In(value=column, allowed=allowed) if len(allowed) > 1 else None
            case "filled":
                return None if column.name in (*TEXTS, "label") else Exists(value=column)
            case "starts" | "ends":
                words = self._copied(part.words)
                return Matches(value=column, pattern=_edge(part.kind, words[0])) if len(words) == 1 else None
            case _:
                return self._holding(part, column)

    def spent(self, *parts: Part) -> bool:
        """Every figure written in digits went into the condition: a limit that was overlooked makes another rule."""
        used = {n.value for p in parts for text in (p.value, p.second, *p.words) for n in numbers(plain(text))}
        return all(n.value in used for n in numbers(self.text) if n.digits)

    def as_often(self, on_condition: bool) -> bool:
        """The rule holds for some rows only where the sentence says so."""
        conditional = CONDITIONAL.search(self.text) is not None
        return conditional or PARTIAL.search(self.text) is not None if on_condition else not conditional

    def _column(self, name: str) -> Column | None:
        name = plain(name).replace("_", " ").strip(" \"'“”「」").lower()
        if name in LABELS:
            return Column(name="label")
        if not name or name in patterns.WHOLE or name in SUBJECTS:
            side = SUBJECTS.get(name, self.subject)
            named = any(contains(self.text, word) for word, which in SUBJECTS.items() if which == side)
            return Column(name=side if named else self.subject)
        found = named_column(name)
        known = found is not None and len(found) > 1 and found != "the" and contains(self.text, name)
        return Column(name=found) if known and found else None

    def _ordered(self, part: Part, column: Column) -> Condition | None:
        if part.kind == "between":
            low, high = self._constant(part.value), self._constant(part.second)
            if low is None or high is None:
                return None
            if isinstance(low.value, float) and isinstance(high.value, float):
                return Between(value=column, low=low.value, high=high.value)
            ends: tuple[tuple[Comparison, Constant], ...] = ((">=", low), ("<=", high))
            return And(all=tuple(Compare(left=column, operator=sign, right=end) for sign, end in ends))
        if column.name == "label" and part.operator not in ("==", "!="):
            return None
        right = self._constant(part.value) or self._other(part.value, part.operator)
        return Compare(left=column, operator=part.operator, right=right) if right else None

    def _other(self, value: str, operator: Comparison) -> Column | Constant | None:
        """Without a figure: a text that the column is or isn't, else another column."""
        words = self._copied([value])
        if not words or numbers(plain(words[0])):
            return None
        if operator in ("==", "!="):
            return Constant(value=words[0])
        column = self._column(words[0])
        return column if column and column.name not in (*TEXTS, "label") else None

    def _constant(self, value: str) -> Constant | None:
        """The figure as the sentence has it, its unit with it."""
        figures = numbers(plain(value))
        if len(figures) == 1:
            for q in quantities(self.text):
                written = [n.value for n in numbers(self.text[q.start : q.end])]
                if figures[0].value in (*written, q.low, q.high):
                    return self._measured(figures[0].value, q.start, q.end)
            if any(n.value == figures[0].value for n in numbers(self.text)):
                return Constant(value=figures[0].value)
        dates = self._copied([value])
        found = constant_of(dates[0]) if dates else None
        return found if found and isinstance(found.value, str) else None

    def _measured(self, figure: float, start: int, end: int) -> Constant | None:
        """Each end of "3 to 5 days" is one of days."""
        written = self.text[start:end]
        *_, last = numbers(written)
        whole = written if len(numbers(written)) == 1 else f"{figure:g}{written[last.end :]}"
        return constant_of(whole) or Constant(value=figure)

    def _sized(self, part: Part, column: Column) -> Condition | None:
        first, second = self._constant(part.value), self._constant(part.second) if part.second else None
        given = [c.value for c in (first, second) if c is not None]
        bounds = [int(v) for v in given if isinstance(v, float) and v == int(v)]
        if part.unit == "" or len(bounds) != 1 + bool(part.second):
            return None
        low, high = (bounds[0], bounds[1]) if part.second else _limits(part.operator, bounds[0])
        if part.unit in ("characters", "words"):
            unit: Literal["characters", "words"] = "words" if part.unit == "words" else "characters"
            return Length(value=column, unit=unit, low=low, high=high)
        pattern = next(p for kind, p, _ in patterns.COUNTED if re.fullmatch(rf"(?:{kind})", part.unit))
        return Count(value=column, pattern=pattern, low=low, high=high)

    def _holding(self, part: Part, column: Column) -> Condition | None:
        words = self._copied(part.words)
        if not words or NAMES_WORDS.search(self.text) is None:
            return None
        if part.kind == "excludes" and NEGATIVE.search(self.text) is None:
            return None
        held = [self._held(word, column) for word in words]
        if any(one is None for one in held):
            return None
        each = tuple(one for one in held if one is not None)
        if part.kind == "contains all":
            return And(all=each) if len(each) > 1 else each[0]
        plainly = all(isinstance(one, Contains) for one in each)
        either = Contains(value=column, words=words) if plainly else Or(any=each) if len(each) > 1 else each[0]
        return Not(of=either) if part.kind == "excludes" else either

    def _held(self, word: str, column: Column) -> Condition | None:
        """The word itself, or what it stands for if that shows by its form."""
        for kind, pattern, _ in patterns.CONTENT:
            if re.fullmatch(rf"(?:{kind})", word, re.I):
                return Matches(value=column, pattern=pattern)
        return None if patterns.CONCEPTS.match(word) else Contains(value=column, words=(word,))

    def _copied(self, words: list[str]) -> tuple[str, ...]:
        """Without the quotation marks around them; nothing if one is not the person's, or is most of the sentence."""
        bare = [plain(word).strip(" \"'“”‘’「」『』") for word in words]
        fit = all(word and contains(self.text, word) and 2 * len(word) <= len(self.text) for word in bare)
        return tuple(dict.fromkeys(bare)) if fit else ()


def _edge(kind: Literal["starts", "ends"], word: str) -> str:
    return rf"{re.escape(word)}\s*$" if kind == "ends" else rf"^\s*{re.escape(word)}"


def _limits(operator: Comparison, number: int) -> tuple[int | None, int | None]:
    match operator:
        case "<=" | "<":
            return None, number - (operator == "<")
        case ">=" | ">":
            return number + (operator == ">"), None
        case "==":
            return number, number
        case _:
            return None, None
