"""The conversations that are held in Slack's threads: who may say what, in which order, and what is answered."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
from collections import OrderedDict, deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agent import questions, rights
from agent.agreement import NotOpen
from agent.events import Ask, Done, Event, File, Progress, Say
from agent.views.card import card_in, folders
from ui import words
from ui.channel import blocks
from ui.channel.attachments import Fetcher
from ui.channel.inbox import Heard, Inbox, Kind, Post, Thread
from ui.channel.posts import Postman
from workspace.errors import UserError, boundary
from workspace.who import acting_as, who
from workspace.words import Language, language_of

if TYPE_CHECKING:
    from agent.session import Session

log = logging.getLogger("tunesmith")

# Threads that talk; those among them that build or train; and questions answered beside.
TALKING, WORKING, BESIDE = 32, 6, 4
LOOK = 0.5  # seconds between two looks whether we are to end
MOST_OPEN = 64  # conversations kept in memory
LONGEST_QUESTION = 500  # characters
MOVING = ":moving"  # behind a message's key: the line that shows how its work goes on
ORDERS = ("restore", "take out")  # these among the questions change something
AGREED = ("confirm", "approve")  # the questions whose yes starts or spends something


@dataclass
class Line:
    """The messages of one thread, worked off in the order in which they came.

    `moving`: long work is under way, and what comes in meanwhile is answered beside it. `heavy`: it has one of the
    few places for that.
    """

    waiting: deque[Heard] = field(default_factory=deque)
    working: bool = False
    moving: bool = False
    heavy: bool = False


class Clerk:
    """Takes what the inbox kept, and leaves there what is to be posted. `approvers` may order in every thread."""

    def __init__(
        self, home: Path, inbox: Inbox, postman: Postman, fetcher: Fetcher, approvers: frozenset[str] = frozenset()
    ) -> None:
        self.home, self.inbox, self.postman, self.fetcher, self.approvers = home, inbox, postman, fetcher, approvers
        self._lines: dict[str, Line] = {}
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._still, self._opening, self._ending = threading.Lock(), threading.Lock(), threading.Event()
        self._places = threading.Semaphore(WORKING)
        self._pool = ThreadPoolExecutor(TALKING, thread_name_prefix="slack-talk")
        self._beside = ThreadPoolExecutor(BESIDE, thread_name_prefix="slack-aside")

    def start(self) -> None:
        """Go on with what a kill interrupted."""
        for thread in self.inbox.unsent():
            self.postman.deliver(thread)
        for heard in self.inbox.undone():
            self.take(heard)

    def end(self) -> None:
        """What is not finished is, at the next start: whatever it still comes to is not what it would have been."""
        self._ending.set()
        for pool in (self._pool, self._beside):
            pool.shutdown(wait=False, cancel_futures=True)
        self.postman.end()

    def take(self, heard: Heard) -> None:
        """At once where nothing else of its thread is under way, or beside that; else after it."""
        with self._still:
            line = self._lines.setdefault(heard.thread.id, Line())
            if not line.working:
                line.working = True
                self._pool.submit(self._work_off, line, heard)
            elif line.moving or _asks(heard):
                self._beside.submit(self._work, line, heard, beside=True)
            else:
                line.waiting.append(heard)

    def _work_off(self, line: Line, heard: Heard) -> None:
        following: Heard | None = heard
        while following:
            self._work(line, following)
            with self._still:
                if line.heavy:
                    self._places.release()
                line.moving = line.heavy = False
                following = line.waiting.popleft() if line.waiting else None
                line.working = following is not None

    def _work(self, line: Line, heard: Heard, *, beside: bool = False) -> None:
        try:
            with boundary(words.ANSWERING):
                posts = self._posts(line, heard, beside)
        except UserError as error:
            session = self._sessions.get(heard.thread.id)  # a button that was pressed has no language of its own
            posts = [_whispered(heard, error, session.language if session else language_of(heard.text))]
        if self._ending.is_set():
            return
        try:
            self.inbox.done(heard.key, posts)
        except sqlite3.Error:  # a full disk: it is worked on again at the next start
            log.exception("what was done in a thread could not be written down")
        self.postman.deliver(heard.thread.id)

    # one message

    def _posts(self, line: Line, heard: Heard, beside: bool) -> list[Post]:
        session = self._session(heard.thread)
        person = person_of(heard.thread, heard.user)
        if not _asks(heard) and not self._may_order(session, heard):
            return [_post(heard, "whisper", self._not_theirs(heard, session.language), kind="whisper", of=heard.user)]
        try:
            with acting_as(person):
                if _asks(heard):
                    return self._asked(session, heard)
                return self._ordered(session, heard, None if beside else line)
        except NotOpen as error:
            return [_whispered(heard, error, session.language)]

    def _may_order(self, session: Session, heard: Heard) -> bool:
        return heard.user in self.approvers or rights.may(session.project, person_of(heard.thread, heard.user), "order")

    def _not_theirs(self, heard: Heard, language: Language) -> blocks.Message:
        told = words.NOT_YOURS.to(language).format(owner=f"<@{self.inbox.owner(heard.thread)}>")
        return blocks.told(told, words.NOT_YOURS_FIX.to(language))

    def _session(self, thread: Thread) -> Session:
        """The project is made its starter's, whoever comes first afterwards."""
        from agent.session import Session

        with self._opening:
            session = self._sessions.pop(thread.id, None)
            if session is None:
                name = project_of(thread)
                rights.enter(self.home, name, person_of(thread, self.inbox.owner(thread)))
                session = Session(self.home, name)
                _ = session.place  # opens its files, once
            self._sessions[thread.id] = session
            for old in list(self._sessions)[:-MOST_OPEN]:
                if not self._lines[old].working:
                    self._sessions.pop(old)
            return session

    def _asked(self, session: Session, heard: Heard) -> list[Post]:
        """From the journal; the question that is open is not put again, nor the panels shown that are behind it."""
        said = [event for event in session.send(heard.text) if not isinstance(event, Ask)]
        return _replies(heard, [event for event in said if event.type != "table"], session.language)

    def _ordered(self, session: Session, heard: Heard, line: Line | None) -> list[Post]:
        """`line` is None where other work is under way, whose buttons and progress are its own."""
        told: list[Event] = []
        stages: dict[str, Progress] = {}
        try:
            for event in self._turn(session, heard):
                if isinstance(event, Progress):
                    stages[event.stage] = event
                    self._move(line, heard, stages, session.language)
                else:
                    told.append(event)
        finally:
            self.postman.still(heard.key + MOVING)
            self.fetcher.forget(_folder(heard))
        told = [*_pictured(session, told), *told]
        begun = self.inbox.begun(heard.key)
        moved = line is not None and begun is not None and _stand(session, heard) != begun[0]
        posts = self._closed(heard, session.language) if moved else []
        return posts + _stopped(heard, stages, session.language) + _replies(heard, told, session.language)

    def _turn(self, session: Session, heard: Heard) -> Iterator[Event]:
        """Once, whenever a kill came: where the conversation has moved since, it has been heard already."""
        begun = self.inbox.begun(heard.key)
        if begun is not None and session.place:
            yield from _since(session, begun[1])
        if begun is None or not begun[0]:
            begun = yield from self._opened(session, heard, begun[1] if begun else len(list(session.history())))
        heard_before = _stand(session, heard) != begun[0]
        text = heard.pressed.answer if heard.pressed else heard.text
        asked = _agreeing(session, heard)
        if _bare(heard) or (heard_before and (_order(heard) or not session.halted)):
            yield from session.pending()
        elif heard_before:
            yield from session.send(text)
        elif asked and not self._seen(asked, heard):
            yield Say(text="\n".join(NotOpen().to(session.language)))
            yield from session.pending()
        else:
            hash = heard.pressed.hash if heard.pressed else asked.hash if asked else ""
            yield from session.send(text, self._files(heard), hash)

    def _opened(self, session: Session, heard: Heard, told: int) -> Generator[Event, None, tuple[str, int]]:
        """The greeting, where nobody has spoken yet; and where the conversation stands before this is worked on.

        Written down before the greeting too: after a kill between the two it is told from the history.
        """
        if not session.place:
            self.inbox.begin(heard.key, "", told)
            session.language = language_of(heard.text)
            yield from [event for event in session.open() if not isinstance(event, Ask)]
        stand = _stand(session, heard)
        self.inbox.begin(heard.key, stand, told)
        return stand, told

    def _seen(self, asked: Ask, heard: Heard) -> bool:
        """Whether the question was in the thread when this was written. A yes that waited in line behind another was
        said to that one's question."""
        written = float(heard.key.rpartition(":")[2])
        shown = [self.inbox.ts(post.key) for post in self.inbox.asking(heard.thread) if asked.hash in post.blocks]
        return any(ts and float(ts) < written for ts in shown)

    def _files(self, heard: Heard) -> list[Path]:
        with boundary(words.FETCHING):
            return [self.fetcher.fetch(shared, _folder(heard)) for shared in heard.files]

    # what becomes of it in the thread

    def _move(self, line: Line | None, heard: Heard, stages: dict[str, Progress], language: Language) -> None:
        """A stage has one line. With the first of them whoever waited so far is answered beside the work."""
        message = blocks.moving(list(stages.values()), language)
        self.postman.move(heard.key + MOVING, heard.thread, message)
        if line is None or line.moving:
            return
        with self._still:
            line.moving = True
            waiting, line.waiting = line.waiting, deque()
        for other in waiting:
            self._beside.submit(self._work, line, other, beside=True)
        for post in self._closed(heard, language):
            self.inbox.add(post)
        self.postman.deliver(heard.thread.id)
        self._take_place(line, heard, language)

    def _take_place(self, line: Line, heard: Heard, language: Language) -> None:
        """Builds and trainings share what this machine can do; whoever has to wait for the others is told."""
        line.heavy = self._places.acquire(blocking=False)
        if not line.heavy:
            message = blocks.told(words.IN_LINE.to(language), "")
            self.inbox.add(_post(heard, "waits", message, kind="whisper", of=heard.user))
            self.postman.deliver(heard.thread.id)
        while not line.heavy and not self._ending.is_set():
            line.heavy = self._places.acquire(timeout=LOOK)

    def _closed(self, heard: Heard, language: Language) -> list[Post]:
        """The buttons of what was answered become who answered what."""
        answer = heard.pressed.answer if heard.pressed else heard.text
        return [
            _post(
                *(heard, f"closes:{asking.key}", blocks.answered(asking.blocks, heard.user, answer, language)),
                kind="change",
                of=asking.key,
            )
            for asking in self.inbox.asking(heard.thread)
        ]


