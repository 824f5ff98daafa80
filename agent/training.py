"""Tuning without a conversation: a version or a file of rows in, a model's folder out, told step by step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent import advising, drawing, planning
from agent import run as runs
from agent.checking import read_rows, spec_of, survey_of
from agent.documents import knowledge_in
from agent.evaluating import passages_of
from agent.events import Done, Event, Progress, Say
from workspace.errors import UserError, boundary
from workspace.project import Project, file_hash, read_samples, write_samples
from workspace.stated import Method, Metric, usual_base
from workspace.words import Language, Words

if TYPE_CHECKING:
    from finetune.recipe import Recipe

# Where nobody set a goal: that of a specification that doesn't name one.
GOOD = 0.9


@dataclass(frozen=True)
class Wanted:
    """What a person can say about a run. `show` and `advice` train nothing; `minutes` is the most they want to wait.

    None leaves a choice to model and data; of `mix`, a second file, as many rows are learned as of the first.
    """

    base: str | None = None
    method: Method = "lora"
    out: Path | None = None
    show: bool = False
    minutes: float | None = None
    processes: int = 1
    advice: bool = False
    epochs: float | None = None
    learning_rate: float | Literal["probe"] | None = None
    replay: float | None = None
    mix: Path | None = None
    knowledge: Path | None = None


def train(home: Path, data: str, wanted: Wanted, language: Language = "en") -> Iterator[Event]:
    """Tune on a version (by number or hash) or on a file of rows; the model's folder is `out` or below home/models."""
    from finetune.base import refuse_absent_gpus
    from finetune.job import MODEL
    from finetune.train import train as tune

    with boundary(Words("training", "训练")):
        refuse_absent_gpus(wanted.processes)
        rows_file, name, count = _training_rows(home, data)
        folder = wanted.out or home / "models" / name
        made = recipe(home, wanted, rows_file, count)
        if wanted.advice:
            yield from _advised(home, rows_file, made, wanted.knowledge, language)
            return
        known = None
        if wanted.show or not (folder / MODEL).exists():
            known = yield from planning.foretold(rows_file, made, language)
        if wanted.show:
            return
        folder.mkdir(parents=True, exist_ok=True)
        steps = tune(rows_file, folder, made, name, wanted.minutes, wanted.processes)
        model = yield from drawing.training(steps, folder, language, known)
        yield from drawing.trained(model, language)
        yield Done(version=name, model=str(folder.resolve()))


def _advised(home: Path, data: Path, recipe: Recipe, documents: Path | None, language: Language) -> Iterator[Event]:
    """Kept under the rows' hash, so that the same is not measured twice."""
    if recipe.method == "encoder":
        words = Words("An encoder can't be asked before it has learned.", "编码器在学习之前无法回答问题。")
        yield Say(text=words.to(language))
        return
    knowledge, _ = yield from knowledge_in(Project(home, "checks"), documents, language, offline=False)
    metric: Metric = "accuracy" if any(row.label for row in read_samples(data)) else "chrf"
    folder = home / "advice" / file_hash(data)[:16]
    advice = yield from advising.of_rows(data, recipe, metric, GOOD, passages_of(knowledge), folder, language)
    yield Say(text=advising.told(advice, language))


def recipe(home: Path, wanted: Wanted, rows_file: Path, count: int) -> Recipe:
    """The person's choices, and what follows from the rows for the rest."""
    from finetune.recipe import Choices, Mix, recipe_of

    mix = None
    if wanted.mix:
        project = Project(home, "files")
        target = project.place("data", file_hash(_there(wanted.mix))[:16] + "-mixed-in.jsonl")
        write_samples(target, (row for row in read_rows(project, wanted.mix) if row.kept))
        mix = Mix(rows=target.resolve(), hash=file_hash(target))
    writes = any(row.label is None for row in islice(read_samples(rows_file), 50))
    base = _from_anywhere(wanted.base or usual_base(wanted.method))
    choices = Choices(base, wanted.method, wanted.epochs, wanted.learning_rate, wanted.replay)
    return recipe_of(choices, count, mix=mix, writes=writes)


def _from_anywhere(base: str) -> str:
    """A folder's whole path: the model will be opened from other places than this."""
    from finetune.base import BASES

    folder = Path(base).expanduser()
    return str(folder.resolve()) if base not in BASES and folder.is_dir() else base


