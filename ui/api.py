"""A tuned model and its base for programs that speak OpenAI's language: a thin front, and a door like the chat's."""

from __future__ import annotations

import logging
import sys
from asyncio import Semaphore
from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar, cast

import orjson
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Heard
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from agent.serving import NotOffered, Piece, Question, TooLong
from ui import words
from ui.door.programs import Refused, error_body, guards, key_for, listen, refusal
from ui.render import put
from ui.shapes import ChatRequest, Reply, Request, TextRequest, event
from workspace.errors import UserError
from workspace.sample import Message
from workspace.words import Language, Words

if TYPE_CHECKING:
    from pydantic import SecretStr

log = logging.getLogger("tunesmith")

BASE = "base"
PORT = 8000
MOST_BYTES = 4_000_000
MOST_WAITING = 1000
SECONDS_TO_END = 3
Asked = TypeVar("Asked", bound=Request)


class Answering(Protocol):
    """What is served: a model with its base."""

    @property
    def name(self) -> str: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def at_once(self) -> int: ...
    def prompt(self, messages: Sequence[Message]) -> tuple[int, ...]: ...
    def text(self, text: str) -> tuple[int, ...]: ...
    def room(self, prompt: tuple[int, ...], wanted: int | None = None) -> int: ...
    def answer(self, question: Question) -> Iterator[Piece]: ...


def serve(model: Answering, host: str, port: int | None, language: Language) -> None:
    """Until it is stopped. Raises UserError for a network address without a key, or a port in use."""
    import uvicorn

    key = key_for(host)
    listening = listen(host, PORT if port is None else port)
    app = build_app(model, host, key, language)
    shown = f"[{host}]" if ":" in host else host
    put(sys.stdout, words.API_AT.to(language).format(url=f"http://{shown}:{listening.getsockname()[1]}/v1"))
    put(sys.stdout, words.API_MODELS.to(language).format(name=model.name, base=BASE))
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=SECONDS_TO_END
    )
    uvicorn.Server(config).run(sockets=[listening])


def build_app(model: Answering, host: str, key: SecretStr | None, language: Language) -> Starlette:
    """The engine is started first: what can't be loaded is told now, and not to the first who asks."""
    desk = Desk(model, model.labels, language, Semaphore(model.at_once))
    return Starlette(
        routes=[
            Route("/health", desk.health),
            Route("/v1/models", desk.models),
            Route("/v1/models/{name:path}", desk.one_model),
            Route("/v1/chat/completions", desk.chat, methods=["POST"]),
            Route("/v1/completions", desk.complete, methods=["POST"]),
        ],
        middleware=guards(host, key, language),
        exception_handlers={
            Refused: desk.refused,
            UserError: desk.failed,
            HTTPException: desk.elsewhere,
            ClientDisconnect: desk.hung_up,
        },
    )


