"""The wire to one OpenAI-compatible endpoint: what it can do, how often to try again, and how much it takes at once."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from workspace.errors import UserError
from workspace.settings import redacted
from workspace.words import Words

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

Mode = Literal["json_schema", "json_object", "tool"]
MODES: tuple[Mode, ...] = ("json_schema", "json_object", "tool")
TOOL = "reply"
# Endpoints differ in what else they take; one that a refusal names is left out from then on.
OPTIONAL = ("top_k", "top_p", "seed", "temperature")


@dataclass(frozen=True)
class Endpoint:
    base_url: str | None
    api_key: SecretStr
    model: str
    at_once: int
    seconds: float


@dataclass(frozen=True)
class Patience:
    """Seconds to wait grow from `first` to `longest`; one request is tried `tries` times in all.

    Where every request under way failed `rounds` times and none succeeded, the endpoint counts as down.
    """

    tries: int = 25
    first: float = 0.5
    longest: float = 30.0
    rounds: int = 8


@dataclass(frozen=True)
class Request:
    """One question as the endpoint sees it; `schema` is JSON, `options` what OPTIONAL names."""

    prompt: str
    system: str
    schema: Mapping[str, object]
    schema_text: str
    max_tokens: int
    options: Mapping[str, float | int]


@dataclass(frozen=True)
class Raw:
    """A reply that arrived whole; `finished` says that the model came to its own end."""

    text: str
    finished: bool
    tokens_in: int
    tokens_out: int


class Unreachable(Exception):
    """This request can't be answered; the message is the endpoint's last word, redacted."""


class _Retry(Exception):
    def __init__(self, why: str, crowded: bool = False, after: float | None = None) -> None:
        super().__init__(redacted(why)[:300])
        self.crowded = crowded
        self.after = after


class _Refused(Exception):
    """HTTP 400 or 422: the request as it stands will never be taken."""


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Function(_Wire):
    arguments: str = ""


class _Call(_Wire):
    function: _Function


class _Message(_Wire):
    content: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(_Wire):
    message: _Message
    finish_reason: str | None = None


class _Usage(_Wire):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(_Wire):
    choices: list[_Choice]
    usage: _Usage | None = None
    error: object = None


@dataclass
class Traits:
    """What one endpoint turned out to take; found out by trying, kept for the process."""

    mode: int = 0
    proven: bool = False
    left_out: set[str] = field(default_factory=set)


_known: dict[tuple[str | None, str], Traits] = {}


class Lanes:
    """How many requests may be under way: one more for each round that succeeds, half when a third were refused.

    Single refusals don't halve it: some endpoints refuse at random, whatever the load.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = float(most)
        self._busy = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._seen = self._crowded = 0

    async def __aenter__(self) -> None:
        if self._busy < int(self.limit):
            self._busy += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        self._busy -= 1
        while self._waiting and self._busy < int(self.limit):
            turn = self._waiting.popleft()
            if not turn.done():
                self._busy += 1
                turn.set_result(None)

    def told(self, crowded: bool) -> None:
        """One request came back; `crowded` if the endpoint said that there are too many."""
        self._seen += 1
        self._crowded += crowded
        if self._seen < max(4, self.limit):
            return
        if self._crowded * 3 > self._seen:
            self.limit = max(1.0, self.limit / 2)
        elif not self._crowded or self._crowded * 10 < self._seen:
            self.limit = min(float(self.most), self.limit + max(1.0, self.limit / 8))
        self._seen = self._crowded = 0


