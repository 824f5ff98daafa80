"""The tuned model against what one would use without it, on the same held-back rows; killed, it goes on."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from finetune.encoders.slots import has_slots, slots
from finetune.identity import unchanged
from finetune.job import tuned
from finetune.judging.accounts import accounts
from finetune.judging.answers import write_answers
from finetune.judging.contestants import Contest, Passages
from finetune.judging.curve import classic_curve
from finetune.judging.doubts import doubts
from finetune.judging.efficiency import efficiency, forget_peak, peak_mb
from finetune.judging.exam import Batch, Evaluated, Exam, Sheet, exam, of_frozen
from finetune.judging.hardness import chances
from finetune.judging.remedies import Evidence, next_steps
from finetune.judging.report import summary, write_report
from finetune.judging.scores import OF_LABELS, USUAL, estimate, paired, per_class
from finetune.judging.sections import measured
from finetune.judging.verdict import Goals, judged
from workspace.errors import UserError, boundary
from workspace.results import ReportCard, Section, System, SystemScore
from workspace.settings import quiet_libraries, settings
from workspace.stated import METRICS, Metric
from workspace.words import Language, Words

DOING = Words("evaluating", "评测")
MOST_TIMED = 30
LANGUAGES: tuple[Language, ...] = ("en", "zh")
# A further measurement: asks the contest what it likes, and may keep files of its own in the folder.
Further = Callable[[Contest, Path], Generator[Evaluated, None, Section]]
CURVE: dict[str, Further] = {"curve": classic_curve}


@dataclass(frozen=True)
class Wanted:
    """What is measured beside the answers. `further` by name; what is finished of it is not measured again.

    `goals` are those beside the one on the metric; `dropped` says which check took most rows out of the version.
    """

    passages: Passages | None = None
    further: Mapping[str, Further] = field(default_factory=dict)
    goals: Goals = field(default_factory=dict)
    dropped: Words | None = None


def evaluate(
    data: Path, model_folder: Path, metric: Metric, goal: float | None, out: Path, wanted: Wanted | None = None
) -> Generator[Evaluated, None, ReportCard]:
    """Write report.json, report.md, report.zh.md and answers.jsonl to `out`. `goal` is a share, 0 to 1.

    Raises UserError without a model or with one that changed since, without test rows, or for a metric that these rows
    don't have.
    """
    quiet_libraries()
    # Waiting threads that spin would take the cores from whoever else works here.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    wanted = wanted or Wanted()
    with boundary(DOING):
        model = tuned(model_folder)
        unchanged(model, model_folder)
        questions = exam(data, model_folder)
        goals: Goals = {**({} if goal is None else {metric: goal}), **wanted.goals}
        metrics = _metrics(questions, metric, goals)
        contest = Contest(questions, model.base, model_folder, wanted.passages)
        sheets: dict[System, Sheet] = {}
        for system in contest.systems:
            sheets[system] = Sheet(out, system, contest.key(system))
            yield from _sit(contest, system, sheets[system])
        card = _card(questions, sheets, metrics)
        card.test = of_frozen(questions, data, model_folder)
        own = {"slots": slots} if has_slots(model_folder) else {}
        for name, measure in (CURVE | own | dict(wanted.further)).items():
            card.sections[name] = yield from measured(name, measure, contest, out, questions.key)
        card.sections |= accounts(model)
        card.thresholds = judged(card, goals)
        card.next = next_steps(card, (yield from _evidence(contest, sheets["tuned"], wanted.dropped, out)))
        card.summary = {language: summary(card, metric, language) for language in LANGUAGES}
        write_answers(questions, sheets, metric, out)
        write_report(card, questions, out)
        return card


def _evidence(contest: Contest, sheet: Sheet, dropped: Words | None, out: Path) -> Generator[Evaluated, None, Evidence]:
    exam = contest.exam
    given = [sheet.answers[row] for row in range(len(exam.test))]
    found = yield from chances(contest, out)
    return Evidence(exam, given, found, doubts(exam.train) if exam.labels else [], dropped)


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


def _card(exam: Exam, sheets: dict[System, Sheet], metrics: Sequence[Metric]) -> ReportCard:
    wanted, price = exam.wanted, settings().price_per_hour
    given = {system: [sheet.answers[row] for row in range(len(wanted))] for system, sheet in sheets.items()}
    scores = {
        system: SystemScore(
            metrics={name: estimate(name, wanted, answers) for name in metrics},
            per_class=per_class(wanted, answers) if exam.labels else {},
            efficiency=efficiency(sheets[system], price),
        )
        for system, answers in given.items()
    }
    others = {system: answers for system, answers in given.items() if system != "tuned"}
    tests = tuple(paired(metrics[0], wanted, given["tuned"], answers, name) for name, answers in others.items())
    further = tuple(
        paired(name, wanted, given["tuned"], given["base"], "base") for name in metrics[1:] if "base" in given
    )
    return ReportCard(rows=len(wanted), systems=scores, tests=tests, further_tests=further, thresholds=())


def _metrics(exam: Exam, metric: Metric, goals: Goals) -> tuple[Metric, ...]:
    """The specification's first, then what goals are set on, then the usual ones. Raises UserError for one too many."""
    named = [name for name, _ in METRICS if name in goals]
    if not exam.labels and (wrong := [name for name in (metric, *named) if name in OF_LABELS[1:]]):
        raise _no_labels(wrong[0])
    return tuple(dict.fromkeys((metric, *named, *USUAL[exam.labels is not None])))


def _no_labels(metric: Metric) -> UserError:
    name = dict(METRICS)[metric]
    return UserError(
        Words(
            f"There are no labels here to measure {metric} ({name.en}) on; these are free texts.",
            f"这里是自由文本，没有标签，无法计算 {metric}（{name.zh}）。",
        ),
        Words("Measure chrf, bleu, rougeL or exact_match.", "请改用 chrf、bleu、rougeL 或 exact_match。"),
    )
