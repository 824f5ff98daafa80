"""What a browser looks at: one conversation with its panels, kept while the server lives and shared by its tabs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from agent.events import Ask, Event, Failed, File, Panel, Plot, Progress, Say, Table
from agent.trying import Choice
from ui import words
from workspace.errors import UserError, boundary
from workspace.who import acting_as
from workspace.words import Language

if TYPE_CHECKING:
    from agent.run import Run

Shown = Say | Ask | File | Failed | Progress


class Talker(Protocol):
    """What a face needs of a session; `send` may be called while another send is running."""

    language: Language

    def open(self) -> Iterator[Event]: ...
    def send(self, text: str, files: Sequence[Path] = (), agreed: str = "") -> Iterator[Event]: ...
    def pending(self) -> Iterator[Event]: ...
    @property
    def current(self) -> Run | None: ...
    def history(self) -> Iterator[tuple[str, str | Event]]: ...
    def try_out(self, text: str) -> Iterator[Event]: ...
    def choose(self, side: Choice) -> Iterator[Event]: ...


@dataclass
class Turn:
    """A message and all that it set off. The opening has no message."""

    text: str = ""
    files: tuple[str, ...] = ()
    shown: list[Shown] = field(default_factory=list)
    running: bool = False
    drawn: set[Panel] = field(default_factory=set)
    in_row: bool = False  # the last event was a panel's too

    def add(self, event: Shown) -> None:
        """A stage has one line, which moves."""
        if isinstance(event, Progress):
            for place, there in enumerate(self.shown):
                if isinstance(there, Progress) and there.stage == event.stage:
                    self.shown[place] = event
                    return
        self.shown.append(event)


class Room:
    """Safe from several threads. `revision` grows with every change, so that a browser fetches only what is new."""

    def __init__(self, open_session: Callable[[], Talker], language: Language) -> None:
        self._open_session, self._language = open_session, language
        self.still, self._opened = threading.RLock(), threading.Lock()
        self.session: Talker | None = None
        self.turns: list[Turn] = []
        self._aside: list[Turn] = []
        self.panels: dict[Panel, Table | Plot] = {}
        self.drawn: dict[Panel, int] = {}  # how often each was
        self.focus: Panel = "specification"
        self.turned = 0  # how often the focus moved
        self.choices: tuple[str, ...] = ()
        self.revision = 0
        self.touched = 0  # how often somebody changed what the panels show

    def enter(self) -> None:
        """The session is opened in the background, once: the page must not wait for libraries to load."""
        with self.still:
            if self.turns:
                return
            self.turns.append(Turn(running=True))
        threading.Thread(target=self._begin, daemon=True).start()

    def say(self, text: str, files: Sequence[Path] = (), person: str = "") -> None:
        """Visible at once; the answer comes in the background, beside whatever else is still under way."""
        with self.still:
            turn = Turn(text=text, files=tuple(path.name for path in files), running=True)
            self.turns.append(turn)
            self.choices = ()
            self.revision += 1
        threading.Thread(target=self._answer, args=(turn, text, tuple(files), person), daemon=True).start()

    def beside(self, work: Iterator[Event], person: str = "") -> None:
        """Drawn on its panel only; the conversation hears of it where it has something to say."""
        turn = Turn(running=True)

        def done() -> None:
            self._follow(turn, work, person)
            with self.still:
                self._aside.remove(turn)
                self.turns += [turn] if turn.shown else []
                self.touch()

        with self.still:
            self._aside.append(turn)
            self.revision += 1
        threading.Thread(target=done, daemon=True).start()

    def speak(self, language: Language) -> None:
        with self.still:
            self._language = language
            if self.session:
                self.session.language = language
            self.revision += 1

    def touch(self) -> None:
        """Whoever looks at this project sees it anew."""
        with self.still:
            self.touched += 1
            self.revision += 1

    @property
    def busy(self) -> bool:
        return any(turn.running for turn in (*self.turns, *self._aside))

    def _begin(self) -> None:
        self._follow(self.turns[0], self._opening())

    def _opening(self) -> Iterator[Event]:
        """Opened by the first who needs it; whoever comes meanwhile waits. What failed is tried again."""
        with self._opened:
            if self.session is not None:
                return
            session = self._open_session()
            session.language = self._language
            past = list(session.history())
            self._remember(past)
            yield from _new(session.open(), past)
            self.session = session

    def _answer(self, turn: Turn, text: str, files: tuple[Path, ...], person: str) -> None:
        def answering() -> Iterator[Event]:
            yield from self._opening()
            if self.session:
                yield from self.session.send(text, files)

        self._follow(turn, answering(), person)

    def _remember(self, past: Iterable[tuple[str, str | Event]]) -> None:
        turns: list[Turn] = []
        for _, thing in past:
            if isinstance(thing, str):
                turns.append(Turn(text=thing))
            elif isinstance(thing, Shown):
                turns = turns or [Turn()]
                turns[-1].add(thing)
        with self.still:
            self.turns[:0] = turns

    def _follow(self, turn: Turn, events: Iterator[Event], person: str = "") -> None:
        """In a thread of its own, so that what is decided meanwhile is this person's."""
        try:
            with acting_as(person), boundary(words.ANSWERING):
                for event in events:
                    self._take(turn, event)
        except UserError as error:
            problem, fix = error.to(self._language)
            self._take(turn, Failed(problem=problem, fix=fix))
        with self.still:
            turn.running = False
            self.revision += 1

    def _take(self, turn: Turn, event: Event) -> None:
        with self.still:
            if isinstance(event, Table | Plot):
                self.panels[event.panel] = event
                self.drawn[event.panel] = self.drawn.get(event.panel, 0) + 1
                if event.panel != "try":  # it waits to be turned to
                    self._turn_to(turn, event.panel)
            elif isinstance(event, Shown):
                turn.add(event)
                turn.in_row = False
                self.choices = event.choices if isinstance(event, Ask) else self.choices
            self.revision += 1

    def _turn_to(self, turn: Turn, panel: Panel) -> None:
        """The first of several in a row, and each once a turn: who looks elsewhere is not pulled back every second."""
        if panel not in turn.drawn and not turn.in_row:
            self.focus, self.turned = panel, self.turned + 1
        turn.drawn.add(panel)
        turn.in_row = True


def _new(events: Iterator[Event], past: Sequence[tuple[str, str | Event]]) -> Iterator[Event]:
    """An opened session tells again where it stands; what the history ends with is not said twice."""
    told = {str(thing) for _, thing in past}
    for event in events:
        if not past or isinstance(event, Table | Plot) or str(event) not in told:
            yield event


class Rooms:
    """The conversations of this server by project; nothing of one is reachable through another."""

    def __init__(self, open_session: Callable[[str], Talker]) -> None:
        self._open_session = open_session
        self._rooms: dict[str, Room] = {}
        self._lock = threading.Lock()

    def room(self, project: str, language: Language) -> Room:
        with self._lock:
            if project not in self._rooms:
                self._rooms[project] = Room(lambda: self._open_session(project), language)
            return self._rooms[project]
