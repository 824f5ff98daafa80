"""What goes over the wire to a chat model and what comes back: plain functions that send nothing themselves."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Literal, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from workspace.errors import UserError
from workspace.settings import redacted
from workspace.words import Words

Mode = Literal["json_schema", "json_object", "tool"]
MODES: tuple[Mode, ...] = ("json_schema", "json_object", "tool")
TOOL = "reply"
LONGEST_WAIT = 600.0
LONGEST_REPLY = 1_000_000

R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True)
class Request:
    """One question as the endpoint sees it.

    `note` tells the schema in words, for JSON mode; an endpoint need not take all `options`; `fits` judges a reply.
    `weigh` names a field of the reply that is one of a few words: how likely each of them was comes with the reply.
    """

    prompt: str
    system: str
    schema: Mapping[str, object]
    note: str
    max_tokens: int
    options: Mapping[str, float | int]
    fits: Callable[[str], bool]
    weigh: str = ""
    shots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Raw:
    """A reply that arrived whole; `finished` says that the model came to its own end."""

    text: str
    finished: bool
    tokens_in: int
    tokens_out: int


class TryAgain(Exception):
    """It may work later. `crowded`: too many at once; `after`: seconds the endpoint asked for; `slow`: timed out."""

    def __init__(self, why: str, *, crowded: bool = False, after: float | None = None, slow: bool = False) -> None:
        super().__init__(redacted(why)[:300])
        self.crowded, self.after, self.slow = crowded, after, slow


class Refused(Exception):
    """The request as it stands will never be taken."""

    def __init__(self, why: str) -> None:
        super().__init__(redacted(why)[:300])


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Function(_Wire):
    arguments: str = ""


class _Call(_Wire):
    function: _Function


class _Message(_Wire):
    content: str | None = None
    tool_calls: list[_Call] | None = None


class _Token(_Wire):
    token: str = ""
    logprob: float = 0.0
    top_logprobs: list[_Token] | None = None


class _Logprobs(_Wire):
    content: list[_Token] | None = None


class _Choice(_Wire):
    message: _Message
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Property(_Wire):
    enum: list[str] = []


class _Schema(_Wire):
    properties: dict[str, _Property] = {}


class _Usage(_Wire):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(_Wire):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: object = None


def _messages(request: Request, mode: Mode) -> list[dict[str, str]]:
    system = f"{request.system}\n\n{request.note}".strip() if mode == "json_object" else request.system
    head = [{"role": "system", "content": system}] if system else []
    shown = [
        {"role": r, "content": c} for shot in request.shots for r, c in zip(("user", "assistant"), shot, strict=True)
    ]
    return [*head, *shown, {"role": "user", "content": request.prompt}]


def body(request: Request, mode: Mode, left_out: frozenset[str]) -> dict[str, object]:
    """Everything but the model's name."""
    options: dict[str, object] = {name: value for name, value in request.options.items() if name not in left_out}
    options["messages"] = _messages(request, mode)
    if "max_tokens" not in left_out:
        options["max_tokens"] = request.max_tokens
    else:  # what OpenAI's reasoning models call it
        options["max_completion_tokens"] = request.max_tokens
    if mode == "json_schema":
        shape = {"name": TOOL, "schema": request.schema}
        return options | {"response_format": {"type": "json_schema", "json_schema": shape}}
    if mode == "json_object":
        return options | {"response_format": {"type": "json_object"}}
    function = {"name": TOOL, "description": "Give the reply.", "parameters": request.schema}
    choice = {"type": "function", "function": {"name": TOOL}}
    return options | {"tools": [{"type": "function", "function": function}], "tool_choice": choice}


def read(content: bytes, mode: Mode, request: Request | None = None) -> Raw:
    """Raises TryAgain for anything that is not a completion: a proxy's page, an error under status 200, half a body."""
    try:
        got = _Completion.model_validate(orjson.loads(content))
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise TryAgain(f"what came back is not a completion: {content[:200]!r}") from error
    if got.error or not got.choices:
        raise TryAgain(f"the reply holds an error: {got.error}")
    choice, usage = got.choices[0], got.usage or _Usage()
    calls = choice.message.tool_calls or []
    text = calls[0].function.arguments if calls else choice.message.content or ""
    if request and request.weigh:
        tokens = choice.logprobs.content if choice.logprobs else None
        text = weighed(text, request.weigh, tokens or [], _options(request.schema, request.weigh))
    ends = ("stop", "tool_calls") if mode == "tool" else ("stop",)
    return Raw(text, choice.finish_reason in ends, usage.prompt_tokens, usage.completion_tokens)


def _options(schema: Mapping[str, object], name: str) -> list[str]:
    """The words that a field of the schema may be."""
    shape = _Schema.model_validate(dict(schema)).properties.get(name)
    return shape.enum if shape else []


