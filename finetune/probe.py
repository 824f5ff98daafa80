"""Which of three learning rates to train with, decided by a short run of each from the same start."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, TypeAdapter

from finetune.checkpoint import State
from finetune.job import Job
from finetune.recipe import RATE_STEPS, RATES
from workspace.project import write_text
from workspace.words import Words

if TYPE_CHECKING:
    from finetune.orders import Order
    from finetune.pupil import Pupil, R

# Below this two losses after so few steps are the same.
CLEARLY = 0.98
TRIED = "learning-rates.json"
TRIAL = ".trial"


class Tried(BaseModel):
    """`loss` on the rows that watch, after RATE_STEPS steps; None where training diverged. The rest is what it took."""

    learning_rate: float
    loss: float | None
    seconds: float = 0.0
    tokens: int = 0
    memory_gb: float = 0.0


JOURNAL = TypeAdapter(list[Tried])


def settled(
    job: Job, folder: Path, pupil: Pupil[R], state: State, device: str, stopping: Callable[[], Order]
) -> tuple[Job, Words | None]:
    """The job with the rate that did best, and that in words; each trial is in `folder` before the next begins.

    A run that is stopped meanwhile goes on with what was tried, and asked again tries the rest.
    """
    if not job.recipe.probe or not pupil.taught.validation:
        return job, None
    path = folder / TRIED
    tried = JOURNAL.validate_json(path.read_bytes()) if path.exists() else []
    for factor in RATES[len(tried) :]:
        if state.step:  # training had begun without the rest
            break
        rate = min(1.0, job.recipe.learning_rate * factor)
        found = _trial(with_rate(job, rate, short=True), folder / TRIAL, pupil, state, device, stopping)
        if found is None:
            break
        tried.append(found)
        write_text(path, JOURNAL.dump_json(tried, indent=1).decode())
    if not state.step:
        _count(tried, state)
    best = best_of(tried) or job.recipe.learning_rate
    return with_rate(job, best), _told(tried, best) if tried else None


def best_of(tried: list[Tried]) -> float | None:
    """The first, unless another is clearly better."""
    losses = {t.learning_rate: t.loss for t in tried if t.loss is not None}
    if not losses:
        return min((t.learning_rate for t in tried), default=None)
    usual, best = tried[0].learning_rate, min(losses, key=lambda rate: losses[rate])
    return usual if usual in losses and losses[best] > CLEARLY * losses[usual] else best


def with_rate(job: Job, rate: float, short: bool = False) -> Job:
    dials: dict[str, float | int | bool] = {"learning_rate": rate}
    if short:
        dials |= {"steps": RATE_STEPS, "check_every": RATE_STEPS, "probe": False}
    return job.model_copy(update={"recipe": job.recipe.model_copy(update=dials)})


def _trial(
    job: Job, folder: Path, pupil: Pupil[R], state: State, device: str, stopping: Callable[[], Order]
) -> Tried | None:
    """None where a person ended it. The pupil leaves as it came."""
    import torch

    from finetune.loop import Diverged, Learner

    start = {name: p.detach().clone() for name, p in pupil.weights.items()}
    folder.mkdir(parents=True, exist_ok=True)
    own = State(precision=state.precision, most_tokens=state.most_tokens)
    learner, loss = Learner(job, folder, pupil, own, device), math.inf
    try:
        for step in learner.learn(stopping):
            loss = step.validation_loss if step.validation_loss is not None else math.inf
        if not learner.ended:
            return None
    except Diverged:
        loss = math.inf
    finally:
        state.most_tokens = own.most_tokens
        with torch.no_grad():
            for name, p in pupil.weights.items():
                p.copy_(start[name])
                p.grad = None
        if learner.company.leads:
            shutil.rmtree(folder, ignore_errors=True)
    return Tried(
        learning_rate=job.recipe.learning_rate,
        loss=loss if math.isfinite(loss) else None,
        seconds=own.seconds,
        tokens=own.tokens,
        memory_gb=own.memory_gb,
    )


def _count(tried: list[Tried], state: State) -> None:
    """What the trials took is part of what the run took; a checkpoint already holds it."""
    state.seconds += sum(trial.seconds for trial in tried)
    state.tokens += sum(trial.tokens for trial in tried)
    state.memory_gb = max([state.memory_gb, *(trial.memory_gb for trial in tried)])


def _told(tried: list[Tried], best: float) -> Words:
    en = ", ".join(f"{t.learning_rate:g}: {t.loss:.3f}" if t.loss else f"{t.learning_rate:g}: diverged" for t in tried)
    zh = "，".join(f"{t.learning_rate:g}：{t.loss:.3f}" if t.loss else f"{t.learning_rate:g}：发散" for t in tried)
    return Words(
        f"Learning rates were tried for {RATE_STEPS} steps each; how wrong the model was then: {en}. "
        f"I go on with {best:g}.",
        f"各学习率先试训 {RATE_STEPS} 步，之后的误差为：{zh}。接下来采用 {best:g}。",
    )
