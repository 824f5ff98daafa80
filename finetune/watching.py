"""Curves for people who watch, in our panel, TensorBoard or Weights & Biases; what fails there never stops training."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from finetune.job import Job, TrainStep
from finetune.steps import Lines
from workspace.errors import UserError, boundary
from workspace.words import Words

if TYPE_CHECKING:
    from tensorboardX import SummaryWriter
    from wandb.sdk.wandb_run import Run

LOGS = "logs"
SECONDS_TO_REACH = 20


class Watcher(Protocol):
    name: str

    def tell(self, step: TrainStep) -> None: ...

    def close(self) -> None: ...


class Watchers:
    """All that are there. One that fails is told of once and asked no more."""

    def __init__(self, job: Job, folder: Path) -> None:
        self.job, self.folder = job, folder
        self.open: list[Watcher] = []
        self.failed: list[Words] = []
        for kind in kinds():
            try:
                with boundary(_doing(kind.name)):
                    self.open.append(kind(job, folder))
            except UserError as error:
                self.failed.append(_lost(kind.name, error))

    def tell(self, step: TrainStep) -> Words | None:
        """What a person should know of the watching, if anything went wrong with it."""
        for watcher in list(self.open):
            try:
                with boundary(_doing(watcher.name)):
                    watcher.tell(step)
            except UserError as error:
                self.open.remove(watcher)
                self.failed.append(_lost(watcher.name, error))
        return self.failed.pop(0) if self.failed else None

    def close(self) -> None:
        for watcher in self.open:
            try:
                with boundary(_doing(watcher.name)):
                    watcher.close()
            except UserError:
                continue  # what was told is written; boundary() has logged why the end is not


def kinds() -> Iterator[type[Lines | Board | Biases]]:
    """Our own and TensorBoard always; Weights & Biases for whoever has set it up in the environment."""
    yield Lines
    yield Board
    wanted = os.environ.get("WANDB_API_KEY") or os.environ.get("WANDB_MODE") == "offline"
    if wanted and os.environ.get("WANDB_MODE") != "disabled" and importlib.util.find_spec("wandb"):
        yield Biases


class Board:
    """Event files in `logs/` of the model's folder."""

    name = "TensorBoard"

    def __init__(self, job: Job, folder: Path) -> None:
        self.folder = folder
        self.writer: SummaryWriter | None = None

    def tell(self, step: TrainStep) -> None:
        if self.writer is None:
            from tensorboardX import SummaryWriter

            # Steps that a kill had us do again replace those told before.
            self.writer = SummaryWriter(str(self.folder / LOGS), purge_step=step.step, flush_secs=10)
        for name, value in measured(step).items():
            self.writer.add_scalar(name, value, step.step)

    def close(self) -> None:
        if self.writer:
            self.writer.close()


class Biases:
    """A run in the project `tunesmith`; with WANDB_MODE=offline below `logs/wandb`."""

    name = "Weights & Biases"

    def __init__(self, job: Job, folder: Path) -> None:
        import wandb

        (folder / LOGS).mkdir(exist_ok=True)
        self.run: Run = wandb.init(
            project="tunesmith",
            name=folder.name,
            id=f"{folder.name}-{job.data_hash[:8]}",
            resume="allow",
            dir=str(folder / LOGS),
            config=described(job),
            settings=wandb.Settings(init_timeout=SECONDS_TO_REACH, console="off", silent=True, save_code=False),
        )

    def tell(self, step: TrainStep) -> None:
        self.run.log(measured(step), step=step.step)

    def close(self) -> None:
        self.run.finish()


def described(job: Job) -> dict[str, object]:
    """What leaves this machine: the dials, and of files and folders no more than the name."""
    recipe = job.recipe
    base = Path(recipe.base).name if Path(recipe.base).expanduser().is_dir() else recipe.base
    mixed = recipe.mix.rows.name if recipe.mix else None
    return {"version": job.version, **recipe.model_dump(), "base": base, "mix": mixed}


def measured(step: TrainStep) -> dict[str, float]:
    found = {
        "loss/training": step.loss,
        "loss/validation": step.validation_loss,
        "speed/tokens_per_second": step.tokens_per_second,
        "memory/peak_gb": step.memory_gb,
    }
    return {name: value for name, value in found.items() if value is not None}


def _doing(name: str) -> Words:
    return Words(f"telling {name}", f"写入 {name}")


def _lost(name: str, error: UserError) -> Words:
    return Words(
        f"{name} gets no more curves ({error.problem.en}) Training goes on.",
        f"{name} 不再更新曲线（{error.problem.zh}）训练照常进行。",
    )
