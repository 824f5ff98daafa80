"""The four forms that trainers know a row in: which one a record has, and how what is said in a row looks in each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

from tools.turns import ROLES, Refused, Turn, Values, listed, turns_of
from workspace.exact import json_bytes
from workspace.sample import Part, Role

Line = dict[str, object]
Form = Literal["alpaca", "sharegpt", "messages", "prompt-completion"]
COLUMNS: dict[Form, dict[Part, str]] = {
    "alpaca": {
        "instruction": "instruction",
        "input": "input",
        "answer": "output",
        "system": "system",
        "history": "history",
    },
    "sharegpt": {"messages": "conversations", "system": "system"},
    "messages": {"messages": "messages"},
    "prompt-completion": {"question": "prompt", "answer": "completion"},
}
SHAREGPT: dict[Role, str] = {
    "user": "human",
    "assistant": "gpt",
    "system": "system",
    "call": "function_call",
    "tool": "observation",
}
OPENAI: dict[Role, str] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "call": "function_call",
    "tool": "tool",
}
# What a text to go on learning from, without question and answer, is called in the alpaca form.
TEXT = "text"
WRITTEN = {TEXT, "content", "文本", "内容", "正文", "原文"}
PAIR = ("chosen", "rejected")


@dataclass(frozen=True, slots=True)
class Said:
    """What a row holds, in no form: who says what, and its other columns."""

    turns: Sequence[Turn]
    rest: Values


def form_of(values: Values) -> Form | None:
    """The form that a record is in; none where it is a table of its own."""
    if _has_turns(values.get("messages"), "role"):
        return "messages"
    if _has_turns(values.get("conversations"), "from"):
        return "sharegpt"
    paired = all(name in values for name in PAIR)
    if isinstance(values.get("instruction"), str) and (isinstance(values.get("output"), str) or paired):
        return "alpaca"
    prompted = isinstance(values.get("prompt"), str) or _has_turns(values.get("prompt"), "role")
    completed = isinstance(values.get("completion"), str) or _has_turns(values.get("completion"), "role")
    return "prompt-completion" if prompted and (completed or paired) else None


def _has_turns(value: object, key: str) -> bool:
    turns = listed(value)
    return isinstance(turns, list) and all(isinstance(turn, dict) and str(turn.get(key)) in ROLES for turn in turns)


def parts_in(values: Values, form: Form) -> dict[Part, str]:
    return {part: column for part, column in COLUMNS[form].items() if column in values}


def said_in(values: Values, parts: Mapping[Part, str]) -> Said:
    """Columns that hold nothing that is said stand beside."""
    try:
        turns = turns_of(values, parts)
    except Refused:
        return Said((), values)
    used = {str(piece.path[0]) for turn in turns for piece in turn.pieces if piece.path}
    used |= {parts[part] for part in COLUMNS["alpaca"] if part in parts} if turns else set()
    return Said(turns, {name: value for name, value in values.items() if name not in used})


def same(one: object, other: object) -> bool:
    """Equal as JSON: 1 is neither 1.0 nor true."""
    return one is other or _canonical(one) == _canonical(other)


def _canonical(value: object) -> bytes:
    return json_bytes(value, ordered=True)


# What is said, in each form


def alpaca(said: Said) -> Line:
    """Holds questions and answers in turn; of several turns of one side in a row it makes one, a line each."""
    system, turns = _system(said.turns)
    rest = _beside(said, "alpaca", one=True)
    if len(turns) == 1 and turns[0].role == "user" and turns[0].pieces[0].path[:1] and "chosen" not in rest:
        column = turns[0].pieces[0].path[0]
        if column in WRITTEN:
            return _line({TEXT: turns[0].content}, rest)
    *before, (asked, answered) = _pairs(turns)
    instruction, extra = _parted(turns) or (asked, "")
    line: Line = {"instruction": instruction, "input": extra}
    line |= {} if all(name in rest for name in PAIR) and not answered else {"output": answered}
    line |= {"system": system} if system else {}
    line |= {"history": [list(pair) for pair in before]} if before else {}
    return _line(line, rest)


def sharegpt(said: Said) -> Line:
    system, turns = _system(said.turns)
    told = [{**_extra(turn), "from": SHAREGPT[turn.role], "value": turn.content} for turn in turns]
    line: Line = {"conversations": told, **({"system": system} if system else {})}
    return _line(line, _beside(said, "sharegpt"))


def messages(said: Said) -> Line:
    return _line({"messages": _openai(said.turns)}, _beside(said, "messages"))


def prompt_completion(said: Said) -> Line:
    """Two texts; two lists of turns where there is more than one question and one answer."""
    answered = bool(said.turns) and said.turns[-1].role in ("assistant", "call")
    turns, answer = (said.turns[:-1], said.turns[-1]) if answered else (said.turns, None)
    one = len(turns) <= 1 and all(turn.role == "user" for turn in turns)
    one = one and (answer is None or answer.role == "assistant")
    rest = _beside(said, "prompt-completion", one=one)
    line: Line = {"prompt": "".join(turn.content for turn in turns) if one else _openai(turns)}
    if answer is not None or not all(name in rest for name in PAIR):
        told = answer.content if answer else ""
        line["completion"] = told if one else _openai([answer] if answer else [])
    return _line(line, rest)


def _line(own: Line, rest: Values) -> Line:
    """What the form asks for comes first, and wins over another column of that name."""
    return {**own, **rest, **own}


def shaped(form: Form, said: Said) -> Line:
    shapes: dict[Form, Callable[[Said], Line]] = {
        "alpaca": alpaca,
        "sharegpt": sharegpt,
        "messages": messages,
        "prompt-completion": prompt_completion,
    }
    return shapes[form](said)


def _system(turns: Sequence[Turn]) -> tuple[str, Sequence[Turn]]:
    """(what the system says at the beginning, the other turns)"""
    if turns and turns[0].role == "system":
        return turns[0].content, turns[1:]
    return "", turns


def _pairs(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """(what the person says, what is answered), both joined where one side speaks twice."""
    pairs: list[tuple[list[str], list[str]]] = [([], [])]
    for turn in turns:
        asked, answered = pairs[-1]
        if turn.role in ("assistant", "call"):
            answered.append(turn.content)
        elif answered:
            pairs.append(([turn.content], []))
        else:
            asked.append(turn.content)
    return [("\n".join(asked), "\n".join(answered)) for asked, answered in pairs]


def _parted(turns: Sequence[Turn]) -> tuple[str, str] | None:
    """(instruction, input) of the last question, if they stood in two columns."""
    last = next((turn for turn in reversed(turns) if turn.role == "user"), None)
    if last is None or len(last.pieces) != 2 or any(len(piece.path) != 1 for piece in last.pieces):
        return None
    return last.pieces[0].text, last.pieces[1].text


def _extra(turn: Turn) -> Line:
    return {name: value for name, value in turn.extra.items() if name != "tool_call_id"}


def _openai(turns: Sequence[Turn]) -> list[Line]:
    told: list[Line] = []
    numbers, waiting = count(1), list[str]()
    for turn in turns:
        calls = _calls(turn.content) if turn.role == "call" else []
        if calls:
            waiting = [f"call_{next(numbers)}" for _ in calls]
            made = [{"id": id, "type": "function", "function": call} for id, call in zip(waiting, calls, strict=True)]
            told.append({**turn.extra, "role": "assistant", "content": "", "tool_calls": made})
            continue
        named = {"tool_call_id": waiting.pop(0)} if turn.role == "tool" and waiting else {}
        told.append({**named, **turn.extra, "role": OPENAI[turn.role], "content": turn.content})
    return told


def _calls(text: str) -> list[Line]:
    """The calls that a text of JSON makes, in OpenAI's form; none where it makes none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    calls = found if isinstance(found, list) else [found]
    if not all(isinstance(call, dict) and isinstance(call.get("name"), str) for call in calls):
        return []
    return [{**call, "arguments": _argued(call.get("arguments", {}))} for call in calls]


