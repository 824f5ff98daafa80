"""The one model call of a turn: it points at words, and code decides whether they say what it claims."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import BaseModel, Field

from agent import answers, lists, quotes
from agent.answers import Reading
from agent.commands import is_unsure
from workspace.stated import Label, Task
from workspace.words import Language

if TYPE_CHECKING:
    from tools.llm import Chat

Pointable = Literal[
    "goal", "task", "labels", "languages", "rules", "threshold", "scenarios", "privacy", "rows", "tones", "other"
]


class Fact(BaseModel):
    """`quote` is copied from the message; `value` is only a hint to code, never taken over."""

    quote: str = Field(max_length=400)
    field: Pointable
    value: str = Field(max_length=200)


class Facts(BaseModel):
    facts: list[Fact] = Field(max_length=10)


def readings(chat: Chat, text: str, asked: str | None, turn: int, language: Language) -> Iterator[Reading]:
    """What the model found and code could confirm; nothing if there is no reply."""
    from tools.llm import Ask, prompt

    words = prompt("interview", language, asked=asked or "goal", text=text)
    answer = chat.ask(Ask(prompt=words, reply=Facts, slot=f"interview/{turn}", max_tokens=500))
    for fact in answer.value.facts if answer.value else ():
        quote = quotes.found(fact.quote, text)
        if quote and not quotes.is_talk(quote) and not is_unsure(quote):
            yield from _confirmed(fact, quote, text, asked)


def _confirmed(fact: Fact, quote: str, text: str, asked: str | None) -> Iterator[Reading]:
    """A number is read from the quote; names must stand in it; the sentence around must be about the field."""
    sentence = next((s for s in quotes.sentences(text) if quote in s), quote)
    about = asked == fact.field or answers.is_about(fact.field, sentence)
    match fact.field:
        case "threshold" | "rows" | "privacy" if about:
            yield from answers.READERS[fact.field](quote, True)
        case "languages":
            yield from answers.READERS["languages"](quote, True)
        case "task":
            known = fact.value.strip().lower() in get_args(Task)
            guess = [Reading("task", fact.value.strip().lower(), quote, "suggested")] if known else []
            yield from answers.task_named(quote) or guess
        case "labels":
            yield from _labels(fact, quote, asked)
        case "scenarios":
            yield from (Reading("scenarios", shares, quote) for shares in [lists.mix(quote)] if shares)
        case "rules" if answers.is_rule(sentence):
            yield Reading("rules", (answers.rule(sentence),), sentence)
        case _:
            return


def _labels(fact: Fact, quote: str, asked: str | None) -> Iterator[Reading]:
    """Only names that the person wrote, in the person's spelling; a guess until they were asked for."""
    told = [quotes.found(name, quote) for name in lists.names(fact.value)]
    names = tuple(dict.fromkeys(name for name in told if name))
    if len(names) > 1 and len(names) == len(told) and max(map(len, names)) <= 40:
        yield Reading(
            "labels", tuple(Label(name=n) for n in names), quote, "said" if asked == "labels" else "suggested"
        )
