"""A scripted OpenAI-compatible endpoint over real HTTP: a queue or a function of replies, faults, and a history."""

from __future__ import annotations

import asyncio
import hashlib
import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from aiohttp import web

Capability = Literal["json_schema", "json_object", "tool"]
EVERYTHING: frozenset[Capability] = frozenset({"json_schema", "json_object", "tool"})


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def prompt(self) -> str:
        return str(self.body["messages"][-1]["content"])

    @property
    def system(self) -> str:
        first = self.body["messages"][0]
        return str(first["content"]) if first["role"] == "system" else ""

    @property
    def seed(self) -> int:
        return int(self.body.get("seed") or 0)

    @property
    def schema(self) -> dict[str, Any]:
        """The schema asked for, wherever it stands; empty in JSON mode."""
        if tools := self.body.get("tools"):
            return dict(tools[0]["function"]["parameters"])
        shape: dict[str, Any] = self.body.get("response_format", {}).get("json_schema", {})
        return dict(shape.get("schema", {}))


@dataclass(frozen=True)
class Say:
    """A reply, or a fault: `text` as the model's words (an object is written as JSON), or one of the others."""

    text: object = ""
    finish: str = "stop"
    status: int = 200
    retry_after: str | None = None
    error: str | None = None  # with status 200: a body that holds an error
    cut: bool = False  # the connection ends in the middle of the body
    hang: float = 0.0  # seconds before anything is said
    raw: bytes | None = None  # the whole body, as it stands


Reply = Say | str | dict[str, Any] | list[Any]
Script = Callable[[Call], Reply]


@dataclass
class Scripted:
    """`queue` is used up first, then `script`; `latency` in seconds; beyond `most_at_once` it says 429."""

    script: Script = field(default=lambda call: example(call.schema, words(call)))
    queue: deque[Reply] = field(default_factory=deque)
    calls: list[Call] = field(default_factory=list)
    takes: frozenset[Capability] = EVERYTHING
    refuses: frozenset[str] = frozenset()  # parameters answered with 400
    model: str = "scripted"
    key: str = "scripted-key"
    latency: float = 0.0
    most_at_once: int | None = None
    at_once: int = 0
    peak: int = 0
    base_url: str = ""
    _loop: asyncio.AbstractEventLoop | None = None
    _runner: web.AppRunner | None = None

    def start(self, port: int = 0) -> Scripted:
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready, port), daemon=True).start()
        ready.wait(10)
        return self

    def stop(self) -> None:
        if self._loop is not None and self._runner is not None:
            asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self, ready: threading.Event, port: int) -> None:
        loop = self._loop = asyncio.new_event_loop()
        loop.run_until_complete(self.listen(port))
        ready.set()
        loop.run_forever()

    async def listen(self, port: int = 0) -> None:
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/v1/count", self._count)
        runner = self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port, backlog=512)
        await site.start()
        self.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": self.model, "object": "model"}]})

    async def _count(self, request: web.Request) -> web.Response:
        """For a client in another process."""
        return web.json_response({"requests": len(self.calls), "peak": self.peak})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        call = Call(orjson.loads(await request.read()), dict(request.headers))
        self.calls.append(call)
        self.at_once += 1
        self.peak = max(self.peak, self.at_once)
        try:
            said = self._refusal(call) or self._next(call)
            await asyncio.sleep(said.hang or (self.latency if said.status == 200 else 0.0))
            return await _respond(request, call, said)
        finally:
            self.at_once -= 1

    def _refusal(self, call: Call) -> Say | None:
        if call.headers.get("Authorization") != f"Bearer {self.key}":
            return Say(status=401, error="wrong key")
        if call.body.get("model") != self.model:
            return Say(status=404, error=f"no model {call.body.get('model')}")
        if self.most_at_once is not None and self.at_once > self.most_at_once:
            return Say(status=429, error="too many at once")
        kind = "tool" if "tools" in call.body else call.body.get("response_format", {}).get("type")
        if kind and kind not in self.takes:
            return Say(status=400, error=f"{kind} is not supported")
        for name in self.refuses & call.body.keys():
            return Say(status=400, error=f"Unrecognized request argument supplied: {name}")
        return None

    def _next(self, call: Call) -> Say:
        said = self.queue.popleft() if self.queue else self.script(call)
        return said if isinstance(said, Say) else Say(said)


async def _respond(request: web.Request, call: Call, said: Say) -> web.StreamResponse:
    headers = {"Retry-After": said.retry_after} if said.retry_after is not None else {}
    if said.error is not None or said.status != 200:
        error = {"error": {"message": said.error or f"status {said.status}", "type": "scripted"}}
        return web.Response(
            body=orjson.dumps(error), status=said.status, headers=headers, content_type="application/json"
        )
    body = said.raw if said.raw is not None else orjson.dumps(_completion(call, said))
    if not said.cut:
        return web.Response(body=body, content_type="application/json")
    response = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def _completion(call: Call, said: Say) -> dict[str, Any]:
    text = said.text if isinstance(said.text, str) else orjson.dumps(said.text).decode()
    message: dict[str, Any] = {"role": "assistant", "content": text}
    finish = said.finish
    if "tools" in call.body:
        name = call.body["tools"][0]["function"]["name"]
        used = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": text}}
        message |= {"content": None, "tool_calls": [used]}
        finish = "tool_calls" if finish == "stop" else finish
    usage = {"prompt_tokens": len(call.prompt) // 4, "completion_tokens": max(1, len(text) // 4)}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}


def words(call: Call) -> random.Random:
    """The same words for the same prompt and seed, in whatever order the requests arrive."""
    return random.Random(hashlib.sha256(f"{call.prompt}\0{call.seed}".encode()).digest())


def example(schema: dict[str, Any], draw: random.Random, defs: dict[str, Any] | None = None) -> Any:
    """Something that fits the schema, drawn at random: enough for the schemas that our prompts use."""
    defs = defs if defs is not None else schema.get("$defs", {})
    if "$ref" in schema:
        return example(defs[schema["$ref"].rsplit("/", 1)[-1]], draw, defs)
    if "enum" in schema or "const" in schema:
        return draw.choice(schema.get("enum") or [schema["const"]])
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example(draw.choice(schema[key]), draw, defs)
    return _plain(schema, draw, defs)


def _plain(schema: dict[str, Any], draw: random.Random, defs: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            return {name: example(part, draw, defs) for name, part in schema.get("properties", {}).items()}
        case "array":
            count = max(schema.get("minItems", 1), min(3, schema.get("maxItems", 3)))
            return [example(schema.get("items", {}), draw, defs) for _ in range(count)]
        case "integer":
            return draw.randint(int(schema.get("minimum", 0)), int(schema.get("maximum", 100)))
        case "number":
            return round(draw.uniform(schema.get("minimum", 0.0), schema.get("maximum", 1.0)), 3)
        case "boolean":
            return draw.random() < 0.5
        case "null":
            return None
        case _:
            return " ".join(draw.choice(WORDS) for _ in range(draw.randint(4, 12)))[: schema.get("maxLength", 400)]


WORDS = (
    "account card transfer money lost again please help today limit branch number change order refund parcel late "
    "broken invoice phone address letter payment question password open close missing wrong twice abroad"
).split()
