"""From a specification to rows: what is real is read and split first, then rounds of writing until the grid is full."""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from tools.base import Check, Edit, Kit, Working, registry, tool
from tools.edits.duplicates import Duplicates
from tools.gates import PILOT
from tools.grid import Want, at_most, lacking
from tools.mixing import Part, licence_of_written, licensed, parts, room_to_write
from tools.pipeline import run_checks, run_edits, tally
from tools.sources.files import Files
from tools.sources.generate import Generate
from workspace.project import read_samples, sample_line, write_samples
from workspace.results import Report, Stage, Tally
from workspace.sample import Sample
from workspace.spec import Spec
from workspace.words import Language, Words, language_of

MOST_ROUNDS = 8
# What is written is asked for until there is enough of it, so only what is all but the same is thrown away.
COPY = 90.0
LEAST_NEW = 0.1
# The round under way, row by row: first as they are written, then as they are judged.
ROUND = ("written.jsonl", "judged.jsonl")
READING = Words("reading your rows", "读取您的数据")
WRITING = Words("writing rows", "撰写数据")
CHECKING = Words("checking rows", "检查数据")
EXHAUSTED = Words(
    "The writing model had nothing new to say: {lacking} of {rows} rows are still lacking. More real examples, or a "
    "stronger model, would fill them.",
    "撰写模型已经写不出新内容：{rows} 条中还缺 {lacking} 条。补充真实样例，或换用更强的模型，就能补齐。",
)
STOPPED = Words(
    "The budget was reached: {lacking} of {rows} rows are still lacking. What was finished is kept.",
    "已达到预算上限：{rows} 条中还缺 {lacking} 条。已完成的部分都已保留。",
)
FAILING = Words(
    "The writing model failed on most requests of the last round: {lacking} of {rows} rows are still lacking.",
    "最后一轮中撰写模型的大多数请求都失败了：{rows} 条中还缺 {lacking} 条。",
)
LEFT = Words(
    "{lacking} of {rows} rows are still lacking after the last round.",
    "最后一轮之后，{rows} 条中仍缺 {lacking} 条。",
)


@dataclass(frozen=True)
class Built:
    """Every row, kept or not, in the order in which it was found or asked for; `path` holds the same."""

    rows: tuple[Sample, ...]
    path: Path
    report: Report


@dataclass(frozen=True)
class Gate:
    """Where a person looks at the first rows before there are more: whether it is open, and what they took out."""

    open: bool
    rejected: Collection[str] = ()


def build(kit: Kit, folder: Path, gate: Gate | None = None) -> Generator[Working, None, Built]:
    """Rows for `kit.spec`, written whole or not at all to `folder/rows.jsonl`, anew after each round.

    All of it follows from the specification, the real rows and the journaled replies, so that a build repeated after
    a kill gives the same bytes. Behind a gate the first round is a small one, and while it is shut the last; for what a
    person took out there, others are written. Raises UserError from the files source and from the model's endpoint.
    """
    started = time.monotonic()
    yield Working(READING, 0, 1)
    judged = kit.spec.judge is not None and kit.spec.judge.value != "none"
    checks = [check() for name, check in sorted(registry(Check).items()) if judged or name != "judge"]
    path = folder / "rows.jsonl"
    found = _found(kit, folder / "sources")
    rows = _real(kit, checks, chain.from_iterable(part.rows for part in found))
    before = sum(1 for _ in read_samples(path)) if path.exists() else 0
    _lay_down(path, rows, before)
    yield Working(READING, 1, 1)
    stages = list(_stages(found, rows))
    held_back = _held_back(rows)
    note: Words | None = None
    for number in range(1, MOST_ROUNDS + 1):
        usable = [row for row in rows if row.kept and row.split != "test" and not (gate and row.id in gate.rejected)]
        if gate and not gate.open and number > 1:
            break
        if note or kit.chat is None or not _wanting(kit.spec, usable):
            break
        now = replace(kit, rows=usable, held_back=held_back)
        fresh = yield from _round(now, number, checks, folder, PILOT if gate and number == 1 else None)
        rows = list(run_edits([*rows, *fresh], _edits("split"), kit))
        stages.append(Stage(name=f"round {number}", tally=tally(rows[-len(fresh) :])))
        note = _why_stop(stages[-1].tally)
        _lay_down(path, rows, before)
        _forget_round(folder)
    if len(rows) < before:
        write_samples(path, rows)
    standing = [row for row in rows if not (gate and row.id in gate.rejected)]
    notes = (*_short(found, kit.spec), *_notes(kit, standing, note))
    return Built(tuple(rows), path, Report(stages=tuple(stages), seconds=time.monotonic() - started, notes=notes))


def _lay_down(path: Path, rows: Sequence[Sample], before: int) -> None:
    """Not over more rows than these: a build that is repeated comes to them again, and people review them meanwhile."""
    if len(rows) >= before:
        write_samples(path, rows)


