"""Hides personal data as the specification asks, before a model or a version sees it, and says what it hid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import ClassVar

from tools.base import Edit, Kit
from tools.personal import Found, find_all
from tools.personal_hiding import WAYS, Hiding, Way, hiding
from tools.personal_places import Place, places, rewritten
from tools.personal_shapes import WORDS, Kind
from workspace.sample import Finding, Sample, row_id
from workspace.spec import Spec
from workspace.words import Words

BATCH = 256  # rows whose names are looked for together
DONE: dict[Way, Words] = {
    "mask": Words("masked", "已打码"),
    "hash": Words("replaced by a code", "已换成代号"),
    "generalise": Words("made coarser", "已泛化"),
}
Counts = Counter[tuple[str, Kind]]


class Mask(Edit):
    """Personal data masked (`mask`), replaced by keyed codes (`hash`) or made coarser (`generalise`).

    Without `way` the specification's word for it counts. `[PHONE ****5678]`: a mark says what stood there, so that a
    model learns that something does, and the last four are kept where people go by them. A row that is changed says
    in a finding what was hidden, and where, under the codes of the values; hiding twice changes nothing.
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
            standing = [list(places(row, labels)) for row in batch]
            each = iter(found_in([place for places in standing for place in places], names=self.names))
            for row, places_of_row in zip(batch, standing, strict=True):
                found = [next(each) for _ in places_of_row]
                yield _hidden(row, places_of_row, found, own, labels, counts)
        _journal(kit, own, counts)


def wanted(spec: Spec) -> Way | None:
    """How the specification wants personal data hidden, if it does."""
    return next((way for way in WAYS if spec.privacy is not None and spec.privacy.value == way), None)


def labels_of(spec: Spec) -> frozenset[str]:
    return frozenset(label.name for label in spec.labels.value) if spec.labels else frozenset()


def found_in(standing: Sequence[Place], *, names: bool) -> Iterator[list[Found]]:
    return find_all([p.text for p in standing], names=names, columns=[p.column for p in standing])


def _hidden(
    row: Sample, standing: list[Place], found: list[list[Found]], own: Hiding, labels: frozenset[str], counts: Counts
) -> Sample:
    """Named anew after its new words: a row's name follows from them, and the old one from what was hidden."""
    found = [[one for one in some if own.hides(one.kind)] for some in found]
    if not any(found):
        return row
    texts = [own.hidden(place.text, some) for place, some in zip(standing, found, strict=True)]
    new = rewritten(row, texts, labels)
    if new.messages != row.messages:
        new = new.model_copy(update={"id": row_id(new.messages, new.origin)})
    return new.judged(_audited(standing, found, own, counts))


def _audited(standing: list[Place], found: list[list[Found]], own: Hiding, counts: Counts) -> Finding:
    here = Counts((place.name, one.kind) for place, some in zip(standing, found, strict=True) for one in some)
    counts.update(here)
    told = ", ".join(f"{WORDS[kind].en} in {place}" + f" ×{n}" * (n > 1) for (place, kind), n in here.items())
    tokens = dict.fromkeys(own.token(one) for some in found for one in some)
    return Finding(check="mask", verdict="pass", reason=f"{DONE[own.way].en}: {told}", claim=" ".join(tokens))


def _journal(kit: Kit, own: Hiding, counts: Counts) -> None:
    """How many of each kind were found where, and what was done; no value."""
    if counts:
        told = {f"{place}: {kind}": str(n) for (place, kind), n in sorted(counts.items())}
        kit.project.journal.audit(f"personal data {DONE[own.way].en}", told)


def masked(text: str) -> str:
    """A text without what has a form of its own; idempotent."""
    own, found = Hiding("mask", b""), next(iter(find_all([text])))
    return own.hidden(text, found)