def project_of(thread: Thread) -> str:
    return "slack-" + hashlib.sha256(thread.id.encode()).hexdigest()[:24]


def person_of(thread: Thread, user: str) -> str:
    return f"slack:{thread.team}:{user}"


def _folder(heard: Heard) -> str:
    return hashlib.sha256(heard.key.encode()).hexdigest()[:16]


def _asks(heard: Heard) -> bool:
    """A question that changes nothing: everybody in the thread may put it, and it waits for nobody."""
    if heard.files or heard.pressed or len(heard.text) > LONGEST_QUESTION:
        return False
    query = questions.read(heard.text)
    return query is not None and query.kind not in ORDERS


def _order(heard: Heard) -> questions.Query | None:
    """A row taken in or out by a word: it moves the journal, and the conversation stays where it is."""
    query = None if heard.files or heard.pressed else questions.read(heard.text)
    return query if query and query.kind in ORDERS else None


def _stand(session: Session, heard: Heard) -> str:
    """Another one as soon as this message has been heard: the place in the conversation, or what was decided."""
    order, run = _order(heard), session.current
    if order is None or run is None:
        return session.place
    return f"decided {questions.followed(order, run, who())}"


def _agreeing(session: Session, heard: Heard) -> Ask | None:
    """The open question, where a typed word would start or spend something."""
    if heard.pressed or questions.read(heard.text):
        return None
    return next((one for one in session.pending() if isinstance(one, Ask) and one.field in AGREED), None)


