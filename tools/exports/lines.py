"""Writes rows as JSONL, JSON, CSV or Parquet, and tells LLaMA-Factory beside the file how to read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import orjson

from tools.columnar import write_parquet
from tools.exports.originals import SHAPES, Shape, narrow, own, shape_of, table_line
from tools.exports.shapes import Form, Line
from tools.spreadsheet import write_csv
from workspace.errors import UserError
from workspace.exact import json_bytes
from workspace.project import writing
from workspace.sample import Sample
from workspace.words import Words

WRITTEN_AS: dict[str, tuple[str, ...]] = {
    "JSONL": (".jsonl", ".ndjson"),
    "JSON": (".json",),
    "CSV": (".csv", ".tsv", ".tab"),
    "Parquet": (".parquet",),
}
SUFFIXES = tuple(suffix for group in WRITTEN_AS.values() for suffix in group)
OPENAI_TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "system_tag": "system",
}
TOOL_TAGS = {"observation_tag": "tool", "function_tag": "function_call"}
BESIDE = ("system", "tools", "images", "videos", "audios", "chosen", "rejected", "kto_tag")


def write_rows(rows: Iterable[Sample], path: Path, line: Callable[[Sample], Line], form: Form | None) -> None:
    """The kept rows, and an entry for them in dataset_info.json. Raises UserError where nothing can be written."""
    refuse_target(path)
    lines, seen, kind = (line(row) for row in rows if row.kept), dict[str, set[type]](), path.suffix.lower()
    if kind in WRITTEN_AS["CSV"]:
        _write_csv(lines, path, form)
        return
    if kind in WRITTEN_AS["Parquet"]:
        write_parquet(_watched(lines, seen), path)
    else:
        write_lines(_watched(lines, seen), path)
    write_entry(path, entry_of(seen, form))


def write_own(rows: Iterable[Sample], path: Path) -> None:
    """The kept rows in the form that each came in, with what has been changed since; what file, its name says.

    Raises UserError for a name that is none of JSONL, JSON, CSV, TSV and Parquet.
    """
    refuse_suffix(path, SUFFIXES)
    write_rows(rows, path, own, None)


def write_table(rows: Iterable[Sample], path: Path) -> None:
    """A CSV, as narrow as all rows can be had."""
    refuse_target(path)
    shapes: set[Shape] = set()

    def lines() -> Iterator[Line]:
        for row in rows:
            if row.kept:
                shapes.add(shape_of(row))
                yield table_line(row)

    _write_csv(lines(), path, None, lambda line: narrow(line, max(shapes, key=SHAPES.index)))


def _write_csv(
    lines: Iterable[Line], path: Path, form: Form | None, narrowed: Callable[[Line], Line] | None = None
) -> None:
    cells = write_csv(lines, path, "," if path.suffix.lower() in (".csv", "") else "\t", narrowed)
    seen: dict[str, set[type]] = {column.name: {str if column.kind == "text" else object} for column in cells.columns}
    notes: Line = {} if cells.plain else {"tunesmith": {"cells": cells.model_dump()}}
    write_entry(path, {**entry_of(seen, form), **notes})


def _watched(lines: Iterable[Line], seen: dict[str, set[type]]) -> Iterator[Line]:
    for line in lines:
        for name, value in line.items():
            seen.setdefault(name, set()).add(type(value))
        yield line


def write_lines(lines: Iterable[Line], path: Path) -> None:
    """One JSON list where the name ends in .json, else a line a row."""
    listed, any_yet = path.suffix.lower() == ".json", False
    with writing(path) as file:
        before = b"[\n" if listed else b""
        for line in lines:
            any_yet = True
            file.write(before + json_bytes(line))
            before = b",\n" if listed else b"\n"
        file.write((b"" if any_yet else before) + (b"\n]\n" if listed else b"\n" if any_yet else b""))


def refuse_target(path: Path, source: Path | None = None) -> None:
    """Raises UserError where the file can't be written: a folder, the file that is read, below a file."""
    if path.is_dir():
        raise UserError(
            Words(f"{path} is a folder.", f"{path} 是一个文件夹。"),
            Words("Name a file in it.", "请写出其中的文件名。"),
        )
    if source and path.exists() and path.samefile(source):
        raise UserError(
            Words(f"{path} would be read and written at once.", f"{path} 不能同时读取和写入。"),
            Words("Give --out another name.", "请给 --out 换一个文件名。"),
        )
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir():
        raise UserError(
            Words(f"{above} is a file, so nothing can be put into it.", f"{above} 是文件，不能在其中写入。"),
            Words("Name another folder.", "请换一个文件夹。"),
        )


