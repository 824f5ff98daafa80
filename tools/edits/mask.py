"""Hides personal data as the specification asks, before a model or a version sees it, and says what it hid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import ClassVar

import orjson

from tools.base import Edit, Kit
from tools.exports.originals import own as as_written
from tools.personal.finding import Found, find, find_all
from tools.personal.hiding import MOST_LOOKS, Hiding, Way, hidden, hiding, wanted
from tools.personal.places import Place, places, rewritten, written
from tools.personal.shapes import WORDS, Kind
from workspace.sample import Finding, Raw, Sample, row_id
from workspace.spec import Spec
from workspace.words import Words

BATCH = 256  # rows whose names are looked for together
DONE: dict[Way, Words] = {
    "mask": Words("masked", "已打码"),
    "hash": Words("replaced by a code", "已换成代号"),
    "generalise": Words("made coarser", "已泛化"),
}
Audit = tuple[Place, list[Found]]
Counts = Counter[tuple[str, Kind]]


class Mask(Edit):
    """Personal data masked (`mask`), replaced by keyed codes (`hash`) or made coarser (`generalise`).

    Without `way` the specification's word for it counts. `[PHONE ****5678]`: a mark says what stood there, so that a
    model learns that something does, and the last four are kept where people go by them. A row that is changed says
    in a finding what was hidden, and where; hiding twice changes nothing.
    """

    name: ClassVar[str] = "mask"
    words: ClassVar[Words] = Words("personal data hidden", "个人信息打码")
    way: Way | None = None
    names: bool = True

    def apply(self, rows: Iterable[Sample], kit: Kit) -> Iterator[Sample]:
        way = self.way or wanted(kit.spec)
        if way is None:
            yield from rows
            return
        own, counts, labels, source = hiding(kit.project, way), Counts(), labels_of(kit.spec), iter(rows)
        while batch := list(islice(source, BATCH)):
            yield from self._hidden(batch, own, labels, counts)
        _journal(kit, own, counts)

    def _hidden(self, batch: list[Sample], own: Hiding, labels: frozenset[str], counts: Counts) -> Iterator[Sample]:
        """Looked through again as long as something is found: what is hidden first lets the rest be seen."""
        audits: dict[int, list[Audit]] = {}
        as_read = list(batch)
        left = list(range(len(batch)))
        for _ in range(MOST_LOOKS):
            standing = [list(places(batch[number], labels)) for number in left]
            each = iter(found_in([place for some in standing for place in some], names=self.names))
            changed = []
            for number, some in zip(left, standing, strict=True):
                found = [[one for one in next(each) if own.hides(one.kind)] for _ in some]
                if any(found):
                    texts = [self._text(place, ones, own) for place, ones in zip(some, found, strict=True)]
                    batch[number] = rewritten(batch[number], texts, labels)
                    audits.setdefault(number, []).extend(zip(some, found, strict=True))
                    changed.append(number)
            left = changed
        for number, row in enumerate(batch):
            if number in audits:
                row = self._with_record(as_read[number], _audited(row, audits[number], own, counts), own, labels)
            yield row

    def _text(self, place: Place, found: list[Found], own: Hiding) -> str:
        """A JSON text, such as the call of a tool, stays one: a mark in place of a bare number would break it."""
        text = own.hidden(place.text, found)
        if found and place.text[:1] in ("{", "[") and (held := _json(place.text)) is not None and _json(text) is None:
            return orjson.dumps(self._within(held, own, "", {})).decode()
        return text

    def _with_record(self, before: Sample, row: Sample, own: Hiding, labels: frozenset[str]) -> Sample:
        """The record that the row came from without what was hidden in the row, or stands elsewhere in it."""
        if row.raw is None:
            return row
        old, new = ([place.text for place in places(each)] for each in (before, row))
        known = dict(zip(old, new, strict=False)) | {label: label for label in labels}
        record = {name: self._within(value, own, name, known) for name, value in as_written(before).items()}
        return row.model_copy(update={"raw": Raw(record, row.raw.parts, row)})

    def _within(self, value: object, own: Hiding, column: str, known: Mapping[str, str]) -> object:
        """The same in what a record holds, lists and objects among it; what is known to be hidden how is so here."""
        if isinstance(value, dict):
            return {name: self._within(inner, own, str(name), known) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._within(inner, own, "", known) for inner in value]
        if not isinstance(value, str | int | float):
            return value
        text = before = written(value)
        text = known.get(text, text)
        for _ in range(MOST_LOOKS if text not in known.values() else 0):
            text = own.hidden(text, find(text, names=self.names, column=column))
        return value if text == before else text


def labels_of(spec: Spec) -> frozenset[str]:
    return frozenset(label.name for label in spec.labels.value) if spec.labels else frozenset()


def found_in(standing: Sequence[Place], *, names: bool) -> Iterator[list[Found]]:
    return find_all([p.text for p in standing], names=names, columns=[p.column for p in standing])


def _audited(row: Sample, audit: list[Audit], own: Hiding, counts: Counts) -> Sample:
    """What was hidden, and where. A row is named after its words, so a changed one is named anew: the old name could
    be tried out."""
    here = Counts((place.name, one.kind) for place, found in audit for one in found)
    counts.update(here)
    told = ", ".join(f"{WORDS[kind].en} in {place}" + f" ×{n}" * (n > 1) for (place, kind), n in here.items())
    if any(place.name.startswith("turn ") and found for place, found in audit):
        row = row.model_copy(update={"id": row_id(row.messages, row.origin)})
    return row.judged(Finding(check="mask", verdict="pass", reason=f"{DONE[own.way].en}: {told}"))


def _json(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _journal(kit: Kit, own: Hiding, counts: Counts) -> None:
    """How many of each kind were found where, and what was done; no value."""
    if counts:
        told = {f"{place}: {kind}": str(n) for (place, kind), n in sorted(counts.items())}
        kit.project.journal.audit(f"personal data {DONE[own.way].en}", told)


def masked(text: str) -> str:
    """A text without what has a form of its own; idempotent."""
    return hidden(Hiding("mask", b""), text, names=False)
