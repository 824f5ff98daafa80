"""The tuned model against what one would use without it, on the same held-back rows; killed, it goes on."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from finetune.job import tuned
from finetune.judging.contestants import Contest, Passages
from finetune.judging.efficiency import efficiency, forget_peak, peak_mb
from finetune.judging.exam import Batch, Evaluated, Exam, Sheet, exam, of_frozen
from finetune.judging.report import summary, write_report
from finetune.judging.scores import estimate, paired, per_class
from finetune.judging.sections import measured
from workspace.errors import UserError, boundary
from workspace.results import PairedTest, ReportCard, Section, System, SystemScore, ThresholdResult
from workspace.settings import quiet_libraries, settings
from workspace.stated import Metric
from workspace.words import Words

DOING = Words("evaluating", "评测")
MOST_TIMED = 30
# A further measurement: asks the contest what it likes, and may keep files of its own in the folder.
Further = Callable[[Contest, Path], Generator[Evaluated, None, Section]]


@dataclass(frozen=True)
class Wanted:
    """What is measured beside the answers. `further` by name; what is finished of it is not measured again."""

    passages: Passages | None = None
    further: Mapping[str, Further] = field(default_factory=dict)


def evaluate(
    data: Path, model_folder: Path, metric: Metric, goal: float | None, out: Path, wanted: Wanted | None = None
) -> Generator[Evaluated, None, ReportCard]:
    """Write report.json, report.md and report.zh.md to `out`. `goal` is a share, 0 to 1.

    Raises UserError without a model, without test rows, or for a metric that these rows don't have.
    """
    quiet_libraries()
    # Waiting threads that spin would take the cores from whoever else works here.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    wanted = wanted or Wanted()
    with boundary(DOING):
        model = tuned(model_folder)
        questions = exam(data, model_folder)
        if metric == "macro_f1" and not questions.labels:
            raise _no_labels()
        contest = Contest(questions, model.base, model_folder, wanted.passages)
        sheets: dict[System, Sheet] = {}
        for system in contest.systems:
            sheets[system] = Sheet(out, system, contest.key(system))
            yield from _sit(contest, system, sheets[system])
        card = _card(questions, sheets, metric, goal)
        card.test = of_frozen(questions, data, model_folder)
        for name, measure in wanted.further.items():
            card.sections[name] = yield from measured(name, measure, contest, out, questions.key)
        write_report(card, questions, out)
        return card


def _sit(contest: Contest, system: System, sheet: Sheet) -> Generator[Evaluated, None, None]:
    """Ask what isn't answered yet, then time single queries."""
    total = len(contest.exam.test)
    left = [row for row in range(total) if row not in sheet.answers]
    yield Evaluated(system, total - len(left), total)
    if left or sheet.ms is None:
        answering = contest.open(system)
        forget_peak()
        start, written = time.perf_counter(), 0
        for answers in answering(left) if left else ():
            now, tokens = time.perf_counter(), contest.decoder.tokens_written if contest.decoder else 0
            sheet.add(answers, Batch(rows=len(answers), seconds=now - start, tokens=tokens - written))
            start, written = now, tokens
            yield Evaluated(system, len(sheet.answers), total)
        times = []
        for row in random.Random(7).sample(range(total), min(MOST_TIMED, total)):
            start = time.perf_counter()
            list(answering([row]))
            times.append(1000 * (time.perf_counter() - start))
        sheet.time(times, peak_mb())


def _card(exam: Exam, sheets: dict[System, Sheet], metric: Metric, goal: float | None) -> ReportCard:
    wanted, price = exam.wanted, settings().price_per_hour
    given = {system: [sheet.answers[row] for row in range(len(wanted))] for system, sheet in sheets.items()}
    usual: tuple[Metric, ...] = ("accuracy", "macro_f1") if exam.labels else ("exact_match", "chrf")
    metrics: tuple[Metric, ...] = (metric, *(name for name in usual if name != metric))
    scores = {
        system: SystemScore(
            metrics={name: estimate(name, wanted, answers) for name in metrics},
            per_class=per_class(wanted, answers) if exam.labels else {},
            efficiency=efficiency(sheets[system], price),
        )
        for system, answers in given.items()
    }
    tests = tuple(
        paired(metric, wanted, given["tuned"], answers, system)
        for system, answers in given.items()
        if system != "tuned"
    )
    return _judged(len(wanted), scores, tests, metric, goal)


def _judged(
    rows: int, scores: dict[System, SystemScore], tests: tuple[PairedTest, ...], metric: Metric, goal: float | None
) -> ReportCard:
    reached = scores["tuned"].metrics[metric].value
    thresholds = (
        () if goal is None else (ThresholdResult(metric=metric, goal=goal, reached=reached, met=reached >= goal),)
    )
    card = ReportCard(rows=rows, systems=scores, tests=tests, thresholds=thresholds)
    return card.model_copy(update={"summary": {"en": summary(card, metric, "en"), "zh": summary(card, metric, "zh")}})


def _no_labels() -> UserError:
    return UserError(
        Words("Macro F1 needs rows with labels; these are free texts.", "宏平均 F1 需要带标签的数据，这里是自由文本。"),
        Words("Measure exact_match or chrf.", "请改用 exact_match 或 chrf。"),
    )
