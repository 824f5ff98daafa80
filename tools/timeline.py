"""The values of a column as moments that can be put in order, however people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from tools.figures.dates import moments
from tools.figures.numerals import plain
from workspace.sample import Scalar

SLASHED = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]+(\d{1,2}):(\d\d))?")
COMPACT = re.compile(r"(?:19|20)\d{6}")
YEAR = re.compile(r"(?:19|20)\d\d")
# Seconds or milliseconds since 1970, from 1980 to 2100; other numbers are no moments.
SECONDS = range(315_532_800, 4_102_444_800)


def moments_of(values: Sequence[Scalar]) -> list[datetime | None]:
    """In UTC; None for what is no date. Whether 03/04/2024 is March or April is what the other values say."""
    texts = [plain("" if value is None else str(value)).strip() for value in values]
    found = [match for text in texts if (match := SLASHED.match(text))]
    months_first = any(int(match[2]) > 12 for match in found) and not any(int(match[1]) > 12 for match in found)
    return [_moment(text, months_first) for text in texts]


def _moment(text: str, months_first: bool) -> datetime | None:
    try:
        if text.isdigit() and not COMPACT.fullmatch(text):
            return _counted(text)
        if match := SLASHED.match(text):
            day, month = (int(match[2]), int(match[1])) if months_first else (int(match[1]), int(match[2]))
            return datetime(int(match[3]), month, day, int(match[4] or 0), int(match[5] or 0), tzinfo=UTC)
        read = datetime.fromisoformat(text)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return _written(text)


def _counted(digits: str) -> datetime | None:
    """A year, or seconds or milliseconds since 1970."""
    if YEAR.fullmatch(digits):
        return datetime(int(digits), 1, 1, tzinfo=UTC)
    seconds = next((n for n in (int(digits), int(digits) // 1000) if n in SECONDS), None)
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None


def _written(text: str) -> datetime | None:
    """The first date of a text with its first time of day, by the reader of all other dates."""
    found = moments(text)
    date = next((one for one in found if one.kind == "date" and one.year), None)
    clock = next((one for one in found if one.kind == "clock"), None)
    if date is None or date.year is None:
        return None
    hour, minute = divmod(clock.minutes or 0, 60) if clock else (0, 0)
    try:
        return datetime(date.year, date.month or 1, date.day or 1, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
