"""Where the texts of a record stand: reads who says what out of any of the usual shapes, and puts new texts back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workspace.exact import json_text, strict_json
from workspace.sample import Part, Role

ROLES: dict[str, Role] = {
    # In MultiWOZ and CrossWOZ "sys" is the system that answers, no word to it.
    **dict.fromkeys(("user", "human", "usr"), "user"),
    **dict.fromkeys(("assistant", "gpt", "chatgpt", "bot", "model", "sys"), "assistant"),
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("function_call", "tool_call"), "call"),
    **dict.fromkeys(("tool", "observation", "function", "tool_response", "function_response", "ipython"), "tool"),
}
ASKING: tuple[Part, ...] = ("instruction", "input", "question")
IMAGE = "<image>"
CALLS = ("tool_calls", "function_call")
Path = tuple[str | int, ...]
Values = Mapping[str, object]


class Refused(ValueError):
    """Why a record can't be a row."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One text and where it stands in the record. A picture is a piece without a text of its own."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says. `extra`: what else stands in it, by name; `images`: addresses of the pictures in it."""

    role: Role
    pieces: tuple[Piece, ...]
    extra: Values = field(default_factory=dict)
    images: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        return "\n".join(piece.text for piece in self.pieces)


def plain_text(value: object) -> str:
    """A text as it is, nothing as an empty one, all else as JSON. Raises ValueError where it is nested too deeply."""
    if isinstance(value, str):
        return value
    return "" if value is None else json_text(value)


def listed(value: object) -> object:
    """A list of objects that stands in a cell as JSON; anything else as it is."""
    if isinstance(value, str) and value.lstrip().startswith("[{"):
        try:
            return strict_json(value)
        except ValueError:
            return value
    return value


def turns_of(values: Values, parts: Mapping[Part, str]) -> list[Turn]:
    """Everything said in a record, the answer last, empty turns among them. Raises Refused."""
    turns = list(_spoken("system", parts["system"], values)) if _value(values, parts, "system") else []
    turns += _history(values, parts.get("history"))
    if "messages" in parts:
        return [*turns, *_listed_turns(parts["messages"], values, "user")]
    asked = [parts[part] for part in ASKING if part in parts]
    column = next((name for name in asked if isinstance(values.get(name), list)), None)
    if column is None and len(asked) == 1 and isinstance(listed(values.get(asked[0])), list):
        column = asked[0]
    if column is not None:
        turns += _listed_turns(column, values, "user")
    elif asked:
        texts = [(name, plain_text(values.get(name))) for name in asked]
        pieces = tuple(Piece((name,), text) for name, text in texts if text.strip())
        turns.append(Turn("user", pieces or (Piece((asked[0],), texts[0][1]),)))
    return [*turns, *(_listed_turns(parts["answer"], values, "assistant") if "answer" in parts else ())]


def _value(values: Values, parts: Mapping[Part, str], part: Part) -> str:
    return plain_text(values.get(parts[part])).strip() if part in parts else ""


def _spoken(role: Role, column: str, values: Values) -> Iterator[Turn]:
    yield Turn(role, (Piece((column,), plain_text(values.get(column))),))


def _history(values: Values, column: str | None) -> Iterator[Turn]:
    """Alpaca's history: a list of question and answer."""
    pairs = _loaded(values.get(column)) if column else None
    if not isinstance(pairs, list) or column is None:
        return
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise Refused("its history is not a list of questions with answers")
    for number, (said, answered) in enumerate(pairs):
        if said:
            yield Turn("user", (Piece((column, number, 0), plain_text(said)),))
        yield Turn("assistant", (Piece((column, number, 1), plain_text(answered)),))


def _loaded(value: object) -> object:
    if isinstance(value, str) and value.lstrip().startswith("[["):
        try:
            return strict_json(value)
        except ValueError:
            return value
    return value


def _listed_turns(column: str, values: Values, role: Role) -> Iterator[Turn]:
    """A text, or a list of turns in OpenAI's keys or ShareGPT's; in a CSV the list stands there as JSON."""
    value = listed(values.get(column))
    if not isinstance(value, list):
        yield from _spoken(role, column, values)
        return
    for number, turn in enumerate(value):
        yield from _turn(turn, (column, number))


def _turn(turn: object, path: Path) -> Iterator[Turn]:
    if not isinstance(turn, dict):
        raise Refused("a turn of it is not an object with role and content")
    named, said = "role" if "role" in turn else "from", "content" if "content" in turn else "value"
    role = ROLES.get(str(turn.get(named)))
    if role is None:
        raise Refused(f"a turn is neither the user's nor the assistant's ({turn.get(named)!r})")
    if len(turn) == 2 and isinstance(turn.get(said), str):
        yield Turn(role, (Piece((*path, said), turn[said]),))
        return
    calls = next((key for key in CALLS if turn.get(key)), None)
    extra = {key: value for key, value in turn.items() if key not in (named, said, calls)}
    if turn.get(said) or not calls:
        pieces, images = _pieces(turn.get(said), (*path, said))
        yield Turn(role, pieces, extra, images)
        extra = {}
    if calls:
        yield Turn("call", (Piece((*path, calls), calls_text(turn[calls])),), extra)


