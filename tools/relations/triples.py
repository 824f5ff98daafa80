"""What is so between two things, and when: triples that a person keeps in a CSV file, or has confirmed in one."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from tools.figures.dates import moments
from tools.figures.numerals import plain
from tools.knowledge_tables import Line, Refused, columns, is_table, lines, several
from tools.names import Names, folded
from tools.relations.words import Family, Meaning, Phrases, meaning, spelled
from workspace.errors import UserError
from workspace.sample import Evidence
from workspace.words import Words

HEADS = {
    "subject": ("subject", "head", "entity", "主体", "主语", "实体", "头实体"),
    "relation": ("relation", "predicate", "relationship", "property", "关系", "谓语", "谓词", "属性"),
    "object": ("object", "tail", "value", "客体", "宾语", "尾实体", "值", "属性值"),
    "since": (
        *("from", "start", "since", "begin", "valid from", "start date", "from date"),
        *("开始", "生效", "起", "自", "开始时间", "开始日期", "生效日期", "起始"),
    ),
    "until": (
        *("to", "end", "until", "valid to", "valid until", "end date", "to date"),
        *("结束", "失效", "止", "至", "结束时间", "结束日期", "失效日期", "终止"),
    ),
    "words": ("words", "phrases", "phrasings", "synonyms", "说法", "同义词", "表述"),
    "aliases": ("aliases", "subject aliases", "alias", "别名", "主体别名", "主语别名"),
    "object aliases": ("object aliases", "客体别名", "宾语别名"),
    "functional": ("functional", "single", "unique", "one at a time", "唯一", "单值"),
    "confirmed": ("confirmed", "已确认", "确认"),
}
YES = frozenset(("yes", "y", "x", "1", "true", "ok", "✓", "√", "是", "对", "已确认"))
NO = frozenset(("no", "n", "0", "false", "否"))
OPEN_END = re.compile(r"present|now|current(?:ly)?|today|ongoing|至今|今|现在|目前|-|—", re.I)
ISO = re.compile(r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?)?\s*月?)?\s*年?(?:[T ][\d:.]+Z?)?")
LEGAL = re.compile(r",?\s+(?:inc|corp|corporation|ltd|llc|plc|gmbh|co)\b\.?$|^the\s+(?=\w)", re.I)
FIGURES = re.compile(r"[\W\d_]+")
LEAST_SUBJECTS = 3  # before a relation of unknown kind is taken to have one object a subject


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included; None where it is open. "2018" begins on its first day and ends on its last."""

    since: date | None = None
    until: date | None = None

    def meets(self, other: Span) -> bool:
        late = max(self.since or date.min, other.since or date.min)
        return late <= min(self.until or date.max, other.until or date.max)


@dataclass(frozen=True, slots=True)
class Triple:
    """`owner` and `value` of a family, folded: X is the owner and Y the value of "X's founder is Y" and "Y founded X".

    `begun` is the file's entry for the begin, as exact as it is.
    """

    family: str
    owner: str
    value: str
    valid: Span
    begun: Span | None
    place: Evidence


@dataclass(frozen=True)
class Relations:
    """`same` leads from every name and alias, folded, to the one that triples use; `things` are the subjects."""

    triples: tuple[Triple, ...]
    families: Mapping[str, Family]
    phrases: Phrases
    same: Mapping[str, str]
    things: frozenset[str]
    refused: tuple[Refused, ...] = ()

    @cached_property
    def names(self) -> Names:
        """Of things: what is all figures and signs is a value and no name."""
        return Names(name for name in self.same if FIGURES.sub("", name))

    @cached_property
    def of_owner(self) -> Mapping[tuple[str, str], tuple[Triple, ...]]:
        return _grouped(self.triples, lambda t: (t.family, t.owner))

    @cached_property
    def of_value(self) -> Mapping[tuple[str, str], tuple[Triple, ...]]:
        return _grouped(self.triples, lambda t: (t.family, t.value))

    def fits(self, name: str, family: str) -> bool:
        """A thing, or one side of this relation: the value of another one only happens to stand by."""
        return name in self.things or (family, name) in self.of_value or (family, name) in self.of_owner

    def one(self, family: str) -> bool:
        """Whether an owner has one value at a time."""
        return self._single.get(family, False)

    def other(self, family: str) -> bool:
        """Whether a value has one owner at a time."""
        return bool(self.families[family].other)

    @cached_property
    def _single(self) -> Mapping[str, bool]:
        return {key: self._is_single(family) for key, family in self.families.items()}

    def _is_single(self, family: Family) -> bool:
        if family.one is not None:
            return family.one
        held = [triples for (key, _), triples in self.of_owner.items() if key == family.key]
        many = any(a.value != b.value and a.valid.meets(b.valid) for t in held for a in t for b in t)
        return not many and (bool(family.noun) or len(held) >= LEAST_SUBJECTS)


def _grouped(
    triples: Iterable[Triple], key: Callable[[Triple], tuple[str, str]]
) -> dict[tuple[str, str], tuple[Triple, ...]]:
    found: dict[tuple[str, str], list[Triple]] = {}
    for triple in triples:
        found.setdefault(key(triple), []).append(triple)
    return {named: tuple(held) for named, held in found.items()}


def is_triples(path: Path) -> bool:
    return is_table(path) and {"subject", "relation", "object"} <= set(columns(path, HEADS))


