"""A chat that is served, and people who come to it without a browser: they send what the page would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.ui.recorded import Recorded
from ui.chat import build_app, launch
from ui.door.sign_in import SignIn
from workspace.people import People
from workspace.settings import quiet_libraries

WORD = "open sesame 芝麻"


class Place:
    """A served chat; every user has the same password. `opened` are the sessions by project."""

    def __init__(self, home: Path, *names: str) -> None:
        quiet_libraries()
        self.home, self.people = home, People(home)
        for name in names:
            self.people.add(name, WORD)
        self.opened: dict[str, Recorded] = {}
        self.chat = build_app(self._session, home / "chat-files")
        self.url = launch(self.chat, "127.0.0.1", None)

    def door(self) -> SignIn:
        """What stands between the server and the page."""
        assert self.chat.server
        app: Any = self.chat.server.config.app
        while not hasattr(app, "sign_in"):
            app = app.app
        found: SignIn = app.sign_in
        return found

    def _session(self, project: str) -> Recorded:
        self.opened[project] = Recorded(self.home / "recorded" / project)
        return self.opened[project]

    def visitor(self, name: str = "") -> Visitor:
        made = Visitor(self, name)
        if name:
            assert made.sign_in().status_code == 303
        return made


class Visitor:
    """`kept` is what the browser remembers, `session` what the page calls its tab."""

    def __init__(self, place: Place, name: str) -> None:
        self.place, self.name, self.session = place, name, f"tab{id(self)}"
        self.kept = {"project": "", "language": "en"}
        self.http = httpx.Client(base_url=place.url, trust_env=False, timeout=60)

    def sign_in(self, password: str = WORD, **fields: str) -> httpx.Response:
        return self.http.post("sign-in", data={"name": self.name, "password": password, **fields})

    def does(self, handler: str, *given: object, address: str = "", event: object = None) -> httpx.Response:
        """What pressing or typing sets off: the handler of that name."""
        number, block = next(
            (number, block)
            for number, block in self.place.chat.blocks.fns.items()
            if getattr(block.fn, "__name__", "") == handler
        )
        data = [*given, *([self.kept] if block.inputs else [])]
        body = {"fn_index": number, "data": data, "session_hash": self.session, "event_data": event}
        return self.http.post(f"gradio_api/run/predict{address}", json=body)

    def upload(self, name: str, content: bytes = b"text\n") -> httpx.Response:
        return self.http.post("gradio_api/upload", files={"files": (name, content)})
