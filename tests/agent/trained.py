"""A project as the stages leave it on disk, written by hand: versions, a training at any point, a finished model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from finetune.job import JOB, MODEL, Job, TrainStep
from finetune.orders import EXPECTED, PROBED
from finetune.prospect import LESSON, LESSONS, Lesson, Shown
from finetune.recipe import Recipe
from finetune.steps import Lines
from tests.finetune.tiny import colours
from tools.versions import freeze
from workspace.project import Project, write_text
from workspace.results import Forecast, Report, Stage, Tally, TrainedModel, Version
from workspace.sample import Sample
from workspace.spec import Spec
from workspace.stated import Stated

from agent.run import Run, accept  # isort: skip

RECIPE = Recipe(base="smollm2-135m", learning_rate=2e-3, steps=90, batch=16, check_every=10)


def spec(goal: str = "Tell what a customer of our bank wants from a text message", rows: int = 60) -> Spec:
    said = {
        "goal": goal,
        "task": "classification",
        "labels": [{"name": name} for name in ("red", "green", "blue")],
        "languages": ("en",),
        "rows": rows,
    }
    draft = Spec()
    for name, value in said.items():
        draft = draft.with_value(name, Stated(value=value, source="said", quote=str(value), turn=1))
    return draft.filled()


def report(rows: int) -> Report:
    stage = Stage(name="files", tally=Tally(requested=rows, accepted=rows))
    return Report(stages=(stage,), seconds=3.0)


def rows_of(train: int = 40) -> list[Sample]:
    return [*colours(train, "train"), *colours(9, "validation"), *colours(9, "test")]


def run_in(home: Path, name: str = "bank", rows: Sequence[Sample] | None = None) -> Run:
    """A run whose version is frozen, and that waits for a yes to training."""
    project = Project(home, name)
    run = accept(project, spec())
    frozen(run, rows or rows_of())
    return run


def frozen(run: Run, rows: Sequence[Sample], before: Version | None = None) -> Version:
    made = freeze(run.project, run.spec, rows, report(len(rows)), [before.hash] if before else [])
    write_text(run.folder / "build.json", made.report.model_dump_json())
    write_text(run.folder / "version.json", made.model_dump_json())
    return made


def step(number: int, total: int = RECIPE.steps) -> TrainStep:
    noise = 0.22 * math.sin(number * 7.3) * math.sin(number * 2.1) + 0.05 * math.cos(number * 1.7)
    loss = 0.12 + 2.4 * math.exp(-number / 14) * (1 + noise) + 0.05 * abs(noise)
    watched = 0.2 + 2.3 * math.exp(-number / 14) + 0.0012 * max(0, number - 50)
    return TrainStep(
        step=number,
        total=total,
        loss=loss,
        validation_loss=watched if number % RECIPE.check_every == 0 else None,
        tokens_per_second=540 + 40 * math.sin(number),
        seconds_left=2.4 * (total - number),
        seconds=2.4 * number,
        memory_gb=2.8,
    )


def training(run: Run, upto: int) -> Path:
    """Begun, and come as far as step `upto`; nobody is at it."""
    version = run.version
    assert version is not None
    folder = run.project.place("models", run.id, JOB).parent
    job = Job(
        data=Path("rows.jsonl"),
        data_hash="0" * 64,
        version=version.hash,
        recipe=RECIPE,
        source=Path("../..") / version.folder / "data.jsonl",
    )
    write_text(folder / JOB, job.model_dump_json())
    write_text(folder / EXPECTED, Forecast(seconds=260, memory_gb=3.1).model_dump_json())
    shown = tuple(
        Shown(f"<|im_start|>user\n{row.question}<|im_end|>\n<|im_start|>assistant\n", f"⟦{row.label}<|im_end|>⟧", 24, 2)
        for row in colours(3, "train")
    )
    write_text(folder / LESSON, LESSONS.dump_json(Lesson(shown, 40, 960, 80, "cpu")).decode())
    lines = Lines(job, folder)
    for number in range(1, upto + 1):
        lines.tell(step(number))
    lines.close()
    if upto >= 20:
        write_text(folder / PROBED, Forecast(seconds=222, memory_gb=2.8).model_dump_json())
    run.project.journal.mark(run.id, "running", "train")
    return folder


def finished(run: Run, steps: int = RECIPE.steps) -> TrainedModel:
    folder, version = training(run, steps), run.version
    assert version is not None
    taken = [step(number) for number in range(1, steps + 1)]
    watched = tuple((s.step, s.validation_loss) for s in taken if s.validation_loss is not None)
    model = TrainedModel(
        name=folder.name,
        base=RECIPE.base,
        method="lora",
        version=version.hash,
        folder=str(folder.relative_to(run.project.folder)),
        steps=steps,
        seconds=218,
        tokens_per_second=552,
        best_step=min(watched, key=lambda point: point[1])[0],
        loss=tuple((s.step, s.loss) for s in taken),
        validation_loss=watched,
        memory_gb=2.8,
        expected=Forecast(seconds=260, memory_gb=3.1),
        probed=Forecast(seconds=222, memory_gb=2.8),
        files={"adapter_model.safetensors": "a" * 64},
        base_hash="b" * 64,
        learning_rate=2e-3,
        trained=4_900_000,
    )
    write_text(folder / MODEL, model.model_copy(update={"folder": str(folder)}).model_dump_json())
    write_text(run.folder / "model.json", model.model_dump_json())
    return model


def releasable(run: Run, folder: Path, met: bool = True) -> Path:
    """A model of the tiny base, merged, compared and judged on this run's own rows; its card has the run's goal."""
    import shutil

    from finetune.shipping.compress import PLACES
    from finetune.shipping.merge import merge
    from tests.finetune.shipping.models import tuned_model
    from tests.finetune.shipping.test_registry import compressed, judged

    version = run.version
    assert version is not None
    folder.mkdir(parents=True, exist_ok=True)
    model = run.project.place("models", run.id, JOB).parent
    shutil.copytree(tuned_model(folder), model, dirs_exist_ok=True)
    for name in (JOB, MODEL):
        path = model / name
        path.write_text(path.read_text(encoding="utf-8").replace('"v1"', f'"{version.hash}"'), encoding="utf-8")
    merge(model, model / "shipped" / PLACES["bf16"])
    compressed(model)
    judged(model, met, version.hash)
    return model


def second_version(run: Run) -> Version:
    """Four rows gone, one said otherwise, three more."""
    before = run.version
    assert before is not None
    rows = rows_of()
    other = rows[5].model_copy(update={"label": "red"})
    more = colours(46, "train")[43:]
    return freeze(
        run.project, run.spec, [*rows[4:5], other, *rows[6:], *more], report(len(rows) - 4 + 3), [before.hash]
    )
