"""A worked answer whose figures must each be given, or computed by a step before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

from tools.numerals import numbers, plain

EQUATION = re.compile(r"[\d.)%][^=\n]{0,60}=\s*[^\d=\n]{0,3}(\d[\d,]*(?:\.\d+)?|\.\d+)")
# Days of a week, hours, minutes, months, cents: nobody has to give these.
KNOWN = frozenset((0, 1, 2, 3, 4, 5, 6, 7, 10, 12, 24, 30, 31, 50, 52, 60, 100, 360, 365, 1000, 0.5, 0.25, 0.75))
WORDED = {
    "half": (0.5, 2),
    "twice": (2,),
    "double": (2,),
    "triple": (3,),
    "quarter": (0.25, 4),
    "third": (3,),
    "dozen": (12,),
}
FEWEST = 2  # equations that make an answer a worked one


def is_worked(answer: str) -> bool:
    return len(EQUATION.findall(answer)) >= FEWEST


def unfounded(claim: str, answer: str, given: Sequence[str]) -> str | None:
    """A figure of the claim that no given text holds and no step up to the claim computes; as it is written."""
    until = answer.find(claim) + len(claim)
    known = set(chain.from_iterable(map(_values, given)))
    known |= {float(found.replace(",", "")) for found in EQUATION.findall(plain(answer[:until]))}
    text = plain(claim)
    for number in numbers(text):
        if number.digits and not _founded(abs(number.value), known):
            return text[number.start : number.end].strip()
    return None


def _values(text: str) -> set[float]:
    words = {value for word, values in WORDED.items() if word in text.lower() for value in values}
    fractions = {float(a) / float(b) for a, b in re.findall(r"(\d+)/(\d+)", text) if float(b)}
    return {abs(n.value) for n in numbers(plain(text))} | words | fractions


def _founded(value: float, known: set[float]) -> bool:
    """As it stands, as a percentage or its rest, or as a part of one."""
    ways = (value, value / 100, value * 100, 100 - value, 1 - value, 1 + value, value - 1, value - 100)
    return value in KNOWN or any(abs(way - k) <= 1e-6 * max(1.0, k) for way in ways for k in known)
