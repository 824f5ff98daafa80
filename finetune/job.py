"""What the process that asks for training and the one that does it say to each other, on disk and over a pipe."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from finetune.held_back import Parted, fingerprint, parted
from finetune.recipe import Recipe
from workspace.errors import UserError
from workspace.project import write_samples, write_text
from workspace.results import TrainedModel
from workspace.sample import Sample
from workspace.words import Words

JOB = "job.json"
ROWS = "rows.jsonl"
MODEL = "model.json"
# Other trainers call theirs the same; where no job of ours lies, we would delete them or write over them.
FOREIGN = ("checkpoint-*", "*.safetensors")


@dataclass(frozen=True, slots=True)
class TrainStep:
    """One update of the weights. `validation_loss` only where it was measured; `note` is something to tell.

    `seconds` is the time spent on all steps so far, `memory_gb` the most memory that was needed, and
    `memory_ahead_gb` what the whole run is going to need by what it needed so far.
    """

    step: int
    total: int
    loss: float
    validation_loss: float | None
    tokens_per_second: float
    seconds_left: float
    note: Words | None = None
    seconds: float = 0.0
    memory_gb: float = 0.0
    memory_ahead_gb: float = 0.0


def with_note(step: TrainStep, note: Words | None) -> TrainStep:
    """The step, with something more to tell."""
    if note is None:
        return step
    before = step.note or Words("", "")
    return replace(step, note=Words(f"{before.en} {note.en}".strip(), before.zh + note.zh))


@dataclass(frozen=True, slots=True)
class Failure:
    """A UserError on its way from the child to the parent."""

    problem: Words
    fix: Words


LINE: TypeAdapter[TrainStep | Failure] = TypeAdapter(TrainStep | Failure)


class Held(BaseModel):
    """The test rows that a run never saw: how many, the hash they must still have, and how many twins were left out."""

    model_config = ConfigDict(frozen=True)

    rows: int = 0
    hash: str = ""
    twins: int = 0


class Job(BaseModel):
    """All that a run follows from. The same job in the same folder goes on where it was.

    `data` holds the rows to learn from, `source` the version with its test rows; both relative to the folder, so that
    a project can be moved. `minutes` is the most that the person wants to wait.
    """

    model_config = ConfigDict(frozen=True)

    data: Path
    data_hash: str
    version: str
    recipe: Recipe
    source: Path | None = None
    held: Held = Held()
    minutes: float | None = None

    @property
    def follows_from(self) -> tuple[Recipe, str, str]:
        return self.recipe, self.data_hash, self.held.hash


def new_job(data: Path, folder: Path, recipe: Recipe, version: str, parts: Parted, minutes: float | None = None) -> Job:
    """What training will see of `data` is not `data`: ROWS, which `begin` writes."""
    return Job(
        data=Path(ROWS),
        data_hash=fingerprint(parts.learned),
        version=version,
        recipe=recipe,
        source=Path(os.path.relpath(data.resolve(), folder.resolve())),
        held=Held(rows=len(parts.test), hash=fingerprint(parts.test), twins=parts.twins),
        minutes=minutes,
    )


def begin(job: Job, folder: Path, learned: Sequence[Sample]) -> TrainedModel | None:
    """Write the job down, or find its finished model. Raises UserError where another's work lies already."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / JOB).exists() and any(found for each in FOREIGN for found in folder.glob(each)):
        raise _foreign(folder)
    if (folder / JOB).exists() and job_in(folder).follows_from != job.follows_from:
        raise UserError(
            Words(
                f"{folder} holds a model from other data or another recipe.",
                f"{folder} 里已有用其他数据或参数训练的模型。",
            ),
            Words("Name another folder, or remove that one.", "请换一个文件夹，或先删除它。"),
        )
    write_samples(folder / ROWS, learned)
    write_text(folder / JOB, job.model_dump_json(indent=2))
    return tuned(folder) if (folder / MODEL).exists() else None


def _foreign(folder: Path) -> UserError:
    return UserError(
        Words(f"{folder} holds another program's model or checkpoints.", f"{folder} 里有其他程序的模型或检查点。"),
        Words("Name an empty or a new folder.", "请指定一个空文件夹或新文件夹。"),
    )


def job_in(folder: Path) -> Job:
    """The job of this folder, its paths found from here."""
    job = Job.model_validate_json((folder / JOB).read_bytes())
    source = (folder / job.source).resolve() if job.source else None
    return job.model_copy(update={"data": folder / job.data, "source": source})


def trained_on(folder: Path) -> Path:
    """The rows that the model in this folder was tuned on, held-back ones among them.

    Raises UserError where they are gone, or where the test rows are no longer those that were held back.
    """
    tuned(folder)
    job = job_in(folder)
    path = job.source or job.data
    if not path.is_file():
        raise _gone(path)
    if job.held.hash and fingerprint(parted(path).test) != job.held.hash:
        raise UserError(
            Words(
                f"The test rows in {path} are not those that were held back when this model was trained.",
                f"{path} 里的测试数据已不是训练该模型时留出的那些。",
            ),
            Words(
                "Nobody could say what the model had seen of these: bring the version back as it was, or train anew.",
                "用它们评测就无法知道模型见过什么：请恢复原来的版本，或用现在的数据重新训练。",
            ),
        )
    return path


def _gone(path: Path) -> UserError:
    return UserError(
        Words(f"The data that this model was trained on is gone: {path}.", f"训练该模型的数据已不在：{path}。"),
        Words(
            "Put it back, or give a file of test rows: `tunesmith evaluate MODEL --data FILE`.",
            "请把它放回原处，或指定测试文件：`tunesmith evaluate 模型 --data 文件`。",
        ),
    )


def tuned(folder: Path) -> TrainedModel:
    """The finished model in this folder. Raises UserError if there is none."""
    if not (folder / MODEL).is_file():
        raise UserError(
            Words(f"{folder} holds no tuned model.", f"{folder} 里没有训练好的模型。"),
            Words("Train one first: `tunesmith train VERSION`.", "请先训练：`tunesmith train 版本号`。"),
        )
    return TrainedModel.model_validate_json((folder / MODEL).read_bytes())