def _found(kit: Kit, folder: Path) -> list[Part]:
    """What is there before anything is written: the person's examples, and the sources that they named."""
    examples = list(Files(paths=kit.spec.examples.value if kit.spec.examples else ()).read(kit))
    named = list(parts(kit, folder))
    return ([Part("files", 0, examples)] if examples or not named else []) + named


def _stages(found: Iterable[Part], rows: Iterable[Sample]) -> Iterator[Stage]:
    """The rows are still in the order in which they were found."""
    left = iter(rows)
    for part in found:
        yield Stage(name=part.name, tally=tally(islice(left, len(part.rows))))


def _short(found: Iterable[Part], spec: Spec) -> Iterator[str]:
    language: Language = language_of(spec.goal.value) if spec.goal else "en"
    return filter(None, (part.note(language) for part in found))


def _wanting(spec: Spec, rows: Iterable[Sample]) -> list[Want]:
    """What the model is to write: what the grid lacks, within the share that the specification leaves to it."""
    rows, room = list(rows), room_to_write(spec)
    wants = lacking(spec, rows)
    if room is None:
        return wants
    written = sum(row.kept and row.split != "test" and row.origin.source == "generate" for row in rows)
    return at_most(wants, max(0, room - written))


def _real(kit: Kit, checks: Sequence[Check], found: Iterable[Sample]) -> list[Sample]:
    """The person's own rows: tidied, without copies, split and judged; what is held back is among these alone.

    Where the answer is a label, what a customer states need not be true: no model is asked about it.
    """
    rows = list(run_edits(found, [*_edits("normalise", "mask"), Duplicates(similarity=COPY), *_edits("split")], kit))
    sorts = kit.spec.task is not None and kit.spec.task.value == "classification"
    fitting = [check for check in checks if check.cost == "cheap" or not sorts]
    return list(run_checks(rows, fitting, replace(kit, held_back=_held_back(rows))))


def _held_back(rows: Iterable[Sample]) -> list[Sample]:
    return [row for row in rows if row.kept and row.split == "test"]


def _edits(*names: str) -> list[Edit]:
    return [tool(Edit, name)() for name in names]  # type: ignore[type-abstract]


def _round(
    kit: Kit, number: int, checks: Sequence[Check], folder: Path, most: int | None = None
) -> Generator[Working, None, list[Sample]]:
    """One round of writing, then of judging; a row is written on the grounds of finished rounds alone.

    Each row is laid down for whoever watches; what counts is the file that the end of the round writes.
    """
    total = sum(want.count for want in _wanting(kit.spec, kit.rows))
    total = min(total, most or total)
    _forget_round(folder)
    written: list[Sample] = []
    for row in _shown(licensed(Generate(round=number, most=total).read(kit), licence_of_written(kit.spec)), folder, 0):
        written.append(row)
        yield Working(_called(WRITING, number), len(written), total)
    # Behind the rows that are there already, so that a copy of one of them is the copy.
    edited = run_edits([*kit.rows, *written], [*_edits("normalise", "mask"), Duplicates(similarity=COPY)], kit)
    judged: list[Sample] = []
    for row in _shown(run_checks(islice(edited, len(kit.rows), None), checks, kit), folder, 1):
        judged.append(row)
        yield Working(_called(CHECKING, number), len(judged), total)
    return judged


def _called(stage: Words, number: int) -> Words:
    """A later round writes what is still lacking: fewer rows, which look like another count of the same ones."""
    return Words(f"{stage.en}, round {number}", f"{stage.zh}（第 {number} 轮）") if number > 1 else stage


def _shown(rows: Iterable[Sample], folder: Path, part: int) -> Iterator[Sample]:
    """Each row as it goes by, into the round's file of those that are written, or judged."""
    with (folder / ROUND[part]).open("wb", buffering=0) as file:
        for row in rows:
            file.write(sample_line(row))
            yield row


def _forget_round(folder: Path) -> None:
    for name in ROUND:
        (folder / name).unlink(missing_ok=True)


def _why_stop(counted: Tally) -> Words | None:
    if "budget" in counted.failed:
        return STOPPED
    if counted.accepted >= LEAST_NEW * counted.requested:
        return None
    return FAILING if 2 * sum(counted.failed.values()) > counted.requested else EXHAUSTED


def _notes(kit: Kit, rows: Iterable[Sample], note: Words | None) -> tuple[str, ...]:
    left = sum(want.count for want in _wanting(kit.spec, rows))
    if not left or kit.chat is None:
        return ()
    language: Language = language_of(kit.spec.goal.value) if kit.spec.goal else "en"
    wanted = kit.spec.rows.value if kit.spec.rows else 0
    return ((note or LEFT).to(language).format(lacking=left, rows=wanted),)
