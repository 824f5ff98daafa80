"""What a person decided about single rows: in the journal for good, laid over the rows wherever they are read."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

from tools.base import Kit
from tools.checks.leak import Leak
from tools.pipeline import FAILURES, tally
from workspace.errors import UserError
from workspace.journal import Journal
from workspace.results import Report, Stage
from workspace.sample import PERSON, Finding, Frozen, Message, Sample, row_id
from workspace.words import Words, language_of

Decided = Mapping[str, Sequence["Decision"]]
DONE = {
    "accept": Words("taken in", "保留"),
    "fix": Words("corrected and taken in", "更正并保留"),
    "reject": Words("taken out", "排除"),
}


class Decision(Frozen):
    """`row` is its id; `at` is the time in ISO 8601; `answer` is what it says from now on, where it is a fix.

    Of one review, `batch`, only the last word on a row counts; "undone" is that there is none any more.
    """

    row: str
    verdict: Literal["accept", "fix", "reject", "undone"]
    by: str
    at: str
    note: str = ""
    answer: str = ""
    batch: str = ""

    def finding(self, row: Sample) -> Finding:
        yes, done = self.verdict != "reject", DONE[self.verdict]
        note = f": {self.note}" if self.note else ""
        words = Words(f"{done.en} by {self.by}, {self.at}{note}", f"由 {self.by} {done.zh}，{self.at}{note}")
        reason = words.to(language_of(row.question))
        return Finding(check=PERSON, verdict="pass" if yes else "fail", reason=reason, drops=not yes)


def keep(journal: Journal, run: str, decision: Decision, once: str = "") -> None:
    """In the journal and its audit chain. One may change their mind: each decision is a line of its own.

    `once` names what led to it; the same again is no second line.
    """
    name = f"{_question(run)} {decision.row} {once or secrets.token_hex(4)}"
    journal.decide(name, _question(run), decision.model_dump_json())


def spoken(journal: Journal, run: str, row: str, batch: str) -> int:
    """How many lines there are of a row from one review."""
    said = map(Decision.model_validate_json, journal.answers(_question(run)))
    return sum((decision.row, decision.batch) == (row, batch) for decision in said)


def decisions(journal: Journal, run: str, before: str = "") -> Decided:
    """By the id of their row, oldest first; of a row that all was taken back of, an empty list.

    `before` is a time in ISO 8601: what was decided by then.
    """
    found: dict[str, list[Decision]] = defaultdict(list)
    for answer in journal.answers(_question(run)):
        decision = Decision.model_validate_json(answer)
        if before and datetime.fromisoformat(decision.at) >= datetime.fromisoformat(before):
            continue
        if decision.batch:
            found[decision.row] = [one for one in found[decision.row] if one.batch != decision.batch]
        found[decision.row] += [] if decision.verdict == "undone" else [decision]
    return found


def so_far(journal: Journal, run: str) -> int:
    """How many: what is laid over the rows is another as soon as this is."""
    return len(journal.answers(_question(run)))


def _question(run: str) -> str:
    return f"row of {run}"


def reviewed(rows: Iterable[Sample], decided: Decided) -> Iterator[Sample]:
    """The rows with each decision as a finding behind all others; a corrected one says what the last correction says.

    What was out when the test was set apart may be learnt from and nothing else: nobody kept it away from the rows
    that are trained on.
    """
    for row in rows:
        said = decided.get(row.id, ())
        if said and row.split == "test" and not row.kept:
            row = row.model_copy(update={"split": "train"})
        row = _corrected(row, said)
        yield row.judged(*(decision.finding(row) for decision in said))


def released(rows: Iterable[Sample], decided: Decided) -> Iterator[Sample]:
    """Rows after `reviewed` as they are frozen: one that says something else than was checked is another row, made
    from the one it was."""
    for row in rows:
        if _correction(decided.get(row.id, ())) is None:
            yield row
            continue
        origin = row.origin.model_copy(update={"parent": row.id})
        yield row.model_copy(update={"id": row_id(row.messages, origin), "origin": origin})


def answering(row: Sample, answer: str) -> Sample:
    """The row with another answer, which is its label too where it has one."""
    last = max(place for place, message in enumerate(row.messages) if message.role == "assistant")
    said = Message(role="assistant", content=answer)
    messages = (*row.messages[:last], said, *row.messages[last + 1 :])
    return row.model_copy(update={"messages": messages, "label": row.label and answer})


def _corrected(row: Sample, said: Sequence[Decision]) -> Sample:
    fix = _correction(said)
    return answering(row, fix.answer) if fix else row


def _correction(said: Sequence[Decision]) -> Decision | None:
    return next((decision for decision in reversed(said) if decision.verdict == "fix"), None)


def recounted(report: Report, rows: Sequence[Sample]) -> Report:
    """The same report with each row counted as it stands now; its stages are the rows' order, one behind another."""
    stages, start = [], 0
    for stage in report.stages:
        end = start + stage.tally.requested
        stages.append(Stage(name=stage.name, tally=tally(rows[start:end])))
        start = end
    return report.model_copy(update={"stages": tuple(stages)})