@dataclass
class Desk:
    """What happens when somebody asks. At most `places` questions are with the model at once; others wait in line."""

    model: Answering
    labels: tuple[str, ...]
    language: Language
    places: Semaphore
    waiting: int = 0

    async def health(self, request: Heard) -> Response:
        return JSONResponse({"status": "ok"})

    async def models(self, request: Heard) -> Response:
        return JSONResponse({"object": "list", "data": [_model(name) for name in (self.model.name, BASE)]})

    async def one_model(self, request: Heard) -> Response:
        return JSONResponse(_model(self._known(request.path_params["name"])))

    async def chat(self, request: Heard) -> Response:
        asked = await self._read(request, ChatRequest)
        prompt = await run_in_threadpool(self.model.prompt, [turn.message for turn in asked.messages])
        # Judged it was with its labels, and so it is served; who names a format wants that one instead.
        labels = () if asked.response_format else self.labels
        return await self._answer(request, asked, "chat.completion", prompt, labels, asked.schema_text)

    async def complete(self, request: Heard) -> Response:
        asked = await self._read(request, TextRequest)
        prompt = await run_in_threadpool(self.model.text, asked.text)
        return await self._answer(request, asked, "text_completion", prompt)

    async def _read(self, request: Heard, shape: type[Asked]) -> Asked:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                raise Refused(413, words.TOO_LARGE, "request_too_large")
        try:
            # Python's own reader recurses to death on deep JSON, and takes NaN.
            asked = shape.model_validate(orjson.loads(bytes(body)))
        except orjson.JSONDecodeError as error:
            why = str(error)
            said = Words(words.BAD_JSON.en.format(why=why), words.BAD_JSON.zh.format(why=why))
            raise Refused(400, said, "invalid_json") from error
        except ValidationError as error:
            raise _unfit(error) from error
        self._known(asked.model)
        if name := asked.not_offered:
            said = Words(words.NOT_OFFERED.en.format(name=name), words.NOT_OFFERED.zh.format(name=name))
            raise Refused(400, said, "unsupported_parameter", name)
        return asked

    def _known(self, name: str) -> str:
        names = (self.model.name, BASE)
        if name not in names:
            both = ", ".join(names)
            said = Words(
                words.NO_MODEL.en.format(name=name, names=both), words.NO_MODEL.zh.format(name=name, names=both)
            )
            raise Refused(404, said, "model_not_found", "model")
        return name

    async def _answer(
        self,
        request: Heard,
        asked: Request,
        kind: Literal["chat.completion", "text_completion"],
        prompt: tuple[int, ...],
        labels: tuple[str, ...] = (),
        schema: str = "",
    ) -> Response:
        room = self.model.room(prompt, asked.most_tokens)
        question = Question(prompt, asked.model != BASE, room, asked.sampling, asked.stops, labels, schema)
        if self.waiting >= MOST_WAITING:
            raise Refused(429, words.TOO_MANY, "rate_limit_exceeded")
        reply = Reply(kind, asked.model, prompt)
        if asked.stream:
            usage = bool(asked.stream_options and asked.stream_options.include_usage)
            stream = self._streamed(request, reply, question, usage)
            return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
        return await self._whole(request, reply, question)

    async def _whole(self, request: Heard, reply: Reply, question: Question) -> Response:
        text, last = "", Piece("", 0, "stop")
        async for piece in self._pieces(question):
            if await request.is_disconnected():
                break
            text, last = text + piece.text, piece
        return JSONResponse(reply.whole(text, last.ending or "stop", last.tokens))

    async def _streamed(self, request: Heard, reply: Reply, question: Question, usage: bool) -> AsyncIterator[bytes]:
        """What fails after the first byte can only be told in the stream."""
        tokens = 0
        try:
            yield reply.first()
            async for piece in self._pieces(question):
                tokens = piece.tokens
                yield reply.chunk(piece.text, piece.ending)
        except UserError as error:
            log.error("in mid-stream: %s", error)
            yield event(error_body(request, Refused(*_told(error)), self.language))
            return
        if usage:
            yield reply.usage(tokens)
        yield b"data: [DONE]\n\n"

    async def _pieces(self, question: Question) -> AsyncIterator[Piece]:
        """In its turn. Whoever leaves, in line or in mid-answer, frees the place at once."""
        self.waiting += 1
        try:
            async with self.places:
                pieces = cast("Generator[Piece, None, None]", self.model.answer(question))
                try:
                    async for piece in iterate_in_threadpool(pieces):
                        yield piece
                finally:
                    pieces.close()
        finally:
            self.waiting -= 1

    # what went wrong

    def refused(self, request: Heard, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return refusal(request, error, self.language)

    def failed(self, request: Heard, error: Exception) -> Response:
        assert isinstance(error, UserError)
        status, said, code = _told(error)
        return refusal(request, Refused(status, said, code), self.language)

    def elsewhere(self, request: Heard, error: Exception) -> Response:
        """No such address, or not by this method."""
        assert isinstance(error, HTTPException)
        said = Words(words.NO_ROUTE.en.format(path=request.url.path), words.NO_ROUTE.zh.format(path=request.url.path))
        return refusal(request, Refused(error.status_code, said, "unknown_url"), self.language)

    def hung_up(self, request: Heard, error: Exception) -> Response:
        return Response(status_code=400)


def _told(error: UserError) -> tuple[int, Words, str]:
    said = Words(" ".join(error.to("en")), "".join(error.to("zh")))
    if isinstance(error, TooLong):
        return 400, said, "context_length_exceeded"
    return (400, said, "unsupported_value") if isinstance(error, NotOffered) else (500, said, "model_failed")


def _unfit(error: ValidationError) -> Refused:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    why = f"{place}: {first['msg']}" if place else first["msg"]
    said = Words(words.BAD_REQUEST.en.format(why=why), words.BAD_REQUEST.zh.format(why=why))
    return Refused(400, said, "invalid_value", place or None)


def _model(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "tunesmith"}
