"""OpenAI's requests and replies, as far as a small tuned model can honour them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from agent.serving import Ending, Sampling
from workspace.sample import Message, Role

# Asked for and passed over in silence they would be a lie.
NOT_OFFERED = (
    *("tools", "functions", "logprobs", "top_logprobs", "logit_bias", "audio", "prediction"),
    *("web_search_options", "echo", "suffix", "best_of"),
)
ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


class Turn(BaseModel):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]

    @property
    def message(self) -> Message:
        text = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        return Message(role=ROLES[self.role], content=text)


class Schema(BaseModel):
    schema_: dict[str, object] = Field(alias="schema")


class Plain(BaseModel):
    type: Literal["text"]


class AnyObject(BaseModel):
    type: Literal["json_object"]


class BySchema(BaseModel):
    type: Literal["json_schema"]
    json_schema: Schema


class StreamOptions(BaseModel):
    include_usage: bool = False


class Request(BaseModel):
    """What chat and completion have in common. What is None or left out is as OpenAI says, but for the temperature."""

    model_config = ConfigDict(extra="allow")

    model: str
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2, description="0 if left out: as the model was judged")
    top_p: float | None = Field(None, gt=0, le=1)
    seed: int | None = None
    stop: str | list[str] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)

    @property
    def most_tokens(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens

    @property
    def stops(self) -> tuple[str, ...]:
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return tuple(stop for stop in given if stop)

    @property
    def sampling(self) -> Sampling:
        return Sampling(
            self.temperature or 0.0,
            self.top_p or 1.0,
            self.seed,
            self.presence_penalty or 0.0,
            self.frequency_penalty or 0.0,
        )

    @property
    def not_offered(self) -> str | None:
        """The first thing asked for that nobody here can do."""
        return next((name for name in NOT_OFFERED if (self.model_extra or {}).get(name)), None)


class ChatRequest(Request):
    messages: list[Turn] = Field(min_length=1)
    response_format: Annotated[Plain | AnyObject | BySchema, Field(discriminator="type")] | None = None

    @property
    def schema_text(self) -> str:
        match self.response_format:
            case AnyObject():
                return '{"type":"object"}'
            case BySchema():
                return orjson.dumps(self.response_format.json_schema.schema_).decode()
        return ""


class TextRequest(Request):
    prompt: str | Annotated[list[str], Field(min_length=1, max_length=1)]

    @property
    def text(self) -> str:
        return self.prompt if isinstance(self.prompt, str) else self.prompt[0]


Kind = Literal["chat.completion", "text_completion"]


class Reply:
    """One answer under way, in the shape that its asker expects."""

    def __init__(self, kind: Kind, model: str, prompt: Sequence[int]) -> None:
        self.kind, self.model, self.prompt = kind, model, len(prompt)
        self.id = ("chatcmpl-" if kind == "chat.completion" else "cmpl-") + secrets.token_hex(12)
        self.created = int(time.time())

    def whole(self, text: str, ending: Ending, tokens: int) -> dict[str, object]:
        said: dict[str, object] = {"message": {"role": "assistant", "content": text}} if self._chat else {"text": text}
        return {**self._head(self.kind), "choices": [self._choice(said, ending)], "usage": self._usage(tokens)}

    def first(self) -> bytes:
        """A chat's stream begins by saying who speaks; a text's just begins."""
        return self._chunk({"delta": {"role": "assistant", "content": ""}}, None) if self._chat else b""

    def chunk(self, text: str, ending: Ending | None) -> bytes:
        if not self._chat:
            return self._chunk({"text": text}, ending)
        parts = [self._chunk({"delta": {"content": text}}, None)] if text else []
        return b"".join([*parts, self._chunk({"delta": {}}, ending)] if ending else parts)

    def usage(self, tokens: int) -> bytes:
        return event({**self._head(self._streamed), "choices": [], "usage": self._usage(tokens)})

    @property
    def _chat(self) -> bool:
        return self.kind == "chat.completion"

    @property
    def _streamed(self) -> str:
        return "chat.completion.chunk" if self._chat else self.kind

    def _chunk(self, said: dict[str, object], ending: Ending | None) -> bytes:
        return event({**self._head(self._streamed), "choices": [self._choice(said, ending)]})

    def _choice(self, said: dict[str, object], ending: Ending | None) -> dict[str, object]:
        return {"index": 0, **said, "logprobs": None, "finish_reason": ending}

    def _head(self, kind: str) -> dict[str, object]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def _usage(self, tokens: int) -> dict[str, int]:
        return {"prompt_tokens": self.prompt, "completion_tokens": tokens, "total_tokens": self.prompt + tokens}


def event(data: dict[str, object]) -> bytes:
    """One server-sent event."""
    return b"data: " + orjson.dumps(data) + b"\n\n"
