"""What a health report of a data set says: every fact in one model, so that page, JSON and grade can't disagree."""

from __future__ import annotations

from typing import Literal

from tools.personal.shapes import Kind as PersonalKind
from workspace.sample import Frozen
from workspace.words import Words

Letter = Literal["A", "B", "C", "D", "E", "F"]
Kind = Literal["classification", "question-answering", "dialogue", "text", "table", "nothing"]
FaultName = Literal[
    "refused", "leak", "two_labels", "personal", "too_few", "copies", "near_copies", "broken_text", "two_answers",
    "placeholder", "copied_answer", "leftovers", "same_answer", "repetition", "low_information", "noisy_labels",
    "imbalance", "single_labels", "other_language", "too_long", "odd_lengths", "drift", "markup", "missing_cells",
    "odd_cells",
]  # fmt: skip
# From these points on a grade is given; below the last one it is F.
LETTERS: tuple[tuple[Letter, float], ...] = (("A", 90), ("B", 80), ("C", 70), ("D", 60), ("E", 45), ("F", 0))


class Example(Frozen):
    """`row` counts from 0, as in the lines of findings; `text` is shortened, with personal data masked."""

    row: int
    text: str
    beside: str = ""


class Fault(Frozen):
    """One thing that is wrong, and what it costs: `most * min(1, share / full_at)` points of 100.

    `share` is of what `share_of` names.
    """

    name: FaultName
    title: Words
    why: Words
    rows: int
    share: float
    share_of: Words
    most: float
    full_at: float
    points: float
    fix: Words
    command: str
    examples: tuple[Example, ...] = ()


class Grade(Frozen):
    """`score` = 100 less the points of all faults."""

    letter: Letter
    score: float


class Count(Frozen):
    name: str
    rows: int


class Size(Frozen):
    """`tokens` is a guess: four Latin letters or one and a half Chinese characters make one."""

    rows: int
    usable: int
    refused: int
    characters: int
    tokens: int
    bytes: int


class Bar(Frozen):
    """One bar of a histogram: how many rows are from `low` to below `high` long."""

    low: int
    high: int
    rows: int


class Spread(Frozen):
    """Of one part of the rows, in characters."""

    name: Words
    least: int
    median: int
    p95: int
    most: int
    bars: tuple[Bar, ...]


class Balance(Frozen):
    """`ratio` is the largest label's rows for one of the smallest; `evenness` is the entropy over its greatest, 0-1."""

    labels: int
    ratio: float
    evenness: float
    single: tuple[str, ...]
    rows: tuple[Count, ...]


class Cluster(Frozen):
    """Rows that say the same: the first of them, how many more there are, and some that differ in a letter."""

    text: str
    copies: int
    others: tuple[str, ...] = ()


class Part(Frozen):
    """One split, or the file of test rows. `words` and `labels`: how far it is from train (Jensen-Shannon, 0-1).

    What chance alone would make of samples so small is taken off.
    """

    name: str
    rows: int
    median: int
    words: float | None = None
    labels: float | None = None
    moved: tuple[Count, ...] = ()


class Personal(Frozen):
    """One kind of personal data; `examples` are masked."""

    kind: PersonalKind
    found: int
    rows: int
    examples: tuple[str, ...]


class Column(Frozen):
    """One column of a table, or one beside the text. `distinct` is None where there are too many to count."""

    name: str
    type: Literal["number", "date", "yes or no", "text", "empty"]
    missing: int
    distinct: int | None
    least: str
    median: str
    most: str
    common: tuple[Count, ...]
    odd: int = 0


class Health(Frozen):
    """All of it. `not_looked_at` names what no check looked for, for the person asked for other checks only.

    `rows_per_second` is how fast it was read and checked; all else is the same whenever the same file is looked at.
    """

    file: str
    kind: Kind
    grade: Grade
    faults: tuple[Fault, ...]
    size: Size
    encoding: str
    refused: tuple[Count, ...]
    lengths: tuple[Spread, ...]
    balance: Balance | None
    clusters: tuple[Cluster, ...]
    parts: tuple[Part, ...]
    personal: tuple[Personal, ...]
    languages: tuple[Count, ...]
    columns: tuple[Column, ...]
    not_looked_at: tuple[FaultName, ...] = ()
    rows_per_second: float = 0.0


def grade_of(faults: tuple[Fault, ...], usable: int) -> Grade:
    """Nothing that can be used is an F whatever else is said."""
    score = round(max(0.0, 100 - sum(fault.points for fault in faults)), 1) if usable else 0.0
    return Grade(letter=next(letter for letter, least in LETTERS if score >= least), score=score)
