"""Cleans a file: its rows through the edits that were asked for, into a file of the same form, and an account of it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pydantic import TypeAdapter, ValidationError

from agent.checking import judged
from agent.events import Event, File, Progress, Say
from workspace.errors import UserError, boundary
from workspace.project import Project, read_samples, sample_line, write_text, writing
from workspace.results import CleaningReport, CleaningStep
from workspace.sample import Sample
from workspace.spec import Spec
from workspace.stated import Privacy, Stated
from workspace.words import Language, Words

if TYPE_CHECKING:
    from tools.base import Edit, Kit
    from tools.ledger import Entry

# In this order: what is written two ways is told apart no longer when copies are looked for, and nothing personal is
# left by then.
STEPS = ("normalise", "mask", "quality", "duplicates")
Step = tuple[str, Mapping[str, object]]
BETWEEN = 0.2  # seconds from one word of progress to the next


@dataclass(frozen=True)
class Given:
    """What a person asks for. `steps`: edits by name with their options; none means the usual ones."""

    file: Path
    out: Path
    personal: Privacy = "keep"
    steps: Sequence[Step] = ()
    report: Path | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> Path:
        """Where the rows go that are not among the clean ones, with their reasons."""
        return self.out.with_name(f"{self.out.stem}.refused.jsonl")


def clean(home: Path, given: Given, language: Language = "en") -> Iterator[Event]:
    """A line for each refused row, then what was done. Both files appear when they are whole."""
    project = Project(home, "cleaning")
    with project.working(), boundary(Words("cleaning the file", "清洗文件")):
        edits, kit = _edits(given), _kit(project, given)
        yield from _done(given, edits, kit, language)


@dataclass
class Account:
    """What has come out so far; `numbers` are the places of the refused rows in the input."""

    rows: int = 0
    numbers: list[int] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def refuse(self, row: Sample) -> None:
        dropped = row.dropped_by
        assert dropped is not None
        self.numbers.append(self.rows - 1)
        self.refused[dropped.check] += 1


def steps_in(path: Path | None) -> tuple[Step, ...]:
    """A YAML list of edits: each a name, or a name with its options. Raises UserError where it is none."""
    if path is None:
        return ()
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        steps = TypeAdapter(list[str | dict[str, dict[str, object]]]).validate_python(raw)
    except (OSError, yaml.YAMLError, ValueError) as error:
        raise UserError(
            Words(f"{path.name} is no list of steps.", f"{path.name} 不是步骤列表。"),
            Words(
                "Write a line for each: `- normalise`, or `- normalise: {form: NFKC}`.",
                "每步一行：`- normalise`，或 `- normalise: {form: NFKC}`。",
            ),
        ) from error
    return tuple(pair for step in steps for pair in ([(step, {})] if isinstance(step, str) else step.items()))


def _edits(given: Given) -> list[Edit]:
    """Raises UserError for an edit or an option that there is not."""
    from tools.base import Edit, tool

    usual: list[Step] = [(name, {}) for name in STEPS if name != "mask" or given.personal not in ("keep", "none")]
    found = []
    for name, options in given.steps or usual:
        try:
            found.append(tool(Edit, name)(**options))  # type: ignore[type-abstract]
        except ValidationError as error:
            raise _wrong_options(name, error) from error
    return found


def _wrong_options(name: str, error: ValidationError) -> UserError:
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    return UserError(
        Words(
            f"The step {name!r} can't be had so: {place}: {first['msg']}",
            f"步骤 {name!r} 的选项有误：{place}：{first['msg']}",
        ),
        Words("Correct that option, or leave it out.", "请更正或去掉该选项。"),
    )


def _kit(project: Project, given: Given) -> Kit:
    from tools.base import Kit

    spec = Spec().with_value("privacy", Stated(value=given.personal, source="default")).filled()
    return Kit(spec=spec, project=project)


def _done(given: Given, edits: Sequence[Edit], kit: Kit, language: Language) -> Iterator[Event]:
    from tools.exports.lines import SUFFIXES, refuse_suffix, refuse_target, write_own
    from tools.ledger import counted
    from tools.sources.files import Files

    refuse_target(given.out, given.file)
    refuse_suffix(given.out, SUFFIXES)
    started, account, stopping = time.monotonic(), Account(), threading.Event()
    source = Files(paths=(str(given.file.resolve()),), mapping=dict(given.mapping), tables=True)
    rows, entries = counted(source.read(kit), edits, kit)
    stage = Words("Cleaning", "清洗").to(language)
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(write_own, _parted(rows, given.refused, account, stopping), given.out)
        try:
            while not work.done():
                wait([work], BETWEEN)
                yield Progress(stage=stage, done=account.rows, total=0)
        finally:
            stopping.set()
        work.result()
    report = _report(given, account, entries, time.monotonic() - started)
    for number, row in zip(account.numbers, read_samples(given.refused), strict=True):
        yield judged(number, row)
    yield from _told(given, report, entries, language)


def _parted(rows: Iterable[Sample], refused: Path, account: Account, stopping: threading.Event) -> Iterator[Sample]:
    """The kept rows; the others go to a file of their own."""
    with writing(refused) as file:
        for row in rows:
            if stopping.is_set():
                raise InterruptedError
            account.rows += 1
            if row.kept:
                yield row
            else:
                account.refuse(row)
                file.write(sample_line(row))


def _report(given: Given, account: Account, entries: Sequence[Entry], seconds: float) -> CleaningReport:
    from tools.sources.reading import read_as

    hidden = any(entry.name == "mask" for entry in entries)
    report = CleaningReport(
        file=given.file.name,
        encoding=read.name if (read := read_as(given.file)) else None,
        rows_in=account.rows,
        rows_out=account.rows - len(account.numbers),
        refused=dict(account.refused.most_common()),
        steps=tuple(
            CleaningStep(
                name=entry.name,
                rows=entry.rows,
                changed=entry.changed,
                dropped=dict(entry.dropped),
                # What stood there before is not for a report when somebody wanted it hidden.
                examples=() if hidden else tuple(entry.examples),
            )
            for entry in entries
        ),
        seconds=round(seconds, 2),
    )
    if given.report:
        write_text(given.report, report.model_dump_json(indent=1))
    return report


def _told(given: Given, report: CleaningReport, entries: Sequence[Entry], language: Language) -> Iterator[Event]:
    why = ", ".join(f"{name} {count}" for name, count in report.refused.items())
    left = report.rows_in - report.rows_out
    english = f"{report.rows_in} rows in, {report.rows_out} out, {left} refused" + (f" ({why})." if why else ".")
    chinese = f"读入 {report.rows_in} 条，写出 {report.rows_out} 条，拒绝 {left} 条" + (f"（{why}）。" if why else "。")
    yield Say(text=Words(english, chinese).to(language))
    for entry in entries:
        if entry.changed:
            english = f"{entry.name} ({entry.words.en}): {entry.changed} rows changed."
            chinese = f"{entry.name}（{entry.words.zh}）：修改了 {entry.changed} 条。"
            yield Say(text=Words(english, chinese).to(language))
    yield File(title=Words("Clean rows", "清洗后的数据").to(language), path=str(given.out))
    if left:
        yield File(title=Words("Refused rows", "被拒绝的数据").to(language), path=str(given.refused))
    else:
        given.refused.unlink()
    if given.report:
        yield File(title=Words("Report", "报告").to(language), path=str(given.report))
