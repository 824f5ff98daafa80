"""Base and tuned behind one llama.cpp server: the weights are in memory once, the adapter is scaled by 0 or 1."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel

from finetune.shipping.engine import Ending, NotOffered, Piece, Question
from finetune.shipping.llama import started
from workspace.errors import UserError
from workspace.words import Words

log = logging.getLogger("tunesmith")

AT_ONCE = 4
MOST_CONTEXT = 4096
# A long answer to others is waited for; a server that says nothing for so long is gone.
SECONDS = 600.0


class Told(BaseModel):
    """One event of llama.cpp's stream."""

    content: str = ""
    tokens_predicted: int = 0
    stop: bool = False
    stop_type: str = ""


class LlamaServer:
    """In this process, on a port of loopback that asks for a key nobody else has."""

    at_once = AT_ONCE

    def __init__(self, base: Path, adapter: Path, context: int) -> None:
        """`base` and `adapter` are GGUF files; `context` in tokens. Raises UserError where it doesn't start."""
        import httpx

        self.context = min(context, MOST_CONTEXT)
        key = secrets.token_urlsafe(24)
        self._server = _started(base, adapter, self.context, key)
        self._asking = httpx.Client(
            base_url=self._server.listening_address,
            headers={"Authorization": f"Bearer {key}"},
            timeout=httpx.Timeout(SECONDS, connect=10),
            # The server hangs up after 100 requests or five idle seconds, and a question may just have set out then.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            trust_env=False,
        )

    def answer(self, question: Question) -> Iterator[Piece]:
        """Whoever stops listening ends the work too: the server sees the connection close."""
        import httpx

        try:
            with self._asking.stream("POST", "/completion", json=_body(question)) as reply:
                if reply.status_code != 200:
                    raise _refused(reply.read(), asker=reply.status_code == 400)
                yield from _pieces(reply.iter_lines())
        except httpx.HTTPError as error:
            raise _gone(error) from error

    def close(self) -> None:
        """The server stops when its object goes."""
        self._asking.close()
        self._server = None


def _started(base: Path, adapter: Path, context: int, key: str) -> Any:
    try:
        return started(base, adapter, context, AT_ONCE, key)
    except (RuntimeError, MemoryError) as error:
        raise _no_start(error) from error


def _body(question: Question) -> dict[str, object]:
    how = question.sampling
    body: dict[str, object] = {
        "prompt": question.prompt,
        "stream": True,
        "lora": [{"id": 0, "scale": 1.0 if question.tuned else 0.0}],
        "n_predict": question.most_tokens,
        "stop": question.stop,
        "temperature": how.temperature,
        "top_p": how.top_p,
        # Only what OpenAI's parameters say: llama.cpp would add a top_k of 40 and a min_p of 0.05.
        "top_k": 0,
        "min_p": 0.0,
        "presence_penalty": how.presence_penalty,
        "frequency_penalty": how.frequency_penalty,
    }
    if how.seed is not None:
        body["seed"] = how.seed % 2**32
    if question.labels:
        body["grammar"] = grammar(question.labels)
    elif question.schema:
        body["json_schema"] = orjson.loads(question.schema)
    return body


def grammar(labels: tuple[str, ...]) -> str:
    """One of these and nothing else, in llama.cpp's notation."""
    return "root ::= " + " | ".join(json.dumps(label, ensure_ascii=False) for label in labels)


def _pieces(lines: Iterator[str]) -> Iterator[Piece]:
    for line in lines:
        if line.startswith("error:"):
            raise _refused(line.removeprefix("error:").encode())
        if not line.startswith("data:"):
            continue
        data = orjson.loads(line.removeprefix("data:"))
        if "error" in data:
            raise _refused(orjson.dumps(data))
        told = Told.model_validate(data)
        ending: Ending | None = ("length" if told.stop_type == "limit" else "stop") if told.stop else None
        yield Piece(told.content, told.tokens_predicted, ending)


def _refused(reply: bytes, asker: bool = False) -> UserError:
    """`asker`: the fault lies in what was asked."""
    log.error("llama.cpp refused: %s", reply[:1000])
    try:
        why = str(orjson.loads(reply)["error"]["message"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        why = reply[:200].decode(errors="replace")
    return (NotOffered if asker else UserError)(
        Words(f"The model could not answer ({why}).", f"模型无法回答（{why}）。"),
        Words("Shorten the message, or change what the answer must look like.", "请缩短消息，或调整对回答格式的要求。"),
    )


def _gone(error: Exception) -> UserError:
    return UserError(
        Words(f"The model's server does not answer ({error!r}).", f"模型服务没有响应（{error!r}）。"),
        Words("Ask again; if it stays so, start this program anew.", "请再试一次；如果仍然如此，请重新启动程序。"),
    )


def _no_start(error: Exception) -> UserError:
    return UserError(
        Words(f"The model could not be loaded to answer ({error}).", f"模型未能加载（{error}）。"),
        Words(
            "Free some memory and try again; if it stays so, train the model once more.",
            "请释放一些内存后再试；如果仍然如此，请重新训练模型。",
        ),
    )
