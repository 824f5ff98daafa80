"""The one place that calls a chat model: structured replies, journal first, within limits and budget."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import orjson
from pydantic import BaseModel, SecretStr, ValidationError

from tools.endpoint import Endpoint, Patience, Request, Unreachable, Wire
from workspace.errors import UserError
from workspace.journal import Journal, Reply, reply_key
from workspace.settings import Settings, settings
from workspace.words import Language, Words

R = TypeVar("R", bound=BaseModel)
Failure = Literal["unfinished", "malformed", "budget", "endpoint"]

PROMPTS = Path(__file__).parent / "prompts"
# A reply that came whole but does not fit is asked for this often; each time a little differently.
BAD_REPLIES = 3
LONGEST_REPLY = 1_000_000


@dataclass(frozen=True)
class Ask(Generic[R]):
    """One question. `reply` is the schema that the answer must fit; `slot` tells two askings of one prompt apart."""

    prompt: str
    reply: type[R]
    slot: str
    system: str = ""
    temperature: float = 0.0
    top_k: int | None = None
    top_p: float | None = None
    max_tokens: int = 512
    seed: int = 0


@dataclass(frozen=True)
class Answer(Generic[R]):
    """Either `value`, or the `failure` that was left after every try."""

    ask: Ask[R]
    value: R | None
    failure: Failure | None = None


@dataclass(frozen=True)
class Budget:
    """When to stop asking: minutes of work from the opening, US dollars for every reply used, journaled ones too."""

    minutes: float | None = None
    money: float | None = None


def prompt(name: str, language: Language, **slots: str) -> str:
    """`prompts/<name>.<language>.md`, else `<name>.md`. One pass, so what is filled in is never a template itself."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: slots[found[1]], _prompt_file(name, language))


@cache
def _prompt_file(name: str, language: Language) -> str:
    own = PROMPTS / f"{name}.{language}.md"
    return (own if own.exists() else PROMPTS / f"{name}.md").read_text(encoding="utf-8").strip()


def open_chat(journal: Journal, budget: Budget | None = None, patience: Patience | None = None) -> Chat:
    """The endpoint that the settings name, else the embedded model. Raises UserError if neither can be had."""
    return Chat(_endpoint(settings()), journal, budget or Budget(), patience or Patience())


def _endpoint(given: Settings) -> Endpoint:
    if given.embedded:
        from tools.embedded import serve

        return serve()
    key = given.api_key or SecretStr("none")
    model = given.model or _first_model(given.base_url, key)
    return Endpoint(given.base_url, key, model, given.most_at_once, given.request_seconds)


