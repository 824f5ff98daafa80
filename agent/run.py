"""One run of a specification, stage by stage: build, release, train, judge; each can be killed and asked again."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from agent import drawing, gates, planning
from agent.events import Ask, Done, Event, File, Progress, Say
from workspace.errors import UserError
from workspace.project import Project, file_hash, projects, read_samples, write_text
from workspace.results import Report, ReportCard, TrainedModel, Version
from workspace.sample import Sample
from workspace.spec import Spec, read_spec, write_spec
from workspace.stated import Stated, usual_base
from workspace.words import Language, Words, language_of

if TYPE_CHECKING:
    from finetune.recipe import Recipe
    from tools.decisions import Decided
    from tools.knowledge import Knowledge

STAGES = ("build", "release", "train", "judge")


@dataclass(frozen=True)
class Run:
    """`runs/<id>/` of a project: spec.yaml, rows.jsonl, then what each finished stage left as JSON."""

    project: Project
    id: str
    held: Decided | None = field(default=None, compare=False, repr=False)

    @property
    def folder(self) -> Path:
        return self.project.folder / "runs" / self.id

    @cached_property
    def spec(self) -> Spec:
        return read_spec(self.folder / "spec.yaml")

    def rows_as_checked(self) -> Iterator[Sample]:
        path = self.folder / "rows.jsonl"
        return read_samples(path) if path.exists() else iter(())

    def rows(self) -> Iterator[Sample]:
        """With what a person has decided about them since."""
        from tools.decisions import reviewed

        return reviewed(self.rows_as_checked(), self.decided)

    @property
    def decided(self) -> Decided:
        from tools.decisions import decisions

        if self.held is not None:
            return self.held
        return decisions(self.project.journal, self.id)

    @property
    def report(self) -> Report | None:
        from tools.decisions import recounted

        path = self.folder / "build.json"
        if not path.exists():
            return None
        report = Report.model_validate_json(path.read_bytes())
        return recounted(report, tuple(self.rows())) if self.decided else report

    @property
    def version(self) -> Version | None:
        path = self.folder / "version.json"
        return Version.model_validate_json(path.read_bytes()) if path.exists() else None

    @property
    def model(self) -> TrainedModel | None:
        path = self.folder / "model.json"
        return TrainedModel.model_validate_json(path.read_bytes()) if path.exists() else None

    @property
    def card(self) -> ReportCard | None:
        path = self.folder / "report" / "report.json"
        return ReportCard.model_validate_json(path.read_bytes()) if path.exists() else None

    @property
    def progress(self) -> Progress | None:
        """What another process last heard of it."""
        path = self.folder / "progress.json"
        return Progress.model_validate_json(path.read_bytes()) if path.exists() else None

    def done(self) -> Done:
        model, card = self.model, self.folder / "report" / "report.json"
        return Done(
            run=self.id,
            version=self.version.hash if self.version else None,
            model=str(self.project.folder / model.folder) if model else None,
            report=str(card) if card.exists() else None,
        )


def accept(project: Project, spec: Spec) -> Run:
    """The order is in the journal before anything is done for it; the same specification is the same run."""
    run = Run(project, spec.hash[:10])
    path = project.place("runs", run.id, "spec.yaml")
    if not path.exists():
        write_spec(spec, path)
    project.journal.accept(run.id, "run", spec.model_dump_json())
    return run


def accept_file(project: Project, path: Path) -> Run:
    """A run from spec.yaml: the files it names, relative to itself, are taken into the project first."""
    spec = read_spec(path)
    for name in ("examples", "knowledge"):
        stated: Stated[tuple[str, ...]] = getattr(spec, name)
        taken = tuple(_take(project, path.parent, given) for given in stated.value)
        spec = spec.with_value(name, stated.model_copy(update={"value": taken}))
    return accept(project, spec)


def _take(project: Project, folder: Path, given: str) -> str:
    path = folder / given
    if path.is_file():
        return project.receive(path)
    if (project.folder / given).is_file():
        return given
    raise UserError(
        Words(
            f"The specification names {given}, and there is no such file.", f"规格说明里写了 {given}，但没有这个文件。"
        ),
        Words(f"Put it beside the specification, in {folder}.", f"请把它放到规格说明旁边：{folder}。"),
    )


def find(home: Path, id: str | None) -> Run:
    """A run by its id or the beginning of it; without one, the newest. Raises UserError if there is none."""
    found = [
        (order.id, Project(home, name)) for name in projects(home) for order in Project(home, name).journal.orders()
    ]
    matching = [pair for pair in found if pair[0].startswith(id or "")]
    if not matching:
        raise UserError(
            Words(
                f"There is no run {id}." if id else "There is no run yet.",
                f"没有运行 {id}。" if id else "还没有任何运行。",
            ),
            Words(
                "`tunesmith status` lists them; `tunesmith chat` starts one.",
                "`tunesmith status` 会列出所有运行；`tunesmith chat` 可以开始一次。",
            ),
        )
    newest = max(matching, key=lambda pair: (pair[1].folder / "runs" / pair[0]).stat().st_mtime)
    return Run(newest[1], newest[0])


def build(run: Run, language: Language) -> Iterator[Event]:
    """Rows read, written, checked: rows.jsonl and build.json; of one behind a shut gate only the first rows."""
    if run.report is None:
        run.project.journal.mark(run.id, "running", "build")
        started = time.monotonic()
        report = yield from _build(run, language)
        # Only rows that were written on purpose for the gate may open it: the person's own are there long before.
        write_text(run.folder / gates.FIRST, report.model_dump_json(indent=1))
        if not gates.open_for_more(run):
            yield from drawing.built(run.spec, tuple(run.rows()), report, language)
            return
        report = report.model_copy(update={"seconds": round(time.monotonic() - started, 1)})
        write_text(run.folder / "build.json", report.model_dump_json(indent=1))
    yield from drawing.built(run.spec, tuple(run.rows()), run.report or report, language)


def _build(run: Run, language: Language) -> Generator[Event, None, Report]:
    from tools.base import Kit
    from tools.build import build as build_rows
    from tools.llm import Budget, open_chat
    from tools.personal.hiding import hider
    from tools.tables import tables_of

    spec, project = run.spec, run.project
    minutes, money = spec.budget_minutes, spec.budget_money
    budget = Budget(minutes=minutes.value if minutes else None, money=money.value if money else None)
    tables = tables_of(knowledge_paths(project, spec))
    knowledge = yield from read_knowledge(project, spec, language)
    chat = open_chat(project.journal, budget, hide=hider(project, spec, names=False))
    try:
        kit = Kit(
            spec=spec, project=project, chat=chat, knowledge=knowledge, terms=tables.terms, relations=tables.relations
        )
        built = yield from drawing.working(build_rows(kit, run.folder, gates.gate_of(run)), run.folder, language)
    finally:
        chat.close()
    tokens_in, tokens_out = project.journal.tokens()
    return built.report.model_copy(update={"models": (chat.model,), "tokens_in": tokens_in, "tokens_out": tokens_out})


def knowledge_paths(project: Project, spec: Spec) -> list[Path]:
    return [project.folder / name for name in (spec.knowledge.value if spec.knowledge else ())]


def read_knowledge(project: Project, spec: Spec, language: Language) -> Generator[Event, None, Knowledge | None]:
    """The specification's documents in Chroma: one base a set of documents, so runs can't mix theirs."""
    from tools.tables import tables_of

    given = knowledge_paths(project, spec)
    paths = [path for path in given if path not in tables_of(given).paths]
    if not paths:
        return None
    return (yield from knowledge_of(project, paths, language, spec=spec))


def knowledge_of(
    project: Project, paths: list[Path], language: Language, offline: bool = False, spec: Spec | None = None
) -> Generator[Event, None, Knowledge]:
    """The documents, ready to be searched. `offline`: no weights are fetched; what is not here is done without.

    Where `spec` wants personal data hidden it is hidden here, for passages are shown to models and quoted in findings.
    """
    from tools.embeddings import minilm, minilm_if_here
    from tools.knowledge import Knowledge
    from tools.personal.hiding import hider
    from tools.sources.documents import extracted

    hide = hider(project, spec, names=True) if spec else None
    base = Knowledge(knowledge_folder(project, paths, offline, spec), minilm_if_here if offline else minilm)
    for number, (name, path) in enumerate(_names(paths).items()):
        found = extracted(path, project.texts)
        base.add(name, hide(found.text) if hide else found.text)
        if found.unread:
            yield Say(text=_unread(name, found.unread).to(language))
        yield Progress(stage=Words("Reading documents", "读取文档").to(language), done=number + 1, total=len(paths))
    yield from drawing.disagreeing(base, language)
    return base


def knowledge_folder(project: Project, paths: list[Path], offline: bool = False, spec: Spec | None = None) -> Path:
    """Where these documents are kept ready to be searched."""
    import hashlib

    from tools.personal.hiding import wanted

    way = wanted(spec) if spec else None
    digest = hashlib.sha256("".join(sorted(file_hash(path) + path.name for path in paths)).encode()).hexdigest()
    # Documents that were read without vectors stay without, so these are another folder's.
    return project.place("knowledge", digest[:12] + "-offline" * offline + (f"-{way}" if way else ""))


def _unread(name: str, reasons: tuple[str, ...]) -> Words:
    shown = "; ".join(reasons[:5]) + (" …" if len(reasons) > 5 else "")
    return Words(
        f"Parts of {name} could not be read ({len(reasons)}): {shown}.",
        f"{name} 有 {len(reasons)} 处未能读取：{shown}。",
    )


def _names(paths: list[Path]) -> dict[str, Path]:
    """What each document is called: its file's name, with the folder before it where two have the same."""
    names = [path.name for path in paths]
    return {path.name if names.count(path.name) == 1 else f"{path.parent.name}/{path.name}": path for path in paths}


