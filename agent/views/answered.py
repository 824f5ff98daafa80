"""What base and tuned answered to the held-back rows: what got better, what got worse, what is taken for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from agent.drawing import SYSTEMS
from workspace.results import Answered, System
from workspace.words import Language, Words

ANSWERS = "answers.jsonl"
Kind = Literal["better", "worse", "neither"]
KINDS: tuple[Kind, ...] = get_args(Kind)
PAGE = 5
LONGEST = 600
MOST_CONFUSED = 5
SAME = 1e-6


@dataclass(frozen=True)
class Given:
    """`score` is 0 to 1; `shown` says it in words."""

    name: str
    text: str
    score: float
    shown: str


@dataclass(frozen=True)
class Example:
    number: int
    question: str
    wanted: str
    given: tuple[Given, ...]


@dataclass(frozen=True)
class Confusion:
    """How often `wanted` was taken for `given`, by tuned and base, and how often it was asked."""

    wanted: str
    given: str
    tuned: int
    base: int | None
    rows: int


@dataclass(frozen=True)
class Examples:
    """One page of the rows of a kind; `counts` are of all kinds that make sense here. `graded`: texts, more or less
    alike, where labels are right or wrong."""

    graded: bool
    counts: dict[Kind, int]
    chosen: Kind
    rows: tuple[Example, ...]
    page: int
    pages: int


def answers(folder: Path) -> tuple[Answered, ...]:
    """None of a card from before they were kept."""
    path = folder / ANSWERS
    if not path.exists():
        return ()
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, written: int, size: int) -> tuple[Answered, ...]:
    """Read once for each state of the file: a panel is drawn more often than a model is judged."""
    lines = path.read_bytes().split(b"\n")
    return tuple(Answered.model_validate_json(line) for line in lines if line)


def examples(found: Sequence[Answered], language: Language, kind: str = "", page: int = 0) -> Examples | None:
    """Against the base; where nobody asked it, only what the one system got wrong. None without any row."""
    if not found:
        return None
    pair = pair_of(found[0])
    sorted_ = {name: [row for row in found if _kind(row, pair) == name] for name in KINDS}
    kinds: tuple[Kind, ...] = KINDS if len(pair) == 2 else ("neither",)
    chosen = next((name for name in kinds if name == kind), next((k for k in kinds if sorted_[k]), kinds[0]))
    rows = sorted(sorted_[chosen], key=lambda row: _order(row, pair, chosen))
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(page, 0), pages - 1)
    shown = rows[page * PAGE : (page + 1) * PAGE]
    return Examples(
        graded=_graded(found),
        counts={name: len(sorted_[name]) for name in kinds},
        chosen=chosen,
        rows=tuple(_example(row, pair, _graded(found), language) for row in shown),
        page=page,
        pages=pages,
    )


def confusions(found: Sequence[Answered]) -> tuple[Confusion, ...]:
    """Of labels: what is most often taken for what by the last system, worst first."""
    if not found or _graded(found):
        return ()
    *_, last = pair_of(found[0])
    base: System | None = "base" if "base" in found[0].given and last != "base" else None
    asked = Counter(row.wanted for row in found)
    taken = Counter((row.wanted, row.given[last]) for row in found if row.scores[last] < 1)
    before = Counter((row.wanted, row.given[base]) for row in found if base)
    worst = sorted(taken.items(), key=lambda item: (-item[1], item[0]))[:MOST_CONFUSED]
    return tuple(Confusion(w, g, n, before[w, g] if base else None, asked[w]) for (w, g), n in worst)


def pair_of(row: Answered) -> tuple[System, ...]:
    """The two that are held against each other, the tuned one last; only one where there are no two."""
    other = next((name for name in row.given if name != "tuned"), None)
    return tuple(name for name in (other, "tuned") if name and name in row.given)


def _graded(found: Sequence[Answered]) -> bool:
    """Texts are more or less alike; labels are right or wrong."""
    return any(0 < score < 1 for row in found for score in row.scores.values())


def _kind(row: Answered, pair: tuple[System, ...]) -> Kind | None:
    """None where both are right, or, of texts, both alike enough."""
    *other, last = (row.scores[name] for name in pair)
    if other and abs(last - other[0]) > SAME:
        return "better" if last > other[0] else "worse"
    return "neither" if last < 0.5 else None


def _order(row: Answered, pair: tuple[System, ...], kind: Kind) -> tuple[float, int]:
    """What changed most first."""
    *other, last = (row.scores[name] for name in pair)
    return (-abs(last - other[0]) if other and kind != "neither" else last), row.row


def _example(row: Answered, pair: tuple[System, ...], graded: bool, language: Language) -> Example:
    given = tuple(
        Given(
            SYSTEMS[name].to(language),
            cut(row.given[name]),
            row.scores[name],
            _shown(row.scores[name], graded, language),
        )
        for name in pair
    )
    return Example(row.row + 1, cut(row.question), cut(row.wanted), given)


def _shown(score: float, graded: bool, language: Language) -> str:
    if graded:
        return Words(f"{score:.0%} alike", f"相似度 {score:.0%}").to(language)
    return (Words("right", "正确") if score >= 1 else Words("wrong", "错误")).to(language)


def cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
