"""A run's training as its panel shows it: read from disk, so that whoever comes late or after a kill sees all of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent.events import Ask, Event, Table
from agent.hearing import AGAIN
from agent.planning import duration, lesson_table
from agent.rights import require
from agent.run import Run
from agent.training import ask_to_stop, held
from agent.views.curves import Curve, curve
from workspace.errors import UserError
from workspace.results import Forecast, TrainedModel
from workspace.words import Language, Words, language_of

if TYPE_CHECKING:
    from finetune.job import Job, TrainStep

State = Literal["starting", "running", "stopping", "stopped", "interrupted", "finished"]
# What can be done about it: end it and keep the best, end it for now, go on.
Possible = Literal["keep", "stop", "on"]
STATES: dict[State, Words] = {
    "starting": Words("starting", "正在启动"),
    "running": Words("under way", "进行中"),
    "stopping": Words("ending", "正在结束"),
    "stopped": Words("stopped", "已停止"),
    "interrupted": Words("interrupted", "已中断"),
    "finished": Words("finished", "已完成"),
}
POSSIBLE: dict[State, tuple[Possible, ...]] = {
    "running": ("keep", "stop"),
    "stopped": ("on", "keep"),
    "interrupted": ("on", "keep"),
}
# A process that has just begun has libraries to load before it can be seen to work.
SECONDS_TO_BEGIN = 90


@dataclass(frozen=True, slots=True)
class Account:
    """What was said of time and memory, and when; the last is what it came to."""

    when: str
    time: str
    memory: str


@dataclass(frozen=True, slots=True)
class Watched:
    """`told` is one sentence on where it stands; `figures` are (name, value); steps are counted from 1."""

    folder: Path
    state: State
    told: str
    done: int
    total: int
    figures: tuple[tuple[str, str], ...]
    curve: Curve
    accounts: tuple[Account, ...]

    @property
    def possible(self) -> tuple[Possible, ...]:
        if self.state in ("stopped", "interrupted") and not self.done:
            return ("on",)
        return POSSIBLE.get(self.state, ())


@dataclass(frozen=True, slots=True)
class Known:
    """What lies in the folder, whoever left it there."""

    folder: Path
    job: Job
    steps: tuple[TrainStep, ...]
    model: TrainedModel | None
    expected: Forecast | None
    probed: Forecast | None
    device: str


def folder_of(run: Run) -> Path | None:
    """Where the run is, or was last, tuned into."""
    from finetune.job import JOB

    found = (path.parent for path in (run.project.folder / "models").glob(f"{run.id}*/{JOB}"))
    return max(found, key=lambda folder: (folder / JOB).stat().st_mtime, default=None)


def watched(run: Run, language: Language) -> Watched | None:
    """None before anything was begun."""
    folder = folder_of(run)
    if folder is None:
        return None
    known = _known(folder)
    state = _state(run, known)
    done, total = _reached(known)
    loss, watching = _points(known)
    return Watched(
        folder=folder,
        state=state,
        told=_told(run, known, state, language),
        done=done,
        total=total,
        figures=tuple(_figures(known, state, language)),
        curve=curve(loss, watching, language, done if state == "finished" else total),
        accounts=tuple(_accounts(known, state, language)),
    )


def _known(folder: Path) -> Known:
    from finetune.job import MODEL, job_in
    from finetune.orders import expected, probed
    from finetune.prospect import lesson_in
    from finetune.steps import steps_in

    path, lesson = folder / MODEL, lesson_in(folder)
    model = TrainedModel.model_validate_json(path.read_bytes()) if path.exists() else None
    device = model.device if model else lesson.device if lesson else ""
    return Known(folder, job_in(folder), steps_in(folder), model, expected(folder), probed(folder), device)


def _state(run: Run, known: Known) -> State:
    from finetune.orders import asked_to_stop
    from finetune.train import LOG

    if known.model:
        return "finished"
    asked = asked_to_stop(known.folder)
    if held(known.folder):
        return "stopping" if asked else "running"
    order = next((order for order in run.project.journal.orders() if order.id == run.id), None)
    log = known.folder / LOG
    fresh = log.exists() and time.time() - log.stat().st_mtime < SECONDS_TO_BEGIN
    if order and (order.state, order.note) == ("running", "train") and fresh and not known.steps:
        return "starting"
    return "stopped" if asked and not asked.keep else "interrupted"


def _reached(known: Known) -> tuple[int, int]:
    if known.model:
        return known.model.steps, known.job.recipe.steps
    return (known.steps[-1].step if known.steps else 0), known.job.recipe.steps


def _points(known: Known) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Of every step, and of every validation."""
    if known.model:
        loss, watching = known.model.loss, known.model.validation_loss
        return [(float(step), y) for step, y in loss], [(float(step), y) for step, y in watching]
    steps = known.steps
    seen = [(float(step.step), step.validation_loss) for step in steps]
    return [(float(step.step), step.loss) for step in steps], [(x, y) for x, y in seen if y is not None]


