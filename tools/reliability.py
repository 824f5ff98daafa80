"""How far people who judged the same rows on their own agree, beyond what chance alone would give."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Literal

from workspace.sample import Frozen

# From the first on work is accepted, below the second people are trained anew; a pair under the third does it again.
ACCEPT, TRAIN, PAIR = 0.85, 0.6, 0.9
SHOWN = 3
Level = Literal["accept", "talk", "train", "unknown"]
Missing = Literal["nobody", "no overlap", "one row", "one category"]
# What each person holds each row to be; a row that they left out, or were unsure of, is not there.
Judgements = Mapping[str, Mapping[str, str]]


class Pair(Frozen):
    """Two people, and of how many rows that both judged they said the same."""

    one: str
    other: str
    same: int
    rows: int

    @property
    def share(self) -> float | None:
        return self.same / self.rows if self.rows else None

    @property
    def again(self) -> bool:
        return self.share is not None and self.share < PAIR


class Confusion(Frozen):
    """Two categories that were given to one row by two people, how often, and the first rows of them."""

    one: str
    other: str
    count: int
    rows: tuple[str, ...]


class Reliability(Frozen):
    """`kappa` is Cohen's where two judged, else Fleiss'; `missing` says why neither it nor `alpha` has a value.

    `rows` were judged by two or more; `shared` by all.
    """

    reviewers: tuple[str, ...]
    rows: int
    shared: int
    kappa: float | None = None
    alpha: float | None = None
    missing: Missing | None = None
    pairs: tuple[Pair, ...] = ()
    confused: tuple[Confusion, ...] = ()

    @property
    def lowest(self) -> float | None:
        return min((value for value in (self.kappa, self.alpha) if value is not None), default=None)

    @property
    def level(self) -> Level:
        if self.lowest is None:
            return "unknown"
        return "accept" if self.lowest >= ACCEPT else "train" if self.lowest < TRAIN else "talk"

    @property
    def agreement(self) -> float | None:
        """Share of the pairs of judgements on one row that are the same."""
        rows = sum(pair.rows for pair in self.pairs)
        return sum(pair.same for pair in self.pairs) / rows if rows else None


def reliability(said: Judgements) -> Reliability:
    names = tuple(said)
    by_row: dict[str, dict[str, str]] = defaultdict(dict)
    for name, own in said.items():
        for row, category in own.items():
            by_row[row][name] = category
    several = {row: given for row, given in by_row.items() if len(given) > 1}
    full = [list(given.values()) for given in several.values() if len(given) == len(names)]
    missing = _missing(names, list(several.values()))
    base = Reliability(
        reviewers=names,
        rows=len(several),
        shared=len(full),
        missing=missing,
        pairs=tuple(_pair(one, other, said) for one, other in combinations(names, 2)),
        confused=_confused(several),
    )
    if missing:
        return base
    return base.model_copy(update={"kappa": _kappa(full, len(names)), "alpha": alpha(said)})


def _missing(names: Sequence[str], several: Sequence[Mapping[str, str]]) -> Missing | None:
    if len(names) < 2:
        return "nobody"
    if not several:
        return "no overlap"
    if len(several) == 1:
        return "one row"
    return "one category" if len({category for given in several for category in given.values()}) == 1 else None


def _kappa(full: Sequence[Sequence[str]], people: int) -> float | None:
    categories = sorted({category for given in full for category in given})
    if len(full) < 2 or len(categories) < 2:
        return None
    if people == 2:
        return cohen([given[0] for given in full], [given[1] for given in full])
    return fleiss([[given.count(category) for category in categories] for given in full])


def cohen(one: Sequence[str], other: Sequence[str]) -> float:
    """Cohen's kappa (1960) of two people on the same rows; there must be two categories among them."""
    from sklearn.metrics import cohen_kappa_score

    return float(cohen_kappa_score(one, other))


def fleiss(counts: Sequence[Sequence[int]]) -> float | None:
    """Fleiss' kappa (Psychological Bulletin 76, 1971): a line a row, in it how many chose each category.

    Each row was judged by the same number of people; None where all of them chose one category.
    """
    rows, people = len(counts), sum(counts[0])
    shares = [sum(column) / (rows * people) for column in zip(*counts, strict=True)]
    by_chance = sum(share**2 for share in shares)
    pairs = sum(n * (n - 1) for line in counts for n in line)
    found = pairs / (rows * people * (people - 1))
    return None if by_chance == 1 else (found - by_chance) / (1 - by_chance)


def alpha(said: Judgements) -> float:
    """Krippendorff's alpha for names without an order; rows that only some judged count too."""
    import krippendorff
    import numpy

    names = sorted({category for own in said.values() for category in own.values()})
    number = {name: float(place) for place, name in enumerate(names)}
    rows = sorted({row for own in said.values() for row in own})
    table = [[number[own[row]] if row in own else numpy.nan for row in rows] for own in said.values()]
    return float(krippendorff.alpha(reliability_data=numpy.array(table), level_of_measurement="nominal"))


def _pair(one: str, other: str, said: Judgements) -> Pair:
    both = said[one].keys() & said[other].keys()
    return Pair(one=one, other=other, rows=len(both), same=sum(said[one][row] == said[other][row] for row in both))


def _confused(several: Mapping[str, Mapping[str, str]]) -> tuple[Confusion, ...]:
    """The three pairs of categories that were taken for each other most often."""
    counted, rows = Counter[tuple[str, str]](), defaultdict[tuple[str, str], list[str]](list)
    for row, given in several.items():
        differing = Counter((min(a, b), max(a, b)) for a, b in combinations(given.values(), 2) if a != b)
        counted += differing
        for pair in differing:
            rows[pair].append(row)
    most = sorted(counted.items(), key=lambda found: (-found[1], found[0]))[:SHOWN]
    return tuple(
        Confusion(one=one, other=other, count=count, rows=tuple(rows[one, other][:SHOWN]))
        for (one, other), count in most
    )
