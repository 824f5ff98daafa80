"""A row in another form carries what that form can't hold, so that the way back loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import ValidationError

from tools.exports.shapes import COLUMNS, PAIR, Form, Line, Said, form_of, parts_in, said_in, same, shaped, told_in
from tools.sources.rows import view_of
from tools.turns import Piece, Refused, Turn, turns_of, with_contents
from workspace.exact import strict_json
from workspace.sample import Frozen, Part, Raw, Sample, Scalar

# The column that holds it, as a text of JSON, which every loader of tables takes.
ORIGINAL = "tunesmith"


class Original(Frozen):
    """`row` without the columns that are `kept` as they are; `fixed` where new texts can't be put into it."""

    row: dict[str, object]
    kept: tuple[str, ...] = ()
    parts: dict[Part, str] = {}
    fixed: bool = False


# A row of ours in the form that it came in


def own(row: Sample) -> Line:
    """The record that the row was read from, with what has been changed since; a record of its own where there is none.

    What stands in it as it came is not touched: a text of several parts, a null, a number written as a text.
    """
    if row.raw is None:
        return _from_ours(row)
    if row.raw.unchanged(row):
        return dict(row.raw.values)
    view = view_of(row.raw.values, row.raw.parts)
    if len(view.turns) != len(row.messages):
        return _from_ours(row)
    values = with_contents(row.raw.values, view.turns, [message.content for message in row.messages])
    named = {"label": (row.label, view.label), "evidence": (row.evidence, view.evidence)}
    named |= {"split": (row.split, view.split or "")}
    for part, (now, before) in named.items():
        if (now or "") != before:
            values[row.raw.parts.get(part, part)] = now  # type: ignore[call-overload]
    for name, value in row.fields.items():
        if name not in view.fields or not same(value, view.fields[name]):
            values[name] = _unfolded(value, row.raw.values.get(name))
    for name in view.fields.keys() - row.fields.keys():
        values.pop(name, None)
    return values


def _unfolded(value: Scalar, before: object) -> object:
    """A list or an object whose text was changed is one again, if it still can be."""
    if not isinstance(before, list | dict) or not isinstance(value, str):
        return value
    try:
        return strict_json(value)
    except ValueError:
        return value


def _from_ours(row: Sample) -> Line:
    said = _said_by_us(row)
    return shaped("messages", said) if said.turns else dict(said.rest)


def _said_by_us(row: Sample) -> Said:
    """Where a question was in two columns, it is in two pieces again."""
    turns = [Turn(message.role, (Piece((), message.content),)) for message in row.messages]
    parted = tuple(Piece((name,), str(row.fields.get(name, ""))) for name in ("instruction", "input"))
    asked = next((n for n in reversed(range(len(turns))) if turns[n].role == "user"), None)
    fields = dict(row.fields)
    if asked is not None and all(piece.text for piece in parted):
        whole = Turn("user", parted)
        if whole.content == turns[asked].content:
            turns[asked] = whole
            fields = {name: value for name, value in fields.items() if name not in ("instruction", "input")}
    beside = {"label": row.label, "evidence": row.evidence, "split": row.split}
    return Said(turns, {**fields, **{name: value for name, value in beside.items() if value is not None}})


# What is nobody's record, in a table

Shape = Literal["label", "answer", "turns"]
# From the narrowest, which holds the fewest rows, to the one that holds all.
SHAPES: tuple[Shape, ...] = ("label", "answer", "turns")


def shape_of(row: Sample) -> Shape:
    if row.raw or [message.role for message in row.messages] != ["user", "assistant"]:
        return "turns"
    return "label" if row.label == row.answer else "answer"


def narrow(line: Line, shape: Shape) -> Line:
    """A question and its answer or label in columns."""
    if shape == "turns":
        return line
    rest = {name: value for name, value in line.items() if name != "messages"}
    asked, answered = (turn.content for turn in turns_of(line, {"messages": "messages"}))
    return {"text": asked, **rest} if shape == "label" else {"question": asked, "answer": answered, **rest}


# From one form to another


def converted(row: Sample, form: Form) -> Line:
    """The row in a form; what the form can't hold stands beside in a column of its own."""
    if row.raw is None:
        return shaped(form, _said_by_us(row))
    values, parts = original(own(row), row.raw)
    known = form_of(values)
    if known == form:
        return dict(values)
    line = shaped(form, said_in(values, parts_in(values, known)) if known else _said_in_table(values, parts))
    if not known and same(line, values):
        return line
    if known and same(shaped(known, said_in(line, parts_in(line, form))), values):
        return line
    return {**line, ORIGINAL: _original_text(values, parts, line)}


def _said_in_table(values: Line, parts: Mapping[Part, str]) -> Said:
    """A label is said, and stands beside as well."""
    turns = view_of(values, parts).turns
    used = {str(piece.path[0]) for turn in turns for piece in turn.pieces if piece.path} - {parts.get("label")}
    return Said(turns, {name: value for name, value in values.items() if name not in used})


def table_line(row: Sample) -> Line:
    """The row with its columns as they are; those of the table that it was before it got a form, if it was one."""
    values = own(row)
    before, _ = original(values, row.raw)
    return dict(before) if before is not values and form_of(before) is None else values


def original(values: Line, raw: Raw | None) -> tuple[Line, Mapping[Part, str]]:
    """(the record before it was brought into this form, what its columns are), with what was changed in this form."""
    held, form = _held(values.get(ORIGINAL)), form_of(values)
    if held is None or form is None:
        return values, raw.parts if raw else {}
    row = {**held.row, **{name: values[name] for name in held.kept if name in values}}
    known = form_of(row)
    parts = parts_in(row, known) if known else held.parts
    return row if held.fixed else _as_now(row, parts, values, form, held), parts


def _as_now(row: Line, parts: Mapping[Part, str], values: Line, form: Form, held: Original) -> Line:
    try:
        now = turns_of(values, parts_in(values, form))
    except Refused:
        return row
    then = view_of(row, parts).turns
    known = form_of(row)
    for name in (*PAIR, "tools"):
        if known and name in held.row and name in values:
            one = isinstance(held.row[name], str)
            there = told_in(form, name, held.row[name], one=isinstance(values[name], str))
            if not same(there, values[name]):
                row[name] = told_in(known, name, values[name], one=one)
    own_columns = {*COLUMNS[form].values(), ORIGINAL, "images", "text", *held.row, *held.kept}
    row |= {name: value for name, value in values.items() if name not in own_columns}
    if len(now) != len(then):
        return row
    return with_contents(row, then, [turn.content for turn in now])


def _original_text(values: Line, parts: Mapping[Part, str], line: Line) -> str:
    kept = tuple(name for name, value in values.items() if name in line and same(line[name], value))
    left = {name: value for name, value in values.items() if name not in kept}
    known = form_of(values)
    held = Original(row=left, kept=kept, parts={} if known else {p: c for p, c in parts.items() if c in values})
    text = held.model_dump_json(exclude_defaults=True)
    back, _ = original({**line, ORIGINAL: text}, None)
    if same(back, values):
        return text
    return Original(row=dict(values), fixed=True).model_dump_json(exclude_defaults=True)


def _held(text: object) -> Original | None:
    if not isinstance(text, str) or not text.startswith('{"row":'):
        return None
    try:
        return Original.model_validate(strict_json(text))
    except (ValueError, ValidationError):
        return None