class Wire:
    """Lives on one event loop. `fetch` gives back a whole reply, however often it had to ask."""

    def __init__(self, endpoint: Endpoint, patience: Patience) -> None:
        from langchain_openai import ChatOpenAI

        self.endpoint = endpoint
        self.patience = patience
        self.lanes = Lanes(endpoint.at_once)
        self.requests = 0
        self._traits = _known.setdefault((endpoint.base_url, endpoint.model), Traits())
        self._random = random.Random(7)
        self._failed_in_a_row = 0
        self._http = _http_client(endpoint)
        self._model: ChatOpenAI = ChatOpenAI(
            model=endpoint.model,
            base_url=endpoint.base_url,
            api_key=endpoint.api_key,
            max_retries=0,
            timeout=endpoint.seconds,
            http_async_client=self._http,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def fetch(self, request: Request) -> Raw:
        """Raises UserError where trying again can't help anybody, Unreachable where it can't help this request."""
        last = ""
        for attempt in range(self.patience.tries):
            async with self.lanes:
                try:
                    raw = await self._once(request)
                except _Retry as error:
                    self._failed(error)
                    last, after = str(error), error.after
                else:
                    self._failed_in_a_row = 0
                    self.lanes.told(crowded=False)
                    return raw
            await asyncio.sleep(self._pause(attempt, after))
        raise Unreachable(last)

    def _failed(self, error: _Retry) -> None:
        self.lanes.told(error.crowded)
        self._failed_in_a_row += 1
        if self._failed_in_a_row >= self.patience.rounds * max(1, int(self.lanes.limit)):
            raise _down(str(error)) from error

    def _pause(self, attempt: int, after: float | None) -> float:
        if after is not None:
            return after + self._random.random() * self.patience.first / 2
        grown: float = min(self.patience.longest, self.patience.first * 2.0 ** min(attempt, 20))
        return grown * (0.5 + self._random.random() / 2)

    async def _once(self, request: Request) -> Raw:
        """Asks in another way for as long as the endpoint refuses the way it was asked."""
        while True:
            traits = self._traits
            mode, left_out = traits.mode, frozenset(traits.left_out)
            try:
                raw = await self._send(request, MODES[mode], left_out)
            except _Refused as error:
                if (mode, left_out) == (traits.mode, traits.left_out):
                    self._learn(str(error), request)
                continue
            traits.proven = traits.proven or _looks_like_json(raw.text)
            if not traits.proven and raw.finished and traits.mode == mode and mode + 1 < len(MODES):
                traits.mode += 1
                continue
            return raw

    def _learn(self, why: str, request: Request) -> None:
        """Leave out the option that the refusal names, else ask for JSON in the next way there is."""
        traits, said = self._traits, why.lower()
        named = [name for name in request.options if name in said and name not in traits.left_out]
        if named:
            traits.left_out.update(named)
        elif not traits.proven and traits.mode + 1 < len(MODES):
            traits.mode += 1
        elif traits.proven:
            raise Unreachable(redacted(why)[:300])
        else:
            traits.mode = 0
            raise _refuses(why)

    async def _send(self, request: Request, mode: Mode, left_out: frozenset[str]) -> Raw:
        import openai

        self.requests += 1
        body = _body(request, mode, left_out)
        try:
            reply = await self._model.async_client.with_raw_response.create(
                model=self.endpoint.model, messages=_messages(request, mode), extra_body=body
            )
        except openai.APIStatusError as error:
            raise _judged(error, self.endpoint) from error
        except openai.APIError as error:
            raise _Retry(f"{type(error).__name__}: {error}") from error
        return _read(reply.http_response.content, mode)


def _http_client(endpoint: Endpoint) -> Any:
    """aiohttp below the OpenAI client: a request costs a third of what the default transport takes."""
    from openai import DefaultAioHttpClient

    return DefaultAioHttpClient(timeout=endpoint.seconds)


def _messages(request: Request, mode: Mode) -> list[dict[str, str]]:
    system = request.system
    if mode == "json_object":
        from tools.llm import prompt

        system = f"{system}\n\n{prompt('json_reply', 'en', schema=request.schema_text)}".strip()
    head = [{"role": "system", "content": system}] if system else []
    return [*head, {"role": "user", "content": request.prompt}]


def _body(request: Request, mode: Mode, left_out: frozenset[str]) -> dict[str, object]:
    body: dict[str, object] = {name: value for name, value in request.options.items() if name not in left_out}
    body["max_tokens"] = request.max_tokens
    if mode == "json_schema":
        shape = {"name": TOOL, "schema": request.schema}
        return body | {"response_format": {"type": "json_schema", "json_schema": shape}}
    if mode == "json_object":
        return body | {"response_format": {"type": "json_object"}}
    function = {"name": TOOL, "description": "Give the reply.", "parameters": request.schema}
    choice = {"type": "function", "function": {"name": TOOL}}
    return body | {"tools": [{"type": "function", "function": function}], "tool_choice": choice}


def _read(content: bytes, mode: Mode) -> Raw:
    try:
        got = _Completion.model_validate(orjson.loads(content))
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise _Retry(f"the endpoint's reply is not a completion: {content[:200]!r}") from error
    if got.error or not got.choices:
        raise _Retry(f"the endpoint replied with an error: {got.error}")
    choice, usage = got.choices[0], got.usage or _Usage()
    calls = choice.message.tool_calls or []
    text = calls[0].function.arguments if mode == "tool" and calls else choice.message.content or ""
    ends = ("stop", "tool_calls") if mode == "tool" else ("stop",)
    return Raw(text, choice.finish_reason in ends, usage.prompt_tokens, usage.completion_tokens)


def _looks_like_json(text: str) -> bool:
    return text.lstrip().startswith(("{", "```"))


def _judged(error: Any, endpoint: Endpoint) -> Exception:
    """What an HTTP status means: try again, ask differently, or tell the person."""
    status, said = int(error.status_code), f"HTTP {error.status_code}: {error.message}"
    if status in (401, 403):
        return _no_key(status)
    if status == 404:
        return _no_model(endpoint, said)
    if status in (400, 413, 422):
        return _Refused(said)
    return _Retry(said, crowded=status in (429, 503), after=_retry_after(error.response.headers.get("retry-after")))


def _retry_after(header: str | None) -> float | None:
    """Seconds, from either form the header has; at most ten minutes, whatever it says."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except ValueError:
            return None
    return min(600.0, max(0.0, seconds))


def _no_key(status: int) -> UserError:
    return UserError(
        Words(f"The model's endpoint refused the key (HTTP {status}).", f"模型服务拒绝了密钥（HTTP {status}）。"),
        Words(
            "Set OPENAI_API_KEY to a key that this endpoint takes, then run it again: what was finished is kept.",
            "请把 OPENAI_API_KEY 设为该服务认可的密钥，然后重新运行；已完成的部分都还在。",
        ),
    )


def _no_model(endpoint: Endpoint, said: str) -> UserError:
    return UserError(
        Words(
            f"The endpoint knows no model {endpoint.model!r} ({redacted(said)[:200]}).",
            f"模型服务里没有模型 {endpoint.model!r}（{redacted(said)[:200]}）。",
        ),
        Words(
            "Check TUNESMITH_MODEL, and that OPENAI_BASE_URL ends as the endpoint wants it (often /v1).",
            "请检查 TUNESMITH_MODEL，以及 OPENAI_BASE_URL 的结尾是否正确（通常是 /v1）。",
        ),
    )


def _refuses(said: str) -> UserError:
    return UserError(
        Words(
            f"The endpoint takes no request of ours: {redacted(said)[:300]}.",
            f"模型服务不接受我们的请求：{redacted(said)[:300]}。",
        ),
        Words(
            "It must offer chat completions with JSON schema, JSON mode or tools; try another model or endpoint.",
            "它需要支持 JSON schema、JSON 模式或工具调用的对话补全；请换一个模型或服务。",
        ),
    )


def _down(said: str) -> UserError:
    return UserError(
        Words(f"The model's endpoint does not answer: {said}.", f"模型服务没有响应：{said}。"),
        Words(
            "Check that it runs and that OPENAI_BASE_URL is right. Every reply so far is kept: a later run goes on.",
            "请检查服务是否在运行、OPENAI_BASE_URL 是否正确。已有的回复都已保存，之后重新运行会接着做。",
        ),
    )
