"""The learning curve of the tuned model itself: trained anew on a quarter and on a half of its rows."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from finetune.job import job_in
from finetune.judging.contestants import Contest
from finetune.judging.curve import GONE, SHARES, Point, part_of, section
from finetune.judging.exam import Evaluated, Sheet
from finetune.judging.scores import scored
from finetune.train import train
from workspace.project import read_samples, write_samples
from workspace.results import Section
from workspace.words import Words

SEED = 0
METHOD = Words(
    "Measured by training the same model with the same settings on parts of the rows, once each.",
    "用相同设置在部分数据上重新训练同一个模型测得，每档一次。",
)


def tuned_curve(contest: Contest, out: Path) -> Generator[Evaluated, None, Section]:
    """Killed, it goes on with the training, each in its folder below `out`; the answers are asked again."""
    import numpy

    if not contest.exam.train:
        return GONE
    points = []
    for share in SHARES:
        part = part_of(contest.exam, share, SEED)
        folder = out if share == 1 else (yield from _trained(contest, share, out))
        answers = yield from _answers(contest, folder, share)
        scores = scored("accuracy" if contest.exam.labels else "chrf", contest.exam.wanted, answers)
        points.append(Point(len(part), numpy.array([scores])))
    return section(points, METHOD)


def _trained(contest: Contest, share: float, out: Path) -> Generator[Evaluated, None, Path]:
    """The folder of a model tuned on that share, and on the same rows to watch over it."""
    assert contest.folder is not None
    contest.release()
    job, folder = job_in(contest.folder), out / f"curve-{round(100 * share)}"
    watching = [row for row in read_samples(job.data) if row.kept and row.split == "validation"]
    part = [row.model_copy(update={"split": "train"}) for row in part_of(contest.exam, share, SEED)]
    folder.mkdir(parents=True, exist_ok=True)
    write_samples(folder / "part.jsonl", [*part, *watching])
    stage = Words(f"Training on {share:.0%} of the rows", f"用 {share:.0%} 的数据训练")
    for step in train(folder / "part.jsonl", folder, job.recipe, job.version):
        yield Evaluated(stage, step.step, step.total)
    return folder


def _answers(contest: Contest, folder: Path, share: float) -> Generator[Evaluated, None, list[str]]:
    exam, total = contest.exam, len(contest.exam.test)
    if share == 1:
        kept = Sheet(folder, "tuned", contest.key("tuned")).answers
        return [kept[row] for row in range(total)]
    stage = Words(f"Testing what learned {share:.0%}", f"评测用 {share:.0%} 数据训练的模型")
    found: dict[int, str] = {}
    for answers in Contest(exam, contest.base, folder).open("tuned")(range(total)):
        found |= answers
        yield Evaluated(stage, len(found), total)
    return [found[row] for row in range(total)]
