"""What other programs are answered: typed, of limited size, and complete enough to know what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import Field

from agent.events import Ask, Done, Event, Failed, File, Progress, Say, Table
from workspace.results import Estimate, ReportCard, ThresholdResult
from workspace.sample import Finding, Frozen, Outcome, Sample, Scalar
from workspace.words import Language, Words

Standing = Literal["asking", "working", "at rest"]
LONGEST_TEXT, LONGEST_CELL = 4_000, 400
MOST_ROWS, FEW_ROWS = 100, 5  # a table with more than the first shows the second: whoever wants rows asks for `rows`
MOST_FINDINGS = 10  # of a row
APPROVALS = ("confirm", "approve", "release")


class Question(Frozen):
    about: str = Field(description="The specification's field, or `confirm`, `approve` or `release`: those need a yes")
    text: str
    choices: tuple[str, ...] = Field((), description="Likely answers; others are as good")
    needs_approval: bool = Field(description="Only the person may say yes, through `approve` (or `release`)")
    hash: str = Field("", description="Names exactly what is agreed to; it expires when that changes")


class Doing(Frozen):
    stage: str
    done: int
    total: int
    seconds_left: float | None = None
    note: str = ""


class Trouble(Frozen):
    problem: str
    fix: str


class Shown(Frozen):
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]
    left_out: int = Field(0, description="How many rows more there are")


class Offered(Frozen):
    title: str
    path: str


class Told(Frozen):
    """What came of an order, or how it stands."""

    name: str = Field(description="What `status` is asked about: the project, or the order")
    state: Standing
    next: str = Field(description="What to do now")
    said: tuple[str, ...] = Field((), description="What Tunesmith said, as Markdown")
    troubles: tuple[Trouble, ...] = Field((), description="What went wrong on the way, each with its remedy")
    question: Question | None = None
    doing: Doing | None = None
    tables: tuple[Shown, ...] = ()
    files: tuple[Offered, ...] = ()
    run: str | None = None
    version: str | None = None
    model: str | None = None
    report: str | None = None


class RunLine(Frozen):
    id: str
    state: str
    done: tuple[str, ...]
    left: tuple[str, ...]
    note: str = ""
    kept: int | None = None
    rejected: int | None = None
    waiting_for_a_person: int | None = None


class Status(Told):
    runs: tuple[RunLine, ...] = Field((), description="The project's runs, oldest first")


class Row(Frozen):
    number: int
    id: str
    question: str
    answer: str
    label: str | None = None
    outcome: Outcome
    findings: tuple[Finding, ...] = ()


class Rows(Frozen):
    name: str
    kept: int
    rejected: int
    waiting_for_a_person: int
    matching: int = Field(description="How many rows the filters leave")
    rows: tuple[Row, ...]
    next_offset: int | None = Field(None, description="Ask again with this offset for more; null at the end")


class Checked(Told):
    rows: Rows | None = Field(None, description="The first rows with findings that took them out; more with `rows`")


class Judgement(Frozen):
    metrics: dict[str, Estimate]


class Evaluation(Told):
    systems: dict[str, Judgement] = Field({}, description="base, prompted, retrieval, classic, tuned")
    thresholds: tuple[ThresholdResult, ...] = ()


class ProjectLine(Frozen):
    name: str
    title: str = Field(description="Its goal")
    working: bool = Field(description="Whether something is under way for it here")
    runs: int


class Projects(Frozen):
    projects: tuple[ProjectLine, ...]


NEXT: dict[str, Words] = {
    "working": Words(
        "It goes on by itself. Ask `status` with this name after a while.",
        "任务会自行继续。过一会儿用这个 name 调用 `status`。",
    ),
    "approval": Words(
        "Show the person what was said and this question. Only after their own yes (or their own words) call `approve` "
        "with this hash; to change something instead, pass their words on with `interview`.",
        "把上述内容和问题给用户看。只有用户本人同意后，才能带上这个 hash 调用 `approve`；"
        "如果要修改，请用 `interview` 转达用户的话。",
    ),
    "release": Words(
        "Nothing is released yet. Show the person the table; only after their own yes call `release` again with this "
        "hash as `confirm`.",
        "尚未发布。请把表格给用户看；只有用户本人同意后，才能把这个 hash 作为 `confirm` 再次调用 `release`。",
    ),
    "question": Words(
        "Put the question to the person, and pass their own words on with `interview`.",
        "把问题转给用户，并用 `interview` 原样转达用户的话。",
    ),
    "at rest": Words("Nothing is open.", "没有待处理的问题。"),
}


def told(name: str, events: Sequence[Event], working: bool, progress: Progress | None, language: Language) -> Told:
    """`events` in the order in which they came; only the last question is open, and none while work goes on."""
    # What can be done at rest is no question: nothing waits for it.
    asks = [event for event in events if isinstance(event, Ask) and event.field != "rest"]
    ask = asks[-1] if asks and not working else None
    done = next((event for event in reversed(events) if isinstance(event, Done)), Done())
    step = "working" if working else _step(ask)
    return Told(
        name=name,
        state="working" if working else "asking" if ask else "at rest",
        next=NEXT[step].to(language),
        said=tuple(cut(event.text, LONGEST_TEXT) for event in events if isinstance(event, Say)),
        troubles=tuple(Trouble(problem=e.problem, fix=e.fix) for e in events if isinstance(e, Failed)),
        question=question(ask) if ask else None,
        doing=_doing(progress) if progress and working else None,
        tables=tuple(_shown(event) for event in events if isinstance(event, Table)),
        files=tuple(Offered(title=event.title, path=event.path) for event in events if isinstance(event, File)),
        run=done.run,
        version=done.version,
        model=done.model,
        report=done.report,
    )


def _doing(now: Progress) -> Doing:
    return Doing(stage=now.stage, done=now.done, total=now.total, seconds_left=now.seconds_left, note=now.note)


def _step(ask: Ask | None) -> str:
    if ask is None:
        return "at rest"
    return "question" if ask.field not in APPROVALS else "release" if ask.field == "release" else "approval"


def question(ask: Ask) -> Question:
    return Question(
        about=ask.field, text=ask.text, choices=ask.choices, needs_approval=ask.field in APPROVALS, hash=ask.hash
    )


def _shown(table: Table) -> Shown:
    most = MOST_ROWS if len(table.rows) <= MOST_ROWS else FEW_ROWS
    rows = tuple(tuple(cut(v, LONGEST_CELL) if isinstance(v, str) else v for v in row) for row in table.rows[:most])
    return Shown(title=table.title, columns=table.columns, rows=rows, left_out=max(0, len(table.rows) - most))


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def rows(
    name: str, found: Iterable[Sample], wanted: Literal["all"] | Outcome, why: str, about: str, offset: int, limit: int
) -> Rows:
    """Row by row, so that a large file is never in memory as a whole."""
    counts: dict[Outcome, int] = {"kept": 0, "rejected": 0, "review": 0}
    page: list[Row] = []
    matching = 0
    for number, row in enumerate(found):
        counts[row.outcome] += 1
        if not _matches(row, wanted, why, about):
            continue
        if offset <= matching < offset + limit:
            page.append(_row(number, row))
        matching += 1
    return Rows(
        name=name,
        kept=counts["kept"],
        rejected=counts["rejected"],
        waiting_for_a_person=counts["review"],
        matching=matching,
        rows=tuple(page),
        next_offset=offset + limit if matching > offset + limit else None,
    )


def _matches(row: Sample, wanted: Literal["all"] | Outcome, why: str, about: str) -> bool:
    dropped = row.dropped_by
    if wanted not in ("all", row.outcome) or (why and (dropped is None or dropped.check != why)):
        return False
    return not about or about.casefold() in f"{row.question}\n{row.answer}\n{row.label or ''}".casefold()


def _row(number: int, row: Sample) -> Row:
    return Row(
        number=number,
        id=row.id,
        question=cut(row.question, LONGEST_TEXT),
        answer=cut(row.answer, LONGEST_TEXT),
        label=row.label,
        outcome=row.outcome,
        findings=row.findings[:MOST_FINDINGS],
    )


def evaluation(base: Told, card: ReportCard | None) -> Evaluation:
    systems = {name: Judgement(metrics=score.metrics) for name, score in card.systems.items()} if card else {}
    return Evaluation(**dict(base), systems=systems, thresholds=card.thresholds if card else ())
