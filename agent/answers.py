"""One reader a field of the specification: what a sentence says about it, confirmed by code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from agent import lists, quotes
from agent.commands import corrects, drops_rules, elsewhere, hedged, in_doubt, is_unsure, latest
from agent.cues import (
    ASIDE,
    COUNTED_ROWS,
    CUES,
    DESCRIBED,
    FIRM,
    GOAL,
    HIDE,
    KEYWORDS,
    LACKING,
    LANGUAGE_ONLY,
    MUST,
    NO_RULES,
    NUMBERED,
    PEOPLE,
    PERSONAL,
    PRIVATELY,
    REPLY,
    TASK_WORDS,
    WANTLESS,
    WITHHELD,
)
from finetune.base import BASES
from workspace.errors import UserError
from workspace.rules import Rule
from workspace.spec import questions
from workspace.stated import PRIVACY, TASKS, Share, StatedBy, Task
from workspace.words import Words, language_of


@dataclass(frozen=True, slots=True)
class Reading:
    """A value for one field and the words it stands in; `source` is `suggested` where the words don't settle it."""

    field: str
    value: object
    quote: str
    source: StatedBy = "said"


def volunteered(text: str, asked: str | None) -> Iterator[Reading]:
    """Everything that code can read out of the text unasked, field by field."""
    for sentence in quotes.sentences(text):
        if quotes.is_talk(sentence) or is_unsure(sentence):
            continue
        if asked != "rules" and drops_rules(sentence):
            yield Reading("rules", (), sentence)
        else:
            yield from _in_sentence(sentence, asked)
    yield from _labels(text)
    yield from _rules_unasked(text, asked)


def _in_sentence(sentence: str, asked: str | None) -> Iterator[Reading]:
    flat = quotes.narrow(sentence).lower()
    for field, cue in CUES.items():
        if field != asked and re.search(cue, flat):
            yield from READERS[field](sentence, False)
    shares = lists.mix(sentence)
    if asked not in ("scenarios", "difficulty") and shares:
        yield Reading("scenarios", shares, sentence)
    for field, pattern in NUMBERED.items():
        if match := re.search(pattern, flat):
            yield Reading(field, float(next(g for g in match.groups() if g)), sentence)
    for field, value, pattern in KEYWORDS:
        if re.search(pattern, flat):
            yield Reading(field, value, sentence)


def _labels(text: str) -> Iterator[Reading]:
    for sentence in (text, *quotes.sentences(text)):
        if found := lists.labels(sentence, asked=False):
            yield Reading("labels", found, _span(text, [label.name for label in found]))
            return


def _span(text: str, parts: list[str]) -> str:
    """The piece of the text from the first part to the last, looked for from its end."""
    end = at = text.rfind(parts[-1]) + len(parts[-1])
    for part in reversed(parts):
        found = text.rfind(part, 0, at)
        at = found if found >= 0 else at
    return text[at:end] or parts[0]


# answers to a question


def answered(field: str, text: str) -> list[Reading]:
    """What the text says about the field that was asked for; empty if it doesn't."""
    if field not in READERS:
        return []
    others = [s for s in quotes.sentences(text) if elsewhere(s, field)]
    pieces = re.split("|".join(map(re.escape, others)), text) if others else [text]
    return next((found for piece in pieces if quotes.sentences(piece) for found in [_read(field, piece)] if found), [])


def _read(field: str, text: str) -> list[Reading]:
    if corrects(text) and field not in ("rules", "goal", "labels") and (newer := READERS[field](latest(text), True)):
        return newer
    return READERS[field](text, True)


def insists(reading: Reading) -> bool:
    """Whether it holds against what was said of the field before: a correction, or an order to hide."""
    hides = (reading.field, reading.value) == ("privacy", "mask")
    drops = (reading.field, reading.value) == ("rules", ()) and drops_rules(reading.quote)
    return drops or corrects(reading.quote) or (hides and HIDE.search(quotes.narrow(reading.quote).strip()) is not None)


