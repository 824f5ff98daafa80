"""From a record to a row of ours: who says what in it, and what else it carries; or why it can't be a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from tools.sources.columns import ASKING, Parts
from tools.sources.decoding import decodable
from tools.sources.record import Record
from tools.turns import Refused, Turn, plain_text, turns_of
from workspace.sample import Finding, Message, Origin, Part, Raw, Role, Sample, Scalar, Split, row_id
from workspace.spans import with_quotes
from workspace.stated import Task

__all__ = ["Refused", "View", "refused_row", "row_of", "view_of"]
LONGEST = 100_000
SCALARS = (str, int, float, bool, type(None))
# A row of no other parts than these, each a text, is read without looking for turns.
ONE_TURN: frozenset[Part] = frozenset(("question", "answer", "label", "evidence", "split"))
SHOWN = 300
SPLITS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "训练", "训练集"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "验证", "验证集"), "validation"),
    **dict.fromkeys(("test", "测试", "测试集"), "test"),
}
BESIDE: tuple[Part, ...] = ("input", "history", "system")
APART: tuple[Part, ...] = ("evidence", "split")
# Of a table that has no answers, the columns that hold what is written and not what it is about.
WRITTEN = {"text", "content", "文本", "内容", "正文", "原文"}


@dataclass(frozen=True, slots=True)
class View:
    """What a record says, as a row has it."""

    turns: tuple[Turn, ...]
    label: str
    evidence: str
    split: Split | None
    fields: dict[str, Scalar]


def row_of(record: Record, parts: Parts, file: str, task: Task | None, *, tables: bool = False) -> Sample:
    """Raises Refused. A label is also the answer where the task sorts texts, or where there is no other answer.

    With `tables`, rows without a question or an answer are rows too, and each keeps the record that it was read from.
    """
    if record.problem:
        raise Refused(record.problem)
    if "origin" in record.values and {"id", "messages"} <= set(record.values):
        return _ours(record, tables=tables)
    if tables:
        return _any_row(record, parts, file)
    turns, label = _turns(record, parts), _label(record.values, parts)
    answer = turns.pop().content if turns and turns[-1].role == "assistant" else ""
    if task == "classification":
        answer = label = label or answer.strip()
    elif not answer.strip():
        answer = label
    if task not in (None, "classification") or label != answer.strip():
        label = ""
    return _sample(record, parts, file, (*turns, Message(role="assistant", content=answer)), label)


def refused_row(record: Record, file: str, reason: str) -> Sample:
    """What stands there, as far as it can be shown, with the finding that drops it."""
    shown = record.raw or " | ".join(_shown(value) for value in record.values.values())
    text = shown[:SHOWN].strip().encode("utf-8", "replace").decode()
    messages = (Message(role="user", content=text),) if text else ()
    origin = origin_of(record, file)
    row = Sample(id=row_id(messages, origin), messages=messages, origin=origin)
    return row.judged(Finding(check="read", verdict="fail", reason=reason, drops=True))


def origin_of(record: Record, file: str) -> Origin:
    where = f"{file}/{record.file}" if record.file else file
    return Origin(
        source="files",
        file=where,
        sheet=record.sheet,
        page=record.page,
        row=record.line,
        confidence=record.confidence,
    )


def _shown(value: object) -> str:
    try:
        return plain_text(value)
    except ValueError:
        return "…"


def _ours(record: Record, *, tables: bool) -> Sample:
    """A row that we wrote ourselves; what was found about it is to be found again."""
    try:
        row = Sample.model_validate(record.values).model_copy(update={"findings": ()})
    except ValidationError as error:
        raise Refused(f"not a whole row: {error.errors()[0]['msg']}") from error
    if not tables:
        _refuse_tools([message.role for message in row.messages])
    return row


# A row of any table


def _any_row(record: Record, parts: Parts, file: str) -> Sample:
    if not any(value not in (None, "") and str(value).strip() for value in record.values.values()):
        raise Refused("the row is empty")
    view, origin = view_of(record.values, parts), origin_of(record, file)
    messages = tuple(Message(role=turn.role, content=turn.content) for turn in view.turns)
    row = Sample(
        id=row_id(messages or (Message(role="user", content=plain_text(view.fields)),), origin),
        messages=messages,
        origin=origin,
        label=view.label or None,
        evidence=view.evidence or None,
        fields=view.fields,
        split=view.split,
    )
    return _whole(row).model_copy(update={"raw": Raw(record.values, parts, row)})


def view_of(values: Mapping[str, object], parts: Parts) -> View:
    """What a record says. One that has no turns of the usual shape is columns and nothing else."""
    label, split = _label(values, parts, strict=False), SPLITS.get(_value(values, parts, "split").lower())
    try:
        turns = turns_of(values, parts) if _speaks(values, parts) else []
    except Refused:
        turns = []
    if not turns:
        return View((), "", "", split, {column: _scalar(value) for column, value in values.items()})
    said = {str(piece.path[0]) for turn in turns for piece in turn.pieces if piece.path}
    said |= {parts[part] for part in BESIDE if part in parts}
    if turns[-1].role == "user" and label and "answer" not in parts and "messages" not in parts:
        turns.append(_label_turn(values, parts))
    answered = turns[-1].content.strip() if turns[-1].role == "assistant" else ""
    label = label if label and (not answered or label == answered) else ""
    used = said | ({parts["label"]} if label else set())
    used |= {parts[part] for part in APART if part in parts and _kept_apart(values, parts, part)}
    return View(
        turns=tuple(turns),
        label=label,
        evidence=_value(values, parts, "evidence"),
        split=split,
        fields={column: _scalar(value) for column, value in values.items() if column not in used},
    )


def _speaks(values: Mapping[str, object], parts: Parts) -> bool:
    """It has turns, or a question with an answer, or is a text in a column that is called so."""
    if "messages" in parts:
        return True
    asked = [parts[part] for part in ASKING if part in parts]
    if not asked or "answer" in parts or "label" in parts:
        return bool(asked)
    if "instruction" in parts or "chosen" in values or isinstance(values.get(asked[0]), list):
        return True
    return any(name.strip().lower() in WRITTEN for name in asked)


def _label_turn(values: Mapping[str, object], parts: Parts) -> Turn:
    (turn,) = turns_of(values, {"answer": parts["label"]})
    return turn


def _kept_apart(values: Mapping[str, object], parts: Parts, part: Part) -> bool:
    """An evidence, or one of the usual splits; "north" in a column called subset stays where it is."""
    value = _value(values, parts, part)
    return value.lower() in SPLITS if part == "split" else bool(value)


# A row to learn from


def _sample(record: Record, parts: Parts, file: str, messages: tuple[Message, ...], label: str) -> Sample:
    _refuse_bad(messages)
    used = {column for part, column in parts.items() if part != "label" or label or messages[-1].content == label}
    origin = origin_of(record, file)
    rest = {column: _scalar(value) for column, value in record.values.items() if column not in used}
    asked = "\n".join(turn.content for turn in messages if turn.role == "user")
    row = Sample(
        id=row_id(messages, origin),
        messages=messages,
        origin=origin,
        label=label or None,
        evidence=_value(record.values, parts, "evidence") or None,
        fields={**_instruction(record, parts), **with_quotes(rest, asked)},
        split=SPLITS.get(_value(record.values, parts, "split").lower()),
    )
    return _whole(row)


def _whole(row: Sample) -> Sample:
    texts = [m.content for m in row.messages]
    texts += row.fields
    texts += [value for value in row.fields.values() if isinstance(value, str)]
    if not decodable("".join((*texts, row.evidence or ""))):
        raise Refused("some of its characters can't be decoded")
    return row


def _instruction(record: Record, parts: Parts) -> dict[str, Scalar]:
    """Where a question was in two columns, rules and the alpaca export still tell them apart."""
    names: tuple[Part, ...] = ("instruction", "input")
    both = {name: plain_text(record.values.get(parts[name])) for name in names if name in parts}
    return dict(both.items()) if len(both) == 2 and all(map(str.strip, both.values())) else {}


def _refuse_bad(messages: Sequence[Message]) -> None:
    *turns, answer = messages
    if not any(turn.role == "user" for turn in turns) or not all(turn.content.strip() for turn in turns):
        raise Refused("the text is empty")
    if not answer.content.strip():
        raise Refused("there is no answer or label")
    if sum(len(turn.content) for turn in messages) > LONGEST:
        raise Refused(f"it is longer than {LONGEST} characters")


def _turns(record: Record, parts: Parts) -> list[Message]:
    """Everything said in it, the answer last, empty turns among them; nothing that a model can't be shown yet."""
    if plain := _plain_turns(record.values, parts):
        return plain
    turns = turns_of(record.values, parts)
    _refuse_tools([turn.role for turn in turns])
    if any(turn.images for turn in turns):
        raise Refused("a turn holds something else than text")
    return [Message(role=turn.role, content=turn.content) for turn in turns]


