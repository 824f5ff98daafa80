"""From any file to its records, each bad one with what is wrong with it: who reads it follows from what it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, groupby, islice
from pathlib import Path

from tools.sources.decoding import Encoding, detected, opened
from tools.sources.kinds import READERS, foreign, packed, unread
from tools.sources.record import PREVIEW, Record, unreadable
from workspace.errors import UserError
from workspace.words import Words

PREVIEWED = 5_000_000
TABLES = (".csv", ".tsv", ".tab", ".psv")
LISTS = (".jsonl", ".ndjson")
JSON = (".json", ".geojson")
DOCUMENTS = (".txt", ".md", ".markdown", ".text")
NAMELESS = ("", ".dat", ".data", ".asc", ".out")
FOREIGN = tuple(suffix for reader in READERS.values() for suffix in reader.suffixes)


@dataclass(frozen=True)
class Table:
    """Records that belong together: of one file, one sheet. `preview` holds the first, which `records` yields again.

    `file` and `sheet` are those of its records; where both are empty it is the whole file.
    """

    columns: tuple[str, ...]
    preview: tuple[Record, ...]
    records: Iterator[Record]
    file: str = ""
    sheet: str | None = None

    @property
    def alone(self) -> bool:
        return not self.file and self.sheet is None


def tables(path: Path) -> Iterator[Table]:
    """All tables of a file, folder or archive, each to be read before the next is asked for.

    Raises UserError where the file can't be opened, is of no kind that is read, or holds no rows.
    """
    found = False
    for (file, sheet), group in groupby(records(path), lambda record: (record.file, record.sheet)):
        table = _table(group, file, sheet)
        if table.alone and not table.columns and not found:
            first = table.preview[0]
            raise unreadable(path, f"line {first.line}: {first.problem}")
        found = True
        yield table
    if not found:
        raise no_rows(path)


def table(path: Path) -> Table:
    """The first of its tables."""
    return next(tables(path))


def records(path: Path) -> Iterator[Record]:
    """Raises UserError where the file can't be opened or is of no kind that is read."""
    if said := unread(path):
        raise UserError(
            Words(f"{path.name} is {said.en}.", f"{path.name} 是{said.zh}。"),
            Words(
                "Save it in another form, without a password, and send that.", "请去掉密码、另存为其他格式后再发送。"
            ),
        )
    if path.is_dir() or packed(path):
        from tools.sources.archives import unpacked

        return unpacked(path)
    if parsed := foreign(path):
        from tools.sources.child import read_apart

        return read_apart(path, READERS[parsed])
    return _text_records(path)


def read_as(path: Path) -> Encoding | None:
    """The encoding in which a file of text is read, and how sure that is; None for what is no text."""
    if path.is_dir() or packed(path) or foreign(path):
        return None
    return detected(path)


def _table(group: Iterator[Record], file: str, sheet: str | None) -> Table:
    preview, size = [], 0
    for record in islice(group, PREVIEW):
        preview.append(record)
        size += sum(len(value) for value in record.values.values() if isinstance(value, str))
        if size > PREVIEWED:
            break
    columns = tuple(dict.fromkeys(name for record in preview for name in record.values))
    return Table(columns, tuple(preview), chain(preview, group), file, sheet)


def _text_records(path: Path) -> Iterator[Record]:
    from tools.sources import delimited, jsons

    kind = path.suffix.lower()
    if kind in FOREIGN:
        kind = ".csv" if kind in (*READERS["spreadsheet"].suffixes, *READERS["parquet"].suffixes) else ".txt"
    if kind in NAMELESS and delimited.is_table(path):
        kind = ".csv"
    if kind in (*TABLES, *NAMELESS) and _starts_as_json(path) and jsons.starts(path):
        kind = ".json"
    if kind in TABLES:
        return delimited.read(path)
    if kind in LISTS:
        return jsons.read_lines(path)
    if kind in JSON:
        return jsons.read(path)
    if kind in DOCUMENTS:
        return delimited.read_text(path)
    with opened(path):
        pass
    raise UserError(
        Words(
            f"I don't read files of the kind {path.suffix or path.name!r}.", f"不支持 {path.suffix or path.name} 文件。"
        ),
        Words(
            "Send tables as CSV, JSON, JSONL, Parquet or Excel, documents as PDF, Word, web page, .txt or .md.",
            "表格请用 CSV、JSON、JSONL、Parquet 或 Excel，文档请用 PDF、Word、网页、.txt 或 .md。",
        ),
    )


def _starts_as_json(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(1000).lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[{", b"[["))
    except OSError:
        return False


def no_rows(path: Path) -> UserError:
    return UserError(
        Words(f"{path.name} has no rows.", f"{path.name} 里没有数据行。"),
        Words("Put at least one row below the column names.", "请在列名下面至少放一行数据。"),
    )