def changed(field: str, words: str) -> list[Reading]:
    """The new value in "change X to …", for fields that are never asked about too."""
    if field in READERS:
        return answered(field, words)
    if field == "confidence":
        return _confidence(words)
    if field == "tones" and (tones := lists.names(words)):
        return [Reading(field, tones, words)]
    if field in NUMBERED and (numbers := quotes.numbers(words)):
        field = "budget_money" if field == "budget_minutes" and re.search(r"[$]|dollar|美元", words) else field
        return [Reading(field, numbers[0].value, words)]
    if field == "base":
        return [Reading(field, name, words) for name in BASES if name in words.lower()][:1]
    named = [value for f, value, pattern in KEYWORDS if f == field and re.search(pattern, words.lower())]
    offered = dict(questions())[field].choices if field else ()
    value = named[0] if named else _choice(words, offered)
    return [Reading(field, value, words)] if value else []


def _confidence(words: str) -> list[Reading]:
    """How sure each check must be, as in "facts=0.8, default=0.7"."""
    from tools.routing import parsed

    try:
        return [Reading("confidence", dict(parsed(quotes.narrow(words), {})), words)]
    except UserError:
        return []


def _goal(text: str, asked: bool) -> list[Reading]:
    """The run of clauses around the first that wants something, without greetings and what other fields claim."""
    places = list(_places(text))
    useful = [i for i, (start, end) in enumerate(places) if not _no_goal(text[start:end], text[end:])]
    wanting = [i for i in useful for words in [text[slice(*places[i])]] if GOAL.search(words) or any(task_of(words))]
    if not wanting and not (asked and useful):
        return []
    first = last = (wanting or useful)[0]
    while first - 1 in useful:
        first -= 1
    while last + 1 in useful:
        last += 1
    quote = quotes.without_talk(text[places[first][0] : places[last][1]]).strip()
    return [Reading("goal", " ".join(quote.split()), quote)] if asked or len(quote) >= 6 else []