def _argued(arguments: object) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


# Columns that every form has in its own way


def _beside(said: Said, form: Form, *, one: bool = False) -> Line:
    """The other columns; `one`: where an answer is a text and no turn."""
    images = [address for turn in said.turns for address in turn.images]
    rest = dict(said.rest)
    for name in (*PAIR, "tools"):
        if name in rest:
            rest[name] = told_in(form, name, rest[name], one=one)
    return {**rest, **({"images": images} if images and "images" not in rest else {})}


def told_in(form: Form, name: str, value: object, *, one: bool = False) -> object:
    """A better or worse answer, or the tools that there are, as the form has them; as it is where it is strange."""
    return _tools(value, form) if name == "tools" else _answer(value, form, one)


def _answer(value: object, form: Form, one: bool) -> object:
    try:
        turns = turns_of({"": [value] if isinstance(value, dict) else value}, {"answer": ""})
    except Refused:
        return value
    if not turns:
        return value
    if one or form == "alpaca":
        return turns[-1].content
    if form == "sharegpt":
        return {"from": SHAREGPT[turns[-1].role], "value": turns[-1].content}
    (told,) = _openai(turns[-1:])
    return told if form == "messages" else [told]


def _tools(value: object, form: Form) -> object:
    """A list of functions for OpenAI, each in a wrapping of its own; a text of JSON for the others."""
    if form in ("messages", "prompt-completion"):
        return [_wrapped(one) for one in _loaded(value)] if isinstance(value, str) and _loaded(value) else value
    if not isinstance(value, list):
        return value
    bare = [one["function"] if isinstance(one, dict) and "function" in one else one for one in value]
    return json.dumps(bare, ensure_ascii=False)


def _wrapped(one: object) -> object:
    return one if isinstance(one, dict) and "function" in one else {"type": "function", "function": one}


def _loaded(text: str) -> list[object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []
