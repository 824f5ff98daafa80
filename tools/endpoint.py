"""One chat endpoint: what it turns out to take, how often it is asked again, and how much of it at once."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson
from pydantic import SecretStr

from tools.wire import MODES, Mode, Raw, Refused, Request, TryAgain, body, down, judged, read, refuses
from workspace.errors import UserError
from workspace.settings import Settings
from workspace.words import Words


@dataclass(frozen=True)
class Endpoint:
    """`at_once` bounds the requests under way; `bad_replies` is how often a reply that does not fit is asked for.

    `enforces_schema`: known beforehand to hold the model to a JSON schema, so there is nothing to find out.
    """

    base_url: str | None
    api_key: SecretStr
    model: str
    at_once: int = 64
    seconds: float = 120.0
    bad_replies: int = 6
    enforces_schema: bool = False


@dataclass(frozen=True)
class Patience:
    """Seconds to wait grow from `first` to `longest`; one request is tried `tries` times in all.

    Where every request under way failed `rounds` times in a row (half of that if none has ever worked) it is down.
    """

    tries: int = 25
    first: float = 0.5
    longest: float = 30.0
    rounds: int = 8


class Unanswered(Exception):
    """No answer to this request, though others may have one; the message is the endpoint's last word."""


class Spent(Exception):
    """The budget is used up; nothing more is sent."""


@dataclass
class Traits:
    """What one endpoint turned out to take: found out by trying, kept for the process."""

    mode: int = 0
    proven: bool = False
    left_out: frozenset[str] = frozenset()


_known: dict[Endpoint, Traits] = {}


@dataclass
class Lanes:
    """How many requests may be under way: an eighth more after a good round, half after one with a third refused.

    Single refusals don't halve it: some endpoints refuse at random, whatever the load.
    """

    most: int
    limit: float = field(init=False)
    _busy: int = 0
    _seen: int = 0
    _crowded: int = 0
    _waiting: deque[asyncio.Future[None]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.limit = float(self.most)

    async def enter(self, *, first_in_line: bool) -> None:
        if self._busy < int(self.limit):
            self._busy += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if first_in_line else self._waiting.append)(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # its turn had come in the same moment
            raise

    def leave(self) -> None:
        self._busy -= 1
        while self._waiting and self._busy < int(self.limit):
            turn = self._waiting.popleft()
            if not turn.done():
                self._busy += 1
                turn.set_result(None)

    def told(self, *, crowded: bool) -> None:
        """One request came back; a round is as many as there are lanes."""
        self._seen += 1
        self._crowded += crowded
        if self._seen < max(4.0, self.limit):
            return
        if self._crowded * 3 > self._seen:
            self.limit = max(1.0, self.limit / 2)
        elif self._crowded * 10 < self._seen:
            self.limit = min(float(self.most), self.limit + max(1.0, self.limit / 8))
        self._seen = self._crowded = 0


class Caller:
    """Lives on one event loop. `fetch` hands back a whole reply, however often it had to ask."""

    def __init__(self, endpoint: Endpoint, patience: Patience, may_ask: Callable[[], bool]) -> None:
        from langchain_openai import ChatOpenAI
        from openai import DefaultAioHttpClient

        self.endpoint, self.patience, self.may_ask = endpoint, patience, may_ask
        self.lanes = Lanes(endpoint.at_once)
        self._traits = _known.setdefault(endpoint, Traits(proven=endpoint.enforces_schema))
        self._random = random.Random(7)
        self._fetching = self._failed = self._worked = 0
        # On aiohttp a request costs less than half of what it does on the client's own transport.
        # Its timeouts are between bytes, and what it calls one may be a refused connection; ours is for a whole reply.
        self._http = DefaultAioHttpClient(timeout=endpoint.seconds + 5)
        self._model = ChatOpenAI(
            model=endpoint.model,
            base_url=endpoint.base_url,
            api_key=endpoint.api_key,
            max_retries=0,
            timeout=endpoint.seconds + 5,
            http_async_client=self._http,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def fetch(self, request: Request) -> Raw:
        """Raises UserError where trying again helps nobody, Unanswered where it does not help this one, or Spent."""
        self._fetching += 1
        try:
            return await self._fetch(request)
        finally:
            self._fetching -= 1

    async def _fetch(self, request: Request) -> Raw:
        last = ""
        for attempt in range(self.patience.tries):
            await self.lanes.enter(first_in_line=attempt > 0)
            try:
                if not self.may_ask():
                    raise Spent
                return self._good(await self._once(request))
            except TryAgain as error:
                self._bad(error)
                last, pause = str(error), self._pause(attempt, error.after)
            finally:
                self.lanes.leave()
            await asyncio.sleep(pause)
        raise Unanswered(last)

    def _good(self, raw: Raw) -> Raw:
        self.lanes.told(crowded=False)
        self._failed = 0
        self._worked += 1
        return raw

    def _bad(self, error: TryAgain) -> None:
        """A timeout has cost a person's patience already, so it counts twice."""
        self.lanes.told(crowded=error.crowded)
        self._failed += 2 if error.slow else 1
        alive = self._worked or error.crowded
        rounds = self.patience.rounds if alive else self.patience.rounds / 2
        if self._failed >= rounds * min(self._fetching, self.endpoint.at_once):
            raise down(str(error)) from error

    def _pause(self, attempt: int, after: float | None) -> float:
        """Spread out, or all that failed together would come back together."""
        spread = self._random.random()
        if after is not None:
            return after + spread * self.patience.first / 2
        return min(self.patience.longest, self.patience.first * 2.0 ** min(attempt, 20)) * (1 + spread) / 2

    async def _once(self, request: Request) -> Raw:
        """Asks in another way for as long as the endpoint refuses the way it was asked."""
        while True:
            traits = self._traits
            mode, left_out = traits.mode, traits.left_out
            try:
                raw = await self._send(request, MODES[mode], left_out)
            except Refused as error:
                if (mode, left_out) == (traits.mode, traits.left_out):
                    self._learn(str(error), request)
                continue
            if traits.proven or not raw.finished:
                return raw
            traits.proven = request.fits(raw.text)
            if traits.proven or traits.mode != mode or mode + 1 == len(MODES):
                return raw
            traits.mode += 1

    def _learn(self, why: str, request: Request) -> None:
        """Leave out the option that the refusal names, else ask for JSON in the next way there is."""
        traits, said = self._traits, why.lower()
        named = {name for name in (*request.options, "max_tokens") if name in said} - traits.left_out
        if named:
            traits.left_out |= named
        elif traits.proven:
            raise Unanswered(why)
        elif traits.mode + 1 < len(MODES):
            traits.mode += 1
        else:
            traits.mode = 0
            raise refuses(why)

    async def _send(self, request: Request, mode: Mode, left_out: frozenset[str]) -> Raw:
        import openai

        try:
            # The raw reply, and everything in extra_body: the client's own building and parsing of messages costs more
            # than the rest of the request, and its parser recurses into whatever a hostile endpoint sends.
            async with asyncio.timeout(self.endpoint.seconds):
                reply = await self._model.async_client.with_raw_response.create(
                    model=self.endpoint.model, messages=[], extra_body=body(request, mode, left_out)
                )
        except openai.APIStatusError as error:
            header = error.response.headers.get("retry-after")
            raise judged(error.status_code, error.message, header, self.endpoint.model) from error
        except TimeoutError as error:
            raise TryAgain(f"no reply within {self.endpoint.seconds:g} s", slow=True) from error
        except openai.APIError as error:
            raise TryAgain(str(error.__cause__ or error) or type(error).__name__) from error
        return read(reply.http_response.content, mode, request)


def named(given: Settings) -> Endpoint:
    """The endpoint of the settings, else the embedded model. Raises UserError if neither can be had."""
    if given.embedded:
        from tools.embedded import serve

        return serve()
    if given.base_url and not given.base_url.startswith(("http://", "https://")):
        raise UserError(
            Words(f"OPENAI_BASE_URL is no address: {given.base_url}.", f"OPENAI_BASE_URL 不是网址：{given.base_url}。"),
            Words("It begins with http:// or https:// and often ends in /v1.", "它应以 http:// 或 https:// 开头。"),
        )
    key = given.api_key or SecretStr("none")
    model = given.model or _first_model(given.base_url, key)
    return Endpoint(given.base_url, key, model, given.most_at_once, given.request_seconds)


def _first_model(base_url: str | None, key: SecretStr) -> str:
    """A server of one's own usually serves one model: that one."""
    import httpx

    found: list[str] = []
    if base_url:
        headers = {"Authorization": f"Bearer {key.get_secret_value()}"}
        try:
            listed = httpx.get(base_url.rstrip("/") + "/models", headers=headers, timeout=10).content
            found = [str(model["id"]) for model in orjson.loads(listed)["data"]]
        except (httpx.HTTPError, httpx.InvalidURL, orjson.JSONDecodeError, KeyError, TypeError):
            found = []
    if not found:
        raise UserError(
            Words("No model is named, and the endpoint names none.", "没有指定模型，模型服务也没有列出可用的模型。"),
            Words("Set TUNESMITH_MODEL to the model's name.", "请把 TUNESMITH_MODEL 设为模型名。"),
        )
    return found[0]
