"""Who may come in to the chat, and by which routes: one origin, people who signed in, and only what the page needs."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import orjson

from workspace.errors import UserError
from workspace.words import Language, Words

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from ui.door.shelf import Shelf
    from ui.door.sign_in import SignIn

PORT = re.compile(r":\d*$")
POLICY = (
    b"default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    b"style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; form-action 'self'; base-uri 'self'; object-src 'none'"
)
# A referrer would carry the project's name elsewhere; without any, a form's origin would be "null".
KEPT_HOME = [
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
]
# What the page needs of Gradio once it is open, and nothing else of it: a route that a newer one brings is shut.
OURS = {"/sign-in": {"GET", "HEAD", "POST"}, "/sign-out": {"POST"}, "/health": {"GET", "HEAD"}}
WITHOUT_NAME = frozenset({"/sign-in", "/health"})
READ = re.compile(
    r"/(theme\.css|favicon\.ico|(assets|static)/.+|offered/[\w-]+/[^/]+|gradio_api/(heartbeat/[\w-]+|file=.+))?"
)
SENT = re.compile(r"/gradio_api/(run/predict|upload)")
UPLOAD, FILE = "/gradio_api/upload", "/gradio_api/file="
MOST_AT_ONCE = 100 * 2**20
FRAMING = 2**20  # what stands around the files in a form, and more than any message needs
TOO_LARGE = Words("That is more than 100 MB at once.", "一次上传不能超过 100 MB。")
TOO_LARGE_FIX = Words(
    "Send fewer or smaller files: a part of the rows is enough to start with.",
    "请减少文件数量或大小：先上传一部分数据即可。",
)
CLOSE = Words("Close", "关闭")
ELSEWHERE = Words("This request came from another website.", "请求来自其他网站。")
ELSEWHERE_FIX = Words("Open the chat itself and do it there.", "请直接打开对话页面操作。")
NOBODY = Words("You are not signed in.", "您尚未登录。")
NOBODY_FIX = Words("Load the page again and sign in.", "请重新加载页面并登录。")
NOTHING = Words("There is nothing here.", "这里没有内容。")
NOTHING_FIX = Words("Go back to the chat.", "请返回对话页面。")


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
                message["headers"] = [*message.get("headers", []), *KEPT_HOME]
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


class SameOrigin:
    """No page of another site asks anything here, and nothing here speaks through a web socket.

    A browser says where a request comes from: over https and on this machine in Sec-Fetch-Site, elsewhere in Origin. To
    open a page from elsewhere is all that is allowed; programs say nothing.
    """

    def __init__(self, app: Served) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.requests import Request

        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http" and _from_elsewhere(Request(scope)):
            await refuse(Request(scope), 403, ELSEWHERE, ELSEWHERE_FIX)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _from_elsewhere(request: Request) -> bool:
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if request.method in ("GET", "HEAD") and request.headers.get("sec-fetch-mode", "navigate") == "navigate":
        return origin is not None and site is None and not _same(origin, request)
    if site:
        return site not in ("same-origin", "none")
    return origin is not None and not _same(origin, request)


def _same(origin: str, request: Request) -> bool:
    return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


class Door:
    """Lets through whoever signed in, to the routes that the page needs; `scope["person"]` says who it is."""

    def __init__(self, app: Served, sign_in: SignIn, shelf: Shelf) -> None:
        self.app, self.sign_in, self.shelf = app, sign_in, shelf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.requests import Request

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            person = self.sign_in.person(request)
        except UserError as error:
            await refuse(request, 503, error.problem, error.fix)(scope, receive, send)
            return
        if answer := self._refusal(request, person):
            await answer(scope, receive, send)
            return
        scope["person"] = person
        if scope["path"] == UPLOAD:
            send = self._noting(person or "", scope, send)
        await self.app(scope, receive, send)

    def _refusal(self, request: Request, person: str | None) -> Response | None:
        from starlette.responses import RedirectResponse

        path, method = request.scope["path"], request.method
        if person is None and path not in WITHOUT_NAME:
            if path == "/" and method == "GET":
                project = request.query_params.get("project", "")
                return RedirectResponse("sign-in" + (f"?project={quote(project, safe='')}" if project else ""), 303)
            return refuse(request, 401, NOBODY, NOBODY_FIX)
        reading = method in ("GET", "HEAD") and READ.fullmatch(path)
        if not (reading or (method == "POST" and SENT.fullmatch(path)) or method in OURS.get(path, ())):
            return refuse(request, 404, NOTHING, NOTHING_FIX)
        if path.startswith(FILE) and not self.shelf.theirs(person or "", path.removeprefix(FILE)):
            return refuse(request, 404, NOTHING, NOTHING_FIX)
        if method == "POST" and not _fits(request, path):
            return refuse(request, 413, TOO_LARGE, TOO_LARGE_FIX)
        return None

    def _noting(self, person: str, scope: Scope, send: Send) -> Send:
        """What was uploaded is theirs from when they are told its path: which must be readable here, so not packed."""
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        told, status = bytearray(), 0

        async def sending(message: Scope) -> None:
            nonlocal status
            status = message.get("status", status)
            told.extend(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body") and status == 200:
                self.shelf.take_in(person, orjson.loads(bytes(told)))
            await send(message)

        return sending


def _fits(request: Request, path: str) -> bool:
    """A browser says how much it sends; what says nothing is not let in to be counted."""
    given = request.headers.get("content-length", "")
    return given.isdecimal() and int(given) <= (MOST_AT_ONCE if path == UPLOAD else 0) + 4 * FRAMING


def refuse(request: Request, status: int, problem: Words, fix: Words) -> Response:
    from starlette.responses import PlainTextResponse

    said: Language = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
    return PlainTextResponse(f"{problem.to(said)} {fix.to(said)}", status)


def page_head() -> str:
    """What the page itself tells before the server would have to."""
    said = {language: [text.to(language) for text in (TOO_LARGE, TOO_LARGE_FIX, CLOSE)] for language in ("en", "zh")}
    known = orjson.dumps({"most": MOST_AT_ONCE, "words": said}).decode()
    script = (Path(__file__).parent / "door.js").read_text(encoding="utf-8")
    return f"<script>window.tunesmith = {known};\n{script}</script>"


def guarded(app: Served, host: str, sign_in: SignIn, shelf: Shelf) -> Served:
    """On loopback also no other host name: a web page elsewhere could point its own name at this machine."""
    inside = SameOrigin(Door(app, sign_in, shelf))
    return StayHome(KnownHost(inside, known_hosts(host)) if is_loopback(host) else inside)
