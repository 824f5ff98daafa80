"""The person's own files: every row of them comes out, the ones that can't be used with the reason why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import ClassVar, Literal

from tools.base import Kit, Source
from tools.sources.columns import Parts, enough, part_of, parts_of
from tools.sources.decoding import Encoding
from tools.sources.documents import extracted, is_document
from tools.sources.reading import DOCUMENTS, LISTS, TABLES, Table, read_as, table
from tools.sources.reading import tables as tables_of
from tools.sources.record import Record
from tools.sources.rows import Refused, refused_row, row_of
from workspace.errors import UserError
from workspace.sample import Sample
from workspace.spec import Spec
from workspace.words import CHINESE, Language, Words, language_of

OURS = "text, label, question, answer, prompt, completion, instruction, input, output, messages, evidence, split"


class Files(Source):
    """`paths` are relative to the project, or absolute; `mapping` is their column names to ours.

    With `tables`, what has no question or no answer is a row as well: of neither, all its columns are fields.
    """

    name: ClassVar[str] = "files"
    words: ClassVar[Words] = Words("rows from your files", "来自您文件的数据")
    paths: tuple[str, ...]
    mapping: dict[str, str] = {}
    tables: bool = False

    def read(self, kit: Kit) -> Iterator[Sample]:
        """Rows in = rows out, in their order. Raises UserError where a whole file can't be used."""
        for given in self.paths:
            # An absolute path names this machine; in the row only the file's own name stays.
            name = Path(given).name if Path(given).is_absolute() else given
            yield from read_file(kit.project.folder / given, name, self.mapping, kit.spec, tables=self.tables)


@dataclass(frozen=True)
class FileSummary:
    """What a dropped file is, for the one who asks the next question. Only examples have columns, rows and labels."""

    kind: Literal["examples", "document"]
    path: str = ""
    columns: tuple[str, ...] = ()
    rows: int = 0
    refused: int = 0
    labels: Mapping[str, int] = field(default_factory=dict)
    languages: tuple[Language, ...] = ()
    encoding: Encoding | None = None
    warnings: tuple[Words, ...] = ()


def read_file(
    path: Path, name: str, mapping: Mapping[str, str], spec: Spec, *, tables: bool = False
) -> Iterator[Sample]:
    """The rows of a file, folder or archive, `name` being what they say of where they come from; `tables`: see Files.

    Raises UserError where nothing in it can be used.
    """
    for found in tables_of(path):
        yield from _rows_of(found, path, name, mapping, spec, tables=tables)


def _rows_of(
    found: Table, path: Path, name: str, mapping: Mapping[str, str], spec: Spec, *, tables: bool
) -> Iterator[Sample]:
    task, labels = spec.task.value if spec.task else None, spec.labels.value if spec.labels else ()
    if found.alone:
        _refuse_mapping(found, mapping, path)
    shapes = _Shapes(found, mapping, {label.name for label in labels}, tables=tables)
    if found.alone and not enough(shapes.parts) and not tables and path.suffix.lower() not in DOCUMENTS:
        raise _wrong_columns(found, path)
    header = Record(max(1, found.preview[0].line - 1), {column: column for column in found.columns})
    records = chain([header], found.records) if _headless(found, shapes.parts.get("label")) else found.records
    for record in records:
        try:
            yield row_of(record, shapes.of(record), name, task, tables=tables)
        except Refused as refused:
            yield refused_row(record, name, f"{_place(record, path)}: {refused}")


def _place(record: Record, path: Path) -> str:
    """Where a person finds it."""
    member = f"{record.file}, " if record.file else ""
    sheet = f"sheet {record.sheet}, " if record.sheet else ""
    if record.page is not None:
        return f"{member}page {record.page}"
    suffix = Path(record.file).suffix.lower() if record.file else path.suffix.lower()
    unit = "line" if suffix in (*TABLES, *LISTS, *DOCUMENTS) and not sheet else "row"
    return f"{member}{sheet}{unit} {record.line}"


class _Shapes:
    """The parts of each row by its own columns: a file may hold rows of several shapes."""

    MOST = 1000

    def __init__(self, found: Table, mapping: Mapping[str, str], labels: set[str], *, tables: bool) -> None:
        self.parts = parts_of(found.columns, mapping, found.preview, labels)
        by_name = parts_of(found.columns, mapping, (), labels)
        if tables and not enough(by_name) and not _says(found, self.parts):
            self.parts = by_name
        self._mapping, self._labels = mapping, labels
        self._known: dict[tuple[str, ...], Parts] = {}

    def of(self, record: Record) -> Parts:
        columns = tuple(record.values)
        if columns not in self._known:
            if len(self._known) > self.MOST:
                self._known.clear()
            self._known[columns] = self._found(columns)
        return self._known[columns]

    def _found(self, columns: tuple[str, ...]) -> Parts:
        usual = {part: column for part, column in self.parts.items() if column in columns}
        if enough(usual):
            return usual
        own = parts_of(columns, self._mapping, (), self._labels)
        return own if enough(own) else usual


