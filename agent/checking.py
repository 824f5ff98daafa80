"""Judges the rows of a file as a stream: one look for what has to be known beforehand, a second one that judges."""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from agent.documents import knowledge_in
from agent.events import Event, File, Judged, Progress, Say
from workspace.errors import UserError, boundary
from workspace.project import Project, sample_line, writing
from workspace.sample import Sample
from workspace.spec import Spec
from workspace.stated import Stated
from workspace.words import Language, Words, language_of

if TYPE_CHECKING:
    from agent.health import Watching
    from tools.base import Check, Kit
    from tools.edits.cells import Study
    from tools.knowledge import Knowledge
    from tools.peers import Peers

COPIES, CELLS = "copies", "cells"  # of all rows together, by an edit
AT_ONCE = 1024  # rows that are held against one another before they are told of
# What asks for more than a file has: `label` needs labels with examples of their own, `judge` rows a person labelled.
NOT_UNASKED = frozenset({"label", "judge"})
# What can be said of a table whose rows are no questions with answers.
OF_TABLES = ("logic", "cells", "copies")
VALUES = 200  # of a column, by which it is known where they come from
LOOKED_AT = 200  # rows of a workbook, before it is taken for a table
BETWEEN = 0.2  # seconds from one word of progress to the next


@dataclass(frozen=True)
class Given:
    """What a person hands over to have a file checked."""

    file: Path
    knowledge: Path | None = None
    rules: Path | None = None
    test: Path | None = None
    only: Sequence[str] = ()
    out: Path | None = None
    offline: bool = False
    mapping: Mapping[str, str] = field(default_factory=dict)
    report: Path | None = None

    @property
    def wants_health(self) -> bool:
        """Of rows that are held against nothing it is the answer; of others only where it is asked for."""
        return self.report is not None or (self.knowledge is None and not self.only)


def _no_peers() -> Peers:
    from tools.peers import Peers

    return Peers()


@dataclass
class Survey:
    """What the first look keeps: no row, only what all of them come to. `held_back` are questions of test rows.

    `values` are the first that stand in each column.
    """

    rows: int = 0
    evidence: bool = False
    labels: set[str] = field(default_factory=set)
    languages: set[Language] = field(default_factory=set)
    held_back: list[Sample] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    peers: Peers = field(default_factory=_no_peers)
    study: Study | None = None

    def see(self, row: Sample) -> None:
        self.rows += 1
        if self.study:
            self.study.note(row)
        if not row.kept:
            return
        self.peers.note(row)
        self.evidence = self.evidence or bool(row.evidence)
        self.languages.add(language_of(row.question))
        if row.label:
            self.labels.add(row.label)
        for name, value in row.fields.items():
            if value is not None and len(held := self.values.setdefault(name, [])) < VALUES:
                held.append(str(value))
        if row.split == "test":
            self.hold_back(row)

    def hold_back(self, row: Sample) -> None:
        asked = tuple(m for m in row.messages if m.role == "user")
        self.held_back.append(Sample(id=row.id, messages=asked, origin=row.origin, split="test"))


def check(home: Path, given: Given, language: Language = "en") -> Iterator[Event]:
    """A line for each row in the file's order, those that can't be read among them. The same again goes on for free:
    what a model has said is in the journal."""
    project = Project(home, "checks")
    from tools.pipeline import run_checks

    with project.working(), boundary(Words("checking the file", "检查文件")), ExitStack() as open_things:
        tables = _is_table(project, given)
        checks, whole = chosen(given.only or (OF_TABLES if tables else ()))
        survey = yield from _surveyed(project, given, language, tables, CELLS in whole)
        base, known = yield from knowledge_in(project, given.knowledge, language, given.offline)
        if base and (strange := survey.languages - {language_of(base.text(name)) for name in base.documents()}):
            yield Say(text=_foreign(strange).to(language))
        kit = _kit(project, given, survey, base, open_things)
        kit = replace(kit, relations=known.relations, terms=known.terms and known.terms.with_columns(survey.values))
        rows = run_checks(read_rows(project, given.file, given.mapping, tables), checks, kit)
        rows = _together(rows, COPIES in whole, survey.study, kit)
        watching = _watching(given, {*whole, *(check.name for check in checks)}) if given.wants_health else None
        yield from _told(watching.rows(rows) if watching else rows, survey.rows, given.out, language)
        if watching:
            watching.tests(read_rows(project, given.test, given.mapping) if given.test else ())
            yield from watching.told(given.report, language)


def _watching(given: Given, looked: Collection[str]) -> Watching:
    from agent.health import Watching

    return Watching(given.file, looked, given.test)


def _foreign(strange: set[Language]) -> Words:
    names = {"en": Words("English", "英文"), "zh": Words("Chinese", "中文")}
    found = [names[one] for one in sorted(strange)]
    return Words(
        f"Some rows are in {' or '.join(words.en for words in found)}, and no document is: what they say will mostly "
        "stay open. Add documents in their language.",
        f"有些数据是{'、'.join(words.zh for words in found)}，但没有这种语言的文档：其中的说法大多无法判断。"
        "请补充同一语言的文档。",
    )


def chosen(only: Sequence[str]) -> tuple[list[Check], frozenset[str]]:
    """The checks of those names, and which of COPIES and CELLS are looked for. Raises UserError with the names there
    are."""
    from tools.base import Check, registry

    found = registry(Check)
    known = sorted({*found, COPIES, CELLS})
    wanted = [name.strip() for name in only if name.strip()] or [name for name in known if name not in NOT_UNASKED]
    if unknown := [name for name in wanted if name not in known]:
        raise UserError(
            Words(f"There is no check called {', '.join(unknown)}.", f"没有名为 {'、'.join(unknown)} 的检查。"),
            Words(f"Known are: {', '.join(known)}.", f"可用的有：{'、'.join(known)}。"),
        )
    whole = frozenset({COPIES, CELLS} & set(wanted))
    return [found[name]() for name in dict.fromkeys(wanted) if name not in whole], whole


