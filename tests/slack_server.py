"""Slack played over real HTTP: its Web API as far as we call it, events signed with the secret, faults on demand."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
import orjson
from aiohttp import WSMsgType, web

# A status to answer with, or the connection ends after the thing was done.
Fault = int | Literal["drop"]
TEAM, BOT, CHANNEL, OWNER = "T1DC2JH3J", "UBOT00001", "C2147483705", "U2CERLKJA"
OTHER, BOSS = "U0OTHER01", "U0BOSS001"  # BOSS may order in every thread


@dataclass
class Message:
    """One message in a channel as everybody sees it."""

    channel: str
    ts: str
    thread_ts: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    sent: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return str(self.metadata.get("event_payload", {}).get("key", ""))

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [button for block in self.blocks if block["type"] == "actions" for button in block["elements"]]

    @property
    def drawn(self) -> str:
        """All that its blocks say."""
        return orjson.dumps(self.blocks).decode()


@dataclass
class Workspace:
    """`said` is what was posted and what it came to, `updated` and `whispered` every such call; `faults` by method."""

    secret: str = "8f742231b10e8888abcd99yyyzzz85a5"
    token: str = "xoxb-played"
    app_token: str = "xapp-played"
    said: list[Message] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    whispered: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    offered: dict[str, bytes | str] = field(default_factory=dict)  # a file's bytes, or where it redirects to
    asked: list[tuple[str, str]] = field(default_factory=list)  # (path, token) of each download
    acknowledged: list[str] = field(default_factory=list)  # envelopes of Socket Mode
    url: str = ""
    _uploads: dict[str, bytes] = field(default_factory=dict)
    _sockets: list[web.WebSocketResponse] = field(default_factory=list)
    _numbers: Any = field(default_factory=itertools.count)
    _loop: asyncio.AbstractEventLoop | None = None
    _runner: web.AppRunner | None = None

    def start(self) -> Workspace:
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        ready.wait(10)
        return self

    def stop(self) -> None:
        if self._loop is not None and self._runner is not None:
            asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)

    def environment(self) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": self.token,
            "SLACK_SIGNING_SECRET": self.secret,
            "SLACK_API_URL": f"{self.url}/api/",
        }

    def _run(self, ready: threading.Event) -> None:
        loop = self._loop = asyncio.new_event_loop()
        loop.run_until_complete(self._listen())
        ready.set()
        loop.run_forever()

    async def _listen(self) -> None:
        app = web.Application(client_max_size=2**27)
        app.router.add_post("/api/{method}", self._called)
        app.router.add_post("/upload/{id}", self._uploaded)
        app.router.add_get("/files/{name}", self._downloaded)
        app.router.add_get("/socket", self._connected)
        runner = self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=512).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"

    # what Slack sends

    def ts(self) -> str:
        return f"{int(time.time())}.{next(self._numbers) % 1_000_000:06d}"

    def signed(self, body: bytes, at: float | None = None) -> dict[str, str]:
        stamp = str(int(time.time() if at is None else at))
        digest = hmac.new(self.secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    def spoken(self, text: str, thread: str = "", kind: str = "app_mention", **more: Any) -> dict[str, Any]:
        """The body of an event; `thread` is the first message's ts."""
        ts = more.pop("ts", None) or self.ts()
        event = {"type": kind, "channel": CHANNEL, "user": OWNER, "text": text, "ts": ts, "team": TEAM, **more}
        if thread:
            event["thread_ts"] = thread
        id = f"Ev{hashlib.sha256((kind + ts).encode()).hexdigest()[:9].upper()}"
        return {"type": "event_callback", "team_id": TEAM, "event_id": id, "event": event}

    def press(self, message: Message, button: dict[str, Any], user: str = OWNER, at: str = "") -> dict[str, Any]:
        container = {"message_ts": message.ts, "channel_id": message.channel, "thread_ts": message.thread_ts}
        action = {"action_id": button["action_id"], "value": button["value"], "action_ts": at or self.ts()}
        return {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "container": {"type": "message", **container},
            "actions": [{"type": "button", "block_id": "b", **action}],
        }

    def deliver(self, url: str, body: dict[str, Any], retry: int = 0) -> int:
        """The status with which it was acknowledged."""
        data, headers = encoded(body)
        headers |= self.signed(data)
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        return httpx.post(url, content=data, headers=headers, timeout=30).status_code

    def over_socket(self, body: dict[str, Any], envelope: str) -> None:
        kind = "interactive" if body["type"] == "block_actions" else "events_api"
        wrapped = {"envelope_id": envelope, "type": kind, "payload": body, "accepts_response_payload": False}
        assert self._loop is not None
        sending = self._sockets[-1].send_str(orjson.dumps(wrapped).decode())
        asyncio.run_coroutine_threadsafe(sending, self._loop).result(5)

    @property
    def connected(self) -> bool:
        return bool(self._sockets)

    def posts(self, thread: str) -> list[Message]:
        return [message for message in self.said if message.thread_ts == thread]

    # what it answers

    async def _called(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls.append(method)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != (self.app_token if method == "apps.connections.open" else self.token):
            return web.json_response({"ok": False, "error": "invalid_auth"})
        fault = self.faults[method].popleft() if self.faults.get(method) else None
        if fault == 429:
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})
        if isinstance(fault, int):
            return web.Response(text="trouble", status=fault)
        given = await _given(request)
        answer = getattr(self, "_" + method.replace(".", "_"))(given)
        if fault == "drop" and request.transport is not None:
            request.transport.close()
        return web.json_response({"ok": True, **answer} if "error" not in answer else {"ok": False, **answer})

    def _auth_test(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"team_id": TEAM, "user_id": BOT, "bot_id": "B1"}

    def _chat_postMessage(self, given: dict[str, Any]) -> dict[str, Any]:
        if wrong := _too_much(given):
            return {"error": wrong}
        message = Message(
            given["channel"],
            self.ts(),
            given.get("thread_ts", ""),
            given["text"],
            given.get("blocks", []),
            given.get("metadata", {}),
            sent=given,
        )
        self.said.append(message)
        return {"ts": message.ts, "channel": message.channel}

    def _chat_update(self, given: dict[str, Any]) -> dict[str, Any]:
        if wrong := _too_much(given):
            return {"error": wrong}
        self.updated.append(given)
        for message in self.said:
            if message.ts == given["ts"]:
                message.text, message.blocks = given["text"], given.get("blocks", [])
                return {"ts": message.ts}
        return {"error": "message_not_found"}

    def _chat_postEphemeral(self, given: dict[str, Any]) -> dict[str, Any]:
        self.whispered.append(given)
        return {"message_ts": self.ts()}

    def _conversations_replies(self, given: dict[str, Any]) -> dict[str, Any]:
        """A page of two, so that more than one has to be read."""
        start = int(given.get("cursor") or 0)
        found = [m for m in self.said if m.channel == given["channel"] and m.thread_ts == given["ts"]]
        shown = [
            {"ts": m.ts, "text": m.text, "files": m.files}
            | ({"metadata": m.metadata} if given.get("include_all_metadata") in (True, "1", "true", "True") else {})
            for m in found[start : start + 2]
        ]
        cursor = str(start + 2) if start + 2 < len(found) else ""
        return {"messages": shown, "response_metadata": {"next_cursor": cursor}}

    def _files_getUploadURLExternal(self, given: dict[str, Any]) -> dict[str, Any]:
        id = f"F{next(self._numbers)}"
        return {"upload_url": f"{self.url}/upload/{id}", "file_id": id}

    def _files_completeUploadExternal(self, given: dict[str, Any]) -> dict[str, Any]:
        files = [{**file, "data": len(self._uploads[file["id"]])} for file in given["files"]]
        self.said.append(Message(given["channel_id"], self.ts(), given["thread_ts"], files=files, sent=given))
        return {"files": files}

    def _apps_connections_open(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"url": f"{self.url.replace('http', 'ws')}/socket"}

    async def _uploaded(self, request: web.Request) -> web.Response:
        self._uploads[request.match_info["id"]] = await request.read()
        return web.Response(text="OK")

    def upload(self, id: str) -> bytes:
        return self._uploads[id]

    async def _downloaded(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, request.headers.get("Authorization", "")))
        found = self.offered.get(request.match_info["name"])
        if found is None or request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.Response(text="<html>log in</html>", content_type="text/html")
        if isinstance(found, str):
            return web.Response(status=302, headers={"Location": found})
        return web.Response(body=found, content_type="text/csv")

    async def _connected(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str('{"type": "hello"}')
        self._sockets.append(socket)
        async for message in socket:
            if message.type == WSMsgType.TEXT and message.data.startswith("{"):
                self.acknowledged.append(orjson.loads(message.data).get("envelope_id", ""))
        self._sockets.remove(socket)
        return socket


def encoded(body: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """As Slack sends it: events as JSON, presses as a form."""
    data = orjson.dumps(body)
    if body["type"] != "block_actions":
        return data, {"Content-Type": "application/json"}
    form = httpx.Request("POST", "http://x", data={"payload": data.decode()})
    return form.read(), {"Content-Type": "application/x-www-form-urlencoded"}


async def _given(request: web.Request) -> dict[str, Any]:
    body = await request.read()
    raw = orjson.loads(body or b"{}") if "json" in request.content_type else dict(await request.post())
    for name in ("blocks", "metadata", "files"):
        if isinstance(raw.get(name), str):
            raw[name] = orjson.loads(raw[name])
    return dict(raw)


def _too_much(given: dict[str, Any]) -> str:
    """Slack's limits."""
    blocks = given.get("blocks", [])
    if len(blocks) > 50 or any(not _fits(block) for block in blocks):
        return "invalid_blocks"
    # Its reference names no number: people who measured it met some 13,200 characters.
    if len(orjson.dumps(blocks).decode()) > 13_200:
        return "msg_blocks_too_long"
    return "msg_too_long" if len(given.get("text", "")) > 40_000 else ""


def _fits(block: dict[str, Any]) -> bool:
    texts: Iterable[dict[str, Any]] = [block["text"]] if "text" in block else []
    if any(not 0 < len(text["text"]) <= 3000 for text in texts):
        return False
    elements = block.get("elements", [])
    buttons = [one for one in elements if one["type"] == "button"]
    sized = all(0 < len(b["text"]["text"]) <= 75 and len(b["value"]) <= 2000 for b in buttons)
    return sized and 0 < len(elements) <= 25 if block["type"] == "actions" else True
