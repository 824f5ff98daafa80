"""Which columns decide which others, as the table itself shows or a person says, and which cells break with that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from tools.wrong_cells.columns import Column, Columns
from tools.wrong_cells.outliers import is_measured

if TYPE_CHECKING:
    import numpy as np

LEAST_GROUP = 3  # rows of one value, before the most of them say what belongs there
LEAST_OF_PAIR = 5  # rows of a pair of values: pairs are many, and some agree by chance
LEAST_COVERED = 0.3  # share of the rows that stand in such groups
MOST_BROKEN = 0.15  # share of the rows that a dependency with errors in it may break
# Of the rows that don't have the column's usual value, the share that the dependency explains.
LEAST_EXPLAINED = 0.75
FEW_BROKEN, SOME_EXPLAINED = 0.06, 0.3  # or this, where almost none breaks it
MOST_SPLIT = 0.1  # share of the groups in which a second value is no accident
MOST_COLUMNS = 30  # for pairs of them to be tried
HEAD, HEAD_OF_PAIR = 50_000, 4_000  # rows by which dependencies are discovered; the first, for like stands by like
SELDOM = 0.1  # share of a group that the same mistake may have; what stands there more often is meant
AGREED, AGREED_GIVEN = 0.6, 0.4  # share of a group's other rows that must say the same; less where a person says it


@dataclass(frozen=True, slots=True)
class Dependency:
    """Rows that agree in `by` agree in `then`. `broken`: the share of rows that don't; `given` by a person."""

    by: tuple[str, ...]
    then: str
    broken: float = 0.01
    given: bool = False


@dataclass(frozen=True, slots=True)
class Groups:
    """Per row: how many others share its group, how many of these its value, and the most frequent other value.

    `valid` where something stands in all of the columns, `empty` where only what is decided is missing.
    """

    others: np.ndarray
    same: np.ndarray
    rival: np.ndarray
    rival_rows: np.ndarray
    top: np.ndarray
    valid: np.ndarray
    empty: np.ndarray


def discovered(columns: Columns) -> list[Dependency]:
    """Single columns first; a pair of them where it says clearly more than either."""
    usable = [column for column in columns if _decides(column, columns.rows)]
    found: dict[tuple[str, str], float] = {}
    for by in usable:
        for then in columns:
            if then is not by and (broken := _broken((by,), then, HEAD)) is not None:
                found[by.name, then.name] = broken
    singles = [Dependency((by,), then, broken) for (by, then), broken in found.items()]
    return singles + list(_pairs(usable, columns, found))


def _decides(column: Column, rows: int) -> bool:
    """It has values that come back, and more than one; what is measured comes back by chance and decides nothing."""
    if is_measured(column):
        return False
    often = column.counts[(column.counts >= LEAST_GROUP) & ~column.missing]
    return len(often) > 1 and often.sum() >= LEAST_COVERED * rows and often.max() <= 0.95 * often.sum()


def _pairs(usable: Sequence[Column], columns: Columns, found: dict[tuple[str, str], float]) -> Iterator[Dependency]:
    if len(usable) > MOST_COLUMNS:
        return
    for then in columns:
        known = [by for by in usable if (by.name, then.name) in found and found[by.name, then.name] <= FEW_BROKEN / 3]
        if known:
            continue
        for one, two in combinations([column for column in usable if column is not then], 2):
            broken = _broken((one, two), then, HEAD_OF_PAIR, LEAST_EXPLAINED, LEAST_OF_PAIR)
            best = min(found.get((by.name, then.name), 1.0) for by in (one, two))
            if broken is not None and broken <= min(FEW_BROKEN, best / 2) and not _bound(one, two, found):
                yield Dependency((one.name, two.name), then.name, broken)


def _bound(one: Column, two: Column, found: dict[tuple[str, str], float]) -> bool:
    """One of them decides the other, so that the pair says no more than one."""
    return (one.name, two.name) in found or (two.name, one.name) in found


def _broken(
    by: Sequence[Column], then: Column, head: int, needed: float = 0.0, least: int = LEAST_GROUP
) -> float | None:
    """The share of rows that break it, or None where it is no dependency."""
    import numpy as np

    groups, rows = grouped(by, then, head), min(head, len(then.rows))
    big = groups.valid & (groups.others + 1 >= least)
    covered = int(big.sum())
    if covered < LEAST_COVERED * rows or covered < 10:
        return None
    wrong = big & (groups.rival_rows > groups.same)
    broken = float(wrong.sum()) / covered
    usual = np.bincount(then.rows[:head][big]).max() / covered
    explained = 1 - broken / (1 - usual) if usual < 1 else 0.0
    clear = broken <= MOST_BROKEN and explained >= LEAST_EXPLAINED
    almost = broken <= FEW_BROKEN and explained >= SOME_EXPLAINED and (1 - usual - broken) * covered >= 10
    if not (clear or almost) or explained < needed:
        return None
    # Where a second value stands often in many groups, the columns go together but neither decides.
    split = big & (groups.top < groups.others + 1) & (groups.rival_rows >= 2) & (groups.same + 1 >= groups.rival_rows)
    second = split & (groups.rival_rows >= 0.2 * (groups.others + 1))
    return broken if second.sum() <= MOST_SPLIT * covered else None