def _pieces(value: object, path: Path) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    """(texts, pictures) of a text, or of a list of parts as OpenAI and others have them."""
    if isinstance(value, dict):
        raise Refused("a turn holds something else than text")
    if not isinstance(value, list):
        return (Piece(path, plain_text(value)),), ()
    pieces, images = [], []
    for number, part in enumerate(value):
        if isinstance(part, str):
            pieces.append(Piece((*path, number), part))
            continue
        key = next((k for k in ("text", "value") if isinstance(part, dict) and isinstance(part.get(k), str)), None)
        if key:
            pieces.append(Piece((*path, number, key), part[key]))
        else:
            images.append(_image(part))
            pieces.append(Piece((), IMAGE))
    return tuple(pieces), tuple(images)


def _image(part: object) -> str:
    """OpenAI's {"image_url": {"url": …}}, or {"image": …}. Raises Refused where it is no picture."""
    found = part.get("image_url", part.get("image")) if isinstance(part, dict) else None
    found = found.get("url") if isinstance(found, dict) else found
    if not isinstance(found, str):
        raise Refused("a turn holds something else than text")
    return found


def calls_text(calls: object) -> str:
    """OpenAI's calls as {"name": …, "arguments": {…}}, several of them as a list, in JSON."""
    every = calls if isinstance(calls, list) else [calls]
    told = [_call(call.get("function", call) if isinstance(call, dict) else call) for call in every]
    return json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False)


def _call(call: object) -> object:
    if not isinstance(call, dict) or not isinstance(call.get("arguments"), str):
        return call
    try:
        return {**call, "arguments": json.loads(call["arguments"])}
    except (ValueError, RecursionError):
        return call


# The way back


def with_contents(values: Values, turns: Sequence[Turn], contents: Sequence[str]) -> dict[str, object]:
    """The record with `contents` in place of what the turns said; what has not changed stays as it was written."""
    found = dict(values)
    for turn, content in zip(turns, contents, strict=True):
        if content != turn.content:
            for piece, text in _shared_out(turn.pieces, content):
                found = _replaced(found, piece.path, text)
    return found


def _shared_out(pieces: Sequence[Piece], content: str) -> Iterator[tuple[Piece, str]]:
    """A new text over the pieces the old one was made of: line by line, or all of it to the first."""
    lines, own = content.split("\n"), [piece.text.count("\n") + 1 for piece in pieces]
    if len(lines) != sum(own):
        own = [len(lines) if piece is next(p for p in pieces if p.path) else 0 for piece in pieces]
    for piece, count in zip(pieces, own, strict=True):
        text, lines = "\n".join(lines[:count]), lines[count:]
        if piece.path and text != piece.text:
            yield piece, text


def _replaced(values: dict[str, object], path: Path, text: str) -> dict[str, object]:
    column, *inner = path
    value = values[str(column)]
    if not inner:
        return {**values, str(column): text}
    cell = isinstance(value, str)
    changed = _inside(strict_json(str(value)) if cell else value, inner, text)
    return {**values, str(column): json_text(changed) if cell else changed}


def _inside(value: object, path: Sequence[str | int], text: str) -> object:
    """A copy of lists and objects with one text in them replaced."""
    if not path:
        return _calls_from(text, value) if isinstance(value, list | dict) else text
    key, *rest = path
    if isinstance(value, list) and isinstance(key, int):
        return [_inside(inner, rest, text) if n == key else inner for n, inner in enumerate(value)]
    assert isinstance(value, dict)
    return {k: _inside(inner, rest, text) if k == key else inner for k, inner in value.items()}


def _calls_from(text: str, calls: object) -> object:
    """The calls with the names and arguments that the text has; the text itself where it is no JSON of as many."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return text
    every, new = calls if isinstance(calls, list) else [calls], told if isinstance(told, list) else [told]
    if len(every) != len(new) or not all(isinstance(one, dict) for one in (*every, *new)):
        return text
    changed = [_with_call(old, one) for old, one in zip(every, new, strict=True)]
    return changed if isinstance(calls, list) else changed[0]


def _with_call(old: dict[str, object], new: dict[str, object]) -> dict[str, object]:
    inner = old.get("function")
    if isinstance(inner, dict):
        return {**old, "function": _with_call(inner, new)}
    text = isinstance(old.get("arguments"), str) and not isinstance(new.get("arguments"), str)
    return {**old, **new, **({"arguments": json.dumps(new.get("arguments"), ensure_ascii=False)} if text else {})}
