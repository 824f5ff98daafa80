"""What changed from one frozen version to another: rows, figures, specification, code; and which of these it was."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workspace.code import Code
from workspace.project import read_samples
from workspace.results import Version
from workspace.sample import Sample
from workspace.spec import Spec, question, questions
from workspace.words import Language, Words, language_of

Kind = Literal["added", "removed", "changed"]
EXAMPLES = 3
SHOWN = 160
CONTENT = {"messages", "label", "evidence", "fields", "split"}
KINDS: dict[Kind, Words] = {
    "added": Words("Added", "新增"),
    "removed": Words("Removed", "删除"),
    "changed": Words("Changed", "修改"),
}


@dataclass(frozen=True)
class Example:
    """A row before and after; one of both is empty where it was added or removed."""

    kind: Kind
    id: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Difference:
    """From the first version to the second; a changed row has the same id and other content.

    `figures`: what is counted or averaged over the rows, by name, where it moved.
    """

    added: int
    removed: int
    changed: int
    same: int
    spec: Mapping[str, tuple[object, object]]
    figures: Mapping[str, tuple[str, str]]
    labels: Mapping[str, tuple[int, int]]
    examples: Sequence[Example]
    code: tuple[Code, Code]

    @property
    def verdict(self) -> Words:
        """Code or data, in one sentence."""
        rows = self.added + self.removed + self.changed
        told = Words(
            f"{self.added} rows added, {self.removed} removed, {self.changed} changed",
            f"新增 {self.added} 条、删除 {self.removed} 条、修改 {self.changed} 条",
        )
        if not rows:
            return self._same_rows()
        asked = Words(" and what was asked for", "和需求") if self.spec else Words("", "")
        if not all(code.source for code in self.code):
            return Words(
                f"The data{asked.en} differ ({told.en}); whether the code does was not recorded then.",
                f"数据{asked.zh}不同（{told.zh}）；当时没有记录代码版本。",
            )
        if self.code[0].source == self.code[1].source:
            return Words(
                f"It is the data{asked.en} ({told.en}); the code is the same.",
                f"变化在于数据{asked.zh}（{told.zh}），代码相同。",
            )
        return Words(
            f"Both the data{asked.en} ({told.en}) and the code differ; build the first specification again with "
            "today's code to see what the code alone does.",
            f"数据{asked.zh}（{told.zh}）和代码都变了；用现在的代码重新构建第一版的需求，就能看出代码单独的影响。",
        )

    def _same_rows(self) -> Words:
        if all(code.source for code in self.code) and self.code[0].source != self.code[1].source:
            return Words(
                "The rows are the same: a different result comes from the code or from training, not from the data.",
                "数据完全相同：结果的差异来自代码或训练，而不是数据。",
            )
        return Words(
            "The rows are the same, so a different result comes from training.",
            "数据完全相同，结果的差异来自训练。",
        )

    def to(self, language: Language) -> str:
        rows = Words(
            f"{self.added} rows added, {self.removed} removed, {self.changed} changed, {self.same} the same.",
            f"新增 {self.added} 条，删除 {self.removed} 条，修改 {self.changed} 条，{self.same} 条不变。",
        )
        lines = [self.verdict.to(language), rows.to(language)]
        titles = {name: question(name).title.to(language) for name in self.spec}
        lines += [f"- {titles[name]}: {before} → {after}" for name, (before, after) in self.spec.items()]
        lines += [f"- {name}: {before} → {after}" for name, (before, after) in self.figures.items()]
        lines += [f"- {label}: {a} → {b}" for label, (a, b) in self.labels.items() if a != b]
        if self.code[0] != self.code[1]:
            lines.append(f"- {Words('Code', '代码').to(language)}: {self.code[0]} → {self.code[1]}")
        lines += [_shown(example, language) for example in self.examples]
        return "\n".join(lines)


def _shown(example: Example, language: Language) -> str:
    told = " → ".join(text for text in (example.before, example.after) if text)
    return f"- {KINDS[example.kind].to(language)} {example.id}: {told}"


@dataclass(frozen=True)
class Side:
    """One of both versions, with the folder that its files are in."""

    version: Version
    folder: Path
    spec: Spec

    def rows(self) -> Iterator[Sample]:
        return read_samples(self.folder / "data.jsonl")


def difference(one: Side, other: Side) -> Difference:
    """Rows by id and content, the specification field by field, and what the rows come to."""
    a, b = _digests(one.rows()), _digests(other.rows())
    both = a.keys() & b.keys()
    changed = {id for id in both if a[id] != b[id]}
    # The same words under another id (a file sorted anew) are the same row.
    gone, come = (Counter(x[id] for id in x.keys() - both) for x in (a, b))
    moved = (gone & come).total()
    figures, labels = [], []
    for side in (one, other):
        found = Figures(side.rows())
        figures.append(found.told())
        labels.append(found.labels)
    pairs = {name: (figures[0].get(name, "–"), figures[1].get(name, "–")) for name in {**figures[0], **figures[1]}}
    return Difference(
        added=come.total() - moved,
        removed=gone.total() - moved,
        changed=len(changed),
        same=len(both) - len(changed) + moved,
        spec=dict(_spec_differences(one.spec, other.spec)),
        figures={name: pair for name, pair in pairs.items() if pair[0] != pair[1]},
        labels={name: (labels[0][name], labels[1][name]) for name in sorted({*labels[0], *labels[1]})},
        examples=tuple(_examples(one, other, changed, (set(a) - both, set(b) - both), (gone - come, come - gone))),
        code=(one.version.code, other.version.code),
    )


def _digest(row: Sample) -> str:
    return hashlib.sha256(row.model_dump_json(include=CONTENT).encode()).hexdigest()


def _digests(rows: Iterable[Sample]) -> dict[str, str]:
    """What a row says and where it stands, by its id; what was found about it is no content."""
    return {row.id: _digest(row) for row in rows}


def _examples(
    one: Side,
    other: Side,
    changed: set[str],
    alone: tuple[set[str], set[str]],
    left: tuple[Counter[str], Counter[str]],
) -> Iterator[Example]:
    """`alone`: ids that only one has; `left`: digests that only one has, under whatever id."""
    some = set(sorted(changed)[:EXAMPLES])
    was = {row.id: _text(row) for row in one.rows() if row.id in some}
    now = {row.id: _text(row) for row in other.rows() if row.id in some}
    yield from (Example("changed", id, was[id], now[id]) for id in sorted(some))
    for row in _first(other.rows(), alone[1], left[1]):
        yield Example("added", row.id, after=_text(row))
    for row in _first(one.rows(), alone[0], left[0]):
        yield Example("removed", row.id, before=_text(row))


def _first(rows: Iterable[Sample], ids: set[str], digests: Counter[str]) -> Iterator[Sample]:
    found = 0
    for row in rows:
        if found == EXAMPLES:
            return
        if row.id in ids and digests[_digest(row)]:
            found += 1
            yield row


def _text(row: Sample) -> str:
    said = [f"{row.question} ⇒ {row.answer}"] if row.messages else [f"{k}={v}" for k, v in row.fields.items()]
    text = " ".join("; ".join(said).split()) + (f" [{row.split}]" if row.split else "")
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


class Figures:
    """What rows come to, in one pass: how many, how long, in which language, how many twice."""

    def __init__(self, rows: Iterable[Sample]) -> None:
        self.rows = self.asked = self.answered = self.twice = 0
        self.labels, self.languages = Counter[str](), Counter[str]()
        self.splits, self.sources = Counter[str](), Counter[str]()
        seen: set[bytes] = set()
        for row in rows:
            self.rows += 1
            self.asked += len(row.question)
            self.answered += len(row.answer)
            self.labels.update([row.label] if row.label else [])
            self.languages[language_of(row.question)] += 1
            self.splits[row.split or "train"] += 1
            self.sources[row.origin.source] += 1
            key = hashlib.blake2b(" ".join(f"{row.question}\0{row.answer}".lower().split()).encode()).digest()
            self.twice += key in seen
            seen.add(key)

    def told(self) -> dict[str, str]:
        """By name, as a person reads it."""
        most = max(1, self.rows)
        found = {
            "rows": str(self.rows),
            "characters asked": f"{self.asked / most:.0f}",
            "characters answered": f"{self.answered / most:.0f}",
            "twice": f"{self.twice / most:.1%}",
        }
        found |= {f"language {name}": f"{count / most:.0%}" for name, count in sorted(self.languages.items())}
        found |= {f"split {name}": str(count) for name, count in sorted(self.splits.items())}
        return found | {f"from {name}": str(count) for name, count in sorted(self.sources.items())}


def _spec_differences(a: Spec, b: Spec) -> Iterator[tuple[str, tuple[object, object]]]:
    for name, _ in questions():
        before, after = (
            stated.model_dump(mode="json")["value"] if stated else None
            for stated in (getattr(a, name), getattr(b, name))
        )
        if before != after:
            yield name, (before, after)
