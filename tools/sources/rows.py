"""From a record to a row of ours: who says what in it, and what else it carries; or why it can't be a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from tools.sources.columns import Part, Parts
from tools.sources.decoding import decodable
from tools.sources.reading import Record, json_text, strict_json
from workspace.sample import Finding, Message, Origin, Role, Sample, Scalar, Split, row_id
from workspace.stated import Task

LONGEST = 100_000
SHOWN = 300
SPLITS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "训练", "训练集"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "验证", "验证集"), "validation"),
    **dict.fromkeys(("test", "测试", "测试集"), "test"),
}
ROLES: dict[str, Role] = {
    **dict.fromkeys(("user", "human"), "user"),
    **dict.fromkeys(("assistant", "gpt", "chatgpt", "bot", "model"), "assistant"),
    "system": "system",
}


class Refused(ValueError):
    """Why a record can't be a row."""


def row_of(record: Record, parts: Parts, file: str, task: Task | None) -> Sample:
    """Raises Refused. A label is also the answer where the task sorts texts, or where there is no other answer."""
    if record.problem:
        raise Refused(record.problem)
    if {"id", "messages", "origin"} <= set(record.values):
        return _ours(record)
    turns, label = _turns(record, parts), _label(record, parts)
    answer = turns.pop().content if turns and turns[-1].role == "assistant" else ""
    if task == "classification":
        answer = label = label or answer.strip()
    elif not answer.strip():
        answer = label
    if task not in (None, "classification") or label != answer.strip():
        label = ""
    return _sample(record, parts, file, (*turns, Message(role="assistant", content=answer)), label)


def plain_row(record: Record, file: str) -> Sample:
    """A row of any table, without question or answer: its columns as fields; a text alone is said by the user.

    Raises Refused.
    """
    if record.problem:
        raise Refused(record.problem)
    if not any(value not in (None, "") and str(value).strip() for value in record.values.values()):
        raise Refused("the row is empty")
    text = record.values.get("text") if len(record.values) == 1 else None
    messages = (Message(role="user", content=text),) if isinstance(text, str) else ()
    origin = _origin(record, file)
    fields = {} if messages else {column: _scalar(value) for column, value in record.values.items()}
    if not all(map(decodable, (str(text or ""), *fields, *(v for v in fields.values() if isinstance(v, str))))):
        raise Refused("some of its characters can't be decoded")
    return Sample(id=row_id(messages or _told(fields), origin), messages=messages, origin=origin, fields=fields)


def refused_row(record: Record, file: str, reason: str) -> Sample:
    """What stands there, as far as it can be shown, with the finding that drops it."""
    shown = record.raw or " | ".join(_text(value) for value in record.values.values())
    text = shown[:SHOWN].strip().encode("utf-8", "replace").decode()
    messages = (Message(role="user", content=text),) if text else ()
    origin = _origin(record, file)
    row = Sample(id=row_id(messages, origin), messages=messages, origin=origin)
    return row.judged(Finding(check="read", verdict="fail", reason=reason, drops=True))


def _ours(record: Record) -> Sample:
    """A row that we wrote ourselves; what was found about it is to be found again."""
    try:
        return Sample.model_validate(record.values).model_copy(update={"findings": ()})
    except ValidationError as error:
        raise Refused(f"not a whole row: {error.errors()[0]['msg']}") from error


def _origin(record: Record, file: str) -> Origin:
    return Origin(
        source="files",
        file=f"{file}/{record.file}" if record.file else file,
        sheet=record.sheet,
        page=record.page,
        row=record.line,
        confidence=record.confidence,
    )


def _told(fields: Mapping[str, Scalar]) -> tuple[Message, ...]:
    """What is in a row without words of its own, so that two of them are not called the same."""
    return (Message(role="user", content=json_text(fields)),)


def _sample(record: Record, parts: Parts, file: str, messages: tuple[Message, ...], label: str) -> Sample:
    _refuse_bad(messages)
    used = {column for part, column in parts.items() if part != "label" or label or messages[-1].content == label}
    origin = _origin(record, file)
    row = Sample(
        id=row_id(messages, origin),
        messages=messages,
        origin=origin,
        label=label or None,
        evidence=_value(record, parts, "evidence") or None,
        fields={
            **_instruction(record, parts),
            **{column: _scalar(value) for column, value in record.values.items() if column not in used},
        },
        split=SPLITS.get(_value(record, parts, "split").lower()),
    )
    if not all(map(decodable, (row.evidence or "", *row.fields, *map(str, row.fields.values())))):
        raise Refused("some of its characters can't be decoded")
    return row