def release(run: Run, language: Language) -> Iterator[Event]:
    """Freeze what was kept under its hash, with a passport; what a person decided since makes another version."""
    from tools.base import Kit
    from tools.decisions import refuse_spoilt, released
    from tools.versions import freeze

    # As they are at one moment: a vote that comes in meanwhile would give counts that don't add up.
    run = replace(run, held=run.decided)
    version = run.version
    looked_at = gates.notes(run, language_of(run.spec.goal.value) if run.spec.goal else "en")
    if version is None or run.decided:
        report = run.report
        if report is None or gates.waiting(run):
            raise _too_early("release", "build")
        refuse_spoilt(run.rows_as_checked(), run.decided, Kit(spec=run.spec, project=run.project))
        report = report.model_copy(update={"notes": (*report.notes, *looked_at, *_of_judge(run))})
        rows = released(run.rows(), run.decided)
        version = freeze(run.project, run.spec, rows, report, [version.hash] if version else [])
        write_text(run.folder / "version.json", version.model_dump_json(indent=1))
    count = sum(version.rows.values())
    yield Say(
        text=Words(
            f"Frozen as version {version.number} (`{version.hash[:12]}`): {count} rows. It will never change.",
            f"已冻结为版本 {version.number}（`{version.hash[:12]}`）：共 {count} 条，以后不会再变。",
        ).to(language)
    )
    yield File(
        title=Words("Passport of the data", "数据护照").to(language),
        path=str(run.project.folder / version.folder / "passport.md"),
    )