def held_back(rows: Iterable[Sample]) -> list[Sample]:
    """Of rows with what was decided about them: those that the test is made of."""
    return [row for row in rows if row.split == "test" and row.kept]


def refuse_spoiling(row: Sample, held: Sequence[Sample], kit: Kit) -> None:
    """Raises UserError where this row may not be taken in: it was never written, or it would give the test away.

    `row` as the checks left it; `held` is the test as it stands now. The same list again costs little.
    """
    if row.kept:
        return
    checks = {finding.check for finding in row.findings if finding.drops}
    if checks & FAILURES or not row.answer.strip() or not row.question.strip():
        raise UserError(
            Words(
                f"Row {row.id} was never written, so there is nothing to restore.",
                f"第 {row.id} 条没有写成，没有内容可以恢复。",
            ),
            Words("Run it again to have it asked for anew.", "请重新运行，让模型再写一次。"),
        )
    leaks = [f for f in row.findings if f.drops and f.check in ("leak", "split")] + _leaks(row, held, kit)
    if leaks:
        raise UserError(
            Words(
                f"Row {row.id} can't be restored, it would spoil the test: {leaks[0].reason}.",
                f"第 {row.id} 条不能恢复，否则测试就不可信了：{leaks[0].reason}。",
            ),
            Words("Leave it out, or take the test row out first.", "请不要恢复它，或者先排除那条测试数据。"),
        )


def refuse_spoilt(rows: Iterable[Sample], decided: Decided, kit: Kit) -> None:
    """Raises UserError where a row that a person took in gives the test away as it is to be frozen.

    `rows` as the checks left them. A test row that was out when the other was taken in may be back since.
    """
    taken, held = [], []
    for before in rows:
        (row,) = reviewed([before], decided)
        if row.kept and row.split == "test":
            held.append(row)
        elif row.kept and not before.kept:
            taken.append(row)
    for row in taken:
        for leak in _leaks(row, held, kit):
            test = leak.evidence.document if leak.evidence else ""
            raise UserError(
                Words(
                    f"Row {row.id}, which a person took in, would spoil the test: {leak.reason}.",
                    f"人工保留的第 {row.id} 条会让测试不可信：{leak.reason}。",
                ),
                Words(
                    f"Take out one of the two, row {row.id} or {test}, before the version is frozen.",
                    f"冻结版本之前，请排除两条之一：第 {row.id} 条或 {test}。",
                ),
            )


def _leaks(row: Sample, held: Sequence[Sample], kit: Kit) -> list[Finding]:
    asked = row.model_copy(update={"split": None})
    return list(Leak().check(asked, Kit(spec=kit.spec, project=kit.project, held_back=held)))
