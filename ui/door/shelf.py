"""Whose a file is that passes through the chat: what is offered to download, and what somebody dropped into it."""

from __future__ import annotations

import secrets
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from agent import rights

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


class Shelf:
    """One that is offered has an address nobody can guess, and is for whoever may see its project; one that was sent is
    for those who sent it. The home folder itself is never served."""

    def __init__(self, folder: Path) -> None:
        self.home, self.folder = folder.parent, folder
        self._offered: dict[str, tuple[str, Path]] = {}
        self._links: dict[tuple[str, str], str] = {}
        self._sent: dict[str, Counter[str]] = {}

    def link(self, project: str, path: str) -> str:
        source = Path(path)
        if not source.is_file():
            return "#"
        if (project, path) not in self._links:
            token = secrets.token_urlsafe(16)
            self._offered[token] = (project, source)
            self._links[project, path] = f"offered/{token}/{quote(source.name)}"
        return self._links[project, path]

    def offered(self, token: str, person: str) -> Path | None:
        project, path = self._offered.get(token, ("", Path()))
        return path if rights.role_in(self.home, project, person) == "owner" and path.is_file() else None

    def take_in(self, person: str, paths: list[str]) -> None:
        for path in paths:
            self._sent.setdefault(path, Counter())[person] += 1

    def theirs(self, person: str, path: str) -> bool:
        return self._sent.get(path, Counter())[person] > 0

    def received(self, person: str, paths: Sequence[Path]) -> None:
        """The project has its own copy: gone, unless somebody dropped the same once more and has yet to send it."""
        for path in paths:
            waiting = self._sent.get(str(path), Counter())
            waiting[person] -= 1
            if waiting.total() <= 0 and self._sent.pop(str(path), None) is not None:
                path.unlink(missing_ok=True)

    def clear(self) -> None:
        """What lies here was left by another run of the server, which nobody remembers."""
        shutil.rmtree(self.folder, ignore_errors=True)

    async def hand_out(self, request: Request) -> Response:
        from starlette.responses import FileResponse, PlainTextResponse

        path = self.offered(request.path_params["token"], request.scope["person"])
        if path is None:
            return PlainTextResponse("", 404)
        kind = "application/octet-stream"  # to keep, never to show: it may hold anything
        return FileResponse(path, filename=path.name, media_type=kind, headers={"cache-control": "no-store"})
