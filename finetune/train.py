"""Training in a process of its own, told step by step: killed, stopped or crashed, the same call goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import TextIO

from filelock import FileLock, Timeout

from finetune import checkpoint
from finetune.held_back import parted
from finetune.job import JOB, LINE, MODEL, Failure, TrainStep, begin, job_in, new_job, tuned, with_note
from finetune.orders import STOPPED, Orders, asked_to_stop, go_on
from finetune.prospect import foresee
from finetune.recipe import Recipe
from finetune.watching import Watchers
from workspace.errors import UserError, boundary
from workspace.results import TrainedModel
from workspace.settings import quiet_libraries, redacted
from workspace.words import Words

__all__ = ["TrainStep", "train"]

DOING = Words("training", "训练")
LOG, LOCK = "train.log", ".lock"
INTERRUPTED = 130
SECONDS_TO_STOP = 60


def train(
    data: Path, folder: Path, recipe: Recipe, version: str, minutes: float | None = None, processes: int = 1
) -> Generator[TrainStep, None, TrainedModel]:
    """Tune on the rows of `data` (JSONL of samples) into `folder`; a finished folder returns its model at once.

    `processes` share every batch, one for each GPU; the model is the same but for rounding.
    Raises UserError for what is wrong with data, base, memory or disk, when the child dies, when a person stopped it,
    and when its first steps say that it would take much longer than `minutes`; asked again it goes on.
    """
    if not data.is_file():
        raise UserError(
            Words(f"There is no file {data}.", f"找不到文件 {data}。"),
            Words("Check the path, or freeze a version first.", "请检查路径，或先冻结一个版本。"),
        )
    with boundary(DOING):
        parts = parted(data)
        done = begin(new_job(data, folder, recipe, version, parts, minutes), folder, parts.learned)
        if done:
            return done
        go_on(folder)
        yield from _steps(folder, processes)
        return tuned(folder)


def _steps(folder: Path, processes: int) -> Generator[TrainStep, None, None]:
    """What the child says. However this generator ends, the child ends too, after a checkpoint."""
    with (folder / LOG).open("wb") as log:
        child = _start(folder, log.fileno(), processes)
        try:
            assert child.stdout is not None
            for line in child.stdout:
                heard = LINE.validate_json(line)
                if isinstance(heard, Failure):
                    raise UserError(heard.problem, heard.fix)
                yield heard
            child.wait()
        finally:
            _stop(child)
    if child.returncode != 0:
        raise _died(folder, child.returncode)


def _start(folder: Path, log: int, processes: int) -> subprocess.Popen[str]:
    """In a session of its own: Ctrl-C reaches the parent, who stops the child in order.

    Threads that spin while they wait make each step ten times slower as soon as another program wants a core.
    """
    here = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    several = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    return subprocess.Popen(
        [sys.executable, *(several if processes > 1 else ()), "-m", "finetune.train", str(folder / JOB)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env={"OMP_WAIT_POLICY": "PASSIVE", **os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )


def _stop(child: subprocess.Popen[str]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if child.stdout:
        child.stdout.close()


def _died(folder: Path, code: int) -> UserError:
    lines = (folder / LOG).read_text(errors="replace").strip().splitlines()[-3:]
    last = redacted(" / ".join(lines))
    if code == -signal.SIGKILL:
        en, zh = "was killed; often that means that memory ran out", "被系统终止，常见原因是内存不足"
    else:
        en, zh = f"ended with code {code}: {last}", f"异常退出（代码 {code}）：{last}"
    return UserError(
        Words(f"The training process {en}.", f"训练进程{zh}。"),
        Words("Ask again: it goes on from its last checkpoint.", "请再试一次：会从最近的检查点继续。"),
    )


def _child(job_file: Path) -> int:
    """The other end of the pipe: events go to the real stdout, whatever libraries print goes to the log."""
    quiet_libraries()
    if os.environ.get("RANK", "0") != "0":
        return _follow(job_file)
    events = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    stop = _on_signal()
    try:
        with FileLock(job_file.with_name(LOCK), timeout=SECONDS_TO_STOP), boundary(DOING):
            _tell(job_file, events, stop)
            go_on(job_file.parent)
    except Timeout:
        _say(events, Failure(Words("Somebody is training into this folder.", "已有进程在训练到该文件夹。"), WAIT))
        return 1
    except UserError as error:
        _say(events, Failure(error.problem, error.fix))
        return 1
    return INTERRUPTED if stop else 0


def _follow(job_file: Path) -> int:
    """One of several processes, and not the one that tells and writes; that one also says when to stop."""
    from finetune.loop import tune

    os.dup2(2, 1)
    _on_signal()
    for _ in tune(job_in(job_file.parent), job_file.parent, lambda: ""):
        continue
    return 0


WAIT = Words("Wait until it has ended, then ask again.", "请等它结束后再试。")


def _tell(job_file: Path, events: TextIO, signals: list[int]) -> None:
    from finetune.loop import tune

    folder = job_file.parent
    job = job_in(folder)
    orders, watchers = Orders(job, folder, signals), Watchers(job, folder)
    foresee(job, folder)
    if damaged := checkpoint.damaged(folder):
        watchers.failed.append(OLDER if damaged == "newest" else ANEW)
    try:
        for step in tune(job, folder, orders):
            _say(events, with_note(with_note(step, orders.heard(step)), watchers.tell(step)))
    finally:
        watchers.close()
    if orders.refusal:
        raise orders.refusal
    if not signals and asked_to_stop(folder) and not (folder / MODEL).exists():
        raise STOPPED


OLDER = Words(
    "The newest checkpoint is damaged; training goes on from the one before.",
    "最近的检查点已损坏，改从上一个检查点继续。",
)

ANEW = Words("The checkpoints are damaged; training starts anew.", "检查点均已损坏，从头开始训练。")


def _say(events: TextIO, what: TrainStep | Failure) -> None:
    """The parent may be gone: then nobody is left to train for."""
    try:
        events.write(LINE.dump_json(what).decode() + "\n")
        events.flush()
    except BrokenPipeError:
        os._exit(1)


def _on_signal() -> list[int]:
    """Fills with the signals received: the step under way ends and is kept."""
    received: list[int] = []

    def heard(number: int, frame: FrameType | None) -> None:
        received.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, heard)
    return received


if __name__ == "__main__":
    sys.exit(_child(Path(sys.argv[1])))