def _plain_turns(values: Mapping[str, object], parts: Parts) -> list[Message]:
    """Those of the most usual row, a text with an answer or a label; nothing where it is any other."""
    said, answered = values.get(parts.get("question", "")), values.get(parts.get("answer", ""), "")
    if not ONE_TURN.issuperset(parts) or not isinstance(said, str) or not isinstance(answered, str):
        return []
    if said.lstrip().startswith("[") or answered.lstrip().startswith("["):
        return []
    turns = [Message(role="user", content=said)]
    return [*turns, Message(role="assistant", content=answered)] if "answer" in parts else turns


def _refuse_tools(roles: Sequence[Role]) -> None:
    if strange := next((role for role in roles if role in ("call", "tool")), None):
        raise Refused(f"a turn is neither the user's nor the assistant's ({strange!r})")


def _label(values: Mapping[str, object], parts: Parts, *, strict: bool = True) -> str:
    if isinstance(values.get(parts.get("label", "")), list | dict):
        if strict:
            raise Refused("it has more than one label")
        return ""
    return _value(values, parts, "label")


def _value(values: Mapping[str, object], parts: Parts, part: Part) -> str:
    return plain_text(values.get(parts[part])).strip() if part in parts else ""


def _scalar(value: object) -> Scalar:
    return value if isinstance(value, SCALARS) else plain_text(value)
