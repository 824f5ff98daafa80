"""What a browser looks at: one conversation with its panels, kept while the server lives and shared by its tabs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from agent.agreement import NotOpen, check_length
from agent.events import Ask, Event, Failed, Panel, Plot, Table
from agent.trying import Choice
from ui import words
from ui.page.turns import Shown, Turn
from workspace.errors import UserError, boundary
from workspace.who import acting_as
from workspace.words import Language

if TYPE_CHECKING:
    from agent.run import Run
    from agent.views.sheet import Line


class Talker(Protocol):
    """What a face needs of a session; `send` may be called while another send is running."""

    language: Language

    def open(self) -> Iterator[Event]: ...
    def send(self, text: str, files: Sequence[Path] = (), agreed: str = "") -> Iterator[Event]: ...
    def pending(self) -> Iterator[Event]: ...
    def speak(self, language: Language) -> Iterator[Event]: ...
    def sheet(self) -> tuple[Line, ...]: ...
    def edit(self, field: str, text: str) -> tuple[str, Iterator[Event]]: ...
    def check_still(self) -> None: ...
    @property
    def current(self) -> Run | None: ...
    def history(self) -> Iterator[tuple[str, str | Event]]: ...
    def try_out(self, text: str) -> Iterator[Event]: ...
    def choose(self, side: Choice, seen: str = "") -> Iterator[Event]: ...
    def close(self) -> None: ...


# Whose files, and which: the project has them now.
Received = Callable[[str, Sequence[Path]], None]
IDLE = 1800.0  # seconds after which a conversation that nobody looks at is let go


class Room:
    """Safe from several threads. `revision` grows with every change, so that a browser fetches only what is new."""

    def __init__(
        self, open_session: Callable[[], Talker], language: Language, received: Received = lambda person, paths: None
    ) -> None:
        self._open_session, self.language, self._received = open_session, language, received
        self._chosen = False  # somebody pressed the toggle before the session was there to be told
        self.still, self._opened = threading.RLock(), threading.Lock()
        self.session: Talker | None = None
        self.turns: list[Turn] = []
        self._aside: list[Turn] = []
        self.panels: dict[Panel, Table | Plot] = {}
        self.drawn: dict[Panel, int] = {}  # how often each was
        self.focus: Panel = "specification"
        self.turned = 0  # how often the focus moved
        self.question: Ask | None = None  # the one that is open
        self.revision = 0
        self.touched = 0  # how often somebody changed what the panels show
        self.looked = time.monotonic()

    def enter(self) -> None:
        """The session is opened in the background, once: the page must not wait for libraries to load."""
        with self.still:
            if self.turns:
                return
            self.turns.append(Turn(running=True))
        self._in_background(self.turns[0], self._opening())

    def say(self, text: str, files: Sequence[Path] = (), person: str = "", agreed: str = "") -> None:
        """Visible at once; the answer comes in the background, beside whatever else is still under way.

        `agreed`: the hash of the question that is answered; the same answer is not said again, unless it came to
        nothing. UserError where the message can't be sent.
        """
        check_length(text)
        with self.still:
            said = (turn for turn in self.turns if turn.running or not turn.failed)
            if agreed and any((turn.agreed, turn.text) == (agreed, text) for turn in said):
                return
            turn = Turn(text=text, paths=tuple(files), running=True, agreed=agreed, before=self._asked())
            self._start(turn)
        self._in_background(turn, self._answering(turn, person), person)

    def again(self, number: int, person: str = "") -> None:
        """The same message once more, where it came to nothing."""
        with self.still:
            turn = self.turns[number] if 0 <= number < len(self.turns) else None
            if turn is None or not self.came_to_nothing(turn):
                return
        self.say(turn.text, turn.paths, person)

    def came_to_nothing(self, turn: Turn) -> bool:
        """The newest message failed, and what was open before it is open still."""
        lost = turn is self.turns[-1] and not turn.running and turn.failed
        return lost and turn.before == self._asked() and all(path.exists() for path in turn.paths)

    def edit(self, field: str, text: str, person: str = "") -> None:
        """A value of the specification, changed in place. UserError where it does not fit."""
        if self.session:
            with acting_as(person):
                said, events = self.session.edit(field, text)
            with self.still:
                turn = Turn(text=said, running=True)
                self._start(turn)
            self._in_background(turn, events, person)

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

    def speak(self, language: Language, person: str = "") -> None:
        """The frame at once; the panels and the open question as soon as they are made."""
        with self.still:
            self.language, self._chosen = language, True
            self.revision += 1
        threading.Thread(target=self._redraw, args=(language, person), daemon=True).start()

    def touch(self) -> None:
        """Whoever looks at this project sees it anew."""
        with self.still:
            self.touched += 1
            self.revision += 1

    def close(self) -> None:
        """What it holds open is let go; whoever comes back opens it anew."""
        with self.still:
            session, self.session = self.session, None
        if session:
            session.close()

    @property
    def busy(self) -> bool:
        return any(turn.running for turn in (*self.turns, *self._aside))

    def _asked(self) -> str:
        return self.question.hash if self.question else ""

    def _start(self, turn: Turn) -> None:
        self.turns.append(turn)
        self.question = None
        self.revision += 1

    def _in_background(self, turn: Turn, events: Iterator[Event], person: str = "") -> None:
        threading.Thread(target=self._follow, args=(turn, events, person), daemon=True).start()

    def _opening(self) -> Iterator[Event]:
        """Opened by the first who needs it; whoever comes meanwhile waits. What failed is tried again."""
        with self._opened:
            if self.session is not None:
                return
            session = self._open_session()
            past = list(session.history())
            if self._chosen:
                list(session.speak(self.language))
            elif not past:
                session.language = self.language
            self._remember(past)
            yield from _new(session.open(), past)
            self.session = session

    def _answering(self, turn: Turn, person: str) -> Iterator[Event]:
        yield from self._opening()
        if self.session:
            yield from self.session.send(turn.text, turn.paths, turn.agreed)
            if turn.paths and not turn.failed:  # else it may be sent once more
                self._received(person, turn.paths)

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
        except NotOpen as error:
            turn.text, turn.notice = "", error
        except UserError as error:
            problem, fix = error.to(self.language)
            self._take(turn, Failed(problem=problem, fix=fix))
        asked = self._pending(person)
        with self.still:
            turn.running = False
            turn.ended_after = len(self.turns) - 1
            if self.session and not self.busy:
                self.language = self.session.language
                if self.question is None:
                    self._ask_again(asked)
            self.revision += 1

    def _pending(self, person: str) -> list[Event]:
        """What is open, for when all is quiet and the last message brought no question: read before anybody has to wait
        for it. Where it can't be told, whoever goes on is told why."""
        session = self.session
        if session is None or self.question is not None:
            return []
        try:
            with acting_as(person), boundary(words.ANSWERING):
                return list(session.pending())
        except UserError:
            return []

    def _redraw(self, language: Language, person: str) -> None:
        session = self.session
        if session is None:
            return
        try:
            with acting_as(person), boundary(words.ANSWERING):
                events = list(session.speak(language))
        except UserError:  # what can't be shown anew stays as it was, and whoever goes on is told
            events = []
        with self.still:
            for event in events:
                if isinstance(event, Table | Plot):
                    self._draw(event)
            self._ask_again(events)
            self.touch()

    def _ask_again(self, events: Sequence[Event]) -> None:
        """The open question with what stands before it, in the place where it was asked; else behind all others."""
        asked = [event for event in events if isinstance(event, Shown)]
        question = next((event for event in asked if isinstance(event, Ask)), None)
        if question is None:
            return
        for turn in reversed(self.turns):
            if turn.replace(self.question.hash if self.question else question.hash, asked):
                break
        else:
            self.turns[-1].shown.extend(asked)
        self.question = question

    def _take(self, turn: Turn, event: Event) -> None:
        with self.still:
            if isinstance(event, Table | Plot):
                self._draw(event)
                if event.panel != "try":  # it waits to be turned to
                    self._turn_to(turn, event.panel)
            elif isinstance(event, Shown):
                if isinstance(event, Ask):
                    self._not_twice(turn, event)
                    self.question = event
                turn.add(event)
                turn.in_row = False
            self.revision += 1

    def _not_twice(self, turn: Turn, question: Ask) -> None:
        """A question that is asked again moves down to where one reads; what else was said before it stays."""
        before = next((one for one in reversed(self.turns) if one is not turn and one.shown), turn)
        last = before.shown[-1] if before is not turn else None
        if isinstance(last, Ask) and last.text == question.text and (len(before.shown) > 1 or not turn.text):
            before.shown.pop()

    def _draw(self, event: Table | Plot) -> None:
        self.panels[event.panel] = event
        self.drawn[event.panel] = self.drawn.get(event.panel, 0) + 1

    def _turn_to(self, turn: Turn, panel: Panel) -> None:
        """The first of several in a row, and each once a turn: who looks elsewhere is not pulled back every second."""
        if panel not in turn.drawn and not turn.in_row:
            self.focus, self.turned = panel, self.turned + 1
        turn.drawn.add(panel)
        turn.in_row = True