def _there(path: Path) -> Path:
    if not path.is_file():
        raise UserError(
            Words(f"There is no file {path}.", f"找不到文件 {path}。"),
            Words("Check the path of the rows to mix in.", "请检查要混入的数据文件的路径。"),
        )
    return path


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


STOP_AND_KEEP = re.compile(
    r"(?:please )?(?:stop|end|finish)(?: (?:it|now|training|the training|here))*,? (?:and|but) keep"
    r"(?: (?:it|that|this|the (?:best|model)|what (?:you|we) have|what(?:'s| is) there))?(?: so far)?(?: please)?|"
    r"(?:that'?s |that is )?enough,? keep it|"
    r"(?:请)?(?:停(?:下|止)?(?:来)?|结束|到此为止)(?:训练)?(?:吧)?[，, ]*(?:并|但)?(?:请)?(?:保留|留下|留着)"
    r"(?:它|模型|结果|现在的|目前的|最好的)*(?:吧)?|够了[，, ]*(?:保留|留着|留下)(?:它|吧)*",
    re.I,
)
STOP = re.compile(
    r"(?:please )?(?:stop|pause|interrupt)(?: (?:it|now|training|the training))*(?: please)?|"
    r"(?:请)?(?:先)?(?:停(?:下|止)?(?:来)?|暂停|中断)(?:训练)?(?:一下)?(?:吧)?",
    re.I,
)
Wish = Literal["stop", "keep"]


def wish(text: str) -> Wish | None:
    """Whether the whole message asks to end the training that runs, keeping the best of it or only where it stands."""
    words = text.strip().strip("。.!！ ")
    if STOP_AND_KEEP.fullmatch(words):
        return "keep"
    return "stop" if STOP.fullmatch(words) else None


def under_way(current: runs.Run) -> Path | None:
    """The folder into which this run is being tuned, or was when it was interrupted."""
    from finetune.job import JOB, MODEL

    found = (current.project.folder / "models").glob(f"{current.id}*")
    open_ones = [folder for folder in found if (folder / JOB).exists() and not (folder / MODEL).exists()]
    return max(open_ones, key=lambda folder: (folder / JOB).stat().st_mtime, default=None)


def ask_to_stop(folder: Path, asked: Wish) -> Words:
    """What the person is told; training ends after the step that is under way."""
    from finetune import orders

    orders.ask_to_stop(folder, keep=asked == "keep")
    if asked == "keep":
        return Words(
            "Training ends after this step; the best so far becomes the model.",
            "当前这一步结束后就停止训练，并把目前最好的结果作为模型保留。",
        )
    return Words("Training ends after this step, and can go on later.", "当前这一步结束后就停止训练，之后可以继续。")


def stop(home: Path, name: str, keep: bool, language: Language = "en") -> Iterator[Event]:
    """End the training of a model's folder, of a model by name, or of a run."""
    with boundary(Words("stopping", "停止")):
        told = ask_to_stop(_folder(home, name), "keep" if keep else "stop")
        yield Say(text=told.to(language))


def _folder(home: Path, name: str) -> Path:
    from finetune.job import JOB, MODEL

    called = sorted(path for path in (home / "models").glob("*") if path.name.startswith(name))
    found = [folder for folder in (Path(name), *called) if folder.is_dir()]
    if found:
        return next((each for each in found if (each / JOB).exists() and not (each / MODEL).exists()), found[0])
    current = runs.find(home, name)
    return under_way(current) or current.project.folder / "models" / current.id


def unfinished(home: Path, language: Language) -> Iterator[tuple[str, str, str, str]]:
    """(name, whether it runs, how far, what was asked) of each model below home/models that is not finished."""
    from finetune.job import JOB, MODEL
    from finetune.orders import asked_to_stop

    for folder in sorted(path.parent for path in (home / "models").glob(f"*/{JOB}")):
        if (folder / MODEL).exists():
            continue
        path, asked = folder / "progress.json", asked_to_stop(folder)
        last = Progress.model_validate_json(path.read_bytes()) if path.exists() else None
        note = STOPPING.to(language) if asked else ""
        state = "running" if held(folder) else "interrupted"
        yield folder.name, state, f"{last.stage} {last.done}/{last.total}" if last else "", note


def held(folder: Path) -> bool:
    """Whether a process is training into it: that one has the lock for as long as it lives."""
    from filelock import FileLock, Timeout

    from finetune.train import LOCK

    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True


STOPPING = Words("asked to stop", "已要求停止")
