"""Parquet files, a batch at a time, so that memory stays flat; what is nested in a cell stays nested."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite, isnan
from pathlib import Path
from uuid import UUID

from tools.columnar import NOTE, note_of, restored
from tools.sources.record import Record

ROWS = 1000
PLAIN = (str, int, bool, type(None))


def read(path: Path) -> Iterator[Record]:
    """`line` counts the rows from 1. Times become ISO text, bytes that are no UTF-8 become base64.

    Of a file that we wrote, the rows are as they were before.
    """
    from pyarrow import parquet

    with parquet.ParquetFile(path, memory_map=True) as file:
        note, line = note_of((file.schema_arrow.metadata or {}).get(NOTE)), 0
        for batch in file.iter_batches(batch_size=ROWS, use_threads=False):
            for row in batch.to_pylist():
                line += 1
                values = {name: _value(value) for name, value in row.items()}
                yield Record(line, restored(values, note) if note else values)


def _value(value: object) -> object:
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, float):
        # JSON has neither; in a table of numbers NaN stands for a missing one.
        return value if isfinite(value) else None if isnan(value) else str(value)
    if isinstance(value, dict):
        return {str(name): _value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_value(inner) for inner in value]
    if isinstance(value, bytes):
        return _bytes(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID | timedelta):
        return str(value)
    return repr(value)


def _bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return b64encode(value).decode()