def weighed(text: str, name: str, tokens: Sequence[_Token], options: Sequence[str]) -> str:
    """The reply with `likelihood`: the probability of each option where the field's value begins, together 1.

    Whatever the model itself wrote under that name is gone: how sure it is, is not for it to say. An endpoint that
    tells no probabilities leaves it empty.
    """
    try:
        reply = orjson.loads(_unfenced(text.strip()))
    except orjson.JSONDecodeError:
        return text
    if not isinstance(reply, dict):
        return text
    return orjson.dumps(reply | {"likelihood": _likelihood(name, tokens, options)}).decode()


def _likelihood(name: str, tokens: Sequence[_Token], options: Sequence[str]) -> dict[str, float]:
    written = ""
    for token in tokens:
        # The value may begin in the token of its opening quote: ' "supp'.
        if re.search(rf'"{re.escape(name)}"\s*:\s*"?$', written) and token.token.strip(' \n"'):
            return _shares(token.top_logprobs or [], options)
        written += token.token
    return {}


def _shares(likely: Sequence[_Token], options: Sequence[str]) -> dict[str, float]:
    """A token that begins two of the options, or none, tells nothing."""
    found = dict.fromkeys(options, 0.0)
    for token in likely:
        begun = token.token.strip(' \n"')
        meant = [option for option in options if begun and option.startswith(begun)]
        if len(meant) == 1:
            found[meant[0]] += math.exp(token.logprob)
    total = sum(found.values())
    return {option: share / total for option, share in found.items()} if total else {}


def fits(reply: type[BaseModel], text: str) -> bool:
    return parsed(text, reply) is not None


def parsed(text: str, reply: type[R]) -> R | None:
    """orjson is the gate: it refuses NaN, lone surrogates, and depth that would overflow the stack."""
    if len(text) > LONGEST_REPLY:
        return None
    try:
        bare = _unfenced(text.strip())
        orjson.loads(bare)
        return reply.model_validate_json(bare)
    except (orjson.JSONDecodeError, ValidationError):
        return None


def _unfenced(text: str) -> str:
    """Without the code fence that many models put around JSON."""
    if not (text.startswith("```") and text.endswith("```") and "\n" in text):
        return text
    return text[text.index("\n") : -3]


def judged(status: int, said: str, retry_after: str | None, model: str) -> Exception:
    """What an HTTP status means: try again, ask differently, or tell the person."""
    said = redacted(f"HTTP {status}: {said}")[:300]
    if status in (401, 402, 403) or "insufficient_quota" in said:
        return _no_key(said)
    if status == 404:
        return _no_model(model, said)
    if status in (408, 409, 425, 429) or status >= 500:
        return TryAgain(said, crowded=status in (429, 503), after=_seconds(retry_after))
    return Refused(said)


def _seconds(header: str | None) -> float | None:
    """From either form that Retry-After has; never negative, and never longer than a person would wait."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except ValueError:
            return None
    return min(LONGEST_WAIT, max(0.0, seconds)) if seconds == seconds else None


def _no_key(said: str) -> UserError:
    return UserError(
        Words(f"The model's endpoint refused the key ({said}).", f"模型服务拒绝了密钥（{said}）。"),
        Words(
            "Set OPENAI_API_KEY to a key that this endpoint takes and that has credit, then run it again: "
            "what was finished is kept.",
            "请把 OPENAI_API_KEY 设为该服务认可且有余额的密钥，然后重新运行；已完成的部分都还在。",
        ),
    )


def _no_model(model: str, said: str) -> UserError:
    return UserError(
        Words(f"The endpoint knows no model {model!r} ({said}).", f"模型服务里没有模型 {model!r}（{said}）。"),
        Words(
            "Check TUNESMITH_MODEL, and that OPENAI_BASE_URL ends as the endpoint wants it (often /v1).",
            "请检查 TUNESMITH_MODEL，以及 OPENAI_BASE_URL 的结尾是否正确（通常是 /v1）。",
        ),
    )


def refuses(said: str) -> UserError:
    return UserError(
        Words(f"The endpoint takes no request of ours: {said}.", f"模型服务不接受我们的请求：{said}。"),
        Words(
            "It must offer chat completions with JSON schema, JSON mode or tools; try another model or endpoint.",
            "它需要支持 JSON schema、JSON 模式或工具调用的对话补全；请换一个模型或服务。",
        ),
    )


def down(said: str) -> UserError:
    return UserError(
        Words(f"The model's endpoint does not answer: {said}.", f"模型服务没有响应：{said}。"),
        Words(
            "Check that it runs and that OPENAI_BASE_URL is right. Every reply so far is kept: a later run goes on.",
            "请检查服务是否在运行、OPENAI_BASE_URL 是否正确。已有的回复都已保存，之后重新运行会接着做。",
        ),
    )
