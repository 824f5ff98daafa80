"""Judges a tuned model against what one would use without it: arguments in, events out."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent import drawing
from agent import run as runs
from agent.checking import read_rows
from agent.events import Done, Event
from agent.withstanding import thorough
from workspace.errors import boundary
from workspace.project import Project, file_hash, projects, read_samples, write_samples
from workspace.spec import Spec
from workspace.stated import Metric
from workspace.words import Language, Words

if TYPE_CHECKING:
    from finetune.judging.contestants import Passages
    from finetune.judging.evaluate import Further, Wanted
    from finetune.judging.verdict import Goals
    from tools.knowledge import Knowledge

PASSAGES = 3
MUCH = 0.1


@dataclass(frozen=True)
class Given:
    """What a person hands over to have a model judged. `curve`: train it anew on parts of its rows; `quick`: leave out
    what it is put through beside the test rows."""

    model: str
    data: Path | None = None
    knowledge: Path | None = None
    metric: Metric | None = None
    curve: bool = False
    quick: bool = False
    out: Path | None = None


def evaluate(home: Path, given: Given, language: Language = "en") -> Iterator[Event]:
    """The report card of a model's folder, on its own version's held-back rows or on another file of rows.

    What a run tuned is held to the goals of its specification; another file's rows are not what these were set on.
    """
    from finetune.job import trained_on
    from finetune.judging.evaluate import evaluate as judge

    with boundary(Words("evaluating", "评测")):
        folder = model_folder(home, given.model)
        rows_file = _test_rows(home, given.data) if given.data else trained_on(folder)
        report = given.out or folder / "report"
        run = None if given.data else run_of(home, folder)
        stated = run.spec.metric.value if run and run.spec.metric else None
        usual: Metric = "accuracy" if any(row.label for row in read_samples(rows_file)) else "chrf"
        metric: Metric = given.metric or stated or usual
        wanted = yield from _wanted(home, given, rows_file, language)
        wanted = replace(wanted, goals=_goals(run.spec, stated or usual) if run else {})
        steps = judge(rows_file, folder, metric, None, report, wanted)
        card = yield from drawing.judging(steps, report, language)
        yield from drawing.report_card(card, report, language)
        yield Done(model=str(folder.resolve()), report=str(report.resolve() / "report.json"))


def _wanted(home: Path, given: Given, rows_file: Path, language: Language) -> Generator[Event, None, Wanted]:
    from agent.documents import knowledge_in
    from finetune.judging.evaluate import Wanted
    from finetune.judging.tuned_curve import tuned_curve

    project = Project(home, "checks")
    base, _ = yield from knowledge_in(project, given.knowledge, language, offline=False)
    further: dict[str, Further] = {"tuned_curve": tuned_curve} if given.curve else {}
    if not given.quick:
        further |= thorough(rows_file, model_folder(home, given.model), project.journal)
    return Wanted(passages=passages_of(base), further=further)


def wanted_of(run: runs.Run, folder: Path, language: Language) -> Generator[Event, None, Wanted]:
    """What the specification asks for beside its threshold, and what its documents and its build have to say."""
    from finetune.job import trained_on
    from finetune.judging.evaluate import Wanted

    knowledge = yield from runs.read_knowledge(run.project, run.spec, language)
    goals, seed = run.spec.goals.value if run.spec.goals else {}, run.spec.seed
    further = thorough(trained_on(folder), folder, run.project.journal, seed.value if seed else 7)
    return Wanted(passages_of(knowledge), further, goals, _dropped(run))


def _goals(spec: Spec, metric: Metric) -> Goals:
    """The threshold first, as where the run judges itself."""
    beside = spec.goals.value if spec.goals else {}
    return {**({metric: spec.threshold.value} if spec.threshold else {}), **beside}


def _dropped(run: runs.Run) -> Words | None:
    """The check that took most rows out, where it took more than a tenth of them."""
    report = run.report
    if report is None or not report.total.rejected:
        return None
    total = report.total
    name, count = max(total.rejected.items(), key=lambda found: found[1])
    if count < MUCH * total.requested:
        return None
    en, zh = (drawing.failing_words(name, language) for language in ("en", "zh"))
    share = count / total.requested
    return Words(
        f"“{en}” took out {count} of {total.requested} rows ({share:.0%}), more than any other reason: look at some of "
        "them among the rejected rows. If they are fine, loosen that check; if not, correct the specification.",
        f"“{zh}”排除了 {total.requested} 条中的 {count} 条（{share:.0%}），是最主要的原因：请在被拒绝的数据里看几条。"
        "如果它们没问题，就放宽这项检查；否则请修改规格说明。",
    )


def passages_of(knowledge: Knowledge | None) -> Passages | None:
    """What is put before a question where the base answers with the person's documents at hand."""
    if knowledge is None:
        return None
    return lambda question: [hit.text for hit in knowledge.find(question, PASSAGES)]


def _test_rows(home: Path, data: Path) -> Path:
    project = Project(home, "files")
    target = project.place("data", file_hash(data)[:16] + ".test.jsonl")
    given = [row.model_copy(update={"split": "test"}) for row in read_rows(project, data) if row.kept]
    write_samples(target, given)
    return target


def model_folder(home: Path, model: str) -> Path:
    """A folder, the name of one that `train` made, or the run that tuned it."""
    for folder in (Path(model), home / "models" / model):
        if folder.is_dir():
            return folder
    current = runs.find(home, model)
    return current.project.folder / (current.model.folder if current.model else f"models/{current.id}")


def run_of(home: Path, folder: Path) -> runs.Run | None:
    """The run that tuned the model in this folder."""
    for name in projects(home):
        project = Project(home, name)
        for order in project.journal.orders():
            run = runs.Run(project, order.id)
            if run.model and (project.folder / run.model.folder).resolve() == folder.resolve():
                return run
    return None
