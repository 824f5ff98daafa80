"""What another assistant may order in a person's stead: the same sessions and operations, the same confirmations."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent import checking, evaluating, gates, hearing, questions, shipping
from agent import run as runs
from agent.agreement import NotOpen
from agent.assistant import replies
from agent.assistant.errands import Errand, Errands
from agent.assistant.handed_over import Inline, inside, kept_rows, kept_texts
from agent.events import Ask, Event, Failed, Progress, Say
from agent.rights import projects_of, require
from agent.session import Session
from workspace.errors import UserError
from workspace.project import Project, file_hash, projects, read_samples
from workspace.results import ReportCard
from workspace.sample import Outcome
from workspace.stated import Metric
from workspace.words import Language, Words

if TYPE_CHECKING:
    from agent.nodes import Said
    from agent.run import Run

MOST_LISTED = 200
CHECK, EVALUATE, RELEASE = "check:", "evaluate:", "release:"
APPROVE = Words("Shall this be released?", "要发布吗？")
YES = Words("Yes, release it", "好，发布")
ELSEWHERE = Words(
    "Another Tunesmith on this machine is working in this project: another window, or the chat.",
    "本机的另一个 Tunesmith 正在这个项目里工作（另一个窗口或网页对话）。",
)


@dataclass(frozen=True)
class ToCheck:
    """A file, or rows as they are; `documents` is a folder or file, or texts as they are."""

    file: str | None = None
    rows: Sequence[Inline] = ()
    knowledge: str | None = None
    documents: Mapping[str, str] = field(default_factory=dict)
    rules: str | None = None
    only: Sequence[str] = ()
    offline: bool = False


@dataclass
class Assistant:
    """Safe to use from several threads. `folders` are those that files may be read from."""

    home: Path
    folders: tuple[Path, ...]
    person: str = ""
    errands: Errands = field(default_factory=Errands)
    _sessions: dict[str, Session] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # the conversation

    def talk(self, project: str, text: str, files: Sequence[str], language: Language | None) -> Errand:
        """One message of the person's. A yes to what needs their approval is refused here: that takes its hash."""
        self._allowed(Project(self.home, project))
        session, given = self._session(project, language), [self._inside(file) for file in files]
        if not text.strip() and not given:
            return self.errands.start(project, lambda: self._opened(session), self.person)

        def allow(events: Iterable[Event]) -> None:
            _refuse_approval(events, text, given, session.language)

        allow(session.pending())  # at once, and again when nobody else can answer: until then something may end
        return self.errands.start(project, lambda: session.send(text, given, allow=allow), self.person)

    def _opened(self, session: Session) -> Iterator[Event]:
        yield from session.open()
        here = [errand for errand in self.errands.of(session.project.name) if not errand.over.is_set()]
        if len(here) == 1 and _elsewhere(session):  # this one
            yield Say(text=ELSEWHERE.to(session.language))

    def approve(self, project: str, hash: str, choice: str, language: Language | None) -> Errand:
        """To the question of that hash and no other. Raises NotOpen without one: that would be a typed message."""
        self._allowed(self._known(project))
        if not hash.strip():
            raise NotOpen
        session = self._session(project, language)
        return self.errands.start(project, lambda: session.send(choice, agreed=hash), self.person)

    def ask(self, project: str, text: str, language: Language | None) -> Errand:
        """A question about what is there, answered from the journal and the rows."""
        self._allowed(self._known(project))
        query = questions.read(text)
        if query is None or query.kind in ("restore", "take out"):
            raise UserError(
                Words("That is none of the questions that the rows answer.", "这不是可以从数据里直接回答的问题。"),
                Words(
                    "Ask for example: how many failed the logic check and why? Show me three about refunds. What did "
                    "it cost? How long will it take? What if the threshold were 0.8? For all else use `interview`.",
                    "例如：有多少条没通过逻辑检查，为什么？给我看三条关于退款的。花了多少钱？还要多久？"
                    "如果阈值是 0.8 呢？其他请用 `interview`。",
                ),
            )
        session = self._session(project, language)
        return self.errands.start(project, lambda: session.send(text), self.person)

    def _session(self, project: str, language: Language | None) -> Session:
        """One for all who talk about a project here; a language that is asked for is kept to from then on."""
        with self._lock:
            found = self._sessions.get(project)
            idle = all(errand.over.is_set() for errand in self.errands.of(project))
            if found is None or (language and language != found.language and idle):
                found = self._sessions[project] = Session(self.home, project, language)
            return found

    # files and models

    def check(self, given: ToCheck, language: Language) -> Errand:
        """Judged in the background; the rows with their findings stay readable under the order's name."""
        project = Project(self.home, "checks")
        file = self._inside(given.file) if given.file else kept_rows(project, given.rows)
        documents = kept_texts(project, given.documents) if given.documents else None
        knowledge = self._inside(given.knowledge) if given.knowledge else documents
        rules = self._inside(given.rules) if given.rules else None
        wanted = checking.Given(file, knowledge, rules, only=given.only, offline=given.offline)
        name = CHECK + hashlib.sha256(f"{file_hash(file)} {wanted}".encode()).hexdigest()[:12]
        wanted = replace(wanted, out=self._checked(name))
        return self.errands.start(name, lambda: checking.check(self.home, wanted, language), self.person, alone=True)

    def evaluate(
        self,
        model: str,
        data: str | None,
        knowledge: str | None,
        metric: Metric | None,
        quick: bool,
        language: Language,
    ) -> Errand:
        self._model(model)
        file = self._inside(data) if data else None
        known = self._inside(knowledge) if knowledge else None
        out = self.home / "evaluations" / f"{Path(model).name}-{file_hash(file)[:12]}" if file else None
        wanted = evaluating.Given(model, file, known, metric, quick=quick, out=out)
        name = EVALUATE + Path(model).name
        return self.errands.start(
            name, lambda: evaluating.evaluate(self.home, wanted, language), self.person, alone=True
        )

    def release(self, model: str, name: str | None, confirm: str | None, language: Language) -> Errand:
        if not shipping.is_release(self.home, model):
            self._model(model)

        def work() -> Iterator[Event]:
            hash = yield from shipping.release(self.home, model, name, confirm, language=language)
            if hash:
                choices = (YES.to(language),)
                yield Ask(field="release", text=APPROVE.to(language), choices=choices, hash=hash)

        return self.errands.start(RELEASE + Path(model).name, work, self.person, alone=True)

    def _inside(self, given: str) -> Path:
        return inside(given, self.folders, self.home)

    def _model(self, model: str) -> None:
        """Raises UserError for a folder that is neither ours nor one that may be read."""
        folder = evaluating.model_folder(self.home, model)
        inside(str(folder.resolve()), (*self.folders, self.home), self.home)
        for name in projects(self.home):
            if folder.resolve().is_relative_to((self.home / "projects" / name).resolve()):
                self._allowed(Project(self.home, name))

    # how things stand

    def told(self, errand: Errand, language: Language) -> replies.Told:
        """What it has told since it was last asked. Raises its UserError, once, if that is how it ended."""
        over = errand.over.is_set()
        found = errand.news()
        if over:
            self.errands.forget(errand)
        if over and errand.error:
            raise errand.error
        return replies.told(errand.name, found, not over, errand.progress, language)

    def status(self, name: str, language: Language | None) -> replies.Status:
        """News of all orders of that name, and the question that is open."""
        said: Language = language or "en"
        if name.startswith((CHECK, EVALUATE, RELEASE)):
            events, working = self._news(name, said)
            return replies.Status(**dict(replies.told(name, events, working is not None, _progress(working), said)))
        project = self._known(name)
        self._allowed(project)
        session = self._session(name, language)
        said = language or session.language
        events, working = self._news(name, said)
        elsewhere = working is None and _elsewhere(session)
        events += [Say(text=ELSEWHERE.to(said))] if elsewhere else [] if working else session.pending()
        base = replies.told(name, events, elsewhere or working is not None, _progress(working), said)
        lines = tuple(_line(runs.Run(project, order.id)) for order in project.journal.orders())
        return replies.Status(**dict(base), runs=lines)

    def _news(self, name: str, language: Language) -> tuple[list[Event], Errand | None]:
        events: list[Event] = []
        working = None
        for errand in self.errands.of(name):
            over = errand.over.is_set()
            events += errand.news()
            if not over:
                working = errand
                continue
            self.errands.forget(errand)
            if errand.error:
                problem, fix = errand.error.to(language)
                events.append(Failed(problem=problem, fix=fix))
        return events, working

    def rows(
        self, name: str, wanted: Literal["all"] | Outcome, why: str, about: str, offset: int, limit: int
    ) -> replies.Rows:
        """Of a project's newest run, of one run, or of a check."""
        if name.startswith(CHECK):
            path = self._checked(name)
            if not path.is_file():
                raise _unknown(name)
            return replies.rows(name, read_samples(path), wanted, why, about, offset, limit)
        run = self._run(name)
        return replies.rows(name, run.rows(), wanted, why, about, offset, limit)

    def checked(self, told: replies.Told, limit: int) -> replies.Checked:
        ready = told.state != "working"
        page = self.rows(told.name, "rejected", "", "", 0, limit) if ready else None
        return replies.Checked(**dict(told), rows=page)

    def evaluated(self, told: replies.Told) -> replies.Evaluation:
        path = Path(told.report) if told.report else None
        card = ReportCard.model_validate_json(path.read_bytes()) if path and path.is_file() else None
        return replies.evaluation(told, card)

    def projects(self) -> replies.Projects:
        found = projects_of(self.home, self.person)
        talks = [one for one in found if (self.home / "projects" / one.name / "transcript.jsonl").exists()]
        return replies.Projects(projects=tuple(self._project_line(one.name, one.title) for one in talks[:MOST_LISTED]))

    def _project_line(self, name: str, title: str) -> replies.ProjectLine:
        working = any(not errand.over.is_set() for errand in self.errands.of(name))
        orders = Project(self.home, name).journal.orders()
        return replies.ProjectLine(name=name, title=replies.cut(title, 200), working=working, runs=len(orders))

    def _run(self, name: str) -> Run:
        if name not in projects(self.home):
            run = runs.find(self.home, name)
            self._allowed(run.project)
            return run
        project = Project(self.home, name)
        self._allowed(project)
        orders = project.journal.orders()
        if not orders:
            raise UserError(
                Words(f"Nothing has been built in {name} yet.", f"{name} 里还没有制作任何数据。"),
                Words("Finish the interview and approve the start first.", "请先完成访谈并确认开始。"),
            )
        return runs.Run(project, orders[-1].id)

    def _known(self, project: str) -> Project:
        if project not in projects(self.home):
            raise _unknown(project)
        return Project(self.home, project)

    def _allowed(self, project: Project) -> None:
        require(project, self.person, "order")

    def _checked(self, name: str) -> Path:
        digest = name.removeprefix(CHECK)
        if not (digest.isalnum() and digest.isascii()):
            raise _unknown(name)
        return Project(self.home, "checks").place("results", f"{digest}.jsonl")


