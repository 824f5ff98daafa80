"""The way in: a small page that asks for name and password, and the cookie that remembers who answered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict
from urllib.parse import parse_qsl, quote

from anyio import CapacityLimiter, to_thread

from ui.door.tries import Tries
from ui.door.visits import WEEK, Visits
from ui.page.layout import MARK, style
from ui.words import TAGLINE, TITLE
from workspace.errors import UserError
from workspace.people import People, folded
from workspace.words import Language, Words

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection, Request
    from starlette.responses import Response

MOST_BYTES, LONGEST_NAME = 16_000, 200
AT_ONCE = 2  # each takes 32 MiB and a core for a while
WELCOME = Words("Sign in", "登录")
NAME = Words("Name", "用户名")
PASSWORD = Words("Password", "密码")
SIGN_OUT = Words("Sign out", "退出登录")
WRONG = UserError(
    Words("This name and this password don't belong together.", "用户名与密码不匹配。"),
    Words("Check both; whoever runs this server can set a new password.", "请核对后重试；服务器管理员可以重设密码。"),
)
WAIT = Words("Too many tries in a row.", "尝试次数过多。")
WAIT_FIX = Words("Wait {n} s, then try again.", "请等待 {n} 秒后再试。")
TOO_LONG = UserError(
    Words("That is no sign-in form.", "这不是有效的登录表单。"), Words("Load the page again.", "请重新加载页面。")
)
DARK = "if (matchMedia('(prefers-color-scheme: dark)').matches) document.documentElement.classList.add('dark')"


class StrictCookie(TypedDict):
    httponly: bool
    samesite: Literal["strict"]
    secure: bool
    path: str


class SignIn:
    """`asked` says whether anybody has to sign in: not on this machine's own address while there are no users."""

    def __init__(self, home: Path, always: bool) -> None:
        self.people = People(home)
        self.visits, self.tries, self._always = Visits(home, self.people), Tries(), always
        self._places = CapacityLimiter(AT_ONCE)

    @property
    def asked(self) -> bool:
        return self._always or bool(self.people.names())

    def person(self, connection: HTTPConnection) -> str | None:
        """Who is asking: "" is the account of this machine, None is nobody that we know."""
        if not self.asked:
            return ""
        token = connection.cookies.get(cookie_name(connection))
        return self.visits.person(token) if token else None

    async def page(self, request: Request) -> Response:
        from starlette.responses import HTMLResponse, RedirectResponse

        if self.person(request) is not None:
            return RedirectResponse(_back(request.query_params.get("project", "")), 303)
        if request.headers.get("sec-fetch-site") == "cross-site":
            # Behind a link on another site a strict cookie is not sent; from this page on it is.
            return HTMLResponse('<meta http-equiv="refresh" content="0">')
        return _page(request, None)

    async def enter(self, request: Request) -> Response:
        from starlette.responses import RedirectResponse

        fields = await _fields(request)
        if fields is None:
            return _page(request, TOO_LONG, 413)
        name, password = folded(fields.get("name", "")[:LONGEST_NAME]), fields.get("password", "")
        address = request.client.host if request.client else ""
        if wait := self.tries.begin(name, address):
            return _waiting(request, fields, wait)
        try:
            right = await to_thread.run_sync(self.people.check, name, password, limiter=self._places)
            if not right:
                return _page(request, WRONG, 401, fields)
            self.tries.succeeded(name, address)
            token = self.visits.begin(name)
        except UserError as error:
            return _page(request, error, 503, fields)
        answer = RedirectResponse(_back(fields.get("project", "")), 303)
        answer.set_cookie(cookie_name(request), token, int(WEEK), **_strict(request))
        return answer

    async def leave(self, request: Request) -> Response:
        from starlette.responses import RedirectResponse

        answer: Response
        try:
            self.visits.end(request.cookies.get(cookie_name(request), ""))
            answer = RedirectResponse("sign-in", 303)
        except UserError as error:
            answer = _page(request, error, 503)
        answer.delete_cookie(cookie_name(request), **_strict(request))
        return answer


