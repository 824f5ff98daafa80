"""A person's controlled vocabulary: codes with their terms, as an ICD list or a product catalogue gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from tools.knowledge_tables import Refused, columns, is_table, lines, several
from tools.names import Names, folded
from workspace.errors import UserError
from workspace.sample import Evidence
from workspace.words import Words

HEADS = {
    "code": (
        "code",
        "codes",
        "id",
        "sku",
        "icd",
        "icd 10",
        "icd10",
        "item code",
        "代码",
        "编码",
        "编号",
        "货号",
        "国标码",
    ),
    "term": (
        "term",
        "terms",
        "name",
        "title",
        "description",
        "术语",
        "名称",
        "品名",
        "诊断名称",
        "疾病名称",
        "商品名称",
    ),
    "synonyms": ("synonyms", "synonym", "aliases", "alias", "同义词", "别名", "又称", "别称", "俗称"),
}
RUN = re.compile(r"[A-Za-z]+|\d+|[^A-Za-z\d]")
LIKE = 60.0  # of 100: below this a known code is no help to whoever mistyped one
MOST_PREFIXES = 0.2  # of the codes: where letters before the figures are as few as this, others are another list's
COLUMN, COLUMN_ROWS = 0.8, 5


@dataclass(frozen=True, slots=True)
class Term:
    """`names` are the term and its synonyms, the term first. `code` is "" in a list without codes."""

    code: str
    names: tuple[str, ...]
    place: Evidence


@dataclass(frozen=True, slots=True)
class Shape:
    """How some codes are built. A `weak` one is also how years, amounts or words look, so it needs a word before it."""

    pattern: str
    weak: bool


@dataclass(frozen=True)
class Terms:
    """`columns` are the rows' columns whose values come from the list, found by `with_columns`."""

    entries: tuple[Term, ...]
    refused: tuple[Refused, ...] = ()
    columns: frozenset[str] = field(default=frozenset())

    @cached_property
    def by_code(self) -> Mapping[str, Term]:
        return {folded(term.code): term for term in reversed(self.entries) if term.code}

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Term, ...]]:
        found: dict[str, list[Term]] = {}
        for term in self.entries:
            for name in dict.fromkeys(map(folded, term.names)):
                found.setdefault(name, []).append(term)
        return {name: tuple(terms) for name, terms in found.items()}

    @cached_property
    def names(self) -> Names:
        return Names(self.by_name)

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        return tuple(_shapes([term.code for term in self.entries if term.code]))

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(sorted(self.by_code))

    def nearest(self, code: str) -> Term | None:
        """The known code that is written most like this one; None where none is."""
        best = process.extractOne(folded(code), self.codes, scorer=fuzz.ratio, score_cutoff=LIKE)
        return self.by_code[best[0]] if best else None

    def nearest_name(self, name: str) -> Term | None:
        best = process.extractOne(folded(name), self.by_name.keys(), scorer=fuzz.ratio, score_cutoff=LIKE)
        return self.by_name[best[0]][0] if best else None

    def holds(self, value: str) -> bool:
        return folded(value.strip()) in self.by_code or folded(value.strip()) in self.by_name

    def with_columns(self, values: Mapping[str, Sequence[str]]) -> Terms:
        """The same, knowing which columns nearly always hold one of its codes or terms, by what stands in them."""
        inside = {name: [self.holds(value) for value in held if value.strip()] for name, held in values.items()}
        found = {n for n, held in inside.items() if len(held) >= COLUMN_ROWS and sum(held) >= COLUMN * len(held)}
        return replace(self, columns=frozenset(found))

    @cached_property
    def _words(self) -> Mapping[str, tuple[str, ...]]:
        """Long words of the terms, under each way to leave out one letter of them."""
        found: dict[str, list[str]] = {}
        for word in dict.fromkeys(w for name in self.by_name for w in LONG_WORD.findall(name)):
            for shorter in _shortened(word):
                found.setdefault(shorter, []).append(word)
        return {shorter: tuple(words) for shorter, words in found.items()}

    def meant(self, word: str) -> str | None:
        """The long word of a term that this one, one slip of the finger away, should be; None if it is right or far."""
        word = folded(word)
        near = {known for shorter in _shortened(word) for known in self._words.get(shorter, ())}
        if word in near:
            return None
        return min((k for k in near if _slip(word, k)), key=lambda k: (OSA.distance(word, k), k), default=None)

    @cached_property
    def with_word(self) -> Mapping[str, tuple[str, ...]]:
        """The names, folded, in which a long word stands."""
        found: dict[str, list[str]] = {}
        for name in self.by_name:
            for word in set(LONG_WORD.findall(name)):
                found.setdefault(word, []).append(name)
        return {word: tuple(names) for word, names in found.items()}


