"""Before training a person hears whether it is needed: what the base reaches unasked to learn, as a proposal."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agent import drawing
from agent import run as runs
from agent.events import Event, Say
from workspace.errors import UserError
from workspace.results import Advice
from workspace.stated import Metric
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.run import Run
    from finetune.judging.contestants import Passages
    from finetune.recipe import Recipe

FOLDER = "advice"


def released(run: Run, language: Language) -> Iterator[Event]:
    """The version frozen, and the base asked what it can do untrained; what came of it stands in the question."""
    yield from runs.release(run, language)
    try:
        yield from _measured(run, language)
    except UserError as error:
        yield Say(text=" ".join(error.to(language)))


def advise(run: Run, language: Language) -> Iterator[Event]:
    """The same where nobody is asked: told, and training goes on."""
    advice = yield from _measured(run, language)
    if advice:
        yield Say(text=told(advice, language))


def _measured(run: Run, language: Language) -> Generator[Event, None, Advice | None]:
    """Where the base is here already and can be asked: nothing is fetched for it, and nothing measured twice."""
    from agent.evaluating import passages_of
    from finetune.base import is_here

    version, spec, recipe = run.version, run.spec, runs.recipe_of(run)
    if version is None or run.model is not None or recipe.method == "encoder" or not is_here(recipe.base):
        return None
    knowledge = yield from runs.read_knowledge(run.project, spec, language)
    data = run.project.folder / version.folder / "data.jsonl"
    metric: Metric = spec.metric.value if spec.metric else "accuracy"
    goal = spec.threshold.value if spec.threshold else None
    return (yield from of_rows(data, recipe, metric, goal, passages_of(knowledge), run.folder / FOLDER, language))


def of_rows(
    data: Path,
    recipe: Recipe,
    metric: Metric,
    goal: float | None,
    passages: Passages | None,
    folder: Path,
    language: Language,
) -> Generator[Event, None, Advice]:
    from finetune.judging.advice import Task
    from finetune.judging.advice import advise as measured

    folder.mkdir(parents=True, exist_ok=True)
    steps = measured(data, Task(metric, goal, recipe), passages, folder)
    return (yield from drawing.judging(steps, folder, language))


def of_run(run: Run) -> Advice | None:
    """What was measured, if anything was."""
    path = run.folder / FOLDER / "advice.json"
    return Advice.model_validate_json(path.read_bytes()) if path.exists() else None


def told(advice: Advice, language: Language) -> str:
    return "\n".join([advice.words.to(language), *(f"- {hint.to(language)}" for hint in advice.hints)])


def question(run: Run, language: Language) -> list[Event]:
    """Before the yes to training. Where something cheaper will do, that is said first."""
    advice = of_run(run)
    if advice is None:
        return []
    if advice.verdict == "train":
        return [Say(text=told(advice, language))]
    head = Words("**My advice: don't train yet.** ", "**我的建议：先不要训练。**")
    return [Say(text=head.to(language) + told(advice, language))]
