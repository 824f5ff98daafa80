"""The one place that calls a chat model: structured replies, journal first, within limits and budget."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import orjson
from pydantic import BaseModel

from tools.account import Account, Budget
from tools.endpoint import Caller, Endpoint, Patience, Spent, Unanswered, named
from tools.wire import Request, fits, parsed
from workspace.journal import Journal, Reply, reply_key
from workspace.settings import settings
from workspace.words import Language

__all__ = ["Answer", "Ask", "Budget", "Chat", "Failure", "Hide", "Patience", "open_chat", "prompt"]

R = TypeVar("R", bound=BaseModel)
Hide = Callable[[str], str]
Failure = Literal["unfinished", "malformed", "budget", "endpoint"]

log = logging.getLogger("tunesmith")
PROMPTS = Path(__file__).parent / "prompts"
# How far ask_all reads ahead, in rounds: one slow answer must not keep the endpoint idle.
ROUNDS_AHEAD = 32
# How many tokens an endpoint is asked to weigh at each place: OpenAI's allows 20, others fewer.
TOP = 5


@dataclass(frozen=True)
class Ask(Generic[R]):
    """One question. `reply` is the schema that the answer must fit; `slot` tells two askings of one prompt apart.

    `weigh` names a field of `reply` that is one of a few words; how likely each was, 0 to 1, then comes in the reply's
    field `likelihood`, which is empty where the endpoint does not tell. `shots` are examples shown before the prompt,
    each as (what is asked, what was replied).
    """

    prompt: str
    reply: type[R]
    slot: str
    system: str = ""
    temperature: float = 0.0
    top_k: int | None = None
    top_p: float | None = None
    max_tokens: int = 512
    seed: int = 0
    weigh: str = ""
    shots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Answer(Generic[R]):
    """Either `value`, or the `failure` that was left after every try."""

    ask: Ask[R]
    value: R | None
    failure: Failure | None = None


def prompt(name: str, language: Language, **slots: str) -> str:
    """`prompts/<name>.<language>.md`, else `<name>.md`. One pass, so what is filled in is never a template itself."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: slots[found[1]], _prompt_file(name, language))


@cache
def _prompt_file(name: str, language: Language) -> str:
    own = PROMPTS / f"{name}.{language}.md"
    return (own if own.exists() else PROMPTS / f"{name}.md").read_text(encoding="utf-8").strip()


def open_chat(
    journal: Journal, budget: Budget | None = None, patience: Patience | None = None, hide: Hide | None = None
) -> Chat:
    """The endpoint that the settings name, else the embedded model. Raises UserError if neither can be had.

    `hide`: what every text goes through before the model, or the journal's key, sees it.
    """
    return Chat(named(settings()), Account(journal, budget or Budget()), patience or Patience(), hide)


