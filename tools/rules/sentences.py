"""Common rule sentences read into conditions by pattern. What is not read with certainty is not read at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

from tools.figures.numerals import plain
from tools.figures.quantities import everything, quantities, without
from tools.rules import patterns as patterns
from tools.rules.patterns import SUBJECTS, Subject
from tools.rules.words import DATED
from workspace.rules import (
    And,
    Arithmetic,
    Between,
    Column,
    Compare,
    Comparison,
    Condition,
    Constant,
    Contains,
    Exists,
    Implies,
    Length,
    Not,
    Value,
)
from workspace.words import Language


def propose(sentence: str, language: Language, subject: Subject = "answer") -> Condition | None:
    """The condition that the sentence states, or None where that is not certain. `language` is the person's.

    `subject` is meant where the sentence names none, as in "no more than 40 words".
    """
    said = plain(sentence).strip().rstrip(".。!！;；").strip()
    said = re.sub(r"^(?:please\s+|请)", "", said, flags=re.I)
    for turned, straight in patterns.TURNED:
        said = turned.sub(straight, said)
    if patterns.HEDGED.search(said):
        return None
    if re.search(r"字数.*\d$", said):  # "字数不超过200" leaves the unit unsaid
        said += "字"
    return _first((_if, *READINGS), said, subject)


Reading = Callable[[str, Subject], Condition | None]


def _first(readings: Sequence[Reading], said: str, subject: Subject) -> Condition | None:
    return next((condition for reading in readings if (condition := reading(said, subject))), None)


def _match(either: Sequence[re.Pattern[str]], said: str) -> re.Match[str] | None:
    return next((match for pattern in either if (match := pattern.match(said))), None)


def _whose(match: re.Match[str], default: Subject) -> Column:
    return Column(name=SUBJECTS.get((match.groupdict().get("subject") or "").lower(), default))


def _if(said: str, subject: Subject) -> Condition | None:
    match = _match(patterns.IF, said)
    if match is None:
        return None
    when = _first((_label, *READINGS), match["when"].strip(), subject)
    then = _first((_label, *READINGS), match["then"].strip(), subject)
    return Implies(when=when, then=then) if when and then else None


def _label(said: str, subject: Subject) -> Condition | None:
    match = patterns.LABEL.match(said)
    return Compare(left=Column(name="label"), operator="==", right=Constant(value=match["label"])) if match else None


# lengths


def _length(said: str, subject: Subject) -> Condition | None:
    match = _match((patterns.LENGTH_EN, patterns.LENGTH_ZH), said)
    if match is None:
        return None
    number, bound = everything(match["number"] + "字"), (match["bound"] or "").lower()
    after = match.groupdict().get("after") or ""
    if number is None or number.low != int(number.low) or bool(bound) == bool(after):
        return None
    return _length_of(_whose(match, subject), bound or after, int(number.low), match["unit"].lower())


def _length_of(value: Column, bound: str, number: int, unit: str) -> Length:
    counted: Literal["words", "characters"] = "words" if unit in ("word", "words", "字", "汉字") else "characters"
    negated = re.match(r"no|never|不", bound) is not None
    low: int | None = None
    high: int | None = None
    if bound == "exactly":
        low = high = number
    elif re.search(r"least|min|至少|最少|以上", bound):
        low = number
    elif re.search(r"most|up to|max|最多|至多|以内|之内|以下", bound):
        high = number
    elif re.search(r"more|longer|over|exceed|超过|多于|大于", bound):
        low, high = (None, number) if negated else (number + 1, None)
    else:
        low, high = (number, None) if negated else (None, number - 1)
    return Length(value=value, unit=counted, low=low, high=high)


# words


def _forbidden(said: str, subject: Subject) -> Condition | None:
    match = _match(patterns.FORBID, said)
    listed = _listed(match["list"]) if match else None
    if match is None or listed is None:
        return None
    return Not(of=Contains(value=_whose(match, subject), words=tuple(listed[0])))


def _required(said: str, subject: Subject) -> Condition | None:
    match = _match(patterns.NEED, said)
    listed = _listed(match["list"]) if match else None
    if match is None or listed is None:
        return None
    (words, every), column = listed, _whose(match, subject)
    if not every or len(words) == 1:
        return Contains(value=column, words=tuple(words))
    return And(all=tuple(Contains(value=column, words=(word,)) for word in words))


def _listed(text: str) -> tuple[list[str], bool] | None:
    """(the words, whether all are meant) or None where they might be a description rather than words."""
    marked = patterns.MARK.match(text)
    rest = patterns.TAIL.sub("", text[marked.end() :] if marked else text)
    quoted, glue = patterns.QUOTED.findall(rest), patterns.QUOTED.sub("", rest)
    if quoted:
        words = [] if patterns.GLUE.sub("", glue) else quoted
    else:
        split = [word for word in patterns.SPLIT.split(rest.strip()) if word]
        words = split if all(_is_word(word, bool(marked)) for word in split) else []
    every = not re.search(r"\bor\b|或", glue if quoted else rest, re.I)
    return (words, every) if words else None


def _is_word(word: str, marked: bool) -> bool:
    """A word to look for, not a description of many: a single one, a name, or one that was announced as a word."""
    if patterns.CONCEPTS.match(word):
        return False
    if word.isascii():
        one = re.fullmatch(r"[\w'-]+", word) is not None
        named = re.fullmatch(r"[A-Z][\w'&-]*(?: [A-Z][\w'&-]*)+", word) is not None
        return one or named or (marked and len(word.split()) <= 3)
    return len(word) <= (8 if marked else 4) and re.fullmatch(r"[\u4e00-\u9fffA-Za-z0-9]+", word) is not None


# columns


def _present(said: str, subject: Subject) -> Condition | None:
    match = _match(patterns.PRESENT, said)
    name = named_column(match["name"]) if match else None
    return Exists(value=Column(name=name)) if name else None


def _between(said: str, subject: Subject) -> Condition | None:
    match = _match(patterns.BETWEEN, said)
    name = named_column(match["left"]) if match else None
    if match is None or name is None:
        return None
    left, low, high = Column(name=name), constant_of(match["low"]), constant_of(match["high"])
    if low is None or high is None:
        return None
    if isinstance(low.value, float) and isinstance(high.value, float):
        return Between(value=left, low=low.value, high=high.value)
    if isinstance(low.value, float):
        if not isinstance(high.value, str) or not high.value.endswith("%"):
            return None
        low = Constant(value=f"{low.value:g}%")
    return And(all=(Compare(left=left, operator=">=", right=low), Compare(left=left, operator="<=", right=high)))


def _relation(said: str, subject: Subject) -> Condition | None:
    """column ≤ value, column ≤ column, column = column − column."""
    slack = patterns.SLACK.search(said)
    said = said[: slack.start()].strip() if slack else said
    english = said.isascii()
    said = patterns.NEVER.sub("never", said) if english else said
    left = patterns.RELATION_EN if english else patterns.RELATION_ZH
    for words, operator in patterns.RELATIONS:
        if match := re.match(rf"{left}(?:{words})\s*(?P<right>.+)$", said, re.I):
            return _related(match, operator, float(slack["number"]) if slack else 0.0)
    return None


def _related(match: re.Match[str], operator: Comparison, tolerance: float) -> Condition | None:
    name, right = named_column(match["left"]), _expression(match["right"].strip())
    if name is None or right is None or (tolerance and operator != "=="):
        return None
    if operator == "==" and not isinstance(right, Arithmetic):  # "the answer is correct" is no equation
        return None
    symbol = re.search(r"[<>≤≥]", match.string) is not None
    if isinstance(right, Column) and not symbol and not _alike(name, right.name):
        return None
    return Compare(left=Column(name=name), operator=operator, right=right, tolerance=tolerance)


def _alike(one: str, other: str) -> bool:
    """Two columns, and not "the price must not exceed expectations": both end alike, or both are amounts or dates."""
    if any(kind.search(one) and kind.search(other) for kind in (patterns.AMOUNTS, DATED)):
        return True
    return one.lower().split()[-1] == other.lower().split()[-1] if one.isascii() else one[-2:] == other[-2:]


def _expression(text: str) -> Value | None:
    """A constant, a column, or several joined by one kind of sign; brackets are left to a tree in rules.yaml."""
    if constant := constant_of(text):
        return constant
    for pattern, sign in patterns.SIGNS:
        parts = re.split(pattern, text)
        if len(parts) >= 2:
            return _folded(sign, [None if re.search(r"[()（）]", part) else _expression(part) for part in parts])
    name = named_column(text)
    return Column(name=name) if name else None


def _folded(sign: Literal["+", "-", "*", "/"], values: list[Value | None]) -> Value | None:
    folded = values[0]
    for value in values[1:]:
        if folded is None or value is None:
            return None
        folded = Arithmetic(operator=sign, left=folded, right=value)
    return folded


def constant_of(text: str) -> Constant | None:
    """A figure alone is a number; with %, money, days or a date it keeps its words."""
    found = quantities(text)
    if len(found) != 1 or re.search(r"\w", without(text, found)):
        return None
    quantity = found[0]
    if quantity.low != quantity.high or (quantity.kind == "count" and quantity.unit):
        return None
    return Constant(value=quantity.low if quantity.kind == "count" else text.strip())


def named_column(text: str) -> str | None:
    """A name of one to three words, or of up to eight Chinese characters, that is no sentence in itself."""
    name = re.sub(r"^(?:the|its)\s+", "", text.strip(), flags=re.I)
    joined = re.sub(r"\w+(?:-\w+)+", "x", name)  # year-on-year is one word
    if patterns.NOT_A_NAME.search(joined) or not re.fullmatch(r"[A-Za-z_][\w -]*|[\u4e00-\u9fffA-Za-z_]{1,8}", name):
        return None
    if quantities(name) or re.search(r"\d", name) or len(name.split()) > 3:  # "three sentences" is an amount of them
        return None
    return SUBJECTS.get(name.lower(), name)


READINGS: tuple[Reading, ...] = (_length, _forbidden, _required, _present, _between, _relation)
