"""The specification in words: a value as a person would say it, the echo of a turn, the one page, the panel's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from agent.events import Table
from workspace.rules import Condition, Rule
from workspace.sample import Scalar
from workspace.spec import Spec, question, questions
from workspace.stated import AT_MOST, BEYOND, METRICS, PARTS, Label, Mixed, Share, Stated
from workspace.words import Language, Words

NOTHING = Words("none", "没有")
LANGUAGE_NAMES = {"en": Words("English", "英文"), "zh": Words("Chinese", "中文")}
WHOSE = {
    "said": Words("your words", "您说的"),
    "suggested": Words("suggested", "建议"),
    "default": Words("default", "默认"),
}
COLUMNS = (Words("What", "项目"), Words("Value", "内容"), Words("Whose", "来源"))
TITLE = Words("Specification", "规格说明")
UNCHECKED = Words("(not checked by machine)", "（无法自动检查）")
NO_CHECK = Words("I can't check this by machine, so people have to:", "这一条我没法自动检查，需要人工看：")
WRONG_READING = Words(" If that is not what you meant, say “change rules to …”.", "如果理解得不对，请说“规则改成……”。")
LONGEST = 60  # characters of an example's value
OPEN = Words("still open", "待定")


def shown(field: str, value: object, language: Language) -> str:
    """The value of a field as text for people."""
    if isinstance(value, tuple):
        return _joined([shown(field, item, language) for item in value], language) or NOTHING.to(language)
    if field == "goals" and isinstance(value, dict):
        return _joined([_goal(name, goal, language) for name, goal in value.items()], language)
    if isinstance(value, dict):
        return _joined([f"{part(name, language)} {percent(share)}" for name, share in value.items()], language)
    if isinstance(value, Label):
        colon = "：" if language == "zh" else ": "
        return f"{value.name}{colon}{value.definition}" if value.definition else value.name
    if isinstance(value, Mixed):
        return f"{value.name} {value.share:g}"
    if isinstance(value, Share):
        return f"{part(value.name, language)} {percent(value.share)}"
    if isinstance(value, Rule):
        return value.sentence
    if field == "threshold" and isinstance(value, float):
        return percent(value)
    if isinstance(value, float):
        return f"{value:g}"
    return _word(field, str(value), language)


def part(name: str, language: Language) -> str:
    """A part of a mix, in the person's language where the product named it."""
    return PARTS[name].to(language) if name in PARTS else name


def _goal(name: str, goal: float, language: Language) -> str:
    most = name in AT_MOST
    amount = percent(goal) if name in dict(METRICS) or name == "attack_success" else f"{goal:g}"
    names: dict[str, Words] = {**dict(METRICS), **dict(BEYOND)}
    called = names[name].to(language)
    bound = Words("at most", "不超过") if most else Words("at least", "不低于")
    return f"{called} {bound.to(language)} {amount}"


def percent(share: float) -> str:
    return f"{round(share * 100, 1):g}%"


def _word(field: str, value: str, language: Language) -> str:
    if field == "languages" and value in LANGUAGE_NAMES:
        return LANGUAGE_NAMES[value].to(language)
    if field in ("examples", "knowledge"):
        return PurePath(value).name
    if field == "tones":
        return part(value, language)
    words = dict(question(field).choices).get(value)
    return words.to(language) if words else value


def _checked(name: str, stated: Stated[Any], language: Language) -> str:
    """As shown; on paper a rule that nothing checks says so."""
    if name != "rules":
        return shown(name, stated.value, language)
    marks = ("" if rule.condition else f" {UNCHECKED.to(language)}" for rule in stated.value)
    rules = [rule.sentence + mark for rule, mark in zip(stated.value, marks, strict=True)]
    return _joined(rules, language) or NOTHING.to(language)


def _joined(items: Sequence[str], language: Language) -> str:
    long = any(len(item) > 40 or "," in item or "，" in item for item in items)
    return ("；" if long else "、").join(items) if language == "zh" else ("; " if long else ", ").join(items)


def echo(draft: Spec, changed: tuple[str, ...], language: Language, before: Spec | None = None) -> str:
    """One sentence that repeats what was understood; guesses are called guesses. `before` is the draft it changed."""
    parts = [_echoed(name, getattr(draft, name), language) for name in changed if name != "goal"]
    if not parts:
        return ""
    noted = f"记下了：{'；'.join(parts)}。" if language == "zh" else f"Noted: {'; '.join(parts)}."
    if "rules" not in changed or draft.rules is None:
        return noted
    old = before.rules.value if before and before.rules else ()
    new = tuple(rule for rule in draft.rules.value if rule not in old)
    unheard = tuple(rule for rule in new if rule.sentence not in {known.sentence for known in old})
    return noted + _tried(unheard, language) + _unchecked(new, language)


