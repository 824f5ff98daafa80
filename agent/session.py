"""A conversation about one project: a message in, typed events out; the place where everything is put together."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import TypeAdapter

from agent import asking, drawing, interview, questions, training
from agent.agreement import UNDER_WAY, NotOpen, check_length, hash_of
from agent.events import Ask, Event, Failed, Progress, Say
from agent.run import Run
from agent.trying import Choice, Trials
from agent.views import sheet
from agent.views.sheet import Line
from workspace.errors import UserError, boundary
from workspace.project import Project, write_text
from workspace.settings import quiet_libraries
from workspace.spec import Spec
from workspace.words import Language, Words, language_of

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.types import Interrupt

    from agent.graph import State

FEW_WORDS = 5
GRAPH, LANGUAGE = "graph.sqlite", "language.txt"
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Allow = Callable[[Sequence[Event]], None]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
GREETING = Words(
    "Hello! I help you make a data set you can trust, and a small model that is measurably better at your task. "
    "A few questions first; “I don't know” is a fine answer to any of them.",
    "您好！我帮您做出可靠的数据集，并训练一个在您的任务上确实更好的小模型。先问几个问题，答“不知道”也没关系。",
)


class Session:
    """Safe to use from several threads: while one message is being worked on, questions are still answered."""

    def __init__(self, home: Path, project: str, language: Language | None = None) -> None:
        quiet_libraries()
        self.project = Project(home, project)
        self._speaks: Language | None = language or self._kept_language
        self._chosen = bool(self._speaks)
        self._busy = threading.Lock()
        self._now: Progress | None = None
        self._closing: list[Callable[[], None]] = []

    # what a face calls

    def open(self) -> Iterator[Event]:
        """Where we stand: a greeting and the first question, or the panels and the question that is open.

        Raises UserError where nothing was asked yet and another process works in the project.
        """
        if not self._state.next:
            with self._busy, self.project.working():
                if self._state.next:  # whoever opened it at the same moment has begun it
                    yield from self._pending()
                    return
                yield from self._recorded(iter([Say(text=GREETING.to(self.language))]))
                yield from self._recorded(self._stream({"go": "", "language": self.language, "turn": 0}))
            return
        yield from self._panels()
        yield from self.pending()

    @property
    def language(self) -> Language:
        """Where nobody chose one or said anything yet: that of the conversation, also where no `open` came first."""
        if self._speaks is None:
            begun = (self.project.folder / GRAPH).exists()
            self._speaks = self._values.get("language", "en") if begun else "en"
        return self._speaks

    @language.setter
    def language(self, language: Language) -> None:
        self._speaks = language

    @property
    def finished(self) -> bool:
        """The report card is there, and nothing has been changed since."""
        return bool(self._state.next == ("rest",))

    @property
    def place(self) -> str:
        """Another one whenever the conversation has moved: a face that was killed sees whether a message was heard."""
        return str(self._state.config["configurable"].get("checkpoint_id", ""))

    @property
    def halted(self) -> bool:
        """A kill came in the middle of a step: whatever is said next goes on with it."""
        return bool(self._state.next) and not self._state.interrupts

    def send(
        self, text: str, files: Sequence[Path] = (), agreed: str = "", allow: Allow | None = None
    ) -> Iterator[Event]:
        """One message from the person. Every event is journalled in the transcript before it is handed out.

        `agreed` is the hash of the question that is answered: NotOpen, and nothing happens, if that is not open now.
        `allow` is shown what is open once nobody else can answer it, and raises UserError if this text may not.
        """
        check_length(text)
        if agreed:
            yield from self._answer(text, files, agreed)
            return
        self._hear(text, files)
        query = None if files else questions.read(text)
        if query:
            waits = asked(list(self.pending()))
            yield from self._recorded(questions.answer(query, self.current, self._now, self.language, waits))
            yield from asking.again(self.pending())
        elif stopping := self._stopping(text):
            yield from self._recorded(iter([Say(text=stopping.to(self.language))]))
        elif not self._busy.acquire(blocking=False):
            yield from self._recorded(iter([self._busy_words()]))
        else:
            try:
                yield from self._recorded(self._advance(text, files, allow=allow))
            finally:
                self._now = None
                self._busy.release()

    def pending(self) -> Iterator[Event]:
        """What the open question shows, in the language of now; nothing while a run is under way."""
        if not self._busy.locked():
            yield from self._pending()

    def speak(self, language: Language) -> Iterator[Event]:
        """From now on, and when the project is opened again, in this language: the panels and the open question."""
        self.language, self._chosen = language, True
        write_text(self.project.place(LANGUAGE), language)
        yield from self._panels()
        yield from self.pending()

    def sheet(self) -> tuple[Line, ...]:
        """The specification so far, each value ready to be edited."""
        return sheet.sheet(Spec.model_validate(self._values.get("draft", {})), self.language)

    def edit(self, field: str, text: str) -> tuple[str, Iterator[Event]]:
        """A value changed in place: what the person said by it, and what follows, as after a message.

        Raises UserError, at once and with nothing changed, where the value does not fit or a run is under way.
        """
        self.check_still()
        self._check_fits(field, text)
        said = sheet.spoken(field, text, self.language)
        return said, self._edit(said, {"field": field, "text": text})

    def _check_fits(self, field: str, text: str) -> None:
        sheet.edited(Spec.model_validate(self._values.get("draft", {})), field, text, 0, self.language)

    def check_still(self) -> None:
        """Raises UserError while a step is under way: what it goes by stays as it is."""
        if self._busy.locked() or not self._state.interrupts:
            raise UNDER_WAY

    def history(self) -> Iterator[tuple[str, str | Event]]:
        """("you", text) and ("tunesmith", event), oldest first, for a face that is opened again."""
        path = self.project.folder / "transcript.jsonl"
        for line in path.read_bytes().split(b"\n") if path.exists() else []:
            if line:
                entry = orjson.loads(line)
                yield entry["who"], entry["text"] if entry["who"] == "you" else EVENT.validate_python(entry["event"])

    @property
    def current(self) -> Run | None:
        """The run that is talked about, if there is one yet."""
        run = self._values.get("run")
        return Run(self.project, run) if run else None

    def try_out(self, text: str) -> Iterator[Event]:
        """One message for the base and the tuned model, drawn as they answer; beside the conversation, not in it."""
        run = self.current
        if run is None or run.model is None:
            raise UserError(
                Words("There is no tuned model to try yet.", "还没有可以试用的微调模型。"),
                Words("Let the training finish first.", "请先等训练完成。"),
            )
        yield from self._trials.ask(self.project.folder / run.model.folder, text, self.language)

    def choose(self, side: Choice, seen: str = "") -> Iterator[Event]:
        """Which of the two answers is better; NotOpen, at once, where those are not the newest two any more."""
        return self._trials.choose(side, self.language, seen)

    def close(self) -> None:
        """Its files on disk are let go; a step that is under way keeps them."""
        if self._busy.acquire(blocking=False):
            for close in (*self._closing, self.project.journal.close):
                close()
            self._busy.release()

    # how it works

    def _language(self, text: str) -> Language:
        """That of the face's toggle, else of what the person writes: "90", or "ok" after Chinese, changes nothing."""
        if self._chosen or not any(letter.isalpha() for letter in text):
            return self.language
        brief = self.language == "zh" and len(text.split()) < FEW_WORDS
        return "zh" if brief else language_of(text)

    @cached_property
    def _trials(self) -> Trials:
        return Trials(self.project)

    @cached_property
    def _graph(self) -> CompiledStateGraph[Any, Any, Any, Any]:
        from langgraph.checkpoint.sqlite import SqliteSaver

        from agent.graph import build_graph
        from agent.nodes import Desk

        database = sqlite3.connect(self.project.place(GRAPH), check_same_thread=False)
        self._closing.append(database.close)
        saver = SqliteSaver(database)
        saver.setup()
        # setup() turns WAL on, which is not safe with two connections before SQLite 3.51.3.
        database.execute("PRAGMA journal_mode=TRUNCATE")
        return build_graph(Desk(self.project), saver)

    @property
    def _config(self) -> RunnableConfig:
        return {"configurable": {"thread_id": self.project.name}, "recursion_limit": 60}

    @property
    def _state(self) -> Any:
        return self._graph.get_state(self._config)

    @property
    def _values(self) -> dict[str, Any]:
        return dict(self._state.values)

    @property
    def _can_try(self) -> bool:
        run = self.current
        return bool(run and run.model and run.model.method != "encoder")

    def _hear(self, text: str, files: Sequence[Path]) -> None:
        self.language = self._language(text)
        self._record({"who": "you", "text": text, "files": [path.name for path in files]})

    def _answer(self, text: str, files: Sequence[Path], agreed: str) -> Iterator[Event]:
        """To one question and no other: whoever comes second finds it answered."""
        if not self._busy.acquire(blocking=False):
            raise NotOpen
        try:
            yield from self._recorded(self._advance(text, files, agreed))
        finally:
            self._now = None
            self._busy.release()

    def _edit(self, said: str, edit: dict[str, str]) -> Iterator[Event]:
        from langgraph.types import Command

        if not self._busy.acquire(blocking=False):
            raise NotOpen
        try:
            with boundary(Words("changing the specification", "修改规格说明")), self.project.working():
                # The draft may be another by now, and what the graph can't take it would be given again and again.
                if not self._state.interrupts:
                    raise UNDER_WAY
                self._check_fits(edit["field"], edit["text"])
                self._record({"who": "you", "text": said, "files": []})
                resume = {"text": "", "files": [], "language": self.language, "edit": edit}
                yield from self._recorded(self._stream(Command(resume=resume)))
        finally:
            self._now = None
            self._busy.release()

    def _pending(self) -> Iterator[Event]:
        if self._now:
            return
        state = self._state
        for interrupt in state.interrupts:
            hash = hash_of(self.project, interrupt, state.values)
            for event in self._asked(interrupt, state):
                yield event.model_copy(update={"hash": hash}) if isinstance(event, Ask) else event

    def _asked(self, interrupt: Interrupt, state: Any) -> list[Event]:
        """Made anew, for the rows may have been decided about elsewhere since; else as it was asked."""
        values: State = state.values | {"language": self.language}
        try:
            return asking.ASKED[state.next[0]](values, self.project)
        except UserError:
            return [EVENT.validate_python(raw) for raw in interrupt.value["events"]]

    @property
    def _kept_language(self) -> Language | None:
        path = self.project.folder / LANGUAGE
        return next((one for one in LANGUAGES if path.exists() and path.read_text("utf-8") == one), None)

    def _is_open(self, agreed: str) -> bool:
        state = self._state
        return any(agreed == hash_of(self.project, interrupt, state.values) for interrupt in state.interrupts)

    def _advance(
        self, text: str, files: Sequence[Path], agreed: str = "", allow: Allow | None = None
    ) -> Iterator[Event]:
        from langgraph.types import Command

        try:
            with boundary(Words("working on your message", "处理您的消息")), self.project.working():
                if agreed:
                    if not self._is_open(agreed):
                        raise NotOpen
                    self._hear(text, files)
                if not self._state.next:
                    yield from self._stream({"go": "", "language": self.language, "turn": 0}, quiet=True)
                if allow:
                    allow(list(self._pending()))
                taken = [self.project.receive(path) for path in files]
                if self._state.interrupts:
                    said = {"text": text, "files": taken, "language": self.language}
                    yield from self._stream(Command(resume=said))
                else:
                    yield Say(
                        text=Words("Going on where I was interrupted.", "从上次中断的地方继续。").to(self.language)
                    )
                    yield from self._stream(None)
        except NotOpen:
            raise
        except UserError as error:
            problem, fix = error.to(self.language)
            yield Failed(problem=problem, fix=fix)
            self._now = None
            yield from self._pending()

    def _stream(self, given: Any, quiet: bool = False) -> Iterator[Event]:
        """Run the graph to its next interrupt; what the nodes told, then what the interrupt asks."""
        ready, waited = self._can_try, self._state.next
        parts = self._graph.stream(
            given, self._config, stream_mode=["custom", "updates"], durability="sync", version="v2"
        )
        for part in parts:
            if part["type"] == "custom":
                event = EVENT.validate_python(part["data"])
                self._now = event if isinstance(event, Progress) else self._now
                yield event
        self._now = None
        if self._can_try and not ready:
            yield self._trials.table(self.language)
        if not quiet:
            yield from asking.again(self._pending()) if waited == self._state.next else self._pending()

    def _stopping(self, text: str) -> Words | None:
        """While a model is being tuned, a person may have had enough of it."""
        asked = training.wish(text) if self._busy.locked() else None
        run = self.current if asked else None
        folder = training.under_way(run) if run else None
        return training.ask_to_stop(folder, asked) if asked and folder else None

    def _busy_words(self) -> Event:
        now = self._now
        doing = f"{now.stage} {now.done}/{now.total}" if now else "…"
        return Say(
            text=Words(
                f"I'm still at it ({doing}). Ask how long it takes or what was rejected; changes come after.",
                f"还在进行中（{doing}）。可以问我还要多久、哪些被拒绝；要修改请等这一步完成。",
            ).to(self.language)
        )

    def _panels(self) -> Iterator[Event]:
        draft = self._values.get("draft")
        if draft:
            yield interview.table(Spec.model_validate(draft), self.language)
        run = self.current
        if run and run.report:
            rows = list(run.rows())
            yield drawing.rows_table([r for r in rows if r.kept], self.language)
            yield drawing.rejected_table([r for r in rows if not r.kept], self.language)
        if run and run.model:
            yield from drawing.trained(run.model, self.language)
            if self._can_try:
                yield self._trials.table(self.language)
        if run and run.card:
            yield from drawing.report_card(run.card, run.folder / "report", self.language)

    def _recorded(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            if event.type not in ("progress", "plot", "table"):
                self._record({"who": "tunesmith", "event": event.model_dump(mode="json")})
            yield event

    def _record(self, entry: dict[str, object]) -> None:
        with self.project.place("transcript.jsonl").open("ab") as file:
            file.write(orjson.dumps(entry) + b"\n")


def asked(events: Sequence[Event]) -> Ask | None:
    """The question that a turn ended with, for whoever plays a person's part."""
    return next((event for event in reversed(events) if isinstance(event, Ask)), None)
