"""Who says what is read out of any shape, and a new text goes back to where the old one stood."""

from __future__ import annotations

import json

import pytest

from tools.sources.columns import parts_of
from tools.sources.record import Record
from tools.sources.rows import Refused, row_of
from tools.turns import turns_of, with_contents
from workspace.sample import Sample

CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "上海"}'}}
TOOLS = {
    "messages": [
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": "Weather?", "name": "Ann"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
        {"role": "assistant", "content": "Take an umbrella."},
    ],
    "tools": [{"type": "function", "function": {"name": "weather"}}],
}
PARTED = {
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "a\nb"}, {"type": "text", "text": "c"}]},
        {"role": "assistant", "content": [{"type": "text", "value": "d"}], "loss_weight": 1.0},
    ]
}
SEEN = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x.png"}}]}]}


def read(values: dict[str, object]) -> Sample:
    record = Record(1, values)
    return row_of(record, parts_of(tuple(values), {}, (record,), set()), "a.jsonl", None, tables=True)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            TOOLS,
            "system:Be kind.|user:Weather?|"
            'call:{"name": "weather", "arguments": {"city": "上海"}}|tool:rain|assistant:Take an umbrella.',
        ),
        (PARTED, "user:a\nb\nc|assistant:d"),
        (SEEN, "user:<image>"),
        ({"instruction": "Add", "input": "1, 2", "output": "3"}, "user:Add\n1, 2|assistant:3"),
        ({"conversations": [{"from": "human", "value": "hi"}], "chosen": {"from": "gpt", "value": "yo"}}, "user:hi"),
        ({"prompt": [{"role": "user", "content": "hi"}], "completion": "yo"}, "user:hi|assistant:yo"),
        ({"prompt": "hi", "chosen": "yo", "rejected": "go"}, "user:hi"),
        ({"instruction": "Add", "input": "1", "chosen": "1", "rejected": "2"}, "user:Add\n1"),
        ({"text": "Once", "url": "x", "timestamp": 1}, "user:Once"),
        ({"text": "gone", "label": "lost"}, "user:gone|assistant:lost"),
        ({"text": "", "label": "lost"}, "user:|assistant:lost"),
        ({"messages": json.dumps(PARTED["messages"])}, "user:a\nb\nc|assistant:d"),
    ],
)
def test_who_says_what(values: dict[str, object], said: str) -> None:
    assert "|".join(f"{turn.role}:{turn.content}" for turn in read(values).messages) == said


def test_what_is_no_turn_is_a_column() -> None:
    row = read({"messages": [{"role": "narrator", "content": "Once"}], "price": 5, "size": None, "ok": True})
    assert row.messages == ()
    assert row.fields == {
        "messages": '[{"role":"narrator","content":"Once"}]',
        "price": 5,
        "size": None,
        "ok": True,
    }


@pytest.mark.parametrize("values", [TOOLS, SEEN])
def test_a_model_learns_nothing_that_it_cannot_be_shown(values: dict[str, object]) -> None:
    with pytest.raises(Refused):
        row_of(Record(1, values), {"messages": "messages"}, "a.jsonl", None)


def put(values: dict[str, object], **said: str) -> dict[str, object]:
    """The record with some texts replaced."""
    turns = turns_of(values, {"messages": "messages"})
    return with_contents(values, turns, [said.get(turn.content.split("\n")[0], turn.content) for turn in turns])


def test_a_new_text_stands_where_the_old_one_stood() -> None:
    assert put(TOOLS) == TOOLS
    changed = put(TOOLS, rain="snow")
    assert changed["messages"][3] == {"role": "tool", "tool_call_id": "c1", "content": "snow"}
    assert put(PARTED, a="A\nB\nC")["messages"][0]["content"] == [
        {"type": "text", "text": "A\nB"},
        {"type": "text", "text": "C"},
    ]
    assert put(PARTED, a="all")["messages"][0]["content"] == [
        {"type": "text", "text": "all"},
        {"type": "text", "text": ""},
    ]
    assert TOOLS["messages"][3]["content"] == "rain"


def test_arguments_of_a_call_can_be_changed() -> None:
    turns = turns_of(TOOLS, {"messages": "messages"})
    contents = [turn.content.replace("上海", "[CITY]") for turn in turns]
    called = with_contents(TOOLS, turns, contents)["messages"][2]["tool_calls"]
    assert called == [{**CALL, "function": {"name": "weather", "arguments": '{"city": "[CITY]"}'}}]