def read_relations(paths: Sequence[Path]) -> Relations | None:
    """Of those files that hold triples; None where none does. Raises UserError where one has not a single triple.

    Where a file has a column `confirmed`, only its rows with a yes there count.
    """
    kept: list[_Entry] = []
    refused: list[Refused] = []
    for path in filter(is_triples, paths):
        before, confirmed = len(kept), "confirmed" in columns(path, HEADS)
        waiting = 0
        for line in lines(path, HEADS):
            entry = line if isinstance(line, Refused) else _entry(line)
            if isinstance(entry, Refused):
                refused.append(entry)
            elif confirmed and folded(entry.line.cells.get("confirmed", "")) not in YES:
                waiting += 1
            else:
                kept.append(entry)
        if len(kept) == before:
            raise _useless(path, refused, waiting)
    return _relations(kept, refused) if kept else None


@dataclass(frozen=True, slots=True)
class _Entry:
    line: Line
    valid: Span
    begun: Span | None

    def cell(self, name: str) -> str:
        return self.line.cells.get(name, "")


def _entry(line: Line) -> _Entry | Refused:
    def refuse(english: str, chinese: str) -> Refused:
        return Refused(line.place.document, line.number, Words(english, chinese))

    for part, english, chinese in (
        ("subject", "there is no subject", "缺少主体"),
        ("relation", "there is no relation", "缺少关系"),
        ("object", "there is no object", "缺少客体"),
    ):
        if not line.cells.get(part):
            return refuse(english, chinese)
    spans: dict[str, Span | None] = {}
    for part in ("since", "until"):
        written = line.cells.get(part, "")
        spans[part] = span_of(written)
        if written and spans[part] is None and not OPEN_END.fullmatch(written):
            return refuse(f"“{written}” is no date", f"“{written}”不是日期")
    since, until = spans["since"], spans["until"]
    if since and until and since.since and until.until and until.until < since.since:
        return refuse("it ends before it begins", "结束早于开始")
    return _Entry(line, Span(since.since if since else None, until.until if until else None), since)


def span_of(written: str) -> Span | None:
    """The days of a date as exact as it is written: a day, a month or a year; None if it is none."""
    iso = ISO.fullmatch(written.strip())
    if iso:
        return span(*(int(part) if part else None for part in iso.groups()))
    found = [m for m in moments(plain(written)) if m.kind == "date" and m.year]
    return span(*found[0].parts) if len(found) == 1 else None


def span(year: int | None, month: int | None = None, day: int | None = None) -> Span | None:
    if year is None or not 1 <= year <= 9999 or not 1 <= (month or 1) <= 12:
        return None
    last = calendar.monthrange(year, month or 12)[1]
    if day is not None and not 1 <= day <= last:
        return None
    return Span(date(year, month or 1, day or 1), date(year, month or 12, day or last))


def _relations(entries: Sequence[_Entry], refused: Sequence[Refused]) -> Relations:
    named = [(spelled(entry.cell("relation")), span_of(entry.cell("object")) is not None) for entry in entries]
    means = {key: meaning(*key) for key in dict.fromkeys(named)}
    families = {given.family.key: given.family for given in means.values()}
    more: dict[tuple[str, Meaning], None] = {}
    triples = []
    for entry, key in zip(entries, named, strict=True):
        given = means[key]
        more |= dict.fromkeys((phrase, given) for phrase in several(entry.cell("words")))
        families[given.family.key] = _as_stated(families[given.family.key], given, entry.cell("functional"))
        subject, object = folded(entry.cell("subject")), folded(entry.cell("object"))
        owner, value = (object, subject) if given.turned else (subject, object)
        triples.append(Triple(given.family.key, owner, value, entry.valid, entry.begun, entry.line.place))
    same = _aliases(entries)
    things = frozenset(folded(entry.cell("subject")) for entry in entries)
    return Relations(tuple(triples), families, Phrases(means.values(), more), same, things, tuple(refused))


def _as_stated(family: Family, given: Meaning, functional: str) -> Family:
    """What the person says of their relation counts before what is usual for it."""
    said = True if folded(functional) in YES else False if folded(functional) in NO else None
    if said is None:
        return family
    return replace(family, other=said) if given.turned else replace(family, one=said)


def _aliases(entries: Sequence[_Entry]) -> dict[str, str]:
    """A name that two things could mean means none; a whole name counts before an alias."""
    whole = {folded(entry.cell(part)) for entry in entries for part in ("subject", "object")}
    meant: dict[str, set[str]] = {}
    for entry in entries:
        for part, aliases in (("subject", "aliases"), ("object", "object aliases")):
            name = entry.cell(part)
            for alias in (*several(entry.cell(aliases)), LEGAL.sub("", name).strip()):
                meant.setdefault(folded(alias), set()).add(folded(name))
    short = {alias: min(names) for alias, names in meant.items() if len(names) == 1 and len(alias) > 1}
    return {**short, **{name: name for name in whole}}


def _useless(path: Path, refused: Sequence[Refused], waiting: int) -> UserError:
    first = next((r for r in refused if r.document == path.name), None)
    english = f" Line {first.line}: {first.reason.en}." if first else ""
    chinese = f"第 {first.line} 行：{first.reason.zh}。" if first else ""
    if waiting:
        english, chinese = f" {waiting} of them are not confirmed.", f"其中 {waiting} 条尚未确认。"
    return UserError(
        Words(f"{path.name} has no relation that can be used.{english}", f"{path.name} 里没有可用的关系。{chinese}"),
        Words(
            "Give it the columns subject, relation, object; where there is a column confirmed, write yes in the rows "
            "that are right.",
            "请使用“主体、关系、客体”这几列；如果有“已确认”一列，请在正确的行填“是”。",
        ),
    )
