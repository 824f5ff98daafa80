"""From the records of a database, an API or a hub to rows: the same reading for all that is fetched."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

import orjson

from tools.sources.columns import Parts, enough, parts_of
from tools.sources.record import PREVIEW, Record
from tools.sources.rows import Refused, refused_row, row_of
from workspace.errors import UserError
from workspace.sample import Finding, Origin, Sample, row_id
from workspace.spec import Spec
from workspace.words import Words

# The finding of the row that stands where a source broke off: what lies behind it has not been seen.
STOPPED = "stopped"
REVISION = re.compile(r"(?<=[^@])@[^/@]+(?=/)")


@dataclass(frozen=True)
class Place:
    """Where records come from, and how they are to be read: as rows of a table where `tables`."""

    source: str
    file: str
    licence: str | None = None
    mapping: dict[str, str] = field(default_factory=dict)
    tables: bool = False


def rows_of(records: Iterable[Record], place: Place, spec: Spec) -> Iterator[tuple[Record, Sample]]:
    """Each record beside its row, in their order. Raises UserError where no column is a question with an answer."""
    steady = iter(records)
    preview = list(islice(steady, PREVIEW))
    sound = [record for record in preview if not record.problem]
    columns = tuple(dict.fromkeys(name for record in sound for name in record.values))
    labels = {label.name for label in spec.labels.value} if spec.labels else set()
    _refuse_mapping(place, columns)
    parts = parts_of(columns, place.mapping, sound, labels)
    if sound and not place.tables and not enough(parts):
        raise _no_question(place, columns)
    for record in chain(preview, steady):
        yield record, _row(record, parts, place, spec)


def stopped(place: Place, reason: str) -> Sample:
    """The last row of a source that could not be read to its end, with the reason why."""
    origin = Origin(source=place.source, file=place.file, licence=place.licence)
    row = Sample(id=row_id((), origin), messages=(), origin=origin)
    return row.judged(Finding(check=STOPPED, verdict="fail", reason=reason, drops=True))


def _row(record: Record, parts: Parts, place: Place, spec: Spec) -> Sample:
    try:
        row = row_of(record, parts, place.file, spec.task.value if spec.task else None, tables=place.tables)
    except Refused as refused:
        row = refused_row(record, place.file, f"row {record.line}: {refused}")
    origin = Origin(
        source=place.source, file=place.file, page=record.page, row=record.line or None, licence=place.licence
    )
    return placed(row, origin)


def content_key(row: Sample) -> str:
    """Equal for rows that say the same, wherever and whenever they were read."""
    return _content_key(row, row.origin)


def placed(row: Sample, origin: Origin) -> Sample:
    """The row with another origin, and the id that follows from its content there."""
    where = f"{_content_key(row, origin)}{origin.page}/{origin.sheet}/{origin.row}/{origin.file}"
    return row.model_copy(update={"origin": origin, "id": hashlib.sha256(where.encode()).hexdigest()[:12]})


def _content_key(row: Sample, origin: Origin) -> str:
    # A public data set's next revision holds mostly the same rows.
    file = REVISION.sub("", origin.file or "") if origin.source == "hub" else origin.file
    said = [message.model_dump(exclude_defaults=True) for message in row.messages]
    cell = row.cell.model_dump(exclude_defaults=True)
    content = (origin.source, file, said, row.label, row.evidence, row.fields, row.split, cell)
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[:16]


def _refuse_mapping(place: Place, columns: tuple[str, ...]) -> None:
    unknown = [theirs for theirs in place.mapping if theirs not in columns]
    if unknown and columns:
        raise UserError(
            Words(f"{place.file} has no column {unknown[0]!r}.", f"{place.file} 里没有 {unknown[0]!r} 这一列。"),
            Words(f"It has: {', '.join(columns)}.", f"现有的列：{'、'.join(columns)}。"),
        )


def _no_question(place: Place, columns: tuple[str, ...]) -> UserError:
    names = ", ".join(columns[:12])
    return UserError(
        Words(
            f"{place.file} has the columns {names}; I can't tell which hold the text and its answer.",
            f"{place.file} 的列是：{names}；无法判断哪一列是文本、哪一列是答案或类别。",
        ),
        Words(
            "Say it with mapping, as in mapping: {body: text, topic: label}.",
            "请用 mapping 说明，例如 mapping: {body: text, topic: label}。",
        ),
    )
