"""What the process that asks for training and the one that does it say to each other, on disk and over a pipe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from finetune.recipe import Recipe
from workspace.errors import UserError
from workspace.project import write_text
from workspace.results import TrainedModel
from workspace.words import Words

JOB = "job.json"
MODEL = "model.json"


@dataclass(frozen=True, slots=True)
class TrainStep:
    """One update of the weights. `validation_loss` only where it was measured; `note` is something to tell."""

    step: int
    total: int
    loss: float
    validation_loss: float | None
    tokens_per_second: float
    seconds_left: float
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A UserError on its way from the child to the parent."""

    problem: Words
    fix: Words


LINE: TypeAdapter[TrainStep | Failure] = TypeAdapter(TrainStep | Failure)


class Job(BaseModel):
    """All that a run follows from. The same job in the same folder goes on where it was."""

    model_config = ConfigDict(frozen=True)

    data: Path
    data_hash: str
    version: str
    recipe: Recipe


def begin(job: Job, folder: Path) -> TrainedModel | None:
    """Write the job down, or find its finished model. Raises UserError where another job's work lies already."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / JOB
    if path.exists():
        before = Job.model_validate_json(path.read_bytes())
        if (before.recipe, before.data_hash) != (job.recipe, job.data_hash):
            raise UserError(
                Words(
                    f"{folder} holds a model from other data or another recipe.",
                    f"{folder} 里已有用其他数据或参数训练的模型。",
                ),
                Words("Name another folder, or remove that one.", "请换一个文件夹，或先删除它。"),
            )
    write_text(path, job.model_dump_json(indent=2))
    return tuned(folder) if (folder / MODEL).exists() else None


def trained_on(folder: Path) -> Path:
    """The rows that the model in this folder was tuned on, held-back ones among them."""
    tuned(folder)
    return Job.model_validate_json((folder / JOB).read_bytes()).data


def tuned(folder: Path) -> TrainedModel:
    """The finished model in this folder. Raises UserError if there is none."""
    if not (folder / MODEL).is_file():
        raise UserError(
            Words(f"{folder} holds no tuned model.", f"{folder} 里没有训练好的模型。"),
            Words("Train one first: `tunesmith train VERSION`.", "请先训练：`tunesmith train 版本号`。"),
        )
    return TrainedModel.model_validate_json((folder / MODEL).read_bytes())
