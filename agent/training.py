"""Tuning without a conversation: a version or a file of rows in, a model's folder out, told step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent import drawing, planning
from agent.checking import read_rows, spec_of, survey_of
from agent.events import Done, Event
from workspace.errors import boundary
from workspace.project import Project, file_hash, write_samples
from workspace.stated import Method
from workspace.words import Language, Words


@dataclass(frozen=True)
class Wanted:
    """What a person can say about a run. `show` trains nothing; `minutes` is the most that they want to wait."""

    base: str = "smollm2-135m"
    method: Method = "lora"
    out: Path | None = None
    show: bool = False
    minutes: float | None = None


def train(home: Path, data: str, wanted: Wanted, language: Language = "en") -> Iterator[Event]:
    """Tune on a version (by number or hash) or on a file of rows; the model's folder is `out` or below home/models."""
    from finetune.job import MODEL
    from finetune.recipe import recipe_for
    from finetune.train import train as tune

    with boundary(Words("training", "训练")):
        rows_file, name, count = _training_rows(home, data)
        folder = wanted.out or home / "models" / name
        recipe = recipe_for(wanted.base, count, method=wanted.method)
        if wanted.show or not (folder / MODEL).exists():
            yield from planning.foretold(rows_file, recipe, language)
        if wanted.show:
            return
        folder.mkdir(parents=True, exist_ok=True)
        steps = tune(rows_file, folder, recipe, name, wanted.minutes)
        model = yield from drawing.training(steps, folder, language)
        yield from drawing.trained(model, language)
        yield Done(version=name, model=str(folder.resolve()))


def _training_rows(home: Path, data: str) -> tuple[Path, str, int]:
    """(rows to learn from, their hash, how many of them train); a file of rows is cleaned and split first."""
    from tools.base import Edit, Kit, tool
    from tools.pipeline import run_edits
    from tools.versions import find

    path = Path(data)
    if not path.is_file():
        project, found = find(home, data)
        return project.folder / found.folder / "data.jsonl", found.hash, found.rows.get("train", 0)
    project = Project(home, "files")
    given = list(read_rows(project, path))
    kit = Kit(spec=spec_of(survey_of(given)), project=project)
    names = ("normalise", "duplicates", "split")
    done = [row for row in run_edits(given, [tool(Edit, name)() for name in names], kit) if row.kept]  # type: ignore[type-abstract]
    target = project.place("data", file_hash(path)[:16] + ".jsonl")
    return target, write_samples(target, done), sum(row.split == "train" for row in done)
