"""Dates and times of day as people write them, whole or in part, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tools.figures.numerals import CHINESE, chinese_value

_NAMES = "january february march april may june july august september october november december".split()
MONTHS = {n: i for i, n in enumerate(_NAMES, 1)} | {n[:3]: i for i, n in enumerate(_NAMES, 1)} | {"sept": 9}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<y>1\d{3}|20\d\d)"
FIGURE = re.compile(r"\d")
_CN = rf"[\d{CHINESE}]"

# What a text must hold for a pattern to be tried at all, and the pattern.
DATES = [
    (need, re.compile(pattern, re.I))
    for need, pattern in (
        ("figures", rf"(?<![\d/.-]){_YEAR}(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?![\d/-])"),
        ("年", rf"(?P<y>{_CN}{{4}})年(?P<m>{_CN}{{1,3}})月(?:(?P<d>{_CN}{{1,3}})[日号])?"),
        ("年", r"(?<!\d)(?P<y>[12]\d{3}|[一二][零〇一二三四五六七八九]{3})年(?!前|后|间|来)"),
        ("月", rf"(?<!{_CN})(?P<m>{_CN}{{1,3}})月(?P<d>{_CN}{{1,3}})[日号]"),
        ("month", rf"\b(?P<m>{_MONTH})\b\.?\s+{_DAY}(?:\s*,?\s*{_YEAR})?(?!\d)"),
        ("month", rf"(?<!\d){_DAY}\s+(?:of\s+)?(?P<m>{_MONTH})\b\.?(?:\s*,?\s*{_YEAR})?(?!\d)"),
        ("month", rf"\b(?P<m>{_MONTH})\b\.?\s*,?\s*{_YEAR}(?!\d)"),
        ("month", rf"(?<=\bin )(?P<m>{_MONTH})\b(?!\s*\d)"),
        ("月", rf"(?<!{_CN})(?P<m>{_CN}{{1,3}})月(?=[，。；、\s初中底末]|份|$)"),
        # A bare year: after a word that dates are said with, or closing a clause.
        ("figures", rf"(?<=\bin ){_YEAR}(?![\d,%]|\s*[-–]\s*\d)"),
        (
            "figures",
            rf"\b(?:since|from|until|till|by|before|after|during|of|circa|early|late|mid|year)\s+{_YEAR}(?![\w,%]|\s*[-–]\s*\d)",
        ),
        ("figures", rf"(?<=\(){_YEAR}(?=\))"),
    )
]
CLOCKS = [
    re.compile(pattern, re.I)
    for pattern in (
        r"(?<![\d:])(?P<h>\d{1,2}):(?P<min>\d\d)(?::\d\d)?(?:\s*(?P<half>[ap])\.?m\b\.?)?(?![\d:])",
        r"(?<![\d:.])(?P<h>\d{1,2})\s*(?P<half>[ap])\.?m\b\.?",
        rf"(?P<part>凌晨|早上|上午|中午|下午|晚上)(?P<h>{_CN}{{1,3}})(?:点|时|:)(?:(?P<min>{_CN}{{1,3}})分?|(?P<thirty>半))?",
    )
]


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of which only some parts may be said, or (kind `clock`) minutes since midnight in `hour` and `minute`."""

    kind: Literal["date", "clock"]
    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    minutes: int | None = None

    @property
    def parts(self) -> tuple[int | None, int | None, int | None]:
        return self.year, self.month, self.day


def moments(text: str) -> list[Moment]:
    """In order, none overlapping; the longest reading of a place wins. Expects a `plain` text."""
    found: list[Moment] = []
    for moment in sorted((*_dates(text), *_clocks(text)), key=lambda m: (m.start, -m.end)):
        if not found or moment.start >= found[-1].end:
            found.append(moment)
    return found


def _dates(text: str) -> Iterator[Moment]:
    held = _held(text)
    for match in (m for need, pattern in DATES if need in held for m in pattern.finditer(text)):
        year, month, day = (_part(match, name) for name in "ymd")
        start = match.start("y") if month is None else match.start()
        if (month is None or 1 <= month <= 12) and (day is None or 1 <= day <= 31):
            yield Moment("date", start, match.end(), year, month, day)


def _held(text: str) -> set[str]:
    held = {sign for sign in ("年", "月") if sign in text}
    if FIGURE.search(text):
        held.add("figures")
    low = text.lower()
    return held | {"month"} if any(month[:3] in low for month in _NAMES) else held


def _part(match: re.Match[str], name: str) -> int | None:
    raw = match.groupdict().get(name)
    if raw is None:
        return None
    if raw.isascii():
        return int(raw) if raw.isdigit() else MONTHS[raw.lower()]
    value = chinese_value(raw)
    return int(value) if value is not None else None


def _clocks(text: str) -> Iterator[Moment]:
    if not FIGURE.search(text) and text.isascii():
        return
    for pattern in CLOCKS:
        for match in pattern.finditer(text):
            named = match.groupdict()
            hour, minute = _part(match, "h"), _part(match, "min") or (30 if named.get("thirty") else 0)
            if hour is None or hour > 24 or minute > 59:
                continue
            late = (named.get("half") or "").lower() == "p" or named.get("part") in ("下午", "晚上")
            hour = hour + 12 if late and hour < 12 else hour
            hour = 0 if (named.get("half") or "").lower() == "a" and hour == 12 else hour
            yield Moment("clock", match.start(), match.end(), minutes=hour * 60 + minute)