LONG_WORD = re.compile(r"[a-z]{7,}")
ENDING = re.compile(r"(?:e?s|e?d|ing|ly|al|ia|ic|is|y|a)$")


def _shortened(word: str) -> Iterator[str]:
    yield word
    yield from {word[:i] + word[i + 1 :] for i in range(len(word))}


def _slip(word: str, known: str) -> bool:
    """Near, and not merely inflected."""
    most = 2 if len(known) >= 10 else 1
    return ENDING.sub("", word) != ENDING.sub("", known) and OSA.distance(word, known, score_cutoff=most) <= most


def is_vocabulary(path: Path) -> bool:
    parts = set(columns(path, HEADS)) if is_table(path) else set()
    return "term" in parts and bool({"code", "synonyms"} & parts)


def read_terms(paths: Sequence[Path]) -> Terms | None:
    """Of those files that are vocabularies; None where none is. Raises UserError where one has not a single term."""
    entries: list[Term] = []
    refused: list[Refused] = []
    for path in filter(is_vocabulary, paths):
        coded, before = "code" in columns(path, HEADS), len(entries)
        for line in lines(path, HEADS):
            if isinstance(line, Refused):
                refused.append(line)
                continue
            code, name = line.cells.get("code", ""), line.cells.get("term", "")
            if not name or (coded and not code):
                reason = Words(
                    "a code without a term" if code else "no code", "有代码而没有术语" if code else "没有代码"
                )
                refused.append(Refused(path.name, line.number, reason))
                continue
            names = tuple(dict.fromkeys((name, *several(line.cells.get("synonyms", "")))))
            entries.append(Term(code, names, line.place))
        if len(entries) == before:
            raise _useless(path, refused)
    return Terms(tuple(entries), tuple(refused)) if entries else None


def _useless(path: Path, refused: Sequence[Refused]) -> UserError:
    first = next((r for r in refused if r.document == path.name), None)
    why = (
        Words(f" Line {first.line}: {first.reason.en}.", f"第 {first.line} 行：{first.reason.zh}。") if first else None
    )
    return UserError(
        Words(
            f"{path.name} has no line with a code and a term.{why.en if why else ''}",
            f"{path.name} 里没有一行同时有代码和术语。{why.zh if why else ''}",
        ),
        Words(
            "Give it the columns code, term, synonyms, with a code and a term in each line.",
            "请使用“代码、术语、同义词”这几列，每行填写一个代码和一个术语。",
        ),
    )


def _shapes(codes: Sequence[str]) -> Iterator[Shape]:
    """Runs of letters and figures as long as those of the codes; what stands between, as it is."""
    groups: dict[str, list[list[str]]] = {}
    for code in codes:
        runs = RUN.findall(code)
        kind = "".join("A" if r.isalpha() and r.isascii() else "9" if r.isdigit() else r for r in runs)
        groups.setdefault(kind, []).append(runs)
    for kind, members in groups.items():
        if len(members) == 1 and len(codes) > 20:  # one odd code says nothing about how codes look
            yield Shape(re.escape("".join(members[0])), weak=not ("A" in kind and "9" in kind))
            continue
        pattern = "".join(map(_run, zip(*members, strict=True)))
        short = max(sum(map(len, runs)) for runs in members) <= 4
        yield Shape(pattern, weak=not ("A" in kind and "9" in kind) or (short and kind in ("A9", "9A", "A9A")))


def _run(runs: Sequence[str]) -> str:
    """One run of all codes of a kind: letters are known ones or one letter off, figures may be one too few or many."""
    lengths = [len(run) for run in runs]
    least, most = min(lengths), max(lengths)
    if runs[0].isdigit():
        slack = 1 if least >= 3 else 0
        return rf"\d{{{least - slack},{most + slack}}}"
    if not runs[0].isascii() or not runs[0].isalpha():
        return re.escape(runs[0])
    known = sorted(set(runs))
    if least < 2 or len(known) > max(1, MOST_PREFIXES * len(runs)) or len(known) > 200:
        return rf"[A-Za-z]{{{least},{most}}}"
    off = {run[:i] + "[A-Za-z]" + run[i + 1 :] for run in known for i in range(len(run))}
    return "(?:" + "|".join(sorted(off)) + ")"