def _instruction(record: Record, parts: Parts) -> dict[str, Scalar]:
    """Where a question was in two columns, rules and the alpaca export still tell them apart."""
    names: tuple[Part, ...] = ("instruction", "input")
    both = {name: _text(record.values.get(parts[name])) for name in names if name in parts}
    return dict(both.items()) if len(both) == 2 and all(map(str.strip, both.values())) else {}


def _refuse_bad(messages: Sequence[Message]) -> None:
    *turns, answer = messages
    if not any(turn.role == "user" for turn in turns) or not all(turn.content.strip() for turn in turns):
        raise Refused("the text is empty")
    if not answer.content.strip():
        raise Refused("there is no answer or label")
    if sum(len(turn.content) for turn in messages) > LONGEST:
        raise Refused(f"it is longer than {LONGEST} characters")
    if not all(decodable(turn.content) for turn in messages):
        raise Refused("some of its characters can't be decoded")


def _turns(record: Record, parts: Parts) -> list[Message]:
    """Everything said in it, the answer last, empty turns among them."""
    turns = [Message(role="system", content=text)] if (text := _value(record, parts, "system")) else []
    for said, answered in _pairs(record.values.get(parts.get("history", ""))):
        turns += [Message(role="user", content=said)] if said else []
        turns += [Message(role="assistant", content=answered)]
    if "messages" in parts:
        return turns + _said(record.values.get(parts["messages"]), "user")
    asked = [record.values.get(parts[part]) for part in ("instruction", "input", "question") if part in parts]
    listed = next((value for value in asked if isinstance(value, list)), None)
    text = "\n".join(filter(str.strip, map(_text, asked)))
    turns += _said(text if listed is None else listed, "user")
    return turns + (_said(record.values.get(parts["answer"]), "assistant") if "answer" in parts else [])


def _said(value: object, role: Role) -> list[Message]:
    """A text, or a list of turns in OpenAI's keys or ShareGPT's; in a CSV the list stands there as JSON."""
    if isinstance(value, str) and value.lstrip().startswith("[{"):
        try:
            value = strict_json(value)
        except ValueError:
            return [Message(role=role, content=str(value))]
    if isinstance(value, list):
        return [_turn(turn) for turn in value]
    return [Message(role=role, content=_text(value))]


def _turn(turn: object) -> Message:
    if not isinstance(turn, dict):
        raise Refused("a turn of it is not an object with role and content")
    role = ROLES.get(str(turn.get("role", turn.get("from"))))
    if role is None or turn.get("tool_calls") or turn.get("function_call"):
        raise Refused(f"a turn is neither the user's nor the assistant's ({turn.get('role', turn.get('from'))!r})")
    return Message(role=role, content=_content(turn.get("content", turn.get("value"))))


def _content(value: object) -> str:
    """A text, or OpenAI's list of parts as long as all of them are texts."""
    if isinstance(value, list):
        texts = [part.get("text", part.get("value")) if isinstance(part, dict) else part for part in value]
        if not all(isinstance(text, str) for text in texts):
            raise Refused("a turn holds something else than text")
        return "\n".join(map(str, texts))
    if isinstance(value, dict):
        raise Refused("a turn holds something else than text")
    return _text(value)


def _pairs(value: object) -> list[tuple[str, str]]:
    """Alpaca's history: a list of question and answer."""
    if not isinstance(value, list):
        return []
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        raise Refused("its history is not a list of questions with answers")
    return [(_text(said), _text(answered)) for said, answered in value]


def _label(record: Record, parts: Parts) -> str:
    if isinstance(record.values.get(parts.get("label", "")), list | dict):
        raise Refused("it has more than one label")
    return _value(record, parts, "label")


def _value(record: Record, parts: Parts, part: Part) -> str:
    return _text(record.values.get(parts[part])).strip() if part in parts else ""


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json_text(value)


def _scalar(value: object) -> Scalar:
    return value if isinstance(value, str | int | float | bool | None) else _text(value)
