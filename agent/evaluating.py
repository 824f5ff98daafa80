"""Judges a tuned model against what one would use without it: arguments in, events out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agent import drawing
from agent import run as runs
from agent.checking import read_rows
from agent.events import Done, Event
from workspace.errors import boundary
from workspace.project import Project, file_hash, read_samples, write_samples
from workspace.stated import Metric
from workspace.words import Language, Words


def model_folder(home: Path, model: str) -> Path:
    """A folder, the name of one that `train` made, or the run that tuned it."""
    for folder in (Path(model), home / "models" / model):
        if folder.is_dir():
            return folder
    current = runs.find(home, model)
    return current.project.folder / (current.model.folder if current.model else f"models/{current.id}")


def evaluate(
    home: Path, model: str, data: Path | None = None, out: Path | None = None, language: Language = "en"
) -> Iterator[Event]:
    """The report card of a model's folder, on its own version's held-back rows or on another file of rows."""
    from finetune.job import trained_on
    from finetune.judging.evaluate import evaluate as judge

    with boundary(Words("evaluating", "评测")):
        folder = model_folder(home, model)
        rows_file = trained_on(folder)
        if data:
            target = Project(home, "files").place("data", file_hash(data)[:16] + ".test.jsonl")
            given = [
                row.model_copy(update={"split": "test"}) for row in read_rows(Project(home, "files"), data) if row.kept
            ]
            write_samples(target, given)
            rows_file = target
        report = out or folder / "report"
        metric: Metric = "accuracy" if any(row.label for row in read_samples(rows_file)) else "chrf"
        card = yield from drawing.judging(judge(rows_file, folder, metric, None, report), report, language)
        yield from drawing.report_card(card, report, language)
        yield Done(model=str(folder.resolve()), report=str(report.resolve() / "report.json"))