def read_rows(
    project: Project, file: Path, mapping: Mapping[str, str] | None = None, tables: bool = False
) -> Iterator[Sample]:
    """The rows of any file we read, refused ones among them with their reason; `tables`: see the files source."""
    from tools.base import Kit
    from tools.sources.files import Files

    source = Files(paths=(str(file.resolve()),), mapping=dict(mapping or {}), tables=tables)
    return source.read(Kit(spec=Spec().filled(), project=project))


def _is_table(project: Project, given: Given) -> bool:
    """It can't be read as questions with answers; whether it can be read at all is for the next look to say.

    A workbook's sheets are read one by one, so there it shows in the rows: none of the first can be used.
    """
    try:
        first = list(islice(read_rows(project, given.file, given.mapping), LOOKED_AT))
    except UserError:
        return True
    return bool(first) and not any(row.kept for row in first) and all(row.origin.sheet for row in first)


def spec_of(survey: Survey, rules: Path | None = None) -> Spec:
    """What can be said of rows that come with no specification: their labels and languages, nothing invented."""
    from tools.rules.reading import read_rules
    from tools.wrong_cells.constraints import holds_constraints
    from workspace.stated import Label

    labels = tuple(Label(name=name) for name in sorted(survey.labels))
    spec = Spec().with_value("task", Stated(value="classification" if labels else "writing", source="default"))
    if labels:
        spec = spec.with_value("labels", Stated(value=labels, source="default"))
    languages = tuple(sorted(survey.languages)) or ("en",)
    spec = spec.with_value("languages", Stated(value=languages, source="default"))
    if rules and not holds_constraints(rules):
        spec = spec.with_value("rules", Stated(value=read_rules(rules), source="said", quote=rules.name, turn=0))
    spec = spec.with_value("privacy", Stated(value="keep", source="default"))  # nobody asked for it to be hidden
    return spec.with_value("unknown_facts", Stated(value="keep", source="default")).filled()


def survey_of(rows: Iterable[Sample]) -> Survey:
    survey = Survey()
    for row in rows:
        survey.see(row)
    return survey


def _surveyed(
    project: Project, given: Given, language: Language, tables: bool, cells: bool
) -> Generator[Event, None, Survey]:
    survey, heard = Survey(study=_study(given) if cells else None), time.monotonic()
    stage = Words("Reading", "读取").to(language)
    for row in read_rows(project, given.file, given.mapping, tables):
        survey.see(row)
        if time.monotonic() - heard > BETWEEN:
            heard = time.monotonic()
            yield Progress(stage=stage, done=survey.rows, total=0)
    survey.peers.remember(read_rows(project, given.file, given.mapping, tables))
    if given.test:
        for row in read_rows(project, given.test, given.mapping):
            if row.kept:
                survey.hold_back(row)
    return survey


def _study(given: Given) -> Study:
    from tools.edits.cells import Study
    from tools.wrong_cells.constraints import holds_constraints, read_constraints

    ruled = given.rules is not None and holds_constraints(given.rules)
    return Study(read_constraints(given.rules) if given.rules and ruled else ())


def _kit(project: Project, given: Given, survey: Survey, base: Knowledge | None, open_things: ExitStack) -> Kit:
    from tools.base import Kit
    from tools.llm import open_chat

    chat = None
    if not given.offline and (base is not None or survey.evidence or "judge" in given.only):
        chat = open_chat(project.journal)
        open_things.callback(chat.close)
    spec = spec_of(survey, given.rules)
    return Kit(spec=spec, project=project, chat=chat, knowledge=base, held_back=survey.held_back, peers=survey.peers)


def _together(rows: Iterable[Sample], copies: bool, study: Study | None, kit: Kit) -> Iterator[Sample]:
    """What only all rows together show. Copies come last, so that a row that failed hides no good one."""
    from tools.edits.cells import pointed_at
    from tools.edits.duplicates import Duplicates

    if study:
        rows = (pointed_at(row, study.of(number)) for number, row in enumerate(rows))
    # Whoever waits for a model's word on each row should see the rows one by one.
    return Duplicates(called=COPIES, at_once=1 if kit.chat else AT_ONCE).apply(rows, kit) if copies else iter(rows)


def judged(number: int, row: Sample) -> Judged:
    return Judged(row=number, id=row.id, kept=row.kept, findings=row.findings, text=f"{row.question} → {row.answer}")


def _told(rows: Iterable[Sample], total: int, out: Path | None, language: Language) -> Iterator[Event]:
    """Each row as it is judged, and on disk as it is told; the file appears when it is whole."""
    with ExitStack() as files:
        file = files.enter_context(writing(out)) if out else None
        done, kept, started, heard = 0, 0, time.monotonic(), 0.0
        stage = Words("Checking", "检查").to(language)
        for done, row in enumerate(rows, 1):
            kept += row.kept
            if file:
                file.write(sample_line(row))
            yield judged(done - 1, row)
            if (now := time.monotonic()) - heard > BETWEEN or done == total:
                left = round((now - started) / done * (total - done), 1) if now - started > 1 else None
                heard = now
                yield Progress(stage=stage, done=done, total=total, seconds_left=left)
    if out:
        yield File(title=Words("Judged rows", "检查结果").to(language), path=str(out))
    english = f"{done} rows in, {kept} kept, {done - kept} rejected."
    yield Say(text=Words(english, f"共 {done} 条，保留 {kept} 条，拒绝 {done - kept} 条。").to(language))