def _bare(heard: Heard) -> bool:
    """Somebody only called us."""
    return not (heard.text or heard.files or heard.pressed)


def _since(session: Session, told: int) -> Iterator[Event]:
    """What was said before the kill, without the questions: the open one is put again."""
    for _, event in list(session.history())[told:]:
        if not isinstance(event, str | Ask):
            yield event


def _pictured(session: Session, told: list[Event]) -> list[File]:
    """The report card as a picture, where it was just told of."""
    from ui.picture import picture_file

    run = session.current if any(isinstance(event, Done) and event.report for event in told) else None
    folder = folders(run).get("run")
    view = card_in(folder, session.language, run.spec) if run and folder else None
    path = picture_file(view, session.language) if view else None
    return [File(title=view.title, path=str(path))] if view and path else []


def _stopped(heard: Heard, stages: dict[str, Progress], language: Language) -> list[Post]:
    """The line that moved, as it stays."""
    if not stages:
        return []
    last = blocks.moving([stage.model_copy(update={"seconds_left": None}) for stage in stages.values()], language)
    return [_post(heard, "moved", last, kind="change", of=heard.key + MOVING)]


def _replies(heard: Heard, events: list[Event], language: Language) -> list[Post]:
    said = blocks.messages(events, language)
    posts = [_post(heard, str(number), message) for number, message in enumerate(said)]
    files = dict.fromkeys((event.path, event.title) for event in events if isinstance(event, File))
    for number, (path, title) in enumerate(files):
        if Path(path).is_file():
            message = blocks.Message((), title)
            posts.append(_post(heard, f"file:{number}", message, kind="file", of=path))
    return posts


def _whispered(heard: Heard, error: UserError, language: Language) -> Post:
    problem, fix = map(blocks.escaped, error.to(language))
    return _post(heard, "whisper", blocks.told(problem, fix), kind="whisper", of=heard.user)


def _post(heard: Heard, what: str, message: blocks.Message, kind: Kind = "say", of: str = "") -> Post:
    return Post(
        key=f"{heard.key}:{what}",
        thread=heard.thread,
        kind=kind,
        text=message.text,
        blocks=message.json,
        of=of,
        asks=message.asks,
    )
