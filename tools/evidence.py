"""What a claim is held against: passages read once into sentences and tables, and what settles the claim."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from tools.agreement import stands
from tools.cells import told_by
from tools.claims import Reading, Sentence, coverage, read, sentences
from tools.comparers import SAME_SENTENCE, Comparison, settle
from tools.echoes import otherwise
from tools.quantities import Quantity
from tools.steps import is_worked, unfounded
from tools.tabular import YEAR, Table, tables
from workspace.words import Words

FIGURE = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
FOUR_DIGITS = re.compile(r"(?<![\d.,$¥€£])[1-9]\d{3}(?![\d%]|[.,]\d)")


@dataclass(frozen=True)
class Page:
    """A text's sentences outside of its tables, with their readings, its tables, and the figures of these."""

    places: tuple[Sentence, ...]
    readings: tuple[Reading, ...]
    tables: tuple[Table, ...]
    in_tables: frozenset[str]


@dataclass(frozen=True, slots=True)
class Settled:
    """The place [start:end] of the text of that number is what settles it."""

    comparison: Comparison
    text: int
    start: int
    end: int


Place = tuple[int, Sentence, Reading]


@lru_cache(maxsize=4000)
def page(text: str) -> Page:
    found = tables(text)
    inside = [(t.start, t.end) for t in found]
    places = tuple(s for s in sentences(text) if not any(a <= s.start < b for a, b in inside))
    figures = frozenset(figure for start, end in inside for figure in FIGURE.findall(text, start, end))
    return Page(places, tuple(read(s.text) for s in places), found, figures)


def settled(
    claim: str, question: str, texts: Sequence[str], ignored: re.Pattern[str], answer: str = ""
) -> Settled | None:
    """What code alone can settle; sentences that `ignored` is found in are no evidence. `answer` holds the claim."""
    pages = [page(text) for text in texts]
    places = [
        (number, place, reading)
        for number, one in enumerate(pages)
        for place, reading in zip(one.places, one.readings, strict=True)
        if not ignored.search(place.text)
    ]
    if is_worked(answer) and read(claim).quantities:
        return _by_steps(claim, answer, question, places)
    ours, readings = read(claim), [reading for _, _, reading in places]
    in_tables = frozenset(float(figure.replace(",", "")) for one in pages for figure in one.in_tables)
    by_words = settle(ours, readings, question, in_tables)
    by_words = _said_back(ours, question, readings) or by_words
    if by_words is None or (by_words[0].outcome == "contradicted" and by_words[0].likeness < SAME_SENTENCE):
        told = _by_tables(pages, ours, question, readings)
        if told:
            return told
    if by_words is None:
        return None
    comparison, place = by_words
    number, sentence, _ = places[place]
    return Settled(comparison, number, sentence.start, sentence.end)


def _by_steps(claim: str, answer: str, question: str, places: Sequence[Place]) -> Settled | None:
    """In a worked answer a figure need not stand in the documents, but it must come from somewhere."""
    figure = unfounded(claim, answer, [question, *(reading.text for _, _, reading in places)])
    if figure is None or not places:
        return None
    asked = read(claim).bag
    number, place, reading = max(places, key=lambda found: coverage(asked, found[2].bag))
    reason = Words(f"{figure} is neither given nor computed by a step.", f"{figure}既不是已知条件，也没有步骤算出它。")
    comparison = Comparison("contradicted", coverage(asked, reading.bag), reason, "step")
    return Settled(comparison, number, place.start, place.end)


def _other_year(claim: Reading, question: str, readings: Sequence[Reading]) -> tuple[Comparison, int] | None:
    """The claim says the question again, but for another year."""
    asked, years = read(question), YEAR.findall(question)
    ours = FOUR_DIGITS.findall(claim.text)
    said = [y for y in ours if YEAR.fullmatch(y)]
    strange = next((y for y in ours if y not in years and len(said or ours) <= len(years)), None)
    if strange is None or not readings or len(asked.bag) < 3 or coverage(asked.bag, claim.bag) < SAME_SENTENCE:
        return None
    if all(y in claim.text for y in years):
        return None
    best = max(range(len(readings)), key=lambda i: coverage(claim.bag, readings[i].bag))
    reason = Words(
        f"It says {strange}, the question asks about {years[0]}.", f"这里写的是{strange}，问的是{years[0]}。"
    )
    return Comparison("contradicted", 1.0, reason, "absent"), best


def _said_back(claim: Reading, question: str, readings: Sequence[Reading]) -> tuple[Comparison, int] | None:
    changed = otherwise(claim, question) if readings else None
    if changed is None:
        return _other_year(claim, question, readings)
    best = max(range(len(readings)), key=lambda i: coverage(claim.bag, readings[i].bag))
    return Comparison("contradicted", 1.0, changed, "echo"), best


def _by_tables(pages: Sequence[Page], claim: Reading, question: str, readings: Sequence[Reading]) -> Settled | None:
    figures = [q for reading in readings for q in reading.quantities]
    found = [(t, n) for n, one in enumerate(pages) for t in one.tables]
    inside = frozenset(figure for one in pages for figure in one.in_tables)

    def elsewhere(quantity: Quantity, table: Table) -> bool:
        others = (cell.value for t, _ in found if t is not table for cell in t.cells)
        if any(stands(quantity, q) for q in figures) or any(abs(quantity.written) == abs(v) for v in others):
            return True
        figure = FIGURE.search(claim.text, quantity.start, quantity.end)
        return figure is not None and figure.group() in inside

    told = [(told_by(t, claim, question, partial(elsewhere, table=t)), n) for t, n in found]
    settling = [(one, n) for one, n in told if one]
    # A table that bears the claim out outweighs another that would deny it.
    best = min(settling, key=lambda one: one[0].outcome != "supported", default=None)
    if best is None:
        return None
    one, number = best
    return Settled(Comparison(one.outcome, 1.0, one.reason, one.ground), number, one.cell.start, one.cell.end)
