"""What the model hands back for each kind of task, and how that becomes the messages of a row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import BaseModel, Field, create_model

from workspace.sample import Message
from workspace.spec import Spec
from workspace.stated import Task

# Lengths and counts stand in the schema, where a grammar stops the model, but are not validated: a reply
# that is a little too long or too short is still used, row by row.
Short = Annotated[str, Field(json_schema_extra={"minLength": 6, "maxLength": 240})]
Long = Annotated[str, Field(json_schema_extra={"minLength": 2, "maxLength": 800})]


class Rows(BaseModel, ABC):
    @abstractmethod
    def turns(self) -> Sequence[Sequence[str]]:
        """Each row's turns, the person's first, the model's answer last; without it where the label is the answer."""


class Texts(Rows):
    texts: list[Short]

    def turns(self) -> Sequence[Sequence[str]]:
        return [(text,) for text in self.texts]


class Pair(BaseModel):
    input: Long
    output: Long


class Pairs(Rows):
    pairs: list[Pair]

    def turns(self) -> Sequence[Sequence[str]]:
        return [(pair.input, pair.output) for pair in self.pairs]


class Answered(BaseModel):
    question: Short
    answer: Long


class Answers(Rows):
    answers: list[Answered]

    def turns(self) -> Sequence[Sequence[str]]:
        return [(a.question, a.answer) for a in self.answers]


class Exchange(BaseModel):
    person: Short
    reply: Long


class Dialogue(BaseModel):
    exchanges: list[Exchange] = Field(json_schema_extra={"minItems": 2, "maxItems": 4})


class Dialogues(Rows):
    dialogues: list[Dialogue]

    def turns(self) -> Sequence[Sequence[str]]:
        return [[turn for e in d.exchanges for turn in (e.person, e.reply)] for d in self.dialogues]


@dataclass(frozen=True, slots=True)
class Form:
    """`tokens` is the most that one row may take; `per_call` how many rows a call asks for."""

    reply: type[Rows]
    tokens: int
    per_call: int


FORMS: dict[Task, Form] = {
    "classification": Form(Texts, 80, 8),
    "question-answering": Form(Answers, 200, 4),
    "dialogue": Form(Dialogues, 500, 2),
    "extraction": Form(Pairs, 250, 3),
    "rewriting": Form(Pairs, 250, 3),
    "writing": Form(Pairs, 400, 2),
}


def form_of(spec: Spec) -> Form:
    return FORMS[spec.task.value if spec.task else "writing"]


@cache
def sized(reply: type[Rows], count: int) -> type[Rows]:
    """The same reply, whose schema asks for exactly `count` rows."""
    ((name, info),) = reply.model_fields.items()
    exactly = Field(min_length=1, json_schema_extra={"minItems": count, "maxItems": count})
    changed: type[Rows] = create_model(reply.__name__, __base__=reply, **{name: (info.annotation, exactly)})  # type: ignore[call-overload]
    return changed


def messages(turns: Sequence[str], label: str | None) -> tuple[Message, ...]:
    """Person and model by turns; a label is the last answer. Nothing where a turn is blank."""
    words = [turn.strip() for turn in (*turns, *([label] if label else []))]
    if not all(words) or len(words) % 2:
        return ()
    return tuple(Message(role="assistant" if i % 2 else "user", content=w) for i, w in enumerate(words))