def _tried(rules: Sequence[Rule], language: Language) -> str:
    """Each with a row that obeys and one that breaks, so that a wrong reading is seen at once."""
    told = [both_sides(rule.sentence, rule.condition, language) for rule in rules if rule.condition]
    shown_rows = "".join(told)
    return shown_rows + (WRONG_READING.to(language) if shown_rows else "")


def both_sides(called: str, condition: Condition, language: Language) -> str:
    """A row that the rule lets through and one that it rejects; empty where trying found none."""
    from tools.rules.reading import examples_of

    found = examples_of(condition, language)
    if found.passing is None or found.failing is None:
        return ""
    good, bad = _row(found.passing, language), _row(found.failing, language)
    return Words(f" “{called}” lets through {good} and rejects {bad}.", f"“{called}”：放行 {good}，拒绝 {bad}。").to(
        language
    )


def _row(values: Mapping[str, Scalar], language: Language) -> str:
    """Each value under its name, long ones cut."""
    from tools.rules.words import NAMES

    names = {name: NAMES[name].to(language) if name in NAMES else name for name in values}
    return ", ".join(f"{names[name]} = {_cut(value)}" for name, value in values.items()) or "-"


def _cut(value: Scalar) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"“{text[:LONGEST]}…”" if len(text) > LONGEST else f"“{text}”" if isinstance(value, str) else text


def _unchecked(told: Sequence[Rule], language: Language) -> str:
    """What people have to look for; of a rule that a model read, the person is asked instead."""
    rules = [f"“{rule.sentence}”" for rule in told if rule.condition is None and rule.proposed is None]
    told_of = f"{NO_CHECK.to(language)}{'' if language == 'zh' else ' '}{_joined(rules, language)}"
    return f"{told_of}。" if rules and language == "zh" else f" {told_of}." if rules else ""


def _echoed(name: str, stated: Stated[Any], language: Language) -> str:
    title, value = question(name).title.to(language), shown(name, stated.value, language)
    guess = "" if stated.source == "said" else Words(" (my suggestion)", "（我的建议）").to(language)
    return f"{title}：{value}{guess}" if language == "zh" else f"{title.lower()}: {value}{guess}"


def one_page(draft: Spec, language: Language) -> str:
    """Markdown: every value with whose it is, and what is still open; the defaults together, in one line."""
    lines, defaults = [f"### {TITLE.to(language)}", ""], []
    colon = "：" if language == "zh" else ": "
    for name, asked in questions():
        stated: Stated[Any] | None = getattr(draft, name)
        if stated is None and not asked.when(draft):
            continue
        value = _plain(_checked(name, stated, language)) if stated else f"*{OPEN.to(language)}*"
        if stated and stated.source == "default":
            defaults.append(f"{asked.title.to(language)}{colon}{value}")
            continue
        whose = f"  \n  _{_plain(_whose(stated, language))}_" if stated else ""
        lines.append(f"- **{asked.title.to(language)}**{colon}{value}{whose}")
    if defaults:
        together = ("；" if language == "zh" else "; ").join(defaults)
        lines += ["", f"_{WHOSE['default'].to(language)}_{colon}{together}"]
    return "\n".join(lines)


def _whose(stated: Stated[Any], language: Language) -> str:
    word = WHOSE[stated.source].to(language)
    if stated.source != "said" or not stated.quote:
        return word
    quote = " ".join(stated.quote.split())
    return f"{word}：“{quote}”" if language == "zh" else f"{word}: “{quote}”"


def _plain(text: str) -> str:
    """A person's words never become markup."""
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, "\\" + sign)
    return text.replace("\n", " ")


def table(draft: Spec, language: Language) -> Table:
    """The same for the panel: one line a value, the open ones that matter among them."""
    rows = []
    for name, asked in questions():
        stated: Stated[Any] | None = getattr(draft, name)
        if stated is not None:
            rows.append((asked.title.to(language), _checked(name, stated, language), _whose(stated, language)))
        elif asked.ask is not None and asked.when(draft):
            rows.append((asked.title.to(language), "…", OPEN.to(language)))
    columns = tuple(column.to(language) for column in COLUMNS)
    return Table(panel="specification", title=TITLE.to(language), columns=columns, rows=tuple(rows))