def grouped(by: Sequence[Column], then: Column, head: int | None = None) -> Groups:
    """Of all rows, or of the first `head`."""
    import numpy as np

    value = then.rows[:head]
    key, known = np.zeros(len(value), dtype=np.int64), np.ones(len(value), dtype=bool)
    for column in by:
        key = key * len(column.values) + column.rows[:head]
        known &= ~column.missing[column.rows[:head]]
    _, group = np.unique(key, return_inverse=True)
    valid, empty = known & ~then.missing[value], known & then.missing[value]
    total = np.bincount(group[valid], minlength=int(group.max()) + 1)
    pair, inverse, counts = np.unique(
        group[valid] * len(then.values) + value[valid], return_inverse=True, return_counts=True
    )
    first, second, second_rows = _ranked(pair // len(then.values), pair % len(then.values), counts, len(total))
    same = np.zeros(len(key), dtype=np.int64)
    same[valid] = counts[inverse] - 1
    own_first = first[group, 0] == value
    rival = np.where(own_first, second[group], first[group, 0])
    rival_rows = np.where(own_first, second_rows[group], first[group, 1])
    others = np.where(valid, total[group] - 1, np.where(empty, total[group], 0))
    return Groups(others, same, rival, rival_rows, first[group, 1], valid, empty)


def _ranked(
    group: np.ndarray, value: np.ndarray, counts: np.ndarray, many: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per group (the most frequent value, its rows), then the second value, and its rows."""
    import numpy as np

    order = np.lexsort((value, -counts, group))
    group, value, counts = group[order], value[order], counts[order]
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]][: len(group)])
    first = np.full((many, 2), -1, dtype=np.int64)
    first[group[starts]] = np.stack([value[starts], counts[starts]], axis=1)
    second, second_rows = np.full(many, -1, dtype=np.int64), np.zeros(many, dtype=np.int64)
    nexts = starts + 1
    inside = nexts[nexts < len(group)]
    inside = inside[group[inside] == group[inside - 1]]
    second[group[inside]], second_rows[group[inside]] = value[inside], counts[inside]
    return first, second, second_rows


@dataclass
class Votes:
    """Per row of one column: how much speaks for what stands there and against it, what is said instead, and by what.

    `blamed`: rows in which this column is the one that breaks with the others, and not one of those.
    """

    pro: np.ndarray
    contra: np.ndarray
    instead: dict[int, dict[int, float]]
    by: dict[int, list[tuple[str, ...]]]
    blamed: set[int]


def votes(columns: Columns, dependencies: Sequence[Dependency]) -> dict[str, Votes]:
    """Every dependency speaks for each row by that row's peers, the row itself not among them."""
    import numpy as np

    found: dict[str, Votes] = {}
    for dependency in dependencies:
        then = columns[dependency.then]
        groups = grouped([columns[name] for name in dependency.by], then)
        told = found.setdefault(then.name, Votes(np.zeros(columns.rows), np.zeros(columns.rows), {}, {}, set()))
        rate = min(0.3, max(0.01, dependency.broken))
        weight = float(np.log((1 - rate) / rate)) * (2.0 if dependency.given else 1.0)
        share = groups.rival_rows / np.maximum(1, groups.others)
        speaks = (groups.valid | groups.empty) & (groups.others >= 2 - dependency.given)
        agrees = speaks & groups.valid & (groups.same >= groups.rival_rows)
        seldom = (groups.same == 0) | (groups.same + 1 <= SELDOM * groups.others) | dependency.given
        denies = (
            speaks
            & seldom
            & ~agrees
            & (share >= (AGREED_GIVEN if dependency.given else AGREED))
            & (groups.rival_rows >= 2)
        )
        told.pro[agrees] += weight * (groups.same / np.maximum(1, groups.others))[agrees]
        told.contra[denies] += weight * share[denies]
        for row in np.flatnonzero(denies).tolist():
            rival, said = int(groups.rival[row]), told.instead.setdefault(row, {})
            said[rival] = said.get(rival, 0.0) + weight * float(share[row])
            told.by.setdefault(row, []).append(dependency.by)
    _blame(found)
    return found


def _blame(found: dict[str, Votes]) -> None:
    """One wrong cell breaks with many others; that which most dependencies that a row breaks speak of is the one."""
    broken: dict[int, list[tuple[str, ...]]] = {}
    for name, told in found.items():
        for row, causes in told.by.items():
            broken.setdefault(row, []).extend((*by, name) for by in causes)
    for row, conflicts in broken.items():
        while conflicts:
            count = Counter(name for conflict in conflicts for name in conflict)
            most = max(count[name] for name in count if name in found)
            guilty = {name for name in count if count[name] == most and name in found}
            for name in guilty:
                found[name].blamed.add(row)
            conflicts = [conflict for conflict in conflicts if guilty.isdisjoint(conflict)]