def _of_judge(run: Run) -> Iterator[str]:
    """What the judge's opinions are worth, in the language of the goal."""
    from tools.checks.judge import UNCOMPARED, compared_with, told

    if run.spec.judge is None or run.spec.judge.value == "none":
        return
    found = compared_with(run.project)
    words = told(found) if found else Words(f"The judge: {UNCOMPARED.en}.", f"评判模型：{UNCOMPARED.zh}。")
    yield words.to(language_of(run.spec.goal.value) if run.spec.goal else "en")


def training_plan(run: Run, choices: tuple[str, ...], language: Language) -> list[Event]:
    """Whether it is needed, and what will be learned, where the base is here to say it; then what a yes would start."""
    from agent import advising

    version, recipe = run.version, recipe_of(run)
    counts = version.rows if version else {}
    learn, watch, held = (counts.get(split, 0) for split in ("train", "validation", "test"))
    question = Words(
        f"Next I would tune {recipe.base} ({planning.method(recipe, 'en')}) on {learn} rows, watch {watch} others "
        f"while it learns, and test it on the {held} real rows that were held back. Shall I?",
        f"接下来用 {learn} 条数据微调 {recipe.base}（{planning.method(recipe, 'zh')}），训练时用另外 {watch} 条监控，"
        f"最后在留出的 {held} 条真实数据上测试。开始吗？",
    )
    shown = planning.if_here(run.project.folder / version.folder / "data.jsonl", recipe, language) if version else []
    return [
        *advising.question(run, language),
        *shown,
        Ask(field="approve", text=question.to(language), choices=choices),
    ]


