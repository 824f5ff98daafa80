"""What a claim is held against: passages read once into sentences and tables, and what settles the claim."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from tools.agreement import stands
from tools.facts.cells import Around, told_by
from tools.facts.claims import Reading, Sentence, coverage, read, sentences
from tools.facts.comparers import SAME_SENTENCE, Comparison, settle
from tools.facts.echoes import otherwise
from tools.facts.listed import stranger
from tools.facts.tabular import YEAR, Table, tables
from tools.figures.derivations import asked_for, groups_of
from tools.figures.quantities import Quantity
from tools.figures.steps import is_worked, unfounded
from workspace.words import Words

SCALE_WORDS = {
    1e3: r"thousand|000s|['’$£€]000|\b000['’]s|千(?!米|克|瓦)",
    1e6: r"million|mln|\bmn\b|[\d$£€]\s?m\b|百万",
    1e9: r"billion|\bbn\b|[\d$£€]\s?bn?\b|十亿",
    1e4: "万(?!亿)",
    1e8: "亿",
}
TOGETHER = 16  # figures of a text that are held against each other
FIGURE = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
FOUR_DIGITS = re.compile(r"(?<![\d.,$¥€£])[1-9]\d{3}(?![\d%]|[.,]\d)")


@dataclass(frozen=True)
class Page:
    """A text's sentences outside of its tables, with their readings; its tables, and all figures."""

    text: str
    places: tuple[Sentence, ...]
    readings: tuple[Reading, ...]
    tables: tuple[Table, ...]
    in_tables: frozenset[str]
    groups: tuple[tuple[float, ...], ...]


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
    readings = tuple(read(s.text) for s in places)
    said = tuple(dict.fromkeys(q.written for reading in readings for q in reading.quantities))
    together = [said[n : n + TOGETHER] for n in range(0, len(said), TOGETHER // 2)]
    groups = (*(group for table in found for group in groups_of(table.cells)), *together)
    return Page(text, places, readings, found, figures, groups)


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
    if strange := _currency(read(claim), question, places):
        return strange
    if wrong := _listed(claim, question, pages) or _scale(read(claim), question, pages):
        return wrong
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


def _currency(claim: Reading, question: str, places: Sequence[Place]) -> Settled | None:
    """A currency that nobody speaks of, beside the figure of another, or where there is one other only."""
    given = [(number, place, q) for number, place, r in places for q in r.quantities if q.kind == "money"]
    spoken = {q.unit for _, _, q in given} | {q.unit for q in read(question).quantities if q.kind == "money"}
    for quantity in claim.quantities:
        if not given or quantity.kind != "money" or quantity.unit in spoken:
            continue
        said = [found for found in given if found[2].written == quantity.written]
        if said or len(spoken) == 1:
            number, place, other = (said or given)[0]
            ours = claim.text[quantity.start : quantity.end].strip()
            theirs = place.text[other.start : other.end].strip()
            reason = Words(f"It says {ours}, the document says {theirs}.", f"这里写的是{ours}，文档里是{theirs}。")
            return Settled(Comparison("contradicted", 1.0, reason, "unit"), number, place.start, place.end)
    return None


def _listed(claim: str, question: str, pages: Sequence[Page]) -> Settled | None:
    for number, one in enumerate(pages):
        if reason := stranger(claim, question, one.tables):
            table = one.tables[0]
            return Settled(Comparison("contradicted", 1.0, reason, "list"), number, table.start, table.end)
    return None


def _scale(claim: Reading, question: str, pages: Sequence[Page]) -> Settled | None:
    """A figure of a table counted by what nobody counts by, though they say what they count by."""
    for quantity in claim.quantities:
        spoken = SCALE_WORDS.get(quantity.scale)
        if not spoken or len(pages) > 1 or re.search(spoken, question, re.I):
            continue
        one = pages[0]
        if not any(table.scale for table in one.tables) or re.search(spoken, one.text, re.I):
            continue
        figure = FIGURE.search(claim.text, quantity.start, quantity.end)
        if figure is None or not (figure.group() in one.in_tables or asked_for(question)):
            continue
        said, table = claim.text[quantity.start : quantity.end].strip(), one.tables[0]
        reason = Words(f"Nothing is counted as in {said}.", f"文档里没有像{said}这样计数的。")
        return Settled(Comparison("contradicted", 1.0, reason, "scale"), 0, table.start, table.end)
    return None


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

    groups = [group for one in pages for group in one.groups]
    told = [
        (told_by(t, claim, question, Around(partial(elsewhere, table=t), groups, len(pages) == 1)), n) for t, n in found
    ]
    settling = [(one, n) for one, n in told if one]
    # A table that bears the claim out outweighs another that would deny it.
    best = min(settling, key=lambda one: one[0].outcome != "supported", default=None)
    if best is None:
        return None
    one, number = best
    return Settled(Comparison(one.outcome, 1.0, one.reason, one.ground), number, one.cell.start, one.cell.end)
