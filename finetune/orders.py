"""What ends training before its last step: a person who has enough, a limit, or a signal; and what is kept then."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from finetune.estimate import PROBE
from finetune.job import JOB, MODEL, Job, TrainStep
from workspace.errors import UserError
from workspace.project import write_text
from workspace.results import Forecast
from workspace.words import Words

STOP, EXPECTED, PROBED = "stop.json", "expected.json", "probed.json"
# So much more than the limit does the probe have to say before anybody is disturbed.
MARGIN = 1.1
Order = Literal["", "stop", "keep"]


class Stop(BaseModel):
    """What a person asked for while training runs: to end it, and to keep the best so far as a finished model."""

    keep: bool


def ask_to_stop(folder: Path, keep: bool) -> None:
    """Training ends after the step that is under way. Raises UserError where nothing is being trained."""
    if (folder / MODEL).exists() or not (folder / JOB).is_file():
        raise UserError(
            Words(f"Nothing is being trained in {folder}.", f"{folder} 里没有正在进行的训练。"),
            Words("`tunesmith status` lists what is under way.", "`tunesmith status` 会列出进行中的任务。"),
        )
    write_text(folder / STOP, Stop(keep=keep).model_dump_json())


def asked_to_stop(folder: Path) -> Stop | None:
    path = folder / STOP
    return Stop.model_validate_json(path.read_bytes()) if path.exists() else None


def go_on(folder: Path) -> None:
    """What stopped the last run doesn't stop the next; that a model is to be kept holds until it is there."""
    asked = asked_to_stop(folder)
    if asked and (not asked.keep or (folder / MODEL).exists()):
        (folder / STOP).unlink()


def expected(folder: Path) -> Forecast | None:
    """What the formula said before the weights were loaded."""
    return _forecast(folder / EXPECTED)


def probed(folder: Path) -> Forecast | None:
    """What the first steps said of the whole run, once they are done."""
    return _forecast(folder / PROBED)


def _forecast(path: Path) -> Forecast | None:
    return Forecast.model_validate_json(path.read_bytes()) if path.exists() else None


class Orders:
    """Asked after each step whether to go on. `signals` fills with the signals received."""

    def __init__(self, job: Job, folder: Path, signals: Sequence[int]) -> None:
        self.job, self.folder, self.signals = job, folder, signals
        self.refusal: UserError | None = None
        self.late = False

    def __call__(self) -> Order:
        if self.signals or self.refusal:
            return "stop"
        asked = asked_to_stop(self.folder)
        if asked is None:
            return "keep" if self.late else ""
        return "keep" if asked.keep else "stop"

    def heard(self, step: TrainStep) -> Words | None:
        """After the first steps, what they say of the rest; after each, whether the time is over."""
        minutes, told = self.job.minutes, None
        if step.step >= min(PROBE, step.total) and probed(self.folder) is None:
            memory = max(step.memory_gb, step.memory_ahead_gb)
            forecast = Forecast(seconds=round(step.seconds + step.seconds_left, 1), memory_gb=round(memory, 2))
            write_text(self.folder / PROBED, forecast.model_dump_json())
            if minutes and forecast.seconds > 60 * minutes * MARGIN and step.step < step.total:
                self.refusal = _too_long(forecast, minutes)
            elif step.step < step.total:
                told = _measured(step, forecast)
        if minutes and not self.late and step.seconds > 60 * minutes:
            self.late, told = True, LATE
        return told


LATE = Words("Your time limit is reached: the best so far is kept.", "已到您设定的时间上限：保留到目前为止最好的结果。")


def _measured(step: TrainStep, forecast: Forecast) -> Words:
    left, unit = (
        (step.seconds_left, ("s", "秒")) if step.seconds_left < 90 else (step.seconds_left / 60, ("min", "分钟"))
    )
    return Words(
        f"The first {step.step} steps say: about {left:.0f} {unit[0]} more, and {forecast.memory_gb:.1f} GB of memory.",
        f"从前 {step.step} 步来看：大约还要 {left:.0f} {unit[1]}，占用 {forecast.memory_gb:.1f} GB 内存。",
    )


STOPPED = UserError(
    Words(
        "Training was stopped, as you asked. What is done so far is kept.", "已按您的要求停止训练，完成的部分都还在。"
    ),
    Words(
        "Ask again to go on; or say “stop and keep”, and the best so far becomes the model "
        "(`tunesmith stop MODEL --keep`, then train again).",
        "再说一次就继续；说“停止并保留”则把目前最好的结果作为模型（先 `tunesmith stop 模型 --keep`，再训练一次）。",
    ),
)


def _too_long(forecast: Forecast, minutes: float) -> UserError:
    needed = max(1, round(forecast.seconds / 60))
    return UserError(
        Words(
            f"The first {PROBE} steps say that training takes about {needed} min, and your limit is {minutes:g}. "
            "What is done so far is kept.",
            f"前 {PROBE} 步表明训练约需 {needed} 分钟，而您的上限是 {minutes:g} 分钟。已完成的部分都还在。",
        ),
        Words(
            "Ask again, and it goes on up to the limit and keeps the best by then; or set a larger limit.",
            "再说一次就继续训练到上限为止，并保留到那时最好的结果；也可以调高上限。",
        ),
    )
