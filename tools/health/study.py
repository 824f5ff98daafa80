"""Looks at rows as they are judged, one after the other, and says at the end how healthy the whole is."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from heapq import heappush, heapreplace
from pathlib import Path

from tools.health.columns import Seen as SeenColumn
from tools.health.faults import fault
from tools.health.keys import Keys
from tools.health.labels import Drawn, Labelled, balance, doubtful
from tools.health.languages import Spoken
from tools.health.lengths import far_out, spread
from tools.health.parts import Split, parts
from tools.health.report import (
    Cluster,
    Count,
    Example,
    Fault,
    FaultName,
    Health,
    Kind,
    Personal,
    Size,
    Spread,
    grade_of,
)
from tools.health.signs import hidden, personal, shown, signs, tokens
from tools.personal.columns import kind_of
from tools.personal.shapes import Kind as PersonalKind
from workspace.sample import Sample
from workspace.words import Words

EXAMPLES = 5
CLUSTERS, MOST_COLUMNS, MOST_REASONS = 8, 300, 200
# Which check looks for which fault; without it the report says so.
LOOKS: dict[str, tuple[FaultName, ...]] = {
    "copies": ("near_copies",),
    "leak": ("leak",),
    "contradictions": ("two_answers",),
    "cells": ("odd_cells",),
}
# By themselves these say who nobody is.
NOBODY = frozenset({"AGE", "POSTCODE", "URL", "EXPIRY"})
PLACE = re.compile(r"^(?:line|row) \d+: ")
PER_LABEL, PER_SET = 20, 200
USUAL_RATIO = 3.0
LEAST_DRIFT = 0.02


class Study:
    """`file` as commands are to name it. `looked`: names of the checks whose findings the rows bear.

    `test`: a file of test rows is compared, too.
    """

    def __init__(self, file: Path, encoding: str, looked: Collection[str], test: Path | None = None) -> None:
        self.file, self.encoding, self.test = file, encoding, test
        self.unlooked = tuple(name for check, names in LOOKS.items() if check not in looked for name in names)
        self.rows = self.usable = self.characters = self.tokens = self.asking = self.talking = self.held = 0
        self.counts, self.examples = Counter[FaultName](), defaultdict[FaultName, list[Example]](list)
        self.refusals, self.labels = Counter[str](), Counter[str]()
        self.keys, self.drawn, self.spoken = Keys(), Drawn(), Spoken()
        self.columns: dict[str, SeenColumn] = {}
        self.splits: dict[str, Split] = {}
        self.lengths = {"question": array("L"), "answer": array("L")}
        self.people: dict[PersonalKind, list[int]] = {}
        self.longest: list[tuple[int, int, str]] = []
        self.masked: dict[str, list[str]] = defaultdict(list)
        self.copies, self.odd = Counter[str](), Counter[str]()
        self.clusters: dict[str, tuple[str, list[str]]] = {}

    def see(self, row: Sample) -> None:
        """The next row of the file, as judged."""
        number, self.rows = self.rows, self.rows + 1
        refusal = next((f for f in row.findings if f.check == "read" and f.drops), None)
        if refusal is not None:
            reason = PLACE.sub("", refusal.reason)
            if reason in self.refusals or len(self.refusals) < MOST_REASONS:
                self.refusals[reason] += 1
            self._note("refused", Example(row=number, text=shown(row.question), beside=refusal.reason[:200]))
            return
        self.usable += 1
        self._findings(number, row)
        for name in signs(row):
            self._note(name, Example(row=number, text=shown(_said(row))))
        self._whose(number, row)
        for column, value in row.fields.items():
            if column in self.columns or len(self.columns) < MOST_COLUMNS:
                self.columns.setdefault(column, SeenColumn(column)).see(value)
        self._measure(number, row)
        if row.messages:
            self._compare(number, row)

    def see_test(self, row: Sample) -> None:
        """A row of the file of test rows."""
        if row.kept and row.messages:
            self.held += 1
            self.splits.setdefault("--test", Split()).see(row)

    def _note(self, name: FaultName, example: Example) -> None:
        self.counts[name] += 1
        if len(self.examples[name]) < EXAMPLES:
            self.examples[name].append(example)

    def _findings(self, number: int, row: Sample) -> None:
        for finding in row.findings:
            quote = shown(finding.evidence.quote) if finding.evidence else ""
            if finding.check == "copies" and finding.evidence and row.messages:
                self._cluster(finding.evidence.document, quote, row)
                if finding.confidence < 1:
                    self._note("near_copies", Example(row=number, text=shown(row.question), beside=quote))
            elif finding.check == "leak" and finding.drops:
                self._note("leak", Example(row=number, text=shown(row.question), beside=quote))
            elif finding.check == "cells":
                column = finding.column or ""
                # Why it is odd may name other values of a column that is personal as a whole.
                why = column if kind_of(column) else shown(f"{column}: {finding.reason}")
                self._note("odd_cells", Example(row=number, text=shown(finding.claim or "", column), beside=why))
                self.odd[column] += 1
            elif finding.check == "contradictions" and finding.drops:
                self._note("two_answers", Example(row=number, text=shown(_said(row)), beside=shown(finding.reason)))

    def _cluster(self, first: str, quote: str, row: Sample) -> None:
        self.copies[first] += 1
        _, others = self.clusters.setdefault(first, (quote, []))
        if len(others) < 3 and (text := shown(row.question)) != quote and text not in others:
            others.append(text)

    def _whose(self, number: int, row: Sample) -> None:
        kinds = set[str]()
        for one in personal(row):
            counts = self.people.setdefault(one.kind, [0, 0])
            counts[0] += 1
            counts[1] += one.kind not in kinds
            kinds.add(one.kind)
            if len(self.masked[one.kind]) < 3 and hidden(one.value) not in self.masked[one.kind]:
                self.masked[one.kind].append(hidden(one.value))
        if kinds := kinds - NOBODY:
            self._note("personal", Example(row=number, text=shown(_said(row)), beside=", ".join(sorted(kinds))))

    def _measure(self, number: int, row: Sample) -> None:
        texts = [m.content for m in row.messages] or [str(v) for v in row.fields.values() if v is not None]
        self.characters += sum(map(len, texts))
        self.tokens += sum(map(tokens, texts))
        self.spoken.see(number, row)
        if not row.messages:
            if self.keys.row_again(row):
                self._note("copies", Example(row=number, text=shown(_said(row))))
            return
        question, answer = row.question, row.answer
        self.asking += bool(answer)
        self.talking += sum(m.role == "user" for m in row.messages) > 1
        self.lengths["question"].append(len(question))
        if len(self.longest) < EXAMPLES or len(question) > self.longest[0][0]:
            held = (len(question), number, shown(question))
            (heappush if len(self.longest) < EXAMPLES else heapreplace)(self.longest, held)
        if answer and row.label is None:
            self.lengths["answer"].append(len(answer))

    def _compare(self, number: int, row: Sample) -> None:
        found = self.keys.see(number, row)
        if found.other_label is not None:
            label = f"{shown(row.label or '')} ≠ {shown(found.other_label)}"
            self._note("two_labels", Example(row=number, text=shown(row.question), beside=label))
        elif found.copy:
            self._note("copies", Example(row=number, text=shown(row.question)))
        if found.across:
            self._note("leak", Example(row=number, text=shown(row.question), beside=found.across))
        if found.stock:
            self._note("same_answer", Example(row=number, text=shown(row.question), beside=shown(row.answer)))
        self.held += row.split == "test"
        if row.split or self.test:
            self.splits.setdefault(row.split or "train", Split()).see(row)
        if row.label is not None:
            self.labels[row.label] += 1
            self.drawn.see(Labelled(number, row.question, row.label))

    def health(self, size: int, rows_per_second: float = 0.0) -> Health:
        """`size` in bytes."""
        kind = self._kind()
        columns = tuple(column.column(self.odd[name]) for name, column in self.columns.items())
        its_parts = parts(self.splits)
        faults = sorted(self._faults(kind), key=lambda f: (-f.points, -f.share, f.name))
        used = tuple(one for one in faults if one.rows or one.points)
        return Health(
            file=self.file.name,
            kind=kind,
            grade=grade_of(used, self.usable),
            faults=used,
            size=Size(
                rows=self.rows, usable=self.usable, refused=self.rows - self.usable, characters=self.characters,
                tokens=self.tokens, bytes=size,
            ),
            encoding=self.encoding,
            refused=tuple(Count(name=shown(reason), rows=n) for reason, n in self.refusals.most_common(20)),
            lengths=tuple(self._lengths()),
            balance=balance(self.labels) if kind == "classification" else None,
            clusters=tuple(self._clusters()),
            parts=its_parts,
            personal=tuple(
                Personal(kind=k, found=n, rows=rows, examples=tuple(self.masked[k]))
                for k, (n, rows) in sorted(self.people.items(), key=lambda pair: -pair[1][1])
            ),
            languages=self.spoken.mix(),
            columns=columns,
            not_looked_at=self.unlooked,
            rows_per_second=rows_per_second,
        )  # fmt: skip

    def _kind(self) -> Kind:
        talked = len(self.lengths["question"])
        if not self.usable:
            return "nothing"
        if not talked:
            return "table"
        if self.labels.total() * 10 >= talked * 8:
            return "classification"
        if self.talking * 2 >= talked:
            return "dialogue"
        return "question-answering" if self.asking * 2 >= talked else "text"

    def _faults(self, kind: Kind) -> Iterator[Fault]:
        rows = max(1, self.rows)
        for name in (
            "refused", "two_labels", "two_answers", "personal", "copies", "near_copies", "broken_text", "placeholder",
            "copied_answer", "leftovers", "same_answer", "repetition", "low_information", "too_long", "markup",
        ):  # fmt: skip
            yield self._counted(name, rows)
        yield self._counted("leak", max(1, self.held or self.rows // 10))
        yield from self._of_lengths(rows)
        strays, examples = self.spoken.strays()
        main = next((count.name for count in self.spoken.mix()), "en")
        yield fault("other_language", strays, strays / rows, self.file, examples[:EXAMPLES], language=main)
        yield from self._of_labels() if kind == "classification" else ()
        yield from self._of_number(kind)
        yield from self._of_cells(kind)
        yield from self._of_parts()

    def _counted(self, name: FaultName, of: int) -> Fault:
        return fault(name, self.counts[name], self.counts[name] / of, self.file, self.examples[name], self.test)

    def _of_lengths(self, rows: int) -> Iterator[Fault]:
        far = far_out(self.lengths["question"])
        longest = [
            Example(row=number, text=text, beside=f"{long:,}") for long, number, text in sorted(self.longest)[::-1]
        ]
        yield fault("odd_lengths", len(far), len(far) / rows, self.file, longest[: len(far)])

    def _of_labels(self) -> Iterator[Fault]:
        found = balance(self.labels)
        if found is None:
            return
        single = [name for name, n in self.labels.items() if n == 1]
        shown_ones = [Example(row=0, text=shown(name)) for name in single[:EXAMPLES]]
        yield fault("single_labels", len(single), len(single) / found.labels, self.file, shown_ones)
        if found.ratio > USUAL_RATIO:
            import math

            few = found.rows[-1]
            share = min(1.0, math.log10(found.ratio / USUAL_RATIO) / math.log10(100 / USUAL_RATIO))
            ends = [Example(row=0, text=f"{found.rows[0].name}: {found.rows[0].rows}"),
                    Example(row=0, text=f"{few.name}: {few.rows}")]  # fmt: skip
            yield fault("imbalance", few.rows, share, self.file, ends)
        doubts = doubtful(self.drawn.rows)
        share = len(doubts) / max(1, len(self.drawn.rows))
        yield fault("noisy_labels", round(share * self.labels.total()), share, self.file, doubts[:EXAMPLES])

    def _of_number(self, kind: Kind) -> Iterator[Fault]:
        if kind in ("table", "text", "nothing"):
            return
        wanted = PER_LABEL * len(self.labels) if kind == "classification" else PER_SET
        there = sum(min(n, PER_LABEL) for n in self.labels.values()) if kind == "classification" else self.usable
        missing = max(0, wanted - there)
        yield fault("too_few", missing, missing / wanted if wanted else 1.0, self.file)

    def _of_cells(self, kind: Kind) -> Iterator[Fault]:
        if kind != "table":
            return
        cells = max(1, self.usable * len(self.columns))
        missing = sum(self.usable - seen.types.total() for seen in self.columns.values())
        yield fault("missing_cells", missing, missing / cells, self.file)
        yield self._counted("odd_cells", cells)

    def _of_parts(self) -> Iterator[Fault]:
        for part in parts(self.splits):
            moved = max(part.words or 0.0, part.labels or 0.0)
            if moved > LEAST_DRIFT:
                told = Example(row=0, text=f"{part.name}: {moved:.2f}", beside=", ".join(c.name for c in part.moved))
                yield fault("drift", part.rows, moved, self.file, [told])

    def _lengths(self) -> Iterator[Spread]:
        names = {"question": Words("Questions", "问题"), "answer": Words("Answers", "回答")}
        for name, values in self.lengths.items():
            if values:
                yield spread(names[name], values)

    def _clusters(self) -> Iterator[Cluster]:
        for first, copies in self.copies.most_common(CLUSTERS):
            text, others = self.clusters[first]
            yield Cluster(text=text, copies=copies, others=tuple(others))


def _said(row: Sample) -> str:
    """What stands in a row, whatever it is."""
    if row.messages:
        return f"{row.question} → {row.answer}" if row.answer else row.question
    return " | ".join(shown(str(value), name) for name, value in row.fields.items() if value is not None)
