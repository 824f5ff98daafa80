"""Which part of a data set each family of rows goes to: by shares in each stratum, by time, or in folds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import floor

from tools.copies.families import Family
from workspace.sample import Split as Part


@dataclass(frozen=True, slots=True)
class Shares:
    """`validation` is a share of what is not the test."""

    test: float
    validation: float


@dataclass(slots=True)
class Division:
    """By id. `late`: what can't stay where its family is, for it is later than what the next part begins with."""

    parts: dict[str, Part] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    folds: dict[str, int] = field(default_factory=dict)


def stratified(families: Iterable[Family], shares: Shares, seed: int) -> Division:
    """Stratum by stratum; where a test is given already, no second one is drawn."""
    strata, division = _strata(families), Division()
    drawn = not _test_given(family for some in strata.values() for family in some)
    for stratum in sorted(strata):
        some = sorted(strata[stratum], key=lambda family: family.chance(seed))
        for family, place in zip(some, _divided(some, shares, drawn), strict=True):
            division.parts.update({key.id: key.split or place for key in family.keys})
    return division


def by_time(families: Iterable[Family], shares: Shares, seed: int) -> Division:
    """The test is later than all else, validation later than what is learnt from; what bears no date is learnt from.

    What is of one moment is not parted, so that a column of years gives the last year.
    """
    all_families = sorted(families, key=lambda family: family.chance(seed))
    places: dict[int, Part] = {n: f.fixed for n, f in enumerate(all_families) if f.fixed}
    ends: list[tuple[Part, datetime]] = []
    wanted: tuple[tuple[Part, float], ...] = (("test", shares.test), ("validation", shares.validation))
    for part, share in wanted:
        free = [n for n in range(len(all_families)) if n not in places]
        chosen = () if part == "test" and _test_given(all_families) else _latest(all_families, free, share, part)
        places.update(dict.fromkeys(chosen, part))
        if chosen:
            ends.append((part, min(_begin(all_families[n]) for n in chosen)))
    division = Division()
    for number, family in enumerate(all_families):
        place = places.get(number, "train")
        division.parts.update({key.id: key.split or place for key in family.keys})
        limit = min((begin for part, begin in ends if _before(place, part)), default=None)
        division.late |= {key.id for key in family.keys if limit and key.when and key.when >= limit and not key.split}
    return division


def in_folds(families: Iterable[Family], folds: int, seed: int) -> Division:
    """Each stratum over all folds alike; what has a fold keeps it, and a given test has none."""
    division, filled = Division(), Counter[int]()
    strata = _strata(family for family in families if family.fixed != "test")
    for stratum in sorted(strata):
        here = Counter[int]()
        for family in sorted(strata[stratum], key=lambda family: (-family.size, family.chance(seed))):
            kept = next((key.fold for key in family.keys if key.fold is not None), None)
            fold = kept or min(range(1, folds + 1), key=lambda n: (here[n], filled[n], n))
            here[fold] += family.size
            filled[fold] += family.size
            division.folds.update({key.id: key.fold or fold for key in family.keys})
    return division


def _strata(families: Iterable[Family]) -> dict[str, list[Family]]:
    strata: dict[str, list[Family]] = defaultdict(list)
    for family in families:
        strata[family.stratum].append(family)
    return strata


def _test_given(families: Iterable[Family]) -> bool:
    return any(key.real and key.split == "test" for family in families for key in family.keys)


def _divided(families: Sequence[Family], shares: Shares, drawn: bool) -> list[Part]:
    """A place for each family of one stratum: the test first, then validation; train is the rest."""
    places: list[Part | None] = [family.fixed for family in families]
    if drawn:
        _hold_back(families, places, shares.test)
    sized = list(zip(families, places, strict=True))
    rest = sum(family.size for family, place in sized if place != "test")
    wanted = _rounded(rest * shares.validation)
    wanted -= sum(family.size for family, place in sized if place == "validation")
    for i, family in enumerate(families):
        if places[i] is None and family.size <= wanted:
            places[i] = "validation"
            wanted -= family.size
    return [place or "train" for place in places]


def _hold_back(families: Sequence[Family], places: list[Part | None], share: float) -> None:
    """Real rows go to the test, one at least where there are two, and never the last."""
    free = [i for i, family in enumerate(families) if family.real and places[i] is None]
    wanted = sum(families[i].real for i in free) * share
    wanted = max(1, _rounded(wanted)) if wanted else 0
    # A real row from which others were written costs all of them, so it is held back last.
    order = sorted(free, key=lambda i: families[i].size - families[i].real)[: len(free) - 1]
    for i in order:
        if families[i].real <= wanted:
            places[i] = "test"
            wanted -= families[i].real
    if order and "test" not in places and wanted:
        places[min(order, key=lambda i: families[i].real)] = "test"


def _latest(families: Sequence[Family], free: Sequence[int], share: float, part: Part) -> Sequence[int]:
    """Whole moments, the latest first, until there are enough rows; the earliest moment is never taken."""
    moments: dict[datetime, list[int]] = defaultdict(list)
    for n in free:
        if _dated(families[n]) and (families[n].real or part == "validation"):
            moments[_begin(families[n])].append(n)
    sizes = {when: sum(families[n].size for n in some) for when, some in moments.items()}
    wanted, chosen = _rounded(sum(sizes.values()) * share), list[int]()
    for when in sorted(moments, reverse=True)[:-1]:
        if wanted <= 0 or (chosen and sizes[when] > 2 * wanted):
            break
        chosen += moments[when]
        wanted -= sizes[when]
    return chosen


def _dated(family: Family) -> bool:
    return any(key.when for key in family.keys)


def _begin(family: Family) -> datetime:
    return min(key.when for key in family.keys if key.when)


def _before(place: Part, part: Part) -> bool:
    order: tuple[Part, ...] = ("train", "validation", "test")
    return order.index(place) < order.index(part)


def _rounded(number: float) -> int:
    return floor(number + 0.5)
