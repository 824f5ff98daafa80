"""What a database or an API hands over, as values that stand in JSON without a loss."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from workspace.sample import Scalar

# What JSON readers hold as a whole number; a larger one stays exact as text.
LARGEST = 2**63 - 1
POSTGRES_MOMENT = re.compile(r"(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d(?::?\d\d)?)?)(.*)")


def plain(value: object) -> object:
    """The value as JSON has it: dates in ISO 8601, bytes as text or a data URL, exact numbers never rounded."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if -LARGEST <= value <= LARGEST else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return _number(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return _bytes(bytes(value))
        case Mapping():
            return {str(key): plain(held) for key, held in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(held) for held in value]
        case _:
            return str(value)


def scalar(value: object) -> Scalar:
    """The value where it is a single one, else None: what a watermark can be made of."""
    found = plain(value)
    return found if isinstance(found, str | int | float | bool) else None


def moment(text: str) -> str:
    """PostgreSQL's own spelling of a moment in ISO 8601; what has no such spelling (infinity, BC) as it stands."""
    found = POSTGRES_MOMENT.fullmatch(text)
    if not found or found[3]:
        return text
    zone = re.search(r"[+-]\d\d$", found[2])
    return f"{found[1]}T{found[2]}{':00' if zone else ''}"


def _number(value: Decimal) -> int | float | str:
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value() and abs(value) <= LARGEST:
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def _bytes(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    if all(sign.isprintable() or sign in "\t\n\r" for sign in text):
        return text
    return "data:application/octet-stream;base64," + base64.b64encode(value).decode()