def train(run: Run, language: Language) -> Iterator[Event]:
    """The adapter under models/<run>; goes on from the last checkpoint after a kill."""
    from finetune.train import train as tune

    version = run.version
    if version is None:
        raise _too_early("train", "release")
    model = run.model
    if model is None or model.version != version.hash:
        run.project.journal.mark(run.id, "running", "train")
        data = run.project.folder / version.folder / "data.jsonl"
        folder = _model_folder(run, version.hash)
        minutes = run.spec.budget_minutes
        steps = tune(data, folder, recipe_of(run), version.hash, minutes.value if minutes else None)
        model = yield from drawing.training(steps, run.folder, language)
        model = model.model_copy(update={"folder": str(folder.relative_to(run.project.folder))})
        write_text(run.folder / "model.json", model.model_dump_json(indent=1))
    yield from drawing.trained(model, language)


def _model_folder(run: Run, version: str) -> Path:
    """The run's own; beside it where that one is being, or was, tuned on another version."""
    from finetune.job import JOB, job_in

    folder = run.project.place("models", run.id)
    taken = (folder / JOB).exists() and job_in(folder).version != version
    return folder.with_name(f"{run.id}-{version[:8]}") if taken else folder


def recipe_of(run: Run) -> Recipe:
    from finetune import recipe as recipes

    base, method, seed, task = run.spec.base, run.spec.method, run.spec.seed, run.spec.task
    rows = run.version.rows.get("train", 0) if run.version else 0
    way = method.value if method else "lora"
    name = base.value if base and base.source != "default" else usual_base(way)
    writes = task is not None and task.value != "classification"
    return recipes.recipe_of(recipes.Choices(name, way), rows, seed=seed.value if seed else 7, writes=writes)


def judge(run: Run, language: Language) -> Iterator[Event]:
    """Base, prompted, retrieval, classic and tuned on the held-back rows; report.json and report.md."""
    from agent.evaluating import wanted_of
    from finetune.job import trained_on
    from finetune.judging.evaluate import evaluate

    version, model, spec = run.version, run.model, run.spec
    if version is None or model is None:
        raise _too_early("judge", "train")
    metric, goal = spec.metric, spec.threshold
    folder = run.project.folder / model.folder
    wanted = yield from wanted_of(run, folder, language)
    steps = evaluate(
        trained_on(folder),
        folder,
        metric.value if metric else "accuracy",
        goal.value if goal else None,
        run.folder / "report",
        wanted,
    )
    card = yield from drawing.judging(steps, run.folder, language)
    run.project.journal.mark(run.id, "done")
    yield from drawing.report_card(card, run.folder / "report", language)
    yield run.done()


def _too_early(stage: str, before: str) -> UserError:
    return UserError(
        Words(f"There is nothing to {stage} yet.", f"还不能执行 {stage}。"),
        Words(f"Let `tunesmith run` finish {before} first.", f"请先让 `tunesmith run` 完成 {before}。"),
    )
