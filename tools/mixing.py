"""Sources as a specification names them: a kind with its options, and each one's share of all rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from tools.base import Kit, Source, tool
from tools.grid import portions
from tools.sources.records import STOPPED
from workspace.errors import UserError
from workspace.project import read_samples, write_samples
from workspace.sample import Finding, Sample
from workspace.spec import Spec
from workspace.stated import Mixed
from workspace.words import Language, Words

ABOVE = "share"
FEWER = Words(
    "{name} has {found} usable rows for its share of {wanted}.", "{name} 的占比应为 {wanted} 条，实际可用 {found} 条。"
)


@dataclass(frozen=True)
class Part:
    """What one source gives: every row that it has, those above its share with the finding that says so."""

    name: str
    wanted: int
    rows: Sequence[Sample]

    def note(self, language: Language) -> str | None:
        found = sum(row.kept for row in self.rows)
        told = FEWER.to(language).format(name=self.name, found=found, wanted=self.wanted)
        return told if found < self.wanted else None


def parts(kit: Kit, folder: Path) -> Iterator[Part]:
    """Each source but what the model writes, in the specification's order. Raises UserError from a source.

    What is outside of the project may be another tomorrow: it is read once, and a build repeated finds it in `folder`.
    """
    mix = kit.spec.sources.value if kit.spec.sources else ()
    for number, (mixed, wanted) in enumerate(zip(mix, _wanted(kit.spec), strict=True)):
        if mixed.kind != "generate":
            rows = _kept_reading(mixed, kit, folder / f"{number}.jsonl")
            yield Part(mixed.name, wanted, list(share_of(rows, wanted, kit.spec.seed.value if kit.spec.seed else 0)))


def room_to_write(spec: Spec) -> int | None:
    """How many rows the model may write; None where the specification does not name its sources."""
    if spec.sources is None:
        return None
    return sum(n for mixed, n in zip(spec.sources.value, _wanted(spec), strict=True) if mixed.kind == "generate")


def licence_of_written(spec: Spec) -> str | None:
    mix = spec.sources.value if spec.sources else ()
    return next((mixed.licence for mixed in mix if mixed.kind == "generate"), None)


def share_of(rows: Sequence[Sample], wanted: int, seed: int) -> Iterator[Sample]:
    """The rows in their order; which usable ones are taken follows from the seed and the rows alone."""
    usable = sorted((_draw(number, row, seed), number) for number, row in enumerate(rows) if row.kept)
    above = {number for _, number in usable[wanted:]}
    reason = f"above its share: {wanted} of {len(usable)} usable rows are taken"
    over = Finding(check=ABOVE, verdict="fail", reason=reason, drops=True)
    return (row.judged(over) if number in above else row for number, row in enumerate(rows))


def licensed(rows: Iterable[Sample], licence: str | None) -> Iterator[Sample]:
    for row in rows:
        yield row.model_copy(update={"origin": row.origin.model_copy(update={"licence": licence})}) if licence else row


def _wanted(spec: Spec) -> list[int]:
    mix = spec.sources.value if spec.sources else ()
    total = spec.rows.value if spec.rows else 0
    return portions(total, [mixed.share for mixed in mix], [mixed.name for mixed in mix]) if mix else []


def _draw(number: int, row: Sample, seed: int) -> str:
    return hashlib.sha256(f"{seed}/{row.id}/{number}".encode()).hexdigest()


def _kept_reading(mixed: Mixed, kit: Kit, path: Path) -> list[Sample]:
    if path.exists():
        return list(read_samples(path))
    rows = list(licensed(source_of(mixed.kind, mixed.options).read(kit), mixed.licence))
    # One that broke off is read anew by the next build.
    if not any(row.dropped_by is not None and row.dropped_by.check == STOPPED for row in rows):
        write_samples(path, rows)
    return rows


def source_of(kind: str, options: Mapping[str, object]) -> Source:
    """Raises UserError with the kinds there are, or with the option that does not fit."""
    found = tool(Source, kind)  # type: ignore[type-abstract]
    try:
        return found.model_validate(dict(options))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or kind
        known = ", ".join(found.model_fields)
        raise UserError(
            Words(
                f"The source of kind {kind} has a fault at {where}: {first['msg']}.",
                f"{kind} 数据来源的 {where} 有误：{first['msg']}。",
            ),
            Words(f"It takes: {known}.", f"可用的选项：{known}。"),
        ) from None
