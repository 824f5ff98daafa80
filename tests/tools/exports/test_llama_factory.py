"""What we write is read by LLaMA-Factory's conventions (its data/README): a small reader of them, written apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.exports.test_round_trips import SETS, Rows, convert, named, written

TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "observation_tag": "observation",
    "function_tag": "function_call",
    "system_tag": "system",
}
ALPACA = {"prompt": "instruction", "query": "input", "response": "output"}


def loaded(path: Path) -> Rows:
    """As Arrow has them, for its loader is Arrow's: one type a column, nulls where a row lacks it."""
    from pyarrow import csv, json, parquet

    if path.suffix == ".parquet":
        return list(parquet.read_table(path).to_pylist())
    if path.suffix == ".csv":
        options = csv.ParseOptions(newlines_in_values=True)
        return list(csv.read_csv(path, parse_options=options).to_pylist())
    return list(json.read_json(path).to_pylist())


def understood(path: Path) -> list[tuple[str, list[str], list[str]]]:
    """(system, prompt, response) of every row, as "role: text"; "skipped" for a row that it would skip."""
    info = json.loads(path.with_name("dataset_info.json").read_text())
    entry = next(one for one in info.values() if one["file_name"] == path.name)
    read = _alpaca if entry.get("formatting", "alpaca") == "alpaca" else _sharegpt
    return [read(row, entry) for row in loaded(path)]


def _alpaca(row: dict, entry: dict) -> tuple[str, list[str], list[str]]:
    columns = entry.get("columns", ALPACA)
    value = {ours: row.get(theirs) for ours, theirs in columns.items()}
    prompt = [
        f"{role}: {text}"
        for pair in value.get("history") or []
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    prompt.append("user: " + "\n".join(text for text in (value.get("prompt"), value.get("query")) if text))
    if entry.get("ranking"):
        answers = [value["chosen"], value["rejected"]]
    elif isinstance(value.get("kto_tag"), bool):
        answers = [value["response"], ""] if value["kto_tag"] else ["", value["response"]]
    else:
        answers = [value["response"]] if isinstance(value.get("response"), str) else []
    return value.get("system") or "", prompt, [f"assistant: {text}" for text in answers]


def _sharegpt(row: dict, entry: dict) -> tuple[str, list[str], list[str]]:
    columns, tags = entry["columns"], {**TAGS, **entry.get("tags", {})}
    roles = {tags[f"{name}_tag"]: name for name in ("user", "assistant", "observation", "function", "system")}
    turns = [_turn(turn, tags, roles, entry) for turn in row[columns["messages"]]]
    system = row.get(columns.get("system", "")) or ""
    if turns and turns[0][0] == "system":
        system, turns = turns[0][1], turns[1:]
    odd, even = ("user", "observation"), ("assistant", "function")
    ranking = bool(entry.get("ranking"))
    broken = any(role not in (even if n % 2 else odd) for n, (role, _) in enumerate(turns))
    if broken or (len(turns) % 2 == 0) == ranking:
        return system, ["skipped"], []
    told = [f"{role}: {text}" for role, text in turns]
    if ranking:
        pair = [_turn(row[columns[name]], tags, roles, entry) for name in ("chosen", "rejected")]
        return system, told, [f"{role}: {text}" for role, text in pair]
    return system, told[:-1], told[-1:]


def _turn(turn: dict, tags: dict, roles: dict, entry: dict) -> tuple[str, str]:
    if entry["formatting"] == "openai" and turn.get("tool_calls"):
        return "function", json.dumps([call["function"] for call in turn["tool_calls"]])
    return roles[turn[tags["role_tag"]]], turn[tags["content_tag"]]


TALK: Rows = [
    {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Add"},
            {"role": "assistant", "content": "What?"},
            {"role": "user", "content": "1, 2"},
            {"role": "assistant", "content": "3"},
        ]
    }
]
WHOLE = ("Be brief.", ["user: Add", "assistant: What?", "user: 1, 2"], ["assistant: 3"])
PAIR = ("", ["user: a"], ["assistant: b", "assistant: c"])
TOOLED: Rows = [
    {
        "conversations": [
            {"from": "human", "value": "Weather?"},
            {"from": "function_call", "value": '{"name": "f", "arguments": {"city": "上海"}}'},
            {"from": "observation", "value": "rain"},
            {"from": "gpt", "value": "Umbrella."},
        ],
        "tools": '[{"name": "f", "description": "d"}]',
    }
]


@pytest.mark.parametrize("to", ["alpaca", "sharegpt", "messages", "parquet"])
def test_a_conversation(to: str, tmp_path: Path) -> None:
    path = convert(written(tmp_path / "start.jsonl", TALK), to, named(tmp_path, "out", to))
    assert understood(path) == [WHOLE]


@pytest.mark.parametrize("to", ["alpaca", "prompt-completion", "csv", "parquet", "jsonl"])
def test_instructions(to: str, tmp_path: Path) -> None:
    rows: Rows = [
        {"instruction": "Add", "input": "1, 2", "output": "3"},
        {"instruction": "Go", "input": "", "output": "=x"},
    ]
    path = convert(written(tmp_path / "start.jsonl", rows), to, named(tmp_path, "out", to))
    told = [(prompt, answer[0].replace("'=", "=")) for _, prompt, answer in understood(path)]
    assert told == [(["user: Add\n1, 2"], "assistant: 3"), (["user: Go"], "assistant: =x")]


@pytest.mark.parametrize("to", ["alpaca", "sharegpt", "messages"])
def test_better_and_worse_answers(to: str, tmp_path: Path) -> None:
    path = convert(written(tmp_path / "start.jsonl", SETS["preferences"]), to, tmp_path / "out.jsonl")
    assert understood(path) == [PAIR]


def test_thumbs_up_and_down(tmp_path: Path) -> None:
    path = convert(written(tmp_path / "start.jsonl", SETS["kto"]), "alpaca", tmp_path / "out.jsonl")
    assert [answers for _, _, answers in understood(path)] == [
        ["assistant: b", "assistant: "],
        ["assistant: ", "assistant: c"],
    ]


@pytest.mark.parametrize("to", ["sharegpt", "messages"])
def test_tools(to: str, tmp_path: Path) -> None:
    path = convert(written(tmp_path / "start.jsonl", TOOLED), to, tmp_path / "out.jsonl")
    ((_, prompt, answer),) = understood(path)
    assert [turn.split(":")[0] for turn in prompt] == ["user", "function", "observation"]
    assert answer == ["assistant: Umbrella."]
    entry = json.loads((tmp_path / "dataset_info.json").read_text())["out"]
    assert entry["columns"]["tools"] == "tools"


def test_text_to_go_on_learning_from(tmp_path: Path) -> None:
    path = convert(written(tmp_path / "start.jsonl", SETS["texts"]), "alpaca", tmp_path / "out.jsonl")
    assert understood(path)[0] == ("", ["user: Once upon a time"], [])


def test_two_files_of_one_name_have_an_entry_each(tmp_path: Path) -> None:
    start = written(tmp_path / "start.jsonl", [{"instruction": "a", "input": None, "output": "=b"}])
    table = convert(start, "csv", tmp_path / "out.csv")
    convert(start, "messages", tmp_path / "out.jsonl")
    assert convert(table, "jsonl", tmp_path / "back.jsonl").read_bytes() == start.read_bytes()
    assert list(json.loads((tmp_path / "dataset_info.json").read_text())) == ["out", "out.jsonl", "back"]
