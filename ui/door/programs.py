"""Who may ask from a program: a key beyond loopback, and on it no other name of this machine and no web page."""

from __future__ import annotations

import hmac
import ipaddress
import socket
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.requests import Request as Heard
from starlette.responses import JSONResponse, Response

from ui import words
from ui.door.guard import KnownHost, is_loopback, known_hosts
from workspace.errors import UserError
from workspace.settings import settings
from workspace.words import Language, Words

if TYPE_CHECKING:
    from pydantic import SecretStr
    from starlette.types import ASGIApp, Receive, Scope, Send


class Refused(Exception):
    """A reply in the shape of OpenAI's errors."""

    def __init__(self, status: int, said: Words, code: str, param: str | None = None) -> None:
        super().__init__(said.en)
        self.status, self.said, self.code, self.param = status, said, code, param


def key_for(host: str) -> SecretStr | None:
    """What askers must show; None where only this machine can ask. Raises UserError beyond loopback without one."""
    key = settings().api_door_key
    if key is None and not is_loopback(host):
        raise UserError(Words(words.NO_KEY.en.format(host=host), words.NO_KEY.zh.format(host=host)), words.NO_KEY_FIX)
    return key


def listen(host: str, port: int) -> socket.socket:
    """Raises UserError where that can't be had."""
    try:
        version = 4 if host == "localhost" else ipaddress.ip_address(host).version
        return socket.create_server((host, port), family=socket.AF_INET6 if version == 6 else socket.AF_INET)
    except (OSError, OverflowError, ValueError) as error:
        given = f"{host}:{port}"
        raise UserError(
            Words(words.PORT_TAKEN.en.format(port=given), words.PORT_TAKEN.zh.format(port=given)), words.PORT_TAKEN_FIX
        ) from error


def guards(host: str, key: SecretStr | None, language: Language) -> list[Middleware]:
    """What stands before an application that programs ask."""
    if key:
        return [Middleware(Guard, key=key, language=language)]
    if not is_loopback(host):
        return []
    return [Middleware(KnownHost, allowed=known_hosts(host)), Middleware(NoPages, language=language)]


class NoPages:
    """Where no key is asked for: no page of another site may ask. Browsers say who does; programs say nothing."""

    def __init__(self, app: ASGIApp, language: Language) -> None:
        self.app, self.language = app, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Heard(scope)
            if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
                wrong = Refused(403, words.NO_PAGES, "forbidden")
                await refusal(request, wrong, self.language)(scope, receive, send)
                return
        await self.app(scope, receive, send)


class Guard:
    """Asks everybody for the key, in constant time, before a byte of the message is read."""

    def __init__(self, app: ASGIApp, key: SecretStr, language: Language) -> None:
        self.app, self.key, self.language = app, key.get_secret_value().encode(), language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/health":
            await self.app(scope, receive, send)
            return
        request = Heard(scope)
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode("latin-1"), self.key)
        if right and kind.lower() == "bearer":
            await self.app(scope, receive, send)
        else:
            wrong = Refused(401, words.WRONG_KEY, "invalid_api_key")
            await refusal(request, wrong, self.language)(scope, receive, send)


def refusal(request: Heard, error: Refused, language: Language) -> Response:
    return JSONResponse(error_body(request, error, language), error.status)


def error_body(request: Heard, error: Refused, language: Language) -> dict[str, object]:
    """In the language that the asker reads, else in that of whoever serves."""
    wanted = request.headers.get("accept-language", "").lower()
    text = error.said.to("zh" if wanted.startswith("zh") else language)
    kind = "server_error" if error.status >= 500 else "invalid_request_error"
    return {"error": {"message": text, "type": kind, "param": error.param, "code": error.code}}
