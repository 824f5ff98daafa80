"""Slack's door: what may come in by HTTP or Socket Mode, verified and safe on disk before it is acknowledged."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from ui import words
from ui.channel.inbox import Heard, Inbox
from ui.channel.mentions import Bot, pressed, spoken
from ui.render import put
from workspace.errors import UserError
from workspace.settings import Slack, settings
from workspace.words import Language, Words

if TYPE_CHECKING:
    from slack_bolt import BoltResponse
    from slack_bolt.async_app import AsyncApp
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from ui.channel.threads import Clerk

log = logging.getLogger("tunesmith")

PORT, ROUTE = 3000, "/slack/events"
MOST_BYTES = 1_000_000
FRESH = 5 * 60  # seconds, as Slack's own guide has it
STAMP, SIGNATURE = re.compile(r"[0-9]{1,12}"), re.compile(r"v0=[0-9a-f]{64}")
# Bolt reads what it is sent without looking twice: this is what a body of another shape raises in it.
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
# What docs/slack-manifest.yaml asks for; a test compares the two.
EVENTS = ("app_mention", "message.channels", "message.groups", "message.im")
SCOPES = (
    *("app_mentions:read", "channels:history", "chat:write", "files:read", "files:write", "groups:history"),
    "im:history",
)


class Verifier:
    """By signature, age and novelty. A retry says that it is one, and has no second effect."""

    def __init__(self, secret: str) -> None:
        from slack_sdk.signature import SignatureVerifier

        self._verifier = SignatureVerifier(secret)
        self._seen: dict[str, float] = {}

    def holds(self, headers: Mapping[str, str], body: bytes) -> bool:
        stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        if not STAMP.fullmatch(stamp) or not SIGNATURE.fullmatch(signature):
            return False
        try:
            valid = self._verifier.is_valid(body.decode(), stamp, signature)
        except UnicodeDecodeError:
            return False
        return valid and (self._new(signature) or "x-slack-retry-num" in headers)

    def _new(self, signature: str) -> bool:
        now = time.monotonic()
        for old in [seen for seen, at in self._seen.items() if now - at > 2 * FRESH]:
            del self._seen[old]
        return self._seen.setdefault(signature, now) == now


def bolt(inbox: Inbox, clerk: Clerk, bot: Bot, slack: Slack) -> AsyncApp:
    """Slack's own framework around the two things we listen to; all else is acknowledged and has no effect."""
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.authorization import AuthorizeResult
    from slack_sdk.web.async_client import AsyncWebClient

    async def authorize() -> AuthorizeResult:
        token = slack.bot_token.get_secret_value() if slack.bot_token else None
        return AuthorizeResult(enterprise_id=None, team_id=bot.team, bot_user_id=bot.user, bot_token=token)

    app = AsyncApp(
        client=AsyncWebClient(base_url=slack.api_url),
        signing_secret=slack.signing_secret.get_secret_value() if slack.signing_secret else "",
        authorize=authorize,
        request_verification_enabled=False,  # the door has done it, and remembers what it let in
        process_before_response=True,
        raise_error_for_unhandled_request=True,
    )

    async def keep(heard: Heard, to_us: bool) -> None:
        if await asyncio.wrap_future(inbox.keep(heard, starts=to_us)):
            clerk.take(heard)

    @app.event(re.compile(""))
    async def on_event(body: dict[str, Any]) -> None:
        if found := spoken(body, bot):
            await keep(*found)

    @app.action(re.compile(""))
    async def on_press(ack: Any, body: dict[str, Any]) -> None:
        if found := pressed(body, bot):
            await keep(found, False)
        await ack()

    app.error(_unheard)
    return app


async def _unheard(error: Exception) -> BoltResponse:
    from slack_bolt import BoltResponse
    from slack_bolt.error import BoltUnhandledRequestError

    if isinstance(error, BoltUnhandledRequestError):
        return BoltResponse(status=200, body="")
    log.error("an event was not kept", exc_info=error)
    return BoltResponse(status=400 if isinstance(error, UNREADABLE) else 503, body="")  # it is sent again later


def door(app: AsyncApp, verifier: Verifier) -> Starlette:
    """POST /slack/events, for events and buttons alike."""
    from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
    from starlette.applications import Starlette
    from starlette.requests import ClientDisconnect
    from starlette.responses import Response
    from starlette.routing import Route

    handler = AsyncSlackRequestHandler(app)

    async def enter(request: Request) -> Response:
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        if not verifier.holds(request.headers, body):
            return Response(status_code=401)
        if not _readable(body, request.headers.get("content-type", "")):
            return Response(status_code=400)
        try:
            return await handler.handle(request)
        except UNREADABLE:
            log.info("an event of another shape was left alone")
            return Response(status_code=400)

    return Starlette(routes=[Route(ROUTE, enter, methods=["POST"])])


