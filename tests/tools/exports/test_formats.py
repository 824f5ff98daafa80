"""A row written in another form reads back as the row it was, as far as the form can hold it."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tests.contract.kits import said
from tools.base import Export, registry
from tools.exports.alpaca import Alpaca
from tools.exports.messages import Messages
from tools.exports.sharegpt import ShareGPT
from tools.exports.table import Table
from tools.sources.files import read_file
from workspace.errors import UserError
from workspace.sample import Message, Origin, Sample, row_id, sample
from workspace.spec import Spec

EXPORTS = [export() for export in registry(Export).values()]


def talk(*turns: str, system: str = "") -> Sample:
    messages = tuple(Message(role="assistant" if i % 2 else "user", content=turn) for i, turn in enumerate(turns))
    messages = ((Message(role="system", content=system),) if system else ()) + messages
    return Sample(id=row_id(messages, Origin(source="files")), messages=messages, origin=Origin(source="files"))


ROWS = [
    said('I "lost" it,\nreally\u2028so').model_copy(
        update={"fields": {"channel": "sms", "text": "x"}, "split": "test"}
    ),
    sample("=1+1 等于几？", "2", Origin(source="files")).model_copy(update={"evidence": "one and one is two"}),
    talk("hi", "yes?", "my card", "which one?", system="Be kind."),
]


def back(path: Path) -> list[Sample]:
    return list(read_file(path, path.name, {}, Spec()))


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
@pytest.mark.parametrize("suffix", ["", ".json"])
def test_there_and_back(export: Export, suffix: str, tmp_path: Path) -> None:
    if export.name in ("csv", "parquet") and suffix:
        pytest.skip("a table is no JSON")
    path = tmp_path / f"rows{suffix or export.suffix}"
    export.write(iter(ROWS), path)
    found = back(path)
    assert [row.messages for row in found] == [row.messages for row in ROWS]
    assert [(row.label, row.evidence, row.split) for row in found] == [
        (row.label, row.evidence, row.split) for row in ROWS
    ]
    assert found[0].fields["channel"] == "sms"


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_no_rows_are_a_file_too(export: Export, tmp_path: Path) -> None:
    path = tmp_path / f"rows{export.suffix}"
    export.write(iter(()), path)
    with pytest.raises(UserError):
        back(path)


def test_a_list_without_rows_is_json(tmp_path: Path) -> None:
    Messages().write(iter(()), tmp_path / "rows.json")
    assert orjson.loads((tmp_path / "rows.json").read_bytes()) == []


def test_lines_as_others_know_them() -> None:
    row = talk("hi", "yes?", "my card", "which one?", system="Be kind.")
    assert ShareGPT().line(row) == {
        "conversations": [
            {"from": "human", "value": "hi"},
            {"from": "gpt", "value": "yes?"},
            {"from": "human", "value": "my card"},
            {"from": "gpt", "value": "which one?"},
        ],
        "system": "Be kind.",
    }
    assert Alpaca().line(row) == {
        "instruction": "my card",
        "input": "",
        "output": "which one?",
        "system": "Be kind.",
        "history": [["hi", "yes?"]],
    }
    assert list(Messages().line(said("gone"))) == ["messages", "label"]
    assert Table().line(said("gone")) == {"text": "gone", "label": "lost_card"}


def test_turns_of_one_side_are_joined_where_only_pairs_fit() -> None:
    turns = [("user", "hi"), ("user", "my card"), ("assistant", "yes?"), ("assistant", "gone?")]
    messages = tuple(Message(role=role, content=content) for role, content in turns)
    line = Alpaca().line(talk("x", "y").model_copy(update={"messages": messages}))
    assert (line["instruction"], line["output"]) == ("hi\nmy card", "yes?\ngone?")


def test_llama_factory_is_told_how_to_read_it(tmp_path: Path) -> None:
    (tmp_path / "dataset_info.json").write_text('{"theirs": {"file_name": "x.json"}}')
    Alpaca().write([said("a")], tmp_path / "one.json")
    ShareGPT().write([talk("a", "b", system="c")], tmp_path / "two.json")
    assert orjson.loads((tmp_path / "dataset_info.json").read_bytes()) == {
        "theirs": {"file_name": "x.json"},
        "one": {
            "file_name": "one.json",
            "columns": {"prompt": "instruction", "query": "input", "response": "output"},
        },
        "two": {
            "file_name": "two.json",
            "formatting": "sharegpt",
            "columns": {"messages": "conversations", "system": "system"},
        },
    }


def test_a_file_of_theirs_that_is_broken_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "dataset_info.json").write_text("{broken")
    with pytest.raises(UserError):
        Alpaca().write([said("a")], tmp_path / "one.json")
    assert (tmp_path / "dataset_info.json").read_text() == "{broken"


@pytest.mark.parametrize("name", ["alpaca_en_demo.json", "alpaca_zh_demo.json", "identity.json"])
def test_others_rows_by_way_of_every_form(shared: Path, tmp_path: Path, name: str) -> None:
    rows = back(shared / "llamafactory_demo" / name)
    for export in EXPORTS:
        path = tmp_path / f"{export.name}{export.suffix}"
        export.write(iter(rows), path)
        assert [row.messages for row in back(path)] == [row.messages for row in rows]
    written = [orjson.loads(line) for line in (tmp_path / "alpaca.jsonl").read_bytes().strip().split(b"\n")]
    assert written == orjson.loads((shared / "llamafactory_demo" / name).read_bytes())
