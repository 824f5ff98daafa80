"""Which cells of a table are probably wrong, and what should stand there: each sign weighed against the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.wrong_cells.columns import Column, Columns
from tools.wrong_cells.constraints import Denial
from tools.wrong_cells.dependencies import Dependency, Votes, discovered, votes
from tools.wrong_cells.outliers import Odd, amount, is_numeric, odd_dates, odd_numbers
from tools.wrong_cells.spellings import misshapen, slips
from workspace.words import Words

Kind = Literal["dependency", "spelling", "shape", "number", "date", "column", "missing", "constraint"]
LEAST_ROWS = 10  # of a table, for anything to be usual in it
MOSTLY_FILLED, ALL_BUT_FILLED, SELDOM_MARKED = 0.8, 0.97, 0.05  # shares of the rows
LONGEST = 400  # characters of a value in a reason
SURE_AGAINST = 0.5  # share of the votes that must be against a cell


@dataclass(frozen=True, slots=True)
class Suspicion:
    """`meant` is what should stand there, where one value is clearly meant; `sure` from 0 to 1."""

    row: int
    column: str
    value: str
    kind: Kind
    why: Words
    meant: str | None
    sure: float


def suspicions(
    columns: Columns, given: Sequence[Dependency] = (), denials: Sequence[Denial] = ()
) -> dict[int, list[Suspicion]]:
    """By row, one for a cell at most. What a person gave stands beside what the table shows by itself."""
    if columns.rows < LEAST_ROWS and not given and not denials:
        return {}
    known = {(dependency.by, dependency.then) for dependency in given}
    found = [one for one in discovered(columns) if (one.by, one.then) not in known]
    voted = votes(columns, [*given, *found])
    by_row: dict[int, list[Suspicion]] = defaultdict(list)
    for column in columns:
        for suspicion in _of_column(column, voted.get(column.name), columns):
            by_row[suspicion.row].append(suspicion)
    for suspicion in _denied(columns, denials):
        if all(suspicion.column != other.column for other in by_row[suspicion.row]):
            by_row[suspicion.row].append(suspicion)
    return dict(by_row)


def _denied(columns: Columns, denials: Sequence[Denial]) -> Iterator[Suspicion]:
    for row in range(columns.rows if denials else 0):
        cells = {column.name: column.values[column.codes[row]] for column in columns}
        for denial in denials:
            if denial.broken_by(cells):
                last = denial.predicates[-1].left
                here = ", ".join(f"{p.left} = {cells[p.left][:LONGEST]}" for p in denial.predicates)
                why = Words(f"a constraint forbids {here}", f"违反了约束：{here}")
                yield Suspicion(row, last, cells[last], "constraint", why, None, 0.9)


def _of_column(column: Column, voted: Votes | None, columns: Columns) -> Iterator[Suspicion]:
    signs = dict(_signs(column, columns))
    for row, code in enumerate(column.codes):
        value = column.values[code]
        against = _against(row, column, voted)
        sign = signs.get(value)
        if against and sign and sign.meant is None:
            yield _told(row, column, value, sign, against.meant)
        elif against:
            yield against
        elif sign and not (voted and voted.pro[row] > 0 and sign.sure < 0.99 and _shared(column, code)):
            yield _told(row, column, value, sign, sign.meant)


def _shared(column: Column, code: int) -> bool:
    """More than one row has it, so what its row's peers say of it counts."""
    return bool(column.counts[code] > 1)


def _told(row: int, column: Column, value: str, sign: Suspicion, meant: str | None) -> Suspicion:
    return Suspicion(row, column.name, value, sign.kind, sign.why, meant, sign.sure)