async def _body(request: Request) -> bytes | None:
    """None if it is too large; then no more of it is read."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:12]) > MOST_BYTES:
        return None
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > MOST_BYTES:
            return None
    request._body = bytes(read)  # Bolt's handler asks the request for it once more
    return request._body


def _readable(body: bytes, content_type: str) -> bool:
    """Whether Bolt will find an object in it: it looks for one without doubting."""
    try:
        text = body.decode()
        if not text.startswith("{") and "json" not in content_type:
            text = parse_qs(text).get("payload", ["{}"])[0]
        return isinstance(orjson.loads(text), dict)
    except ValueError:
        return False


def check(*, over_socket: bool) -> None:
    """Raises UserError where a token is missing."""
    slack = settings().slack
    socket_mode = _over_socket_mode(slack, over_socket)
    needs = {"SLACK_BOT_TOKEN": slack.bot_token}
    needs |= {"SLACK_APP_TOKEN": slack.app_token} if socket_mode else {"SLACK_SIGNING_SECRET": slack.signing_secret}
    for name, value in needs.items():
        if value is None:
            raise UserError(_filled(words.NO_SLACK, name=name), words.NO_SLACK_FIX)


def serve(home: Path, host: str, port: int | None, language: Language, *, over_socket: bool) -> None:
    """Until it is stopped; the caller holds the home. Raises UserError without tokens, where Slack doesn't let us in,
    and where the port is taken."""
    check(over_socket=over_socket)
    slack = settings().slack
    # The port before anything is begun: work that goes on would hold a process that nobody can reach.
    listening = None if _over_socket_mode(slack, over_socket) else _listening(host, port)
    clerk, app = put_together(home, slack)
    try:
        if listening is None:
            _try_socket(slack)
            served = _over_socket(app, slack, language)
        else:
            served = _over_http(app, slack, listening, language)
        clerk.start()
        asyncio.run(served)
    except KeyboardInterrupt:
        # As after a kill, what is under way goes on at the next start. To end its threads in order would be to
        # wait for a training, or to make a failure of it.
        put(sys.stderr, "\n" + words.STOPPED.to(language))
        logging.shutdown()
        os._exit(130)
    finally:
        clerk.end()


def _over_socket_mode(slack: Slack, wanted: bool) -> bool:
    return wanted or slack.app_token is not None


def put_together(home: Path, slack: Slack) -> tuple[Clerk, AsyncApp]:
    """Whoever works on what is said, and what hears it."""
    from slack_sdk import WebClient

    from ui.channel.attachments import Fetcher
    from ui.channel.posts import Postman
    from ui.channel.threads import Clerk

    token = slack.bot_token.get_secret_value() if slack.bot_token else ""
    client = WebClient(token, base_url=slack.api_url, retry_handlers=[])
    bot = _bot(client, slack)
    inbox = Inbox(home / "slack.sqlite")
    fetcher = Fetcher(token, slack.api_url, home / "slack-files")
    clerk = Clerk(home, inbox, Postman(inbox, client), fetcher, slack.approvers)
    return clerk, bolt(inbox, clerk, bot, slack)


def _bot(client: Any, slack: Slack) -> Bot:
    with _let_in():
        told = client.auth_test()
    bot = Bot(str(told["team_id"]), str(told["user_id"]))
    if slack.team and slack.team != bot.team:
        raise UserError(_filled(words.OTHER_TEAM, found=bot.team, wanted=slack.team), words.OTHER_TEAM_FIX)
    return bot


@contextmanager
def _let_in() -> Iterator[None]:
    from slack_sdk.errors import SlackApiError

    try:
        yield
    except SlackApiError as error:
        raise UserError(_filled(words.SLACK_REFUSED, why=error.response["error"]), words.SLACK_REFUSED_FIX) from error
    except OSError as error:
        raise UserError(_filled(words.SLACK_REFUSED, why=str(error)), words.SLACK_REFUSED_FIX) from error


def _try_socket(slack: Slack) -> None:
    """Bolt tries a wrong token again and again without a word."""
    from slack_sdk import WebClient

    assert slack.app_token is not None
    client = WebClient(base_url=slack.api_url, retry_handlers=[])
    with _let_in():
        client.apps_connections_open(app_token=slack.app_token.get_secret_value())


def _filled(told: Words, **given: str) -> Words:
    return Words(told.en.format(**given), told.zh.format(**given))


def _listening(host: str, port: int | None) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, PORT if port is None else port), family=family, backlog=2048)
    except OSError as error:
        raise UserError(_filled(words.PORT_TAKEN, port=str(port or PORT)), words.PORT_TAKEN_FIX) from error


async def _over_http(app: AsyncApp, slack: Slack, listening: socket.socket, language: Language) -> None:
    import uvicorn

    assert slack.signing_secret is not None
    served = door(app, Verifier(slack.signing_secret.get_secret_value()))
    host, port = listening.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}{ROUTE}"
    config = uvicorn.Config(served, log_config=None, access_log=False, timeout_graceful_shutdown=3)
    put(sys.stdout, words.SLACK_AT.to(language).format(url=url))
    await uvicorn.Server(config).serve([listening])


async def _over_socket(app: AsyncApp, slack: Slack, language: Language) -> None:
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

    assert slack.app_token is not None
    put(sys.stdout, words.SLACK_SOCKET.to(language))
    await AsyncSocketModeHandler(app, slack.app_token.get_secret_value()).start_async()  # type: ignore[no-untyped-call]