def _first_model(base_url: str | None, key: SecretStr) -> str:
    """A server of one's own usually serves one model: that one."""
    import httpx

    found: list[str] = []
    if base_url:
        try:
            got = httpx.get(
                base_url.rstrip("/") + "/models",
                headers={"Authorization": f"Bearer {key.get_secret_value()}"},
                timeout=10,
            )
            found = [str(model["id"]) for model in orjson.loads(got.content)["data"]]
        except (httpx.HTTPError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            found = []
    if not found:
        raise UserError(
            Words(
                "No model is named, and the endpoint names none either.", "没有指定模型，模型服务也没有列出可用的模型。"
            ),
            Words("Set TUNESMITH_MODEL to the model's name.", "请把 TUNESMITH_MODEL 设为模型名。"),
        )
    return found[0]


class Chat:
    """Safe from several threads. Answers come from the journal where it has them, else from the endpoint."""

    def __init__(self, endpoint: Endpoint, journal: Journal, budget: Budget, patience: Patience) -> None:
        self.model = endpoint.model
        self._endpoint, self._patience = endpoint, patience
        self._journal, self._budget = journal, budget
        self._started = time.monotonic()
        self._tokens = [0, 0]
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wire: Wire | None = None
        self._to_keep: list[tuple[Reply, asyncio.Future[None]]] = []
        self._keeping: asyncio.Task[None] | None = None
        self._asked: dict[str, asyncio.Future[None]] = {}

    def ask(self, ask: Ask[R]) -> Answer[R]:
        return next(self.ask_all([ask]))

    def ask_all(self, asks: Iterable[Ask[R]]) -> Iterator[Answer[R]]:
        """In the order of the asks, each as soon as it and all before it are there; reads ahead by a bounded window."""
        source, window = iter(asks), 8 * self._endpoint.at_once
        waiting: deque[Future[Answer[R]]] = deque()
        more = True
        try:
            while more or waiting:
                if more and len(waiting) <= window - self._endpoint.at_once:
                    taken = list(islice(source, window - len(waiting)))
                    more = bool(taken)
                    waiting.extend(self._begin(taken))
                if waiting:
                    yield waiting[0].result()
                    waiting.popleft()
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            asyncio.run_coroutine_threadsafe(self._stop(), loop).result()
            loop.call_soon_threadsafe(loop.stop)

    async def _stop(self) -> None:
        if self._wire is not None:
            await self._wire.close()
            self._wire = None

    def _begin(self, asks: list[Ask[R]]) -> Iterator[Future[Answer[R]]]:
        keys = [self._key(ask) for ask in asks]
        known = self._journal.replies(keys)
        for ask, key in zip(asks, keys, strict=True):
            value = self._journaled(known.get(key), ask)
            if value is None:
                yield asyncio.run_coroutine_threadsafe(self._answer(ask, key), self._running())
            else:
                done: Future[Answer[R]] = Future()
                done.set_result(Answer(ask, value))
                yield done

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="chat", daemon=True).start()
            return self._loop

    def _key(self, ask: Ask[Any]) -> str:
        dials = [ask.temperature, ask.top_k, ask.top_p, ask.max_tokens, ask.seed]
        parameters = orjson.dumps(dials).decode() + _schema(ask.reply)[1]
        return reply_key(self.model, f"{ask.prompt}\0{ask.system}", parameters, ask.slot)

    def _journaled(self, found: Reply | None, ask: Ask[R]) -> R | None:
        if found is None:
            return None
        self._spend(found.tokens_in, found.tokens_out)
        return _read(found.text, ask.reply)

    def _spend(self, tokens_in: int, tokens_out: int) -> None:
        with self._lock:
            self._tokens[0] += tokens_in
            self._tokens[1] += tokens_out

    def spent(self) -> float:
        """US dollars, by the prices in the settings."""
        given = settings()
        return (self._tokens[0] * given.price_in + self._tokens[1] * given.price_out) / 1e6

    def _over_budget(self) -> bool:
        limit = self._budget
        late = limit.minutes is not None and time.monotonic() - self._started > limit.minutes * 60
        return late or (limit.money is not None and self.spent() >= limit.money > 0)

    # below: on the loop's thread only

    async def _answer(self, ask: Ask[R], key: str) -> Answer[R]:
        """Two askings of one key at one time cost one request."""
        while key in self._asked:
            await asyncio.wait([self._asked[key]])
            value = self._journaled(self._journal.reply(key), ask)
            if value is not None:
                return Answer(ask, value)
        self._asked[key] = asyncio.get_running_loop().create_future()
        try:
            return await self._paid(ask, key)
        finally:
            self._asked.pop(key).set_result(None)

    async def _paid(self, ask: Ask[R], key: str) -> Answer[R]:
        failure: Failure = "endpoint"
        if self._wire is None:
            self._wire = Wire(self._endpoint, self._patience)
        for again in range(BAD_REPLIES):
            if self._over_budget():
                return Answer(ask, None, "budget")
            try:
                raw = await self._wire.fetch(_request(ask, again))
            except Unreachable:
                return Answer(ask, None, "endpoint")
            self._spend(raw.tokens_in, raw.tokens_out)
            value = _read(raw.text, ask.reply) if raw.finished else None
            if value is not None:
                await self._keep(Reply(key, ask.slot, raw.text, raw.tokens_in, raw.tokens_out))
                return Answer(ask, value)
            failure = "malformed" if raw.finished else "unfinished"
        return Answer(ask, None, failure)

    async def _keep(self, reply: Reply) -> None:
        """Returns once the reply is safe on disk; whatever arrives during one sync shares the next."""
        safe: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._to_keep.append((reply, safe))
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._drain())
        await safe

    async def _drain(self) -> None:
        while self._to_keep:
            batch, self._to_keep = self._to_keep, []
            await asyncio.to_thread(self._journal.keep, [reply for reply, _ in batch])
            for _, safe in batch:
                if not safe.done():
                    safe.set_result(None)


def _request(ask: Ask[Any], again: int) -> Request:
    """The same question; from the second time on, warmer and with another seed, or it would fail the same way."""
    schema, text = _schema(ask.reply)
    options: dict[str, float | int] = {"temperature": min(1.0, ask.temperature + 0.2 * again), "seed": ask.seed + again}
    if ask.top_k is not None:
        options["top_k"] = ask.top_k
    if ask.top_p is not None:
        options["top_p"] = ask.top_p
    return Request(ask.prompt, ask.system, schema, text, ask.max_tokens, options)


@cache
def _schema(reply: type[BaseModel]) -> tuple[dict[str, object], str]:
    schema = reply.model_json_schema()
    return schema, orjson.dumps(schema, option=orjson.OPT_SORT_KEYS).decode()


def _read(text: str, reply: type[R]) -> R | None:
    """orjson is the gate: it refuses NaN, lone surrogates and depth that would overflow the stack."""
    text = re.sub(r"^\s*```\w*\s*|\s*```\s*$", "", text)
    if len(text) > LONGEST_REPLY:
        return None
    try:
        orjson.loads(text)
        return reply.model_validate_json(text)
    except (orjson.JSONDecodeError, ValidationError):
        return None
