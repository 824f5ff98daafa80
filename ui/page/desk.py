"""What happens when somebody does something on the page; each handler hands back what changed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from agent.rights import Listed, Role, refusal
from ui import words
from ui.door.shelf import Shelf
from ui.door.sign_in import sign_out_html
from ui.page.bubbles import Drawn, talk_html
from ui.page.layout import BUSY, IDLE, Face, Kept, brand_html
from ui.page.menu import menu_html
from ui.panels import board
from ui.panels.look import Deed, Look, Tab
from ui.rooms import Room, Rooms
from workspace.errors import UserError, boundary
from workspace.who import acting_as
from workspace.words import Language, Words


class Visitor(Protocol):
    """Who asks, and from which browser tab."""

    username: str | None
    session_hash: str | None
    query_params: Any
    headers: Any


class Pressed(Protocol):
    """What was done, as the browser tells it: a Deed."""

    _data: Any


# The server was restarted between dropping a file and sending it; or somebody names a file that isn't theirs.
NOT_SENT = UserError(
    Words("A file that you attached is not here any more.", "附加的文件已不在服务器上。"),
    Words("Attach it again and send the message once more.", "请重新附加文件，再发送一次。"),
)


@dataclass
class Here:
    """What one browser tab looks at, what it asked of each panel, and what it has been sent already."""

    project: str
    language: Language
    person: str = ""
    role: Role = "owner"
    tab: Tab = "specification"
    asked: dict[Tab, dict[str, str]] = field(default_factory=dict)
    notice: UserError | None = None  # of the panel
    refused: UserError | None = None  # why the last message was not sent
    heard: str = ""  # another word with every message that came from here
    turned: int = 0
    talk: int = -1
    drawn: tuple[Tab, int, str] | None = None


class Desk:
    """Every handler of one server's page; `tabs` are the browser tabs that are open, by person and session: whoever
    knows another's session is still themselves. `let_in` says what a person is in a project, None for nothing, and
    `listed` which projects are theirs; `update` says what changes of a component, or that nothing does."""

    def __init__(
        self,
        face: Face,
        rooms: Rooms,
        shelf: Shelf,
        let_in: Callable[[str, str], Role | None],
        listed: Callable[[str], Sequence[Listed]],
        update: Callable[..., Any],
    ) -> None:
        self.face, self.rooms, self.shelf, self.let_in, self.listed = face, rooms, shelf, let_in, listed
        self.update = update
        self.tabs: dict[tuple[str, str], Here] = {}

    def enter(self, kept: dict[str, Any], request: Visitor) -> dict[Any, Any]:
        before = Kept.model_validate(kept)
        project = dict(request.query_params).get("project") or before.project
        spoken: Language = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
        return self._arrive(project, before.language if before.project else spoken, request)

    def leave(self, request: Visitor) -> None:
        self.tabs.pop(_tab(request), None)

    def move(self, kept: dict[str, Any], request: Visitor, event: Pressed) -> dict[Any, Any]:
        """To another project, or a new one."""
        here, deed = self._here(kept, request), Deed.model_validate(event._data)
        return self._arrive(deed.value if deed.act == "open" else "", here.language, request)

    def _arrive(self, project: str, language: Language, request: Visitor) -> dict[Any, Any]:
        return self._moved(self._come(project, language, request), everything=True)

    def _come(self, project: str, language: Language, request: Visitor) -> Here:
        """To the project that is asked for, or where that is somebody else's, or none is, to a new one."""
        person = str(request.username or "")
        role = self.let_in(project, person) if project else None
        here = Here(project, language, person, role or "owner", "review" if role == "reviewer" else "specification")
        if role is None:
            here.project, here.notice = new_project(), refusal("see") if project else None
            self.let_in(here.project, person)
        self.tabs[_tab(request)] = here
        self._room(here).enter()
        return here

    def look(self, kept: dict[str, Any], request: Visitor) -> dict[Any, Any]:
        return self._moved(self._here(kept, request))

    def send(self, given: dict[str, Any], kept: dict[str, Any], request: Visitor) -> dict[Any, Any]:
        here = self._here(kept, request)
        text, files = str(given.get("text") or "").strip(), [Path(file) for file in given.get("files") or []]
        if not all(self.shelf.theirs(here.person, str(file)) for file in files):
            here.refused, here.talk, here.heard = NOT_SENT, -1, secrets.token_hex(4)
            return self._moved(here) | {self.face.box: self.update(value={"text": text, "files": []})}
        if not text and not files:
            return {self.face.timer: self.update()}
        sent = self._say(text, files, here)
        return self._moved(here) | ({self.face.box: self.update(value=None)} if sent else {})

    def talked(self, kept: dict[str, Any], request: Visitor, event: Pressed) -> dict[Any, Any]:
        """A button in the conversation was pressed."""
        here = self._here(kept, request)
        try:
            deed = Deed.model_validate(event._data)
        except ValidationError:
            return {self.face.timer: self.update()}
        if deed.act == "again" and here.role == "owner":
            self._room(here).again(int(deed.value[:9]) if deed.value.isdecimal() else -1, here.person)
        elif deed.act == "answer" and deed.value:
            self._say(deed.value, [], here, deed.fields.get("agreed", ""))
        return self._moved(here)

    def _say(self, text: str, files: list[Path], here: Here, agreed: str = "") -> bool:
        """Whether it was sent; where not, the conversation says why and the box keeps it."""
        here.refused, here.talk, here.heard = None, -1, secrets.token_hex(4)
        try:
            if here.role == "owner":
                self._room(here).say(text, files, here.person, agreed)
        except UserError as error:
            here.refused = error
        return here.refused is None

    def turn_to(self, tab: object, kept: dict[str, Any], request: Visitor) -> dict[Any, Any]:
        here = self._here(kept, request)
        there: list[Tab] = [one for _, one in board.tabs(self._look(here))] if here.role == "owner" else ["review"]
        here.tab, here.notice = next((one for one in there if one == tab), here.tab), None
        return {self.face.panel: self._panel(here)}

    def act(self, kept: dict[str, Any], request: Visitor, event: Pressed) -> dict[Any, Any]:
        """Something on the panel was pressed or filled in."""
        here = self._here(kept, request)
        room, here.notice = self._room(here), None
        try:
            with acting_as(here.person), boundary(words.ANSWERING):
                work = board.act(here.tab, self._look(here), Deed.model_validate(event._data))
            if work:
                room.beside(work, here.person)
        except ValidationError:
            pass  # nobody who presses what is drawn sends this
        except UserError as error:
            here.notice = error
        room.touch()
        return self._moved(here) | {self.face.panel: self._panel(here)}

    def speak(self, language: Language, kept: dict[str, Any], request: Visitor) -> dict[Any, Any]:
        here = self._here(kept, request)
        here.language = language
        if here.role == "owner":
            self._room(here).speak(language, here.person)
        return self._moved(here, everything=True)

    def _here(self, kept: dict[str, Any], request: Visitor) -> Here:
        """What the browser keeps is enough to go on, should the server have been restarted under an open page.

        Asked anew each time: who was a reviewer a minute ago may be none by now.
        """
        here = self.tabs.get(_tab(request))
        if here and self.let_in(here.project, here.person) == here.role:
            known = self.rooms.there(here.project)
            return here if known else self._come(here.project, here.language, request)
        before = Kept.model_validate(kept)
        return self._come(before.project, before.language, request)

    def _room(self, here: Here) -> Room:
        return self.rooms.room(here.project, here.language)

    def _worded(self, here: Here) -> dict[Any, Any]:
        said, face = here.language, self.face
        views = [(words.TALK_VIEW.to(said), "talk"), (words.WORK_VIEW.to(said), "work")]
        return {
            face.brand: brand_html(said),
            face.language: self.update(value=said, label=words.LANGUAGE.to(said)),
            face.person: self.update(value=sign_out_html(here.person, said), visible=bool(here.person)),
            face.view: self.update(choices=views, label=words.VIEW.to(said)),
            face.box: self.update(
                label=words.MESSAGE.to(said), placeholder=words.PLACEHOLDER.to(said), visible=here.role == "owner"
            ),
            face.kept: Kept(project=here.project, language=said).model_dump(),
        }

    def _moved(self, here: Here, everything: bool = False) -> dict[Any, Any]:
        """What the tab has not seen yet; nothing at all while nothing happens."""
        room, face = self._room(here), self.face
        if room.revision == here.talk and not everything:
            return {face.timer: self.update()}
        changed: dict[Any, Any] = {}
        with room.still:
            here.talk, busy = room.revision, room.busy
            if here.role == "owner" and room.language != here.language:
                here.language, everything = room.language, True
            changed[face.timer] = self.update(value=BUSY if busy else IDLE)
            changed[face.talk] = self._talk(room, here)
            if room.turned != here.turned and here.role == "owner":
                here.turned, here.tab = room.turned, board.tab_of(room.focus)
            there = [one for one in board.tabs(self._look(here)) if here.role == "owner" or one[1] == here.tab]
            changed[face.tabs] = self.update(choices=there, value=here.tab, label=words.PANEL.to(here.language))
            stamp = board.stamp(here.tab, room.drawn) + room.touched
        seen = (here.tab, stamp, board.growing(here.tab, self._look(here)))
        if seen != here.drawn or everything:
            here.drawn = seen
            changed[face.panel] = self._panel(here)
        if everything or not busy:
            changed[face.projects] = menu_html(self.listed(here.person), here.project, here.language)
        return changed | (self._worded(here) if everything else {})

    def _look(self, here: Here) -> Look:
        room, asked = self._room(here), here.asked.setdefault(here.tab, {})
        return Look(
            room.session,
            dict(room.panels),
            here.language,
            asked,
            here.person,
            link=partial(self.shelf.link, here.project),
            say=lambda text: room.say(text, (), here.person) if here.role == "owner" else None,
            edit=lambda field, text: room.edit(field, text, here.person) if here.role == "owner" else None,
        )

    def _panel(self, here: Here) -> str:
        return board.draw(here.tab, self._look(here), here.notice)

    def _talk(self, room: Room, here: Here) -> str:
        """The conversation is its owner's."""
        turns = room.turns if here.role == "owner" else []
        again = turns[-1] if turns and room.came_to_nothing(turns[-1]) else None
        drawn = Drawn(here.language, partial(self.shelf.link, here.project), room.question, again)
        return talk_html(turns, drawn, here.project, here.heard, here.refused)


def _tab(request: Visitor) -> tuple[str, str]:
    return str(request.username or ""), str(request.session_hash)


def new_project() -> str:
    return "chat-" + secrets.token_hex(6)
