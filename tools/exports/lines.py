"""Writes exported rows as JSONL or as one JSON list, and tells LLaMA-Factory beside them how to read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import orjson

from workspace.errors import UserError
from workspace.project import writing
from workspace.sample import Message, Sample
from workspace.words import Words

Line = dict[str, object]
# What the files source keeps of an alpaca row beside its question; the alpaca export puts it back.
PARTS = ("instruction", "input")


def write_lines(lines: Iterable[Line], path: Path) -> set[str]:
    """One JSON list where the name ends in .json, else a line a row; the keys that occur."""
    keys: set[str] = set()
    listed = path.suffix.lower() == ".json"
    with writing(path) as file:
        before = b"[\n" if listed else b""
        for line in lines:
            keys |= line.keys()
            file.write(before + orjson.dumps(line))
            before = b",\n" if listed else b"\n"
        file.write((b"" if keys else before) + (b"\n]\n" if listed else b"\n" if keys else b""))
    return keys


def write_entry(path: Path, entry: Line) -> None:
    """An entry in the dataset_info.json beside the file; what else stands there stays."""
    info = path.with_name("dataset_info.json")
    try:
        known = orjson.loads(info.read_bytes()) if info.exists() else {}
    except orjson.JSONDecodeError:
        known = None
    if not isinstance(known, dict):
        raise UserError(
            Words(f"{info} is not a JSON object, so I leave it alone.", f"{info} 不是 JSON 对象，未作改动。"),
            Words("Move it away and try again.", "请把它移走后再试。"),
        )
    known[path.stem] = {"file_name": path.name, **entry}
    with writing(info) as file:
        file.write(orjson.dumps(known, option=orjson.OPT_INDENT_2))


def kept(rows: Iterable[Sample]) -> Iterator[Sample]:
    return (row for row in rows if row.kept)


def held(row: Sample, own: Line) -> Line:
    """`own`, which the format asks for, and what else the row has under the names by which it is read again."""
    fields = {name: value for name, value in row.fields.items() if name not in PARTS or not parted(row)}
    beside = {"label": row.label, "evidence": row.evidence, "split": row.split}
    return {**own, **fields, **{name: value for name, value in beside.items() if value is not None}, **own}


def parted(row: Sample) -> tuple[str, str] | None:
    """(instruction, input) of the last question, if they were two columns of the file that it came from."""
    instruction, extra = (str(row.fields.get(name, "")) for name in PARTS)
    whole = row.messages[-2].content if len(row.messages) > 1 else ""
    return (instruction, extra) if extra and f"{instruction}\n{extra}" == whole else None


def system_of(row: Sample) -> tuple[str, Sequence[Message]]:
    """(what the system says at the beginning, the other turns)"""
    if row.messages and row.messages[0].role == "system":
        return row.messages[0].content, row.messages[1:]
    return "", row.messages