def summary(path: Path, name: str = "", kept: Path | None = None) -> FileSummary:
    """`name`: its path inside the project, for the specification. `kept`: see document().

    Raises UserError where the file can't be used.
    """
    if is_document(path):
        found = extracted(path, kept)
        unread = tuple(Words(f"Not read: {why}.", f"未能读取：{why}。") for why in found.unread)
        return FileSummary("document", name or path.name, languages=(language_of(found.text),), warnings=unread)
    labels, languages, rows, refused = Counter[str](), Counter[Language](), 0, Counter[str]()
    for row in read_file(path, path.name, {}, Spec()):
        rows += 1
        if row.dropped_by:
            refused[row.dropped_by.reason] += 1
            continue
        languages[language_of(row.question)] += 1
        if row.label:
            labels[row.label] += 1
    return FileSummary(
        kind="examples",
        path=name or path.name,
        columns=table(path).columns,
        encoding=read_as(path),
        rows=rows,
        refused=refused.total(),
        labels=dict(labels),
        languages=tuple(language for language, count in languages.most_common() if count * 10 >= rows),
        warnings=tuple(_warnings(labels, refused)),
    )


def _warnings(labels: Counter[str], refused: Counter[str]) -> Iterator[Words]:
    if refused:
        first = next(iter(refused))
        yield Words(
            f"{refused.total()} rows can't be used; the first: {first}.",
            f"有 {refused.total()} 行无法使用，第一处：{first}。",
        )
    if len(labels) == 1:
        (only,) = labels
        yield Words(
            f"Every row has the label {only}: there is nothing to tell apart yet.",
            f"所有行都是同一类“{only}”，还没有可区分的内容。",
        )
    single = [name for name, count in labels.items() if count == 1]
    if single:
        names = ", ".join(single[:5]) + (" …" if len(single) > 5 else "")
        yield Words(
            f"{len(single)} labels have a single row ({names}): none can be held back to test on.",
            f"有 {len(single)} 个类别只有一行（{names}），无法留出来做测试。",
        )


def _says(found: Table, parts: Parts) -> bool:
    """What is taken for the question by its content alone is mostly sentences, not the names in a table."""
    values = [str(record.values.get(parts.get("question", ""), "")) for record in found.preview]
    sentences = sum(len(value.split()) > 2 or len(CHINESE.findall(value)) > 5 for value in values)
    return sentences * 2 > len(values)


def _headless(found: Table, label: str | None) -> bool:
    """The first line is a row: what stands over the labels is one of them."""
    if label is None or part_of(label):
        return False
    return any(str(record.values.get(label, "")).strip() == label for record in found.preview)


def _refuse_mapping(found: Table, mapping: Mapping[str, str], path: Path) -> None:
    for theirs, ours in mapping.items():
        if theirs not in found.columns:
            raise UserError(
                Words(f"{path.name} has no column {theirs!r}.", f"{path.name} 里没有 {theirs!r} 这一列。"),
                Words(f"It has: {', '.join(found.columns)}.", f"现有的列：{'、'.join(found.columns)}。"),
            )
        if part_of(ours) is None:
            raise UserError(
                Words(f"A column can't be renamed to {ours!r}.", f"列名不能改为 {ours!r}。"),
                Words(f"Known are: {OURS}.", f"可用的有：{OURS}。"),
            )


def _wrong_columns(found: Table, path: Path) -> UserError:
    columns = ", ".join(column[:40] for column in found.columns[:12]) + (" …" if len(found.columns) > 12 else "")
    return UserError(
        Words(
            f"{path.name} has the columns {columns}; I can't tell which hold the text and its answer.",
            f"{path.name} 的列是：{columns}；无法判断哪一列是文本、哪一列是答案或类别。",
        ),
        Words(
            "Name them text and label; or question and answer; or instruction, input and output; or messages. "
            "On the command line, --map theirs=ours does it.",
            "请把列名改为 text 和 label，或 question 和 answer，或 instruction、input、output，或 messages；"
            "命令行可用 --map 原列名=新列名。",
        ),
    )
