"""What a person decided about single rows: in the journal for good, laid over the rows wherever they are read."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from tools.base import Kit
from tools.checks.leak import Leak
from tools.pipeline import FAILURES, tally
from workspace.errors import UserError
from workspace.journal import Journal
from workspace.results import Report, Stage
from workspace.sample import PERSON, Finding, Frozen, Sample
from workspace.words import Words, language_of

Decided = Mapping[str, Sequence["Decision"]]


class Decision(Frozen):
    """`row` is its id; `at` is the time in ISO 8601."""

    row: str
    verdict: Literal["accept", "reject"]
    by: str
    at: str
    note: str = ""

    def finding(self, row: Sample) -> Finding:
        yes = self.verdict == "accept"
        note = f": {self.note}" if self.note else ""
        done = Words("taken in", "保留") if yes else Words("taken out", "排除")
        words = Words(f"{done.en} by {self.by}, {self.at}{note}", f"由 {self.by} {done.zh}，{self.at}{note}")
        reason = words.to(language_of(row.question))
        return Finding(check=PERSON, verdict="pass" if yes else "fail", reason=reason, drops=not yes)


def keep(journal: Journal, run: str, decision: Decision) -> None:
    """In the journal and its audit chain. One may change their mind: each decision is a line of its own."""
    name = f"{_question(run)} {decision.row} {secrets.token_hex(4)}"
    journal.decide(name, _question(run), decision.model_dump_json())


def decisions(journal: Journal, run: str) -> Decided:
    """By the id of their row, oldest first."""
    found: dict[str, list[Decision]] = defaultdict(list)
    for answer in journal.answers(_question(run)):
        decision = Decision.model_validate_json(answer)
        found[decision.row].append(decision)
    return found


def _question(run: str) -> str:
    return f"row of {run}"


def reviewed(rows: Iterable[Sample], decided: Decided) -> Iterator[Sample]:
    """The rows with each decision as a finding behind all others.

    What was out when the test was set apart may be learnt from and nothing else: nobody kept it away from the rows
    that are trained on.
    """
    for row in rows:
        said = decided.get(row.id, ())
        if said and row.split == "test" and not row.kept:
            row = row.model_copy(update={"split": "train"})
        yield row.judged(*(decision.finding(row) for decision in said))


def recounted(report: Report, rows: Sequence[Sample]) -> Report:
    """The same report with each row counted as it stands now; its stages are the rows' order, one behind another."""
    stages, start = [], 0
    for stage in report.stages:
        end = start + stage.tally.requested
        stages.append(Stage(name=stage.name, tally=tally(rows[start:end])))
        start = end
    return report.model_copy(update={"stages": tuple(stages)})


def refuse_spoiling(row: Sample, rows: Iterable[Sample], kit: Kit) -> None:
    """Raises UserError where this row may not be taken in: it was never written, or it would give the test away.

    `row` and `rows` as the checks left them, with what was decided since in `rows`.
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
    held = [other for other in rows if other.kept and other.split == "test" and other.id != row.id]
    asked = row.model_copy(update={"split": None})
    leaks = [f for f in row.findings if f.drops and f.check in ("leak", "split")]
    leaks += Leak().check(asked, Kit(spec=kit.spec, project=kit.project, held_back=held))
    if leaks:
        raise UserError(
            Words(
                f"Row {row.id} can't be restored, it would spoil the test: {leaks[0].reason}.",
                f"第 {row.id} 条不能恢复，否则测试就不可信了：{leaks[0].reason}。",
            ),
            Words(
                "Leave it out, or take the test row out first (`tunesmith review RUN --reject ROW`).",
                "请不要恢复它，或者先排除那条测试数据（`tunesmith review RUN --reject ROW`）。",
            ),
        )
