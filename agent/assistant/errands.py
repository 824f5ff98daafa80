"""Orders that go on while whoever gave them does something else: a thread each, and what it has told so far."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from agent.events import Event, Judged, Plot, Progress, Table
from workspace.errors import UserError, boundary
from workspace.who import acting_as
from workspace.words import Words

MOST_AT_ONCE = 32
DOING = Words("doing what was ordered", "执行指令")


@dataclass
class Errand:
    """`name` says what it is about: a project's, or `check:…` and the like. Each event is handed out once."""

    name: str
    work: Callable[[], Iterator[Event]]
    person: str = ""
    progress: Progress | None = None
    error: UserError | None = None
    over: threading.Event = field(default_factory=threading.Event)
    _events: list[Event] = field(default_factory=list)
    _tables: dict[str, Table] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        threading.Thread(target=self._run, name=self.name, daemon=True).start()

    def news(self) -> list[Event]:
        """What has been told since this was last asked; of each panel's tables the newest."""
        with self._lock:
            found = [*self._events, *self._tables.values()]
            self._events, self._tables = [], {}
            return found

    def _run(self) -> None:
        try:
            with acting_as(self.person), boundary(DOING):
                for event in self.work():
                    self._take(event)
        except UserError as error:
            self.error = error
        finally:
            self.progress = None
            self.over.set()

    def _take(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, Progress):
                self.progress = event
            elif isinstance(event, Table):
                self._tables[event.panel] = event
            elif not isinstance(event, Plot | Judged):  # curves and rows are looked up where they are wanted
                self._events.append(event)


class Errands:
    """Those under way, and those whose last word nobody has heard."""

    def __init__(self) -> None:
        self._all: list[Errand] = []
        self._lock = threading.Lock()

    def start(self, name: str, work: Callable[[], Iterator[Event]], person: str = "", *, alone: bool = False) -> Errand:
        """`alone`: refused with a UserError while another of this name is under way."""
        with self._lock:
            live = [errand for errand in self._all if not errand.over.is_set()]
            if len(live) >= MOST_AT_ONCE or (alone and any(errand.name == name for errand in live)):
                raise _busy(name)
            errand = Errand(name, work, person)
            self._all.append(errand)
        errand.start()
        return errand

    def of(self, name: str) -> list[Errand]:
        with self._lock:
            return [errand for errand in self._all if errand.name == name]

    def forget(self, errand: Errand) -> None:
        """Its last word was heard."""
        with self._lock:
            if errand in self._all:
                self._all.remove(errand)


def _busy(name: str) -> UserError:
    return UserError(
        Words(f"Something is still under way for {name}.", f"{name} 还有任务在进行中。"),
        Words(
            "Nothing new was started. Ask for the status, and order again when it is done.",
            "没有开始新的任务。请查询状态，完成后再下指令。",
        ),
    )
