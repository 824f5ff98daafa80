"""Who may come in to the chat, and what may go out: loopback, password, one origin, no other request."""

from __future__ import annotations

import hmac
import ipaddress
import os
import re
import secrets
import shutil
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ui import words
from workspace.errors import UserError
from workspace.settings import settings
from workspace.words import Words

PORT = re.compile(r":\d*$")
POLICY = (
    b"default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    b"style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; form-action 'self'"
)


def sign_in(host: str) -> Callable[[str, str], bool] | None:
    """What checks name and password; None where nobody else can come. Raises UserError beyond loopback without one."""
    password = settings().password
    if password is None:
        if is_loopback(host):
            return None
        raise UserError(
            Words(words.NO_PASSWORD.en.format(host=host), words.NO_PASSWORD.zh.format(host=host)), words.NO_PASSWORD_FIX
        )
    secret = password.get_secret_value().encode()
    return lambda _, given: hmac.compare_digest(given.encode(), secret)


def bypass_proxy() -> None:
    """Gradio asks its own address whether it is up, and a proxy of the environment would answer in its place."""
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1", "localhost")))


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
Served = Callable[[Scope, Receive, Send], Awaitable[None]]


class StayHome:
    """Tells the browser to ask nobody else for anything, whatever a library or a message would load."""

    def __init__(self, app: Served) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Scope) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"content-security-policy", POLICY)]
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)


class KnownHost:
    """Refuses every other name in the Host header. Starlette's own cuts at the first colon, and so knows no IPv6."""

    def __init__(self, app: Served, allowed: frozenset[str]) -> None:
        self.app, self.allowed = app, allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.responses import PlainTextResponse

        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(given) == 1 and PORT.sub("", given[0].lower()) in self.allowed:
            await self.app(scope, receive, send)
        else:
            await PlainTextResponse("Invalid host header", status_code=400)(scope, receive, send)


def known_hosts(host: str) -> frozenset[str]:
    """As a Host header names this machine, without the port: in square brackets where it is IPv6."""
    return frozenset({"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host.lower()})


def middleware(host: str) -> list[Any]:
    """On loopback also no other host name: a web page elsewhere could point its own name at this machine."""
    from starlette.middleware import Middleware

    names = [Middleware(KnownHost, allowed=known_hosts(host))] if is_loopback(host) else []
    return [Middleware(StayHome), *names]


class Shelf:
    """Files offered for download are copied under a name nobody can guess: the home folder itself is never served."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "offered"
        self._offered: dict[tuple[str, float], str] = {}

    def link(self, project: str, path: str) -> str:
        source = Path(path)
        if not source.is_file():
            return "#"
        key = (path, source.stat().st_mtime)
        if key not in self._offered:
            target = self.folder / secrets.token_urlsafe(16) / source.name
            target.parent.mkdir(parents=True)
            shutil.copyfile(source, target)
            self._offered[key] = "gradio_api/file=" + quote(str(target))
        return self._offered[key]
