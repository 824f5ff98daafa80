"""A worked answer whose figures must each be given, or computed by a step before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

from tools.figures.numerals import numbers, plain

EQUATION = re.compile(r"[\d.)%][^=\n]{0,60}=\s*[^\d=\n]{0,3}(\d[\d,]*(?:\.\d+)?|\.\d+)")
BETWEEN_EQUALS = re.compile(r"=([^=\n]+)(?==)")  # "4080 / 2 = 4000 + 2040 = 6040"
ALGEBRA = re.compile(r"\b[A-Za-z]\s*[=+*/]|[=+*/]\s*[A-Za-z]\b|\d[a-zA-Z]\b|\blet\b", re.I)
# Days of a week, hours, minutes, months, cents: nobody has to give these.
KNOWN = frozenset(
    (0, 1, 2, 3, 4, 5, 6, 7, 10, 12, 24, 28, 29, 30, 31, 50, 52, 60, 100, 360, 365, 1000, 0.5, 0.25, 0.75)
)
WORDED = {
    "half": (0.5, 2),
    "twice": (2,),
    "double": (2,),
    "triple": (3,),
    "quarter": (0.25, 4),
    "third": (3,),
    "fifth": (5, 0.2),
    "sixth": (6,),
    "eighth": (8, 0.125),
    "tenth": (10, 0.1),
    "dozen": (12,),
}
FEWEST = 2  # equations that make an answer a worked one


def is_worked(answer: str) -> bool:
    return len(EQUATION.findall(answer)) >= FEWEST


def has_unknowns(answer: str) -> bool:
    """Letters are calculated with; what follows of them is not for this to say."""
    return bool(ALGEBRA.search(answer))


def unfounded(claim: str, answer: str, given: Sequence[str]) -> str | None:
    """A figure of the claim that no given text holds and no step up to the claim computes; as it is written."""
    if has_unknowns(answer):
        return None
    # A claim that stands alone may not stand so in the answer.
    until = answer.find(claim) + len(claim) if claim in answer else len(answer)
    known = set(chain.from_iterable(map(_values, given)))
    known |= {float(found.replace(",", "")) for found in EQUATION.findall(plain(answer[:until]))}
    for middle in BETWEEN_EQUALS.findall(answer[:until]):
        known |= _values(middle)
    text = plain(claim)
    for number in numbers(text):
        values = (abs(number.value), abs(number.value) / number.scale)
        if number.digits and not any(_founded(value, known) for value in values):
            return text[number.start : number.end].strip()
    return None


def _values(text: str) -> set[float]:
    words = {value for word, values in WORDED.items() if word in text.lower() for value in values}
    fractions = {float(a) / float(b) for a, b in re.findall(r"(\d+)/(\d+)", text) if float(b)}
    found = numbers(plain(text))
    return {abs(n.value) for n in found} | {abs(n.value) / n.scale for n in found} | words | fractions


def _founded(value: float, known: set[float]) -> bool:
    """As it stands, as a percentage or its rest, or as a part of one."""
    ways = (value, value / 100, value * 100, 100 - value, 1 - value, 1 + value, value - 1, value - 100)
    return value in KNOWN or any(abs(way - k) <= 1e-6 * max(1.0, k) for way in ways for k in known)