def cookie_name(connection: HTTPConnection) -> str:
    """Cookies don't know ports, and this machine may serve two homes."""
    server = connection.scope.get("server") or ("", "")
    return f"tunesmith-{server[1]}"


def _strict(request: Request) -> StrictCookie:
    behind = request.headers.get("x-forwarded-proto", request.url.scheme).split(",")[0].strip()
    return {"httponly": True, "samesite": "strict", "secure": behind == "https", "path": "/"}


def _back(project: str) -> str:
    """To the chat, never elsewhere: only the project's name is taken from outside."""
    return f"./?project={quote(project, safe='')}" if project else "./"


async def _fields(request: Request) -> dict[str, str] | None:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=8))
    except ValueError:
        return None


def _waiting(request: Request, fields: dict[str, str], seconds: float) -> Response:
    n = math.ceil(seconds)
    error = UserError(WAIT, Words(WAIT_FIX.en.format(n=n), WAIT_FIX.zh.format(n=n)))
    answer = _page(request, error, 429, fields)
    answer.headers["retry-after"] = str(n)
    return answer


def _page(
    request: Request, error: UserError | None, status: int = 200, fields: Mapping[str, str] | None = None
) -> Response:
    from starlette.responses import HTMLResponse

    given = fields or request.query_params
    spoken = request.headers.get("accept-language", "").lower()
    said: Language = "zh" if given.get("language", spoken[:2]) == "zh" else "en"
    text = page_html(said, given.get("name", "")[:LONGEST_NAME], given.get("project", "")[:LONGEST_NAME], error)
    return HTMLResponse(text, status, headers={"cache-control": "no-store"})


def own_style() -> str:
    return (Path(__file__).parent / "door.css").read_text(encoding="utf-8")


def page_html(said: Language, name: str, project: str, error: UserError | None) -> str:
    other: Language = "en" if said == "zh" else "zh"
    told = ""
    if error:
        problem, fix = error.to(said)
        told = f'<div class="tm-failed" role="alert" id="told"><b>{escape(problem)}</b><p>{escape(fix)}</p></div>'
    elsewhere = f"sign-in?language={other}&project={quote(project, safe='')}"
    wrong = ' aria-describedby="told" aria-invalid="true"' if error else ""
    first, second = (" autofocus", "") if not name else ("", " autofocus")
    return f"""<!doctype html>
<html lang="{"zh-CN" if said == "zh" else "en"}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(WELCOME.to(said))} · {escape(TITLE.to(said))}</title>
<link rel="icon" href="data:,"><style>{style() + own_style()}</style><script>{DARK}</script></head>
<body class="gradio-container tm-door"><main>
<header><h1>{MARK}{escape(TITLE.to(said))}</h1>
<a href="{escape(elsewhere)}" lang="{other}" hreflang="{other}">{"中文" if other == "zh" else "English"}</a></header>
<p class="tm-tagline">{escape(TAGLINE.to(said))}</p>{told}
<form method="post" action="sign-in">
<input type="hidden" name="language" value="{said}"><input type="hidden" name="project" value="{escape(project)}">
<label for="name">{escape(NAME.to(said))}</label>
<input id="name" name="name" value="{escape(name)}" required maxlength="64" autocomplete="username"
 autocapitalize="none" spellcheck="false"{wrong}{first}>
<label for="password">{escape(PASSWORD.to(said))}</label>
<input id="password" name="password" type="password" required autocomplete="current-password"{wrong}{second}>
<button class="tm-button tm-primary">{escape(WELCOME.to(said))}</button>
</form></main></body></html>"""


def sign_out_html(person: str, language: Language) -> str:
    """Who is signed in, and the way out; nothing where nobody has to."""
    if not person:
        return ""
    return (
        f'<form method="post" action="sign-out"><span>{escape(person)}</span>'
        f'<button class="tm-button">{escape(SIGN_OUT.to(language))}</button></form>'
    )