def _places(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each clause."""
    end = 0
    for clause in quotes.clauses(text):
        start = text.index(clause, end)
        end = start + len(clause)
        yield start, end


def _no_goal(clause: str, after: str) -> bool:
    """Talk, doubt, a question to us, or what belongs wholly to another field."""
    asks = after.lstrip()[:1] in ("?", "？") and not GOAL.search(clause)
    if asks or quotes.is_talk(clause) or is_unsure(clause) or ASIDE.match(clause) or _must_not_be_missed(clause):
        return True
    if _says_what_lacks(clause) or LANGUAGE_ONLY.fullmatch(clause):
        return True
    flat = quotes.narrow(clause).lower()
    return any(
        re.search(CUES[f], flat) and READERS[f](clause, False) for f in ("threshold", "privacy", "rows", "examples")
    )


def _says_what_lacks(clause: str) -> bool:
    """ "I have no files", "I don't know what I want"; but "we have no time to sort our mails" wants them sorted."""
    wish = re.split(r"\bbut\b|但是?|不过", clause, maxsplit=1)
    if in_doubt(wish[0]):
        return len(wish) < 2 or not GOAL.search(wish[1])
    rest = WANTLESS.sub("", clause)
    return bool(LACKING.match(clause)) and not (GOAL.search(rest) or any(task_of(rest)))


def task_of(text: str) -> tuple[list[Task], Task | None]:
    """(kinds that the words name outright, the kind that they hint at)"""
    flat = quotes.narrow(text).lower()
    named = [task for task, strong, _ in TASK_WORDS if re.search(strong, flat)]
    hint = next((task for task, _, weak in TASK_WORDS if re.search(weak, flat)), None)
    return named, hint


def _task(text: str, asked: bool) -> list[Reading]:
    choice = _choice(text, TASKS) or (_closest(text, TASKS) if asked else None)
    if choice:
        return [Reading("task", choice, text.strip())]
    hint = task_of(text)[1]
    return task_named(text) or ([Reading("task", hint, text.strip(), "suggested")] if asked and hint else [])


def task_named(text: str) -> list[Reading]:
    """The kind of task, where the words name exactly one."""
    named, _ = task_of(text)
    if len(named) != 1:
        return []
    return [Reading("task", named[0], _sentence_of(text, lambda s: task_of(s)[0] == named))]


def _sentence_of(text: str, holds: Callable[[str], bool]) -> str:
    return next((s for s in quotes.sentences(text) if holds(s)), text.strip())


def _choice(text: str, choices: tuple[tuple[str, Words], ...]) -> str | None:
    """A chip that was clicked, or its words typed, or the value itself."""
    flat = quotes.narrow(text).lower()
    for value, words in choices:
        if any(quotes.found(w, text) for w in (words.en, words.zh)) or flat.strip(quotes.PUNCTUATION) == value:
            return value
    return None


def _closest(text: str, choices: tuple[tuple[str, Words], ...]) -> str | None:
    """The choice that shares most words of weight with "the one about documents"; None where two share as many."""
    told = _weighty(text)
    scores = sorted(((len(told & _weighty(f"{w.en} {w.zh}")), value) for value, w in choices), reverse=True)
    return scores[0][1] if scores[0][0] > scores[1][0] else None


def _weighty(text: str) -> set[str]:
    """Stems of long English words, pairs of Chinese characters."""
    pairs = {text[i : i + 2] for i in range(len(text) - 1) if "\u4e00" <= text[i] <= "\u9fff"}
    return {word[:6] for word in re.findall(r"[a-z]{5,}", text.lower())} - {"texts"} | pairs - {"文本"}


def _none(field: str) -> Callable[[str, bool], list[Reading]]:
    """Fields that files fill: words alone can only say that there is none."""

    def read(text: str, asked: bool) -> list[Reading]:
        if asked and (quotes.yes_no(text) is False or WITHHELD.search(text)):
            return [Reading(field, (), text.strip())]
        if not asked and re.search(CUES[field], quotes.narrow(text).lower()) and not re.search(r"[?？]", text):
            return [Reading(field, (), text.strip())] if re.search(r"\bno\b|without|没有|don'?t", text.lower()) else []
        return []

    return read


def _labels_asked(text: str, asked: bool) -> list[Reading]:
    useful = "\n".join(s for s in text.split("\n") if not quotes.is_talk(s) and not is_unsure(s))
    found = lists.labels(quotes.without_talk(useful), asked=asked)
    if not {"yes", "no"} <= {label.name.lower() for label in found}:
        found = tuple(label for label in found if not REPLY.fullmatch(label.name))
    found = found if len(found) > 1 else ()
    parts = [part for label in found for part in (label.name, label.definition) if part]
    return [Reading("labels", found, _span(text, parts))] if found else []


def _languages(text: str, asked: bool) -> list[Reading]:
    found = quotes.languages(text)
    if asked and re.search(r"\bboth\b|\bmix|两种|都有|混", text.lower()):
        found = ("en", "zh")
    return [Reading("languages", found, text.strip())] if found else []


def _threshold(text: str, asked: bool) -> list[Reading]:
    value = quotes.fraction(latest(text), bare=asked)
    value = quotes.fraction(text, bare=asked) if value is None else value
    several = not asked and bool(lists.mix(text))
    return [Reading("threshold", value, text.strip())] if value and not several else []


def _scenarios(text: str, asked: bool) -> list[Reading]:
    if shares := lists.mix(text):
        return [Reading("scenarios", shares, _span(text, [s.name for s in shares]))]
    items = lists.names(quotes.without_talk(text))
    if asked and 1 < len(items) <= 8 and all(len(i.split()) <= 5 for i in items) and not quotes.numbers(text):
        even = tuple(Share(name=item, share=round(1 / len(items), 4)) for item in items)
        return [Reading("scenarios", even, _span(text, list(items)), "suggested")]
    return []


def _privacy(text: str, asked: bool) -> list[Reading]:
    flat = quotes.narrow(text).lower()
    value = _choice(text, PRIVACY) or next((value for value, pattern in PRIVATELY if re.search(pattern, flat)), None)
    if asked and value in (None, "none") and (in_doubt(text) or quotes.TAKING_BACK.fullmatch(f"{text.strip()},")):
        return []  # "no idea, you decide" denies nothing
    if value is None and re.search(rf"(?:\bno\b|\bwithout\b|不要|别)[^.!?，。]{{0,12}}(?:{PERSONAL})", flat):
        value = "mask"
    if value is None and asked and (yes := quotes.yes_no(text)) is not None:
        return [Reading("privacy", "mask" if yes else "none", text.strip(), "suggested" if yes else "said")]
    whole = _sentence_of(
        text, lambda s: bool(re.search(f"{'|'.join(p for _, p in PRIVATELY)}|{PERSONAL}", quotes.narrow(s).lower()))
    )
    return [Reading("privacy", value, whole)] if value else []


def _gate(text: str, asked: bool) -> list[Reading]:
    no = quotes.yes_no(text) is False or re.search(
        r"\b(?:no|none|off|without|skip)\b|不(?:用|要|需要)|无需|关", text.lower()
    )
    return [Reading("gate", "none" if no else "review", text.strip())]


def _rows(text: str, asked: bool) -> list[Reading]:
    counted = re.search(COUNTED_ROWS, quotes.narrow(text).lower())
    for words in ([counted[0]] if counted else []) + [latest(text), text]:
        if value := quotes.count(words):
            return [Reading("rows", value, text.strip())]
    return []


# rules


def _must_not_be_missed(sentence: str) -> bool:
    """A rule that was said unasked."""
    if PEOPLE.search(sentence) or re.search(r"[?？]", sentence) or not FIRM.search(sentence):
        return False
    return not _claimed(sentence)


def _claimed(sentence: str) -> bool:
    """A demand on how often the model is right, or on personal data."""
    flat = quotes.narrow(sentence).lower()
    return any(re.search(CUES[f], flat) and READERS[f](sentence, False) for f in ("threshold", "privacy"))


def _rules_unasked(text: str, asked: str | None) -> Iterator[Reading]:
    firm = [s for s in lists.rule_sentences(text) if asked != "rules" and _must_not_be_missed(s) and not hedged(s)]
    if firm:
        yield Reading("rules", tuple(rule(s) for s in firm), firm[0])


def _rules(text: str, asked: bool) -> list[Reading]:
    wanted = [s for s in lists.rule_sentences(text) if MUST.search(s) and not hedged(s) and not _claimed(s)]
    if in_doubt(text):
        wanted = [s for s in wanted if not DESCRIBED.search(s)]
    if wanted:
        return [Reading("rules", tuple(rule(s) for s in wanted), wanted[0])]
    if drops_rules(text) or NO_RULES.match(quotes.narrow(quotes.without_talk(text)).strip()):
        return [Reading("rules", (), text.strip())]
    return []


def rule(sentence: str, subject: Literal["question", "answer"] = "answer") -> Rule:
    """The person's own sentence, with a condition where code can read one.

    `subject` is what "at most 40 words" is about: of a row that answers with a bare label, the text it sorts.
    """
    from tools.rules.reading import propose

    return Rule(sentence=sentence, condition=propose(sentence, language_of(sentence), subject))


READERS: dict[str, Callable[[str, bool], list[Reading]]] = {
    "goal": _goal,
    "task": _task,
    "examples": _none("examples"),
    "labels": _labels_asked,
    "languages": _languages,
    "knowledge": _none("knowledge"),
    "rules": _rules,
    "threshold": _threshold,
    "scenarios": _scenarios,
    "privacy": _privacy,
    "rows": _rows,
    "gate": _gate,
}


def is_about(field: str, sentence: str) -> bool:
    """Whether the sentence has the words that make it be about a field nobody asked for."""
    cue = CUES.get(field)
    return cue is not None and re.search(cue, quotes.narrow(sentence).lower()) is not None


def is_rule(sentence: str) -> bool:
    """A demand on the rows, and not one that another field takes."""
    return _must_not_be_missed(sentence) or bool(MUST.search(sentence) and rule(sentence).condition)