def _against(row: int, column: Column, voted: Votes | None) -> Suspicion | None:
    """The row's peers by most of what decides this column have something else there."""
    if voted is None or row not in voted.blamed:
        return None
    if row not in voted.by:
        return None
    pro, contra = float(voted.pro[row]), float(voted.contra[row])
    share = contra / (pro + contra)
    if share <= SURE_AGAINST:
        return None
    meant = column.values[max(voted.instead[row].items(), key=lambda pair: (pair[1], -pair[0]))[0]]
    by = voted.by[row][0]
    why = Words(
        f"rows with the same {' and '.join(by)} have “{meant[:LONGEST]}” here",
        f"{'、'.join(by)}相同的其他行这里都是“{meant[:LONGEST]}”",
    )
    value = column.values[column.codes[row]]
    return Suspicion(row, column.name, value, "dependency", why, meant, round(min(0.99, share), 3))


def _signs(column: Column, columns: Columns) -> Iterator[tuple[str, Suspicion]]:
    """What a value shows by itself, the surest last so that it is what counts."""
    for value, (usual, most) in _of_another(column, columns).items():
        why = Words(
            f"a value of the column {usual}, where {most} rows have it", f"这是“{usual}”列的值，那里有 {most} 行"
        )
        yield value, Suspicion(-1, column.name, value, "column", why, None, 0.8)
    for value, why in _missing(column, columns.rows):
        yield value, Suspicion(-1, column.name, value, "missing", why, None, 0.6)
    numeric = is_numeric(column)
    for value, sign in misshapen(column).items():
        if numeric and amount(value) is not None:
            continue
        why = Words(f"not written as the others are (like {sign})", f"写法与这一列的其他值不同（应类似 {sign}）")
        yield value, Suspicion(-1, column.name, value, "shape", why, None, 0.8)
    for value, odd in odd_numbers(column).items():
        yield value, _odd(column, value, "number", odd)
    for value, odd in odd_dates(column).items():
        yield value, _odd(column, value, "date", odd)
    for value, slip in slips(column).items():
        here, there = amount(value), amount(slip.meant)
        if numeric and here and there and here.unit == there.unit:
            continue
        why = Words(f"a rare spelling of “{slip.meant[:LONGEST]}”", f"像是“{slip.meant[:LONGEST]}”的误写")
        yield value, Suspicion(-1, column.name, value, "spelling", why, slip.meant, round(slip.sure, 3))


def _missing(column: Column, rows: int) -> Iterator[tuple[str, Words]]:
    """Where nearly all say something. Empty cells of a column in which many are empty are no mistake."""
    if column.filled < MOSTLY_FILLED * rows:
        return
    for value, count, none in zip(column.values, column.counts.tolist(), column.missing, strict=True):
        if none and value and count <= SELDOM_MARKED * rows:
            yield value, Words(f"“{value}” stands for nothing known", f"“{value}”表示没有填写")
        elif none and not value and column.filled >= ALL_BUT_FILLED * rows:
            yield value, Words("nothing stands here, unlike in the other rows", "这里是空的，而其他行都有值")


def _odd(column: Column, value: str, kind: Kind, odd: Odd) -> Suspicion:
    return Suspicion(-1, column.name, value, kind, odd.why, odd.meant, odd.sure)


def _of_another(column: Column, columns: Columns) -> dict[str, tuple[str, int]]:
    """Values that stand once here, in a column of few values, and often in one other column."""
    present = list(column.present())
    if len(present) * 4 > column.filled:
        return {}
    found: dict[str, tuple[str, int]] = {}
    for other in columns:
        if other is column or _overlap(column, other) > 0.1:
            continue
        for value, rows in present:
            place = other.place(value)
            most = int(other.counts[place]) if place is not None else 0
            if rows <= 2 and most >= 5 * rows and not value.replace(".", "").isdigit():
                found[value] = (other.name, most)
    return found


def _overlap(column: Column, other: Column) -> float:
    """Share of this column's rows whose value the other knows too."""
    both: Iterable[int] = (rows for value, rows in column.present() if other.place(value) is not None)
    return sum(both) / max(1, column.filled)