def _new(events: Iterator[Event], past: Sequence[tuple[str, str | Event]]) -> Iterator[Event]:
    """An opened session tells again where it stands; what the history ends with is not said twice."""
    told = {_said(thing) for _, thing in past if not isinstance(thing, str)}
    for event in events:
        if not past or isinstance(event, Table | Plot | Ask) or _said(event) not in told:
            yield event


def _said(event: Event) -> str:
    return str(event.model_copy(update={"hash": ""}) if isinstance(event, Ask) else event)


class Rooms:
    """The conversations of this server by project; nothing of one is reachable through another."""

    def __init__(self, open_session: Callable[[str], Talker], received: Received = lambda person, paths: None) -> None:
        self._open_session, self._received = open_session, received
        self._rooms: dict[str, Room] = {}
        self._lock = threading.Lock()

    def room(self, project: str, language: Language) -> Room:
        with self._lock:
            if project not in self._rooms:
                self._let_go()
                self._rooms[project] = Room(lambda: self._open_session(project), language, self._received)
            self._rooms[project].looked = time.monotonic()
            return self._rooms[project]

    def there(self, project: str) -> bool:
        return project in self._rooms

    def _let_go(self) -> None:
        """Before there is one more: each holds files open, and a server runs for weeks."""
        now = time.monotonic()
        for project, room in list(self._rooms.items()):
            if now - room.looked > IDLE and not room.busy:
                del self._rooms[project]
                room.close()
