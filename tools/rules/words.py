"""A condition as the sentence a person would say, so that they can see what will be checked."""

from __future__ import annotations

import re
from typing import assert_never

from tools.rules.patterns import CONTENT, COUNTED, edge_of
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
    Count,
    Exists,
    Implies,
    In,
    Length,
    Matches,
    Not,
    Or,
    Value,
)
from workspace.words import Language, Words

NAMES = {
    "question": Words("the question", "问题"),
    "answer": Words("the answer", "回答"),
    "label": Words("the label", "类别"),
}
OPERATORS: dict[Comparison, Words] = {
    "<": Words("is less than", "小于"),
    "<=": Words("is at most", "不超过"),
    "==": Words("equals", "等于"),
    "!=": Words("is not", "不等于"),
    ">=": Words("is at least", "不小于"),
    ">": Words("is more than", "大于"),
}


BY_DATE: dict[Comparison, Words] = {
    "<": Words("is before", "早于"),
    "<=": Words("is never after", "不晚于"),
    ">=": Words("is never before", "不早于"),
    ">": Words("is after", "晚于"),
}
FORMS = {pattern: name for _, pattern, name in CONTENT}
UNITS = {pattern: name for _, pattern, name in COUNTED}
# A column by whose name its values are dates.
DATED = re.compile(r"date|deadline|\bday$|日$|日期|时间|期限", re.I)


def describe(condition: Condition, language: Language) -> str:
    """One sentence without a full stop."""
    match condition:
        case And():
            return Words(" and ", "，并且").to(language).join(describe(part, language) for part in condition.all)
        case Or():
            return Words(" or ", "，或者").to(language).join(describe(part, language) for part in condition.any)
        case Implies():
            when, then = describe(condition.when, language), describe(condition.then, language)
            return Words(f"if {when}, then {then}", f"如果{when}，那么{then}").to(language)
        case Not():
            return _not(condition.of, language)
        case _:
            return _leaf(condition, language)


def _not(condition: Condition, language: Language) -> str:
    if isinstance(condition, Contains):
        name, words = _value(condition.value, language), _list(condition.words, language)
        return Words(f"{name} never contains {words}", f"{name}不能出现{words}").to(language)
    if isinstance(condition, Matches) and (form := FORMS.get(condition.pattern)):
        name = _value(condition.value, language)
        return Words(f"{name} never contains {form.en}", f"{name}不能包含{form.zh}").to(language)
    said = describe(condition, language)
    return Words(f"it is not so that {said}", f"不能是“{said}”").to(language)


def _leaf(condition: Compare | Between | In | Length | Matches | Contains | Exists | Count, language: Language) -> str:
    if isinstance(condition, Compare):
        return _compare(condition, language)
    name = _value(condition.value, language)
    match condition:
        case Between():
            return name + _bounds(condition.low, condition.high, Words("", ""), language, Words(" is", ""))
        case Length():
            units = {"characters": Words(" characters", "个字符"), "words": Words(" words", "个字")}
            return name + _bounds(
                condition.low, condition.high, units[condition.unit], language, Words(" has", "的长度")
            )
        case Count():
            return _count(condition, name, language)
        case In():
            allowed = _list(condition.allowed, language)
            return Words(f"{name} is one of {allowed}", f"{name}是{allowed}之一").to(language)
        case Matches():
            return _matches(condition.pattern, name, language)
        case Contains():
            words = _list(condition.words, language)
            return Words(f"{name} contains {words}", f"{name}包含{words}").to(language)
        case Exists():
            return Words(f"{name} is there", f"有{name}").to(language)
        case _:
            assert_never(condition)


def _count(condition: Count, name: str, language: Language) -> str:
    if unit := UNITS.get(condition.pattern):
        counted = Words(f" {unit.en}", unit.zh)
        return name + _bounds(condition.low, condition.high, counted, language, Words(" has", "的篇幅"))
    found, pattern = Words(f" in {name}", f"{name}中").to(language), f"“{condition.pattern}”"
    times = _bounds(condition.low, condition.high, Words(" times", "次"), language, Words("", ""))
    return Words(f"{pattern} occurs{times}{found}", f"{found}{pattern}出现{times}").to(language)


def _matches(pattern: str, name: str, language: Language) -> str:
    if known := FORMS.get(pattern):
        return Words(f"{name} contains {known.en}", f"{name}包含{known.zh}").to(language)
    if edge := edge_of(pattern):
        verb = Words("begins", "开头") if edge[0] == "start" else Words("ends", "结尾")
        return Words(f"{name} {verb.en} with “{edge[1]}”", f"{name}以“{edge[1]}”{verb.zh}").to(language)
    return Words(f"{name} has the form “{pattern}”", f"{name}符合格式“{pattern}”").to(language)


def _compare(condition: Compare, language: Language) -> str:
    left, right = _value(condition.left, language), _value(condition.right, language)
    dated = all(isinstance(side, Column) and DATED.search(side.name) for side in (condition.left, condition.right))
    verb = BY_DATE.get(condition.operator, OPERATORS[condition.operator]) if dated else OPERATORS[condition.operator]
    said = Words(f"{left} {verb.en} {right}", f"{left}{verb.zh}{right}")
    if condition.tolerance:
        slack = f"{condition.tolerance:g}"
        said = Words(f"{said.en}, give or take {slack}", f"{said.zh}，允许误差{slack}")
    return said.to(language)


def _bounds(low: float | None, high: float | None, unit: Words, language: Language, verb: Words) -> str:
    if low is not None and high is not None:
        said = Words(f" {low:g} to {high:g}{unit.en}", f"在{low:g}到{high:g}{unit.zh}之间")
    elif high is not None:
        said = Words(f" at most {high:g}{unit.en}", f"不超过{high:g}{unit.zh}")
    else:
        said = Words(f" at least {low or 0:g}{unit.en}", f"不少于{low or 0:g}{unit.zh}")
    return verb.to(language) + said.to(language)


def _value(value: Value, language: Language) -> str:
    match value:
        case Column():
            return NAMES[value.name].to(language) if value.name in NAMES else value.name
        case Constant():
            return f"{value.value:g}" if isinstance(value.value, float) else str(value.value)
        case Arithmetic():
            left, right = _value(value.left, language), _value(value.right, language)
            sign = {"*": "×", "/": "÷", "-": "−"}.get(value.operator, value.operator)
            inner = [f"({v})" if isinstance(part, Arithmetic) and value.operator in "*/" else v
                     for part, v in ((value.left, left), (value.right, right))]  # fmt: skip
            return f"{inner[0]} {sign} {inner[1]}"


def _list(words: tuple[str, ...], language: Language) -> str:
    quoted = [Words(f"“{word}”", f"“{word}”").to(language) for word in words]
    return Words(" or ", "或").to(language).join(quoted)