def _refuse_approval(events: Iterable[Event], text: str, files: Sequence[Path], language: Language) -> None:
    """Raises UserError for a yes to what takes the question's hash, if that is what is open."""
    open_now = [event for event in events if isinstance(event, Ask)]
    if not open_now or open_now[-1].field not in replies.APPROVALS:
        return
    said: Said = {"text": text, "files": [file.name for file in files], "language": language}
    if hearing.verdict(said) == "yes" or gates.wrong_ones(text, replies.MOST_ROWS) is not None:
        raise UserError(
            Words("This question needs the person's own yes.", "这个问题需要用户本人确认。"),
            Words(
                "Show it to them, and once they agree call `approve` with the question's hash.",
                "请把问题给用户看，用户同意后带上问题的 hash 调用 `approve`。",
            ),
        )


def _elsewhere(session: Session) -> bool:
    """Whether another process is in the middle of a step. Only then is its lock tried: orders would find it taken."""
    if not session.halted:
        return False
    try:
        with session.project.working():
            return False
    except UserError:
        return True


def _progress(errand: Errand | None) -> Progress | None:
    return errand.progress if errand else None


def _line(run: Run) -> replies.RunLine:
    order = next(order for order in run.project.journal.orders() if order.id == run.id)
    there = dict(zip(runs.STAGES, (run.report, run.version, run.model, run.card), strict=True))
    counts = {"kept": 0, "rejected": 0, "review": 0}
    for row in run.rows():
        counts[row.outcome] += 1
    return replies.RunLine(
        id=run.id,
        state=order.state,
        done=tuple(stage for stage, found in there.items() if found),
        left=tuple(stage for stage, found in there.items() if not found),
        note=order.note,
        kept=counts["kept"],
        rejected=counts["rejected"],
        waiting_for_a_person=counts["review"],
    )


def _unknown(name: str) -> UserError:
    return UserError(
        Words(f"There is nothing called {name}.", f"没有名为 {name} 的项目或任务。"),
        Words(
            "`projects` lists what there is; `interview` starts a new one.",
            "`projects` 列出已有项目；`interview` 可新建。",
        ),
    )
