"""Every operation that needs no conversation: plain arguments in, events out. The command line is drawn from these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Literal

from agent import advising, drawing, gates, training
from agent import run as runs
from agent.checking import judged
from agent.events import Event, Progress, Say, Table
from workspace.errors import UserError, boundary
from workspace.project import Project, projects
from workspace.words import Language, Words

if TYPE_CHECKING:
    from tools.gates import Looked

Until = Literal["build", "train", "judge"]


def prepare(language: Language = "en") -> Iterator[Event]:
    """Fetch the weights that are not here yet, so that nobody waits for them in the middle of a conversation."""
    from workspace.settings import settings

    for name in ["minilm-int8", "minilm-tokenizer", "smollm2-135m"] + ["qwen2.5-coder-1.5b"] * settings().embedded:
        yield from _fetch(name, language)


def _fetch(name: str, language: Language) -> Iterator[Event]:
    from workspace.weights import weight

    heard: SimpleQueue[tuple[int, int]] = SimpleQueue()
    stage = Words(f"Fetching {name} (MB)", f"下载 {name}（MB）").to(language)

    def told(_: str, done: int, total: int) -> None:
        heard.put((done, total))

    with ThreadPoolExecutor(1) as pool:
        fetching = pool.submit(weight, name, told)
        while not fetching.done() or not heard.empty():
            with suppress(Empty):
                done, total = heard.get(timeout=0.2)
                yield Progress(stage=stage, done=done // 2**20, total=total // 2**20)
        fetching.result()


def run(home: Path, spec: Path, until: Until = "judge", language: Language = "en") -> Iterator[Event]:
    """A specification replayed with no conversation; the same one again goes on where it stopped."""
    project = Project(home, spec.resolve().parent.name)
    with project.working(), boundary(Words("running the specification", "运行规格说明")):
        current = runs.accept_file(project, spec)
        yield Say(
            text=Words(f"Run {current.id} in project {project.name}.", f"运行 {current.id}，项目 {project.name}。").to(
                language
            )
        )
        stages = {"build": (runs.build, runs.release), "train": (advising.advise, runs.train), "judge": (runs.judge,)}
        try:
            for name, parts in stages.items():
                for part in parts:
                    yield from part(current, language)
                    if part is runs.build and (sample := gates.waiting(current)):
                        yield from _waiting(current, sample, language)
                        return
                if name == until:
                    break
        except UserError as error:
            project.journal.mark(current.id, "failed", error.problem.to(language))
            raise
    if until != "judge":
        project.journal.mark(current.id, "done", until)
        yield current.done()


def _waiting(current: runs.Run, sample: Looked, language: Language) -> Iterator[Event]:
    """It goes on when the same is asked again, once a person has looked."""
    current.project.journal.mark(current.id, "accepted", sample.words.to(language))
    yield Say(text=gates.told(current, sample, language))
    yield current.done()


def status(home: Path, run: str | None, language: Language = "en") -> Iterator[Event]:
    """What is done, doing, left; why it stopped."""
    if run:
        current = runs.find(home, run)
        yield _status_table([current], language)
        report = current.report
        if report:
            yield Say(text=drawing.counts(report.total, language))
        for sample in filter(None, (gates.state(current, which) for which in gates.WHICH)):
            yield Say(text=gates.told(current, sample, language))
        yield current.done()
        return
    found = [
        runs.Run(p, order.id) for name in projects(home) for p in [Project(home, name)] for order in p.journal.orders()
    ]
    yield _status_table(found, language, list(training.unfinished(home, language)))


def _status_table(
    found: Sequence[runs.Run], language: Language, models: Sequence[tuple[str, str, str, str]] = ()
) -> Table:
    """`models` are trained on their own: (name, whether it runs, how far, note)."""
    heads = [
        Words("Run", "运行"),
        Words("Project", "项目"),
        Words("State", "状态"),
        Words("Done", "已完成"),
        Words("Left", "未完成"),
        Words("Last heard", "最近进展"),
        Words("Note", "说明"),
    ]
    rows: list[tuple[str, ...]] = []
    for current in found:
        order = next(o for o in current.project.journal.orders() if o.id == current.id)
        done = [
            s
            for s, there in zip(
                runs.STAGES, (current.report, current.version, current.model, current.card), strict=True
            )
            if there
        ]
        left = [s for s in runs.STAGES if s not in done]
        last = current.progress
        heard = f"{last.stage} {last.done}/{last.total}" if last else ""
        rows.append(
            (current.id, current.project.name, order.state, ", ".join(done), ", ".join(left), heard, order.note)
        )
    rows += [(name, "", state, "", "train", heard, note) for name, state, heard, note in models]
    title = Words("Runs", "运行").to(language)
    return Table(panel="status", title=title, columns=tuple(h.to(language) for h in heads), rows=tuple(rows))


def rows(
    home: Path,
    run: str | None,
    rejected: bool = False,
    why: str | None = None,
    language: Language = "en",
    *,
    waiting: bool = False,
    threshold: str | None = None,
) -> Iterator[Event]:
    """The rows of a run in slot order; `why` keeps those that a check of that name dropped, `waiting` those that a
    person must decide. With a threshold: the rows whose fate it would change, from what is stored."""
    current = runs.find(home, run)
    if threshold is not None:
        from agent.reviewing import what_if

        yield from what_if(current, threshold, language)
        return
    for number, row in enumerate(current.rows()):
        dropped = row.dropped_by
        if why and (dropped is None or dropped.check != why):
            continue
        if (rejected and dropped is None) or (waiting and row.outcome != "review"):
            continue
        yield judged(number, row)


def versions(home: Path, language: Language = "en") -> Iterator[Event]:
    from tools.versions import versions as known

    heads = [
        Words("Version", "版本"),
        Words("Hash", "哈希"),
        Words("Project", "项目"),
        Words("Rows", "条数"),
        Words("Specification", "规格说明"),
    ]
    found = [(v, name) for name in projects(home) for v in known(Project(home, name))]
    yield Table(
        panel="status",
        title=Words("Versions", "版本").to(language),
        columns=tuple(h.to(language) for h in heads),
        rows=tuple((v.number, v.hash[:12], name, sum(v.rows.values()), v.spec_hash[:12]) for v, name in found),
    )
