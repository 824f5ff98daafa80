"""What a person says of a table: columns that decide others, as denial constraints or as A, B -> C; one a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.rules.evaluation import plain_name
from tools.wrong_cells.dependencies import Dependency
from tools.wrong_cells.outliers import amount
from workspace.errors import UserError
from workspace.words import Words

ARROW = re.compile(r"\s*(?P<by>.+?)\s*(?:->|→|=>)\s*(?P<then>.+?)\s*")
PREDICATE = re.compile(r"(EQ|IQ|LT|GT|LTE|GTE)\((t[12])\.([^,()]+),\s*(?:(t[12])\.([^()]+)|([\"']?)([^()]*?)\6)\)")
LOOKS_LIKE = re.compile(r"\s*(?:t1&|(?:EQ|IQ|LT|GT|LTE|GTE)\(t)")
ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "LT": lambda a, b: a < b,
    "GT": lambda a, b: a > b,
    "LTE": lambda a, b: a <= b,
    "GTE": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class Predicate:
    """`right` is a column where `of_column`, else a constant."""

    operator: str
    left: str
    right: str
    of_column: bool


@dataclass(frozen=True, slots=True)
class Denial:
    """No row may fulfil all of these at once."""

    predicates: tuple[Predicate, ...]

    def broken_by(self, cells: Mapping[str, str]) -> bool:
        return all(_holds(predicate, cells) for predicate in self.predicates)


@dataclass(frozen=True, slots=True)
class Constraints:
    dependencies: tuple[Dependency, ...] = ()
    denials: tuple[Denial, ...] = ()


def holds_constraints(path: Path) -> bool:
    """Whether the first line that says something is a denial constraint or an arrow between columns."""
    try:
        lines = _lines(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, UnicodeDecodeError):
        return False
    return bool(lines) and bool(LOOKS_LIKE.match(lines[0]) or (ARROW.fullmatch(lines[0]) and lines[0][0] not in "-{["))


def read_constraints(path: Path) -> tuple[str, ...]:
    """The lines. Raises UserError where one can't be used."""
    lines = tuple(_lines(path.read_text(encoding="utf-8-sig")))
    constraints_of(lines)
    return lines


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]


def constraints_of(lines: Sequence[str], columns: Sequence[str] | None = None) -> Constraints:
    """Raises UserError where a line can't be used, or names a column that is not among `columns`."""
    dependencies, denials = [], []
    known = {plain_name(name): name for name in columns} if columns is not None else None
    for line in lines:
        found = _denial(line) or _arrow(line)
        if found is None:
            raise _unusable(line, Words("this line can't be read", "这一行无法读取"))
        if isinstance(found, Denial):
            denials.append(_named_denial(found, known, line))
        else:
            by = tuple(_named(name, known, line) for name in found.by)
            dependencies.append(Dependency(by, _named(found.then, known, line), given=True))
    return Constraints(tuple(dict.fromkeys(dependencies)), tuple(denials))


def _arrow(line: str) -> Dependency | None:
    found = ARROW.fullmatch(line)
    if not found:
        return None
    return Dependency(tuple(re.split(r"\s*[,，、&]\s*", found["by"])), found["then"], given=True)


def _denial(line: str) -> Denial | Dependency | None:
    """Two rows that agree in some columns must agree in another, or a row must not be so and so."""
    parts = [part for part in line.split("&") if part not in ("t1", "t2")]
    found = [PREDICATE.fullmatch(part.strip()) for part in parts]
    if not parts or not LOOKS_LIKE.match(line) or not all(found):
        return None
    predicates = [one for one in found if one]
    if all(one[2] == "t1" and one[4] in (None, "t1") for one in predicates):
        return Denial(tuple(Predicate(one[1], one[3], one[5] or one[7], one[5] is not None) for one in predicates))
    across = all(one[4] and one[4] != one[2] and one[3].strip() == one[5].strip() for one in predicates)
    unlike = [one[3].strip() for one in predicates if one[1] == "IQ"]
    same = [one[3].strip() for one in predicates if one[1] == "EQ"]
    if across and len(unlike) == 1 and same and len(same) + 1 == len(predicates):
        return Dependency(tuple(same), unlike[0], given=True)
    raise _unusable(
        line,
        Words(
            "of two rows, I check only those that agree in some columns and differ in one",
            "两行之间只支持“若干列相同、一列不同”",
        ),
    )


def _holds(predicate: Predicate, cells: Mapping[str, str]) -> bool:
    left = cells.get(predicate.left, "")
    right = cells.get(predicate.right, "") if predicate.of_column else predicate.right
    if predicate.operator in ("EQ", "IQ"):
        return (left.casefold() == right.casefold()) == (predicate.operator == "EQ")
    one, two = amount(left), amount(right)
    return one is not None and two is not None and ORDERS[predicate.operator](one.value, two.value)


def _named_denial(denial: Denial, known: Mapping[str, str] | None, line: str) -> Denial:
    return Denial(
        tuple(
            Predicate(
                p.operator,
                _named(p.left, known, line),
                _named(p.right, known, line) if p.of_column else p.right,
                p.of_column,
            )
            for p in denial.predicates
        )
    )


def _named(name: str, known: Mapping[str, str] | None, line: str) -> str:
    if known is None:
        return name.strip()
    if plain_name(name.strip()) not in known:
        raise _unusable(line, Words(f"the table has no column {name.strip()!r}", f"表里没有“{name.strip()}”这一列"))
    return known[plain_name(name.strip())]


def _unusable(line: str, why: Words) -> UserError:
    shown = line[:120]
    return UserError(
        Words(f"A constraint can't be used: {why.en}: {shown}", f"有一条约束无法使用：{why.zh}：{shown}"),
        Words(
            "Write one a line, as “zip -> city” or t1&t2&EQ(t1.zip,t2.zip)&IQ(t1.city,t2.city), by its column names.",
            "每行写一条，例如“邮编 -> 城市”，或 t1&t2&EQ(t1.邮编,t2.邮编)&IQ(t1.城市,t2.城市)，列名须与表中一致。",
        ),
    )
