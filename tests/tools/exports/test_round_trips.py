"""Other people's rows, however odd, are the same after any two formats, and what was changed on the way stays so."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import orjson
import pytest

from tools.base import Export, Kit, tool
from tools.exports.lines import write_own
from tools.exports.originals import own
from tools.exports.shapes import form_of
from tools.sources.files import Files
from workspace.errors import UserError
from workspace.exact import json_bytes, strict_json
from workspace.project import Project
from workspace.sample import Message, Sample
from workspace.spec import Spec

FORMATS = ("alpaca", "sharegpt", "messages", "prompt-completion", "csv", "parquet", "jsonl")
Rows = list[dict[str, object]]
CALLS = [{"id": "x", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}]
TURN = {"role": "user", "content": "hi"}
IMAGE = {"type": "image_url", "image_url": {"url": "a.png", "detail": "low"}}
ODD = [
    "=1+1",
    "-5",
    "'=x",
    "+86 1",
    "@a",
    "\t=b",
    "- a",
    " led",
    "a\r\nb",
    '"q"',
    "\\N",
    "\\\\A",
    "",
    "\u2028",
    "nul\0",
    "😀",
    "＝1",
]
SETS: dict[str, Rows] = {
    "alpaca": [
        {
            "instruction": "Add",
            "input": "1, 2",
            "output": "3",
            "system": "Be brief.",
            "history": [["a", "b"], ["c", "d"]],
        },
        {"instruction": "Add", "input": "", "output": "3"},
        {"instruction": "Add", "input": None, "output": "3", "history": []},
        {"instruction": "Add\n", "input": "\n", "output": "", "id": 7, "tags": ["x", {"y": None}]},
    ],
    "kto": [
        {"instruction": "a", "input": "", "output": "b", "kto_tag": True},
        {"instruction": "a", "input": "", "output": "c", "kto_tag": False},
    ],
    "ranking": [
        {"instruction": "a", "input": "b", "chosen": "c", "rejected": "d"},
        {"instruction": "a", "input": "", "chosen": "", "rejected": "d"},
    ],
    "preferences": [
        {
            "conversations": [{"from": "human", "value": "a"}],
            "chosen": {"from": "gpt", "value": "b"},
            "rejected": {"from": "gpt", "value": "c"},
        },
    ],
    "trl": [
        {"prompt": "a", "completion": "b", "label": True},
        {"prompt": [{"role": "system", "content": "s"}, TURN], "completion": [{"role": "assistant", "content": "b"}]},
        {
            "prompt": "a",
            "chosen": [TURN, {"role": "assistant", "content": "b"}],
            "rejected": [TURN, {"role": "assistant", "content": "c"}],
        },
        {
            "prompt": [TURN],
            "chosen": [{"role": "assistant", "content": "b"}],
            "rejected": [{"role": "assistant", "content": "c"}],
        },
    ],
    "openai": [
        {
            "messages": [
                {"role": "system", "content": "s"},
                {**TURN, "name": "Ann"},
                {"role": "assistant", "content": "Let me look.", "tool_calls": CALLS},
                {"role": "tool", "tool_call_id": "x", "content": "rain"},
                {"role": "assistant", "content": None, "refusal": None},
            ],
            "tools": [
                {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
            ],
            "parallel_tool_calls": False,
        },
        {
            "messages": [
                {"role": "user", "content": [IMAGE, {"type": "text", "text": "Who?"}]},
                {"role": "assistant", "content": "Ann"},
            ]
        },
        {"messages": []},
        {
            "messages": [
                {"role": "developer", "content": "d"},
                TURN,
                TURN,
                {"role": "assistant", "content": "a", "weight": 0},
            ]
        },
    ],
    "sharegpt": [
        {
            "conversations": [{"from": "human", "value": "<image>a"}, {"from": "gpt", "value": "b"}],
            "images": ["a.png"],
            "id": "1",
        },
        {
            "conversations": [
                {"from": "system", "value": "s"},
                {"from": "human", "value": "a"},
                {"from": "gpt", "value": "b"},
            ]
        },
        {
            "conversations": [{"from": "human", "value": "a"}, {"from": "function_call", "value": "no json"}],
            "system": "",
            "tools": "[]",
        },
    ],
    "strange turns": [
        {"conversations": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
        {"messages": [{"role": "narrator", "content": "a"}]},
        {"dialogue": [{"from": "human", "value": "a", "text": "x"}], "messages": "none"},
    ],
    "labels": [{"text": text, "label": "x", "n": "1"} for text in ODD],
    "tables": [
        {
            "name": "St. Mary",
            "beds": 120,
            "rate": 4.5,
            "open": True,
            "note": None,
            "tags": ["a", {"b": [1, 2.0]}],
            "zip": "007",
        },
        {
            "name": "",
            "beds": 2**62,
            "rate": 4,
            "open": "yes",
            "note": "",
            "tags": {},
            "big": -(2**62),
            "bigger": 2**90,
            "conversations": "none",
        },
        {"name": "圣玛丽", "rate": 1e300, "output": "o", "system": "s", "tunesmith": "theirs", "text2": "=A1"},
        {"=cmd": "x", "a,b": "y", " led": "z", "instruction": 5},
    ],
    "questions": [{"question": "a", "answer": "b", "context": "c", "split": "train", "ok": 1}],
    "texts": [{"text": "Once upon a time"}, {"text": "in a land"}],
}


def written(path: Path, rows: Rows) -> Path:
    path.write_bytes(b"".join(json_bytes(row) + b"\n" for row in rows))
    return path


def read(path: Path) -> list[Sample]:
    return list(Files(paths=(str(path),), tables=True).read(Kit(spec=Spec(), project=Project(path.parent, "p"))))


def convert(path: Path, to: str, out: Path) -> Path:
    rows = read(path)
    assert all(row.kept for row in rows), [row.dropped_by for row in rows]
    tool(Export, to)().write(iter(rows), out)  # type: ignore[type-abstract]
    return out


def named(folder: Path, stem: str, to: str) -> Path:
    return folder / f"{stem}.{to if to in ('csv', 'parquet') else 'jsonl'}"


def back(path: Path) -> list[bytes]:
    return [json_bytes(strict_json(line), ordered=True) for line in path.read_bytes().split(b"\n") if line]


def check(rows: Rows, first: str, second: str, folder: Path) -> None:
    start = written(folder / "start.jsonl", rows)
    there = convert(start, first, named(folder, "there", first))
    beyond = convert(there, second, named(folder, "beyond", second))
    own_form = {form_of(row) or "jsonl" for row in rows}
    found = back(convert(beyond, own_form.pop() if len(own_form) == 1 else "jsonl", folder / "back.jsonl"))
    assert found == [json_bytes(row, ordered=True) for row in rows]


@pytest.mark.parametrize("rows", SETS.values(), ids=SETS)
@pytest.mark.parametrize("first", FORMATS)
def test_rows_are_the_same_after_one_format(rows: Rows, first: str, tmp_path: Path) -> None:
    check(rows, first, first, tmp_path)


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(("sharegpt", "csv", "alpaca"), 2)))
@pytest.mark.parametrize("name", ["openai", "trl", "labels"])
def test_rows_are_the_same_after_two(name: str, first: str, second: str, tmp_path: Path) -> None:
    check(SETS[name], first, second, tmp_path)


def changed(path: Path, **said: str) -> None:
    """What an editor would do: other words in the file."""
    text = path.read_text(encoding="utf-8")
    for before, after in said.items():
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("to", ["sharegpt", "messages", "prompt-completion"])
def test_what_is_changed_in_another_form_stays_changed(to: str, tmp_path: Path) -> None:
    rows: Rows = [{"instruction": "Add", "input": "apples", "output": "three", "id": None}]
    there = convert(written(tmp_path / "a.jsonl", rows), to, tmp_path / "b.jsonl")
    line = orjson.loads(there.read_bytes())
    assert "id" in line
    text = orjson.dumps({name: value for name, value in line.items() if name != "tunesmith"}).decode()
    line = {**line, **orjson.loads(text.replace("apples", "pears").replace("three", "four"))}
    found = orjson.loads(convert(written(there, [line]), "alpaca", tmp_path / "c.jsonl").read_bytes())
    assert found == {"instruction": "Add", "input": "pears", "output": "four", "id": None}


def test_a_row_goes_back_into_its_own_form_with_what_was_changed(tmp_path: Path) -> None:
    values = {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
            {"role": "assistant", "content": "b"},
        ],
        "n": 1,
        "tags": ["x"],
    }
    (row,) = read(written(tmp_path / "a.jsonl", [values]))
    assert own(row) == values
    now = (Message(role="user", content="HI"), row.messages[1])
    fields = {"n": 2, "tags": '["y"]', "language": "en"}
    found = own(row.model_copy(update={"messages": now, "fields": fields, "split": "test"}))
    assert found["messages"][0] == {"role": "user", "content": [{"type": "text", "text": "HI"}]}
    assert (found["n"], found["tags"], found["language"], found["split"]) == (2, ["y"], "en", "test")


def test_a_label_that_is_the_answer_changes_with_it(tmp_path: Path) -> None:
    (row,) = read(written(tmp_path / "a.jsonl", [{"text": "gone", "label": "lost"}]))
    assert own(row.model_copy(update={"label": "found"})) == {"text": "gone", "label": "found"}
    messages = (row.messages[0], Message(role="assistant", content="found"))
    assert own(row.model_copy(update={"messages": messages})) == {"text": "gone", "label": "found"}


def test_a_spreadsheet_runs_nothing_and_numbers_stay_numbers(tmp_path: Path) -> None:
    rows: Rows = [{"a": text, "b": -5} for text in ODD]
    path = convert(written(tmp_path / "a.jsonl", rows), "csv", tmp_path / "b.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [row["a"] for row in csv.DictReader(file)]
    assert [cell for cell in cells if cell[:1] in "=+@\t\r" and cell] == []
    assert cells[1] == "-5"
    (tmp_path / "dataset_info.json").unlink()
    assert [row.fields["b"] for row in read(path)] == ["-5"] * len(ODD)


def test_a_table_that_somebody_changed_keeps_its_types(tmp_path: Path) -> None:
    path = convert(written(tmp_path / "a.jsonl", [{"a": "=x", "n": 5, "l": [1]}]), "csv", tmp_path / "b.csv")
    path.write_text(path.read_text(encoding="utf-8-sig") + "new,6,[2]\n", encoding="utf-8")
    assert [own(row) for row in read(path)] == [{"a": "=x", "n": 5, "l": [1]}, {"a": "new", "n": 6, "l": [2]}]


def test_parquet_has_the_types_that_trainers_expect(tmp_path: Path) -> None:
    from pyarrow import parquet

    turns = [TURN, {"role": "assistant", "content": "b", "weight": 1}]
    rows: Rows = [{"messages": turns, "n": 1, "x": 0.5}, {"messages": turns[:1], "n": 2, "x": 3, "odd": {}}]
    path = convert(written(tmp_path / "a.jsonl", rows), "parquet", tmp_path / "b.parquet")
    types = {
        field.name: str(field.type).replace("element: ", "").replace("item: ", "")
        for field in parquet.read_schema(path)
    }
    assert types["messages"] == "list<struct<role: string, content: string, weight: int64>>"
    assert (types["n"], types["x"], types["odd"]) == ("int64", "double", "string")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".jsonl", ".parquet"])
def test_rows_go_back_as_they_came_into_any_file(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / "clean" / f"rows{suffix}"
    path.parent.mkdir()
    start = tmp_path / "a.csv"
    start.write_text("name,beds\nSt. Mary,120\n圣玛丽,\n", encoding="utf-8")
    write_own(read(start), path)
    assert [own(row) for row in read(path)] == [{"name": "St. Mary", "beds": "120"}, {"name": "圣玛丽", "beds": ""}]
    assert not (path.parent / "dataset_info.json").exists()


@pytest.mark.parametrize("name", ["rows.xlsx", "folder", "file.txt/rows.jsonl"])
def test_what_can_not_be_written_is_said_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.txt").write_text("x")
    rows = read(written(tmp_path / "a.jsonl", SETS["texts"]))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError):
        write_own(rows, tmp_path / name)
    assert sorted(tmp_path.rglob("*")) == before