def _told(run: Run, known: Known, state: State, language: Language) -> str:
    if state == "finished":
        return _ended(known, language)
    if state == "interrupted":
        return f"{_why(run, language)} {_kept(known).to(language)}".strip()
    words = {
        "starting": Words("Loading the model and the rows.", "正在加载模型和数据。"),
        "stopping": Words("It ends after the step that is under way.", "当前这一步结束后就停止。"),
        "stopped": Words("You ended it. What is done so far is kept.", "您停止了训练，完成的部分都还在。"),
        "running": Words("You may close this page: it goes on.", "可以关闭此页面，训练会继续。"),
    }
    return words[state].to(language)


def _ended(known: Known, language: Language) -> str:
    model = known.model
    assert model is not None
    early = model.steps < known.job.recipe.steps
    first = Words(
        f"It ended early, after {model.steps} of {known.job.recipe.steps} steps; the model is that of step "
        f"{model.best_step}, where it did best on rows that it doesn't train on.",
        f"训练提前结束（第 {model.steps} 步，共 {known.job.recipe.steps} 步）；"
        f"采用第 {model.best_step} 步的模型，它在验证数据上最好。",
    )
    whole = Words(
        f"All {model.steps} steps are done; the model is that of step {model.best_step}, where it did best on rows "
        "that it doesn't train on.",
        f"{model.steps} 步全部完成；采用第 {model.best_step} 步的模型，它在验证数据上最好。",
    )
    last = Words(
        f"All {model.steps} steps are done; the model is that of the last one.",
        f"{model.steps} 步全部完成，采用最后一步的模型。",
    )
    if not model.validation_loss:
        return last.to(language)
    return (first if early else whole).to(language)


def _why(run: Run, language: Language) -> str:
    """The reason that was put down; a process that was killed put down none."""
    order = next((order for order in run.project.journal.orders() if order.id == run.id), None)
    if order and order.state == "failed" and order.note:
        said = Words(f"It failed; what was said then: “{order.note}”", f"训练失败，当时的提示是：“{order.note}”")
        return order.note if language_of(order.note) == language else said.to(language)
    killed = Words(
        "The program was ended while it trained (killed, or the machine went off).",
        "训练时程序被终止（进程被结束，或机器关机）。",
    )
    return killed.to(language)


def _kept(known: Known) -> Words:
    if not known.steps:
        return Words("No step was done yet.", "还没有完成任何一步。")
    return Words("It can go on from its last checkpoint.", "可以从最近的检查点继续。")