class Chat:
    """Safe from several threads. Answers come from the journal where it has them, else from the endpoint.

    One event loop in a thread of its own does all the sending; callers wait on futures.
    """

    def __init__(self, endpoint: Endpoint, account: Account, patience: Patience, hide: Hide | None = None) -> None:
        self.model = endpoint.model
        self._hide = hide
        self._endpoint, self._account, self._patience = endpoint, account, patience
        # What a kill costs: no new request while so many are under way or wait for a slow disk.
        self._not_safe = asyncio.Semaphore(2 * settings().most_at_once)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._caller: Caller | None = None
        self._under_way: dict[str, asyncio.Future[None]] = {}

    def ask(self, ask: Ask[R]) -> Answer[R]:
        """Raises UserError where the endpoint can't work as it is set up, or is down."""
        (future,) = self._begin([ask])
        try:
            return future.result()
        finally:
            future.cancel()

    def ask_all(self, asks: Iterable[Ask[R]]) -> Iterator[Answer[R]]:
        """In the order of the asks, each as soon as it and all before it are there.

        Reads ahead, so an ask may not depend on an answer of the same call. Closing the iterator cancels what is left.
        """
        source, step = iter(asks), max(1, self._endpoint.at_once // 2)
        waiting: deque[Future[Answer[R]]] = deque()
        more = True
        try:
            while more or waiting:
                if more and len(waiting) < ROUNDS_AHEAD * self._endpoint.at_once:
                    taken = list(islice(source, step))
                    more = bool(taken)
                    waiting.extend(self._begin(taken))
                    if more and not waiting[0].done():
                        continue
                if waiting:
                    yield waiting[0].result()
                    waiting.popleft()
        finally:
            for future in waiting:
                future.cancel()

    def spent(self) -> float:
        """US dollars, for every reply used here, whenever it was paid for."""
        return self._account.spent()

    def close(self) -> None:
        """Whatever arrived is journaled; connections are closed. Asking again opens them again."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            asyncio.run_coroutine_threadsafe(self._stop(), loop).result()
            loop.call_soon_threadsafe(loop.stop)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._loop,), name="chat", daemon=True).start()
            return self._loop

    def _begin(self, asks: list[Ask[R]]) -> list[Future[Answer[R]]]:
        asks = [_hidden(ask, self._hide) for ask in asks] if self._hide else asks
        keys = [self._key(ask) for ask in asks]
        known = self._account.known(keys)
        return [self._future(ask, key, known.get(key)) for ask, key in zip(asks, keys, strict=True)]

    def _future(self, ask: Ask[R], key: str, known: Reply | None) -> Future[Answer[R]]:
        value = parsed(known.text, ask.reply) if known else None
        if value is None:
            return asyncio.run_coroutine_threadsafe(self._answer(ask, key), self._running())
        done: Future[Answer[R]] = Future()
        done.set_result(Answer(ask, value))
        return done

    def _key(self, ask: Ask[Any]) -> str:
        dials = [ask.temperature, ask.top_k, ask.top_p, ask.max_tokens, ask.seed]
        parameters = orjson.dumps(dials).decode() + _schema(ask.reply).text + ask.weigh
        words = "\0".join((ask.prompt, ask.system, *(turn for shot in ask.shots for turn in shot)))
        return reply_key(self.model, words, parameters, ask.slot)

    # below: on the loop's thread only

    async def _answer(self, ask: Ask[R], key: str) -> Answer[R]:
        """Two askings of one key at one time cost one request."""
        while key in self._under_way:
            await asyncio.wait([self._under_way[key]])
            if known := self._account.known([key]):
                return Answer(ask, parsed(known[key].text, ask.reply))
        self._under_way[key] = asyncio.get_running_loop().create_future()
        try:
            async with self._not_safe:
                return await self._paid(ask, key)
        finally:
            self._under_way.pop(key).set_result(None)

    async def _paid(self, ask: Ask[R], key: str) -> Answer[R]:
        if self._caller is None:
            self._caller = Caller(self._endpoint, self._patience, self._account.may_ask)
        failure: Failure = "malformed"
        for again in range(self._endpoint.bad_replies):
            try:
                raw = await self._caller.fetch(_request(ask, again))
            except Unanswered as error:
                log.warning("no answer for %s: %s", ask.slot, error)
                return Answer(ask, None, "endpoint")
            except Spent:
                return Answer(ask, None, "budget")
            value = parsed(raw.text, ask.reply) if raw.finished else None
            # What did not fit was paid for as well, but only an accepted reply bears the key of the ask.
            self._account.spend(f"{key} {again}" if value is None else key, raw.tokens_in, raw.tokens_out)
            if value is not None:
                await self._account.keep(Reply(key, ask.slot, raw.text, raw.tokens_in, raw.tokens_out))
                return Answer(ask, value)
            failure = "malformed" if raw.finished else "unfinished"
        return Answer(ask, None, failure)

    async def _stop(self) -> None:
        await self._account.settle()
        if self._caller is not None:
            await self._caller.close()
            self._caller = None


def _hidden(ask: Ask[R], hide: Hide) -> Ask[R]:
    """The instructions are ours; what people and documents say stands in the prompt."""
    return replace(ask, prompt=hide(ask.prompt), shots=tuple((hide(said), hide(reply)) for said, reply in ask.shots))


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()


def _request(ask: Ask[Any], again: int) -> Request:
    """The same question; from the second time on, warmer and with another seed, or it would fail the same way."""
    schema = _schema(ask.reply)
    options: dict[str, float | int] = {"temperature": _warmer(ask.temperature, again), "seed": ask.seed + again}
    if ask.top_k is not None:
        options["top_k"] = ask.top_k
    if ask.top_p is not None:
        options["top_p"] = ask.top_p
    if ask.weigh:
        options |= {"logprobs": True, "top_logprobs": TOP}
    judge = partial(fits, ask.reply)
    return Request(
        ask.prompt, ask.system, schema.shape, schema.note, ask.max_tokens, options, judge, ask.weigh, ask.shots
    )


def _warmer(temperature: float, again: int) -> float:
    return max(temperature, min(1.0, temperature + 0.2 * again))


@dataclass(frozen=True)
class _Schema:
    """As an object, as text that is part of the journal's key, and in words for JSON mode."""

    shape: dict[str, object]
    text: str
    note: str


_schemas: dict[type[BaseModel], _Schema] = {}


def _schema(reply: type[BaseModel]) -> _Schema:
    """Built once a class: building takes longer than a request."""
    if reply not in _schemas:
        shape = reply.model_json_schema()
        text = orjson.dumps(shape, option=orjson.OPT_SORT_KEYS).decode()
        _schemas[reply] = _Schema(shape, text, prompt("json_reply", "en", schema=text))
    return _schemas[reply]