def refuse_suffix(path: Path, allowed: tuple[str, ...]) -> None:
    """Raises UserError where a file of that name would be read as something else."""
    if path.suffix and path.suffix.lower() not in allowed:
        names = ", ".join(allowed)
        raise UserError(
            Words(f"I don't write {path.suffix} files here.", f"这里不能写 {path.suffix} 文件。"),
            Words(f"Let the name end in {names}.", f"文件名请以 {'、'.join(allowed)} 结尾。"),
        )


# dataset_info.json


def write_entry(path: Path, entry: Line) -> None:
    """An entry in the dataset_info.json beside the file, if there is anything to say; what else stands there stays."""
    info = path.with_name("dataset_info.json")
    if not entry and not info.exists():
        return
    known = _known_entries(info)
    name = _name_of(path, known)
    if not entry and name not in known:
        return
    known[name] = {"file_name": path.name, **entry}
    with writing(info) as file:
        file.write(orjson.dumps(known, option=orjson.OPT_INDENT_2))


def _name_of(path: Path, known: Line) -> str:
    """The file's name without its ending, unless that is the name of another data set."""
    there = known.get(path.stem)
    own = there is None or (isinstance(there, dict) and there.get("file_name") == path.name)
    return path.stem if own else path.name


def _known_entries(info: Path) -> Line:
    try:
        known = orjson.loads(info.read_bytes()) if info.exists() else {}
    except orjson.JSONDecodeError:
        known = None
    if isinstance(known, dict):
        return known
    raise UserError(
        Words(f"{info} is not a JSON object, so I leave it alone.", f"{info} 不是 JSON 对象，未作改动。"),
        Words("Move it away and try again.", "请把它移走后再试。"),
    )


def entry_of(seen: dict[str, set[type]], form: Form | None) -> Line:
    """What LLaMA-Factory must be told of a file with these columns; nothing of one that it can't use."""
    form = form or _likely(seen)
    columns = _main_columns(seen, form)
    if not columns:
        return {}
    columns |= {name: name for name in BESIDE if name in seen and name not in columns}
    if "kto_tag" not in seen and seen.get("label") == {bool}:
        columns["kto_tag"] = "label"
    ranked: Line = {"ranking": True} if {"chosen", "rejected"} <= seen.keys() else {}
    if form == "sharegpt":
        return {"formatting": "sharegpt", **ranked, "columns": columns}
    if form != "messages":
        return {**ranked, "columns": columns}
    if "tools" in seen:
        return {"formatting": "openai", **ranked, "columns": columns, "tags": {**OPENAI_TAGS, **TOOL_TAGS}}
    return {"formatting": "sharegpt", **ranked, "columns": columns, "tags": OPENAI_TAGS}


def _likely(seen: dict[str, set[type]]) -> Form | None:
    if list in seen.get("messages", ()):
        return "messages"
    return "sharegpt" if list in seen.get("conversations", ()) else None


def _main_columns(seen: dict[str, set[type]], form: Form | None) -> dict[str, str]:
    if form == "messages":
        return {"messages": "messages"}
    if form == "sharegpt":
        return {"messages": "conversations"}
    pairs = (("instruction", "output"), ("prompt", "completion"), ("question", "answer"), ("text", "label"))
    for asked, answered in pairs:
        if seen.get(asked) == {str} and (answered in seen or "chosen" in seen):
            names = {"prompt": asked, "query": "input", "response": answered, "history": "history"}
            return {ours: theirs for ours, theirs in names.items() if theirs in seen}
    return {"prompt": "text"} if "text" in seen else {}