def _figures(known: Known, state: State, language: Language) -> list[tuple[str, str]]:
    model, last = known.model, known.steps[-1] if known.steps else None
    found: list[tuple[Words, str]] = []
    if model:
        found.append((Words("Took", "用时"), duration(model.seconds, language)))
        speed, memory = model.tokens_per_second, model.memory_gb
    elif last:
        if state in ("running", "stopping"):
            found.append((Words("Time left", "剩余时间"), _about(last.seconds_left, language)))
        found.append((Words("Time so far", "已用时间"), duration(last.seconds, language)))
        speed, memory = recent_speed(known.steps), last.memory_gb
    else:
        return []
    found.append((Words("Tokens a second", "每秒词元数"), f"{speed:,.0f}"))
    if memory:
        found.append((Words("Memory", "内存"), f"{memory:.1f} GB"))
    if known.device:
        found.append((Words("Device", "设备"), known.device.upper()))
    return [(name.to(language), value) for name, value in found]


def recent_speed(steps: Sequence[TrainStep]) -> float:
    """The median of the last few: batches differ in length, and one that waited says nothing."""
    last = sorted(step.tokens_per_second for step in steps[-9:])
    return last[len(last) // 2]


def _about(seconds: float, language: Language) -> str:
    return Words(f"about {duration(seconds, 'en')}", f"约 {duration(seconds, 'zh')}").to(language)


def _accounts(known: Known, state: State, language: Language) -> list[Account]:
    """Nothing where nothing was foretold."""
    said = [
        (Words("before the start, by formula", "开始前（按公式）"), known.expected),
        (Words("after the first steps", "最初几步之后"), known.probed),
    ]
    rows = [Account(when.to(language), _about(f.seconds, language), f"{f.memory_gb:.1f} GB") for when, f in said if f]
    last = known.steps[-1] if known.steps else None
    if rows and known.model:
        took, memory = known.model.seconds, known.model.memory_gb or 0.0
        rows.append(Account(Words("what it took", "实际").to(language), duration(took, language), f"{memory:.1f} GB"))
    elif rows and last and state in ("running", "stopping"):
        now = last.seconds + last.seconds_left
        when = Words("as it looks now", "按目前的速度").to(language)
        rows.append(Account(when, _about(now, language), f"{last.memory_gb:.1f} GB"))
    return rows


def learned(run: Run, language: Language) -> Table | None:
    """What the run put down of its rows when it began; None before."""
    from finetune.prospect import lesson_in

    folder = folder_of(run)
    lesson = lesson_in(folder) if folder else None
    return lesson_table(lesson.shown, lesson.rows, language) if lesson else None


def do(run: Run, wanted: Possible, person: str, pending: Iterable[Event], language: Language) -> str:
    """End the training, or go on; what is to be said to the conversation for it, "" where nothing is.

    `pending` is what the conversation waits for. Raises UserError where they may not, or where it is too late.
    """
    require(run.project, person, "order")
    folder = folder_of(run)
    seen = watched(run, language)
    if folder is None or seen is None or wanted not in seen.possible:
        raise TOO_LATE
    said = _again(list(pending), language) if seen.state in ("stopped", "interrupted") else ""
    if wanted != "on":
        ask_to_stop(folder, wanted)
        run.project.journal.audit("training asked to end", {"run": run.id, "keep": str(wanted == "keep")})
    return said


def _again(pending: Sequence[Event], language: Language) -> str:
    """The answer by which the conversation goes on with what failed. Raises UserError if it waits for another one."""
    asks = [event for event in pending if isinstance(event, Ask)]
    found = next((choice for ask in asks for choice in ask.choices if choice.lower() in AGAIN), None)
    if asks and found is None:
        raise OTHER_QUESTION
    return found or Words("Go on", "继续").to(language)


TOO_LATE = UserError(
    Words("That is not possible any more: the training stands elsewhere by now.", "训练状态已经变化，无法执行该操作。"),
    Words("Look at where it stands now.", "请查看当前状态。"),
)
OTHER_QUESTION = UserError(
    Words("The conversation waits for another answer.", "对话正在等待另一个回答。"),
    Words("Answer what it asks; then training can go on.", "请先回答对话中的问题，然后才能继续训练。"),
)
