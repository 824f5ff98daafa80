"""The rows of a run as people look through them: searched, filtered and counted at once, and read again only if new."""

from __future__ import annotations

import threading
import time
import unicodedata
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal, get_args

from agent import drawing
from agent.views.reading import Growing, Stamps
from agent.wording import part
from workspace.exact import strict_json
from workspace.project import sample_line
from workspace.results import Tally
from workspace.sample import REVIEW, Sample
from workspace.words import Language, Words, language_of

if TYPE_CHECKING:
    from agent.run import Run

# "writing": it has been written, and the checks have yet to see it.
Standing = Literal["kept", "rejected", "review", "failed", "writing"]
Trait = Literal["standing", "check", "label", "scenario", "difficulty", "tone", "language", "split", "origin"]
Order = Literal["made", "unsure", "longest", "shortest"]
TRAITS: tuple[Trait, ...] = get_args(Trait)
ORDERS: tuple[Order, ...] = get_args(Order)
OUT: tuple[Standing, ...] = ("rejected", "review", "failed")
EVERY: tuple[Standing, ...] = get_args(Standing)
PAGE = 50
PAUSE = 1.0  # seconds between looks at rows that are being written
MOST_HELD = 200_000  # rows, over all runs that are looked at

STANDINGS: dict[Standing, Words] = {
    "kept": Words("accepted", "已接受"),
    "rejected": Words("rejected", "已拒绝"),
    "review": Words("waiting for you", "等您决定"),
    "failed": Words("failed", "失败"),
    "writing": Words("being checked", "检查中"),
}
NAMES: dict[Trait, Words] = {
    "standing": Words("State", "状态"),
    "check": Words("Reason", "原因"),
    "label": Words("Label", "类别"),
    "scenario": Words("Situation", "场景"),
    "difficulty": Words("Difficulty", "难度"),
    "tone": Words("Tone", "语气"),
    "language": Words("Language", "语言"),
    "split": Words("Split", "划分"),
    "origin": Words("From", "来源"),
}
NONE: dict[Trait, Words] = {
    "check": Words("nothing against it", "没有问题"),
    "label": Words("no label", "无类别"),
    "split": Words("not divided yet", "尚未划分"),
}
OWN = Words("your own", "您的样例")
WRITTEN = "generate"  # the origin of what a model wrote
VALUES: dict[tuple[Trait, str], Words] = {
    ("language", "en"): Words("English", "英文"),
    ("language", "zh"): Words("Chinese", "中文"),
    ("split", "train"): Words("training", "训练"),
    ("split", "validation"): Words("validation", "验证"),
    ("split", "test"): Words("test", "测试"),
    ("origin", WRITTEN): Words("written by the model", "模型生成"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """`number` counts from 0 as `tunesmith rows` does; `traits` stand in the order of TRAITS, "" where there is none.

    `folded` is what a search looks at; `sure` the least confidence of any finding, 0 to 1; `has_fields`: other columns.
    The row itself stays text until it is looked at: the objects of 10,000 rows would stop everybody for a fifth of a
    second whenever Python goes through them for garbage.
    """

    number: int
    id: str
    raw: bytes
    standing: Standing
    traits: tuple[str, ...]
    folded: str
    sure: float
    has_fields: bool

    @property
    def row(self) -> Sample:
        return _row(self.raw)

    def of(self, trait: Trait) -> str:
        return self.traits[TRAITS.index(trait)]


@dataclass(frozen=True)
class Wanted:
    """What somebody asked to see. `page` counts from 1; `among` are the states that the whole view is about."""

    search: str = ""
    traits: Mapping[Trait, str] = field(default_factory=dict)
    order: Order = "made"
    page: int = 1
    among: Collection[Standing] = EVERY


@dataclass(frozen=True)
class Choice:
    """A value of a filter and how many rows it would leave, all other filters holding."""

    value: str
    words: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Filter:
    trait: Trait
    words: str
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> Choice | None:
        return next((choice for choice in self.choices if choice.chosen), None)


@dataclass(frozen=True)
class Page:
    """`start` counts from 0; `found` rows stand on `pages` pages."""

    lines: tuple[Line, ...]
    start: int
    found: int
    number: int
    pages: int
    filters: tuple[Filter, ...]


class Catalogue:
    """The rows of one run, read again only when the file or a decision is new. Safe from several threads."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._lock = threading.Lock()
        self._growing = Growing(run.folder)
        self._seen: tuple[Stamps, int] = ((None, None, None), -1)
        self._stamped: tuple[Stamps, int] = self._seen
        self._looked = 0.0
        self._checked: tuple[int, tuple[Line, ...]] = (-1, ())
        self._lines: tuple[Line, ...] = ()

    def lines(self) -> tuple[Line, ...]:
        """In the order in which they were found or asked for, with what a person has decided since."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self._lines = self._decided(self._as_checked())
                self._seen = stamp
            return self._lines

    def as_checked(self, id: str) -> Sample:
        """A row of `lines()` without what a person has decided; by its id, for the lines may be others by now."""
        with self._lock:
            return next(line.row for line in self._checked[1] if line.id == id)

    def stamp(self) -> str:
        """Another as soon as there is something else to see."""
        with self._lock:
            return str(self._stamp())

    def _stamp(self) -> tuple[Stamps, int]:
        """Rows that are only being added to are looked at now and then; all else at once."""
        from tools.decisions import so_far

        files, before = self._growing.stamp(), self._stamped
        found = files, so_far(self.run.project.journal, self.run.id)
        only_more = (files[0], found[1]) == (before[0][0], before[1])
        if not only_more or time.monotonic() - self._looked > PAUSE:
            self._stamped, self._looked = found, time.monotonic()
        return self._stamped

    def _as_checked(self) -> tuple[Line, ...]:
        """Rows that came since the last look are added to what was read; a file that was written anew is read anew."""
        rows, fresh, writing = self._growing.rows()
        old = () if fresh else self._checked[1][: self._checked[0]]
        new = tuple(line_of(n, raw) for n, raw in enumerate(rows[len(old) :], len(old)))
        coming = tuple(line_of(n, raw, "writing") for n, raw in enumerate(writing, len(rows)))
        self._checked = len(rows), (*old, *new, *coming)
        return self._checked[1]

    def _decided(self, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        from tools.decisions import reviewed

        decided = self.run.decided
        if not decided:
            return lines

        def laid_over(line: Line) -> Line:
            (row,) = reviewed([line.row], decided)
            return line_of(line.number, sample_line(row), line.standing)

        return tuple(laid_over(line) if line.id in decided else line for line in lines)


_catalogues: OrderedDict[str, Catalogue] = OrderedDict()
_shelf = threading.Lock()


def catalogue(run: Run) -> Catalogue:
    """The same one for everybody who looks at the run; those that nobody looked at for longest are let go."""
    key = str(run.folder)
    with _shelf:
        found = _catalogues.pop(key, None) or Catalogue(run)
        _catalogues[key] = found
        while len(_catalogues) > 1 and sum(len(one._lines) for one in _catalogues.values()) > MOST_HELD:
            _catalogues.popitem(last=False)
    return found


@lru_cache(maxsize=256)
def _row(raw: bytes) -> Sample:
    return Sample.model_validate(strict_json(raw))


def line_of(number: int, raw: bytes, standing: Standing | None = None) -> Line:
    from tools.pipeline import FAILURES

    row = Sample.model_validate(strict_json(raw))
    dropped = row.dropped_by
    check = dropped.check if dropped else ""
    if standing != "writing":
        standing = (
            "kept" if not check else "review" if check == REVIEW else "failed" if check in FAILURES else "rejected"
        )
    question, answer, cell = row.question, row.answer, row.cell
    origin = origin_of(row)
    traits = (
        standing,
        check,
        row.label or "",
        cell.scenario or "",
        cell.difficulty or "",
        cell.tone or "",
        cell.language or language_of(question or answer),
        row.split or "",
        origin,
    )
    said = f"{question}\n{answer}\n{row.label or ''}\n{origin}\n{row.id}"
    sure = min((finding.confidence for finding in row.findings), default=1.0)
    return Line(number, row.id, raw, standing, traits, folded(said), sure, bool(row.fields))


def origin_of(row: Sample) -> str:
    """WRITTEN where a model did, the file's name where there is one, else the kind of source."""
    name = PurePath(row.origin.file or "").name if row.origin.source != WRITTEN else ""
    return name or row.origin.source


def folded(text: str) -> str:
    """Whatever the case and the width of its letters."""
    return unicodedata.normalize("NFKC", text).casefold()


def tallied(lines: Sequence[Line]) -> Tally:
    """As the report counts them: what waits for a person is not accepted. What is still being checked is left out."""
    counts = Counter((line.standing, line.of("check")) for line in lines)
    rejected = {check: n for (standing, check), n in sorted(counts.items()) if standing in ("rejected", "review")}
    failed = {check: n for (standing, check), n in sorted(counts.items()) if standing == "failed"}
    accepted = sum(n for (standing, _), n in counts.items() if standing == "kept")
    requested = accepted + sum(rejected.values()) + sum(failed.values())
    return Tally(requested=requested, accepted=accepted, rejected=rejected, failed=failed)


def search(lines: tuple[Line, ...], wanted: Wanted, language: Language) -> Page:
    """One page of what was asked for. A page that is not there is the nearest that is."""
    traits, among = tuple(sorted(wanted.traits.items())), tuple(sorted(wanted.among))
    found, nearly = _matching(Rows(lines), wanted.search, traits, among, wanted.order)
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(1, wanted.page), pages)
    start = (number - 1) * PAGE
    filters = tuple(_filters(found, nearly, wanted, language))
    return Page(tuple(found[start : start + PAGE]), start, len(found), number, pages, filters)


class Rows:
    """The same tuple is the same key: to compare 10,000 rows would cost more than to search them."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        self.lines = lines

    def __hash__(self) -> int:
        return id(self.lines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and other.lines is self.lines


@lru_cache(maxsize=8)
def _matching(
    rows: Rows, text: str, traits: tuple[tuple[Trait, str], ...], among: tuple[Standing, ...], order: Order
) -> tuple[Sequence[Line], Mapping[int, Sequence[Line]]]:
    """What was asked for, in order; and by the place of a trait what only that trait keeps out.

    Remembered, for the same is looked at again with every page that is turned and every row that is opened.
    """
    chosen = [(TRAITS.index(trait), value) for trait, value in traits]
    terms, known = folded(text).split(), set(among)
    found: list[Line] = []
    nearly: dict[int, list[Line]] = {place: [] for place, _ in chosen}
    for line in rows.lines:
        if line.standing not in known or (terms and not all(term in line.folded for term in terms)):
            continue
        missed = [place for place, value in chosen if line.traits[place] != value] if chosen else ()
        if not missed:
            found.append(line)
        elif len(missed) == 1:
            nearly[missed[0]].append(line)
    return _ordered(found, order), nearly


def _ordered(found: Sequence[Line], order: Order) -> Sequence[Line]:
    match order:
        case "made":
            return found
        case "unsure":
            return sorted(found, key=lambda line: line.sure)
        case "longest":
            return sorted(found, key=lambda line: -len(line.folded))
        case "shortest":
            return sorted(found, key=lambda line: len(line.folded))


def _filters(
    found: Sequence[Line], nearly: Mapping[int, Sequence[Line]], wanted: Wanted, language: Language
) -> Iterator[Filter]:
    """A trait in which all rows are alike is no filter."""
    columns = list(zip(*(line.traits for line in found), strict=True)) or [()] * len(TRAITS)
    for place, trait in enumerate(TRAITS):
        counts = Counter(columns[place])
        counts.update(line.traits[place] for line in nearly.get(place, ()))
        mine = wanted.traits.get(trait)
        if mine is not None:
            counts[mine] += 0
        if len(counts) < 2 and mine is None:
            continue
        order = sorted(counts, key=lambda value: (-counts[value], value))
        choices = (Choice(v, value_words(trait, v, language), counts[v], v == mine) for v in order)
        yield Filter(trait, NAMES[trait].to(language), tuple(choices))


def value_words(trait: Trait, value: str, language: Language) -> str:
    if not value:
        return NONE.get(trait, OWN).to(language)
    if trait == "standing" and value in STANDINGS:
        return STANDINGS[value].to(language)
    if trait == "check":
        return reason_words(value, language)
    if known := VALUES.get((trait, value)):
        return known.to(language)
    if trait in ("scenario", "difficulty", "tone"):
        return part(value, language)
    return drawing.check_words(value, language) if trait == "origin" else value


def reason_words(check: str, language: Language) -> str:
    """What a check, a person or a failure is called that took a row out."""
    failed = drawing.failure_words(check, language)
    return failed if failed != check else drawing.failing_words(check, language)
