"""JSON that is exact: a whole number longer than 64 bits stays what it is, and what is no JSON is refused."""

from __future__ import annotations

import json
import re

import orjson

LONG_NUMBER = re.compile(r"\d{19}")


def strict_json(text: str | bytes) -> object:
    """JSON and nothing else: no NaN, no lone surrogates, no nesting without end. Raises ValueError."""
    found: object = orjson.loads(text)
    if LONG_NUMBER.search(text if isinstance(text, str) else text.decode()):
        # orjson makes a rounded number of a whole one that is longer than 64 bits.
        try:
            found = json.loads(text)
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error
    return found


def json_bytes(value: object, *, ordered: bool = False) -> bytes:
    """The value as JSON; `ordered`: keys by name. Raises ValueError where it is nested deeper than can be written."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if ordered else None)
    except TypeError as error:
        if "64-bit" not in str(error):
            raise ValueError("it is nested too deeply") from error
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=ordered).encode()


def json_text(value: object) -> str:
    return json_bytes(value).decode()
