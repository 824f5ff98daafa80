"""The API as programs use it: OpenAI's own client over HTTP, many at once, gone in mid-answer, or plainly wrong."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import uvicorn
from starlette.testclient import TestClient

from agent.serving import NotOffered, Piece, Question, TooLong, model_to_serve
from finetune.shipping.serving import close_all
from tests.finetune.shipping.tuned import tiny_tuned
from tests.finetune.tiny import LABELS
from ui import api
from ui.api import build_app
from ui.door.programs import key_for, listen
from workspace.errors import UserError
from workspace.sample import Message
from workspace.settings import settings
from workspace.words import Words

BOTH = Words("no", "不"), Words("do", "做")


class Scripted:
    """Says back whom and what it was asked, a character at a time; words for what goes wrong are in the message."""

    name = "colours"
    at_once = 2

    def __init__(self, labels: tuple[str, ...] = ()) -> None:
        self.labels = labels
        self.questions: list[Question] = []
        self.under_way = self.most_under_way = self.closed = 0
        self.pace = 0.0
        self._lock = threading.Lock()

    def prompt(self, messages: Sequence[Message]) -> tuple[int, ...]:
        return self.text("|".join(f"{m.role}:{m.content}" for m in messages))

    def text(self, text: str) -> tuple[int, ...]:
        if len(text) > 1000:
            raise TooLong(*BOTH)
        return tuple(map(ord, text))

    def room(self, prompt: tuple[int, ...], wanted: int | None = None) -> int:
        return wanted or 100

    def answer(self, question: Question) -> Iterator[Piece]:
        with self._lock:
            self.questions.append(question)
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            text = ("tuned " if question.tuned else "base ") + "".join(map(chr, question.prompt))
            if "REFUSE" in text:
                raise NotOffered(*BOTH)
            for number, letter in enumerate(text[: question.most_tokens]):
                time.sleep(self.pace)
                if "BREAK" in text and number == 3:
                    raise UserError(*BOTH)
                yield Piece(letter, number + 1)
            yield Piece(
                "", min(len(text), question.most_tokens), "length" if len(text) > question.most_tokens else "stop"
            )
        finally:
            with self._lock:
                self.under_way -= 1
                self.closed += 1


class Running:
    """The app on a port of this machine."""

    def __init__(self, model: api.Answering, key: str | None = None) -> None:
        listening = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        from pydantic import SecretStr

        app = build_app(model, "127.0.0.1", SecretStr(key) if key else None, "en")
        self.server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listening]})
        self.thread.start()
        self.client = openai.OpenAI(base_url=f"{self.url}/v1", api_key=key or "none", max_retries=0, timeout=60)
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=60)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Running]]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    started: list[Running] = []

    def start(model: api.Answering, key: str | None = None) -> Running:
        started.append(Running(model, key))
        return started[-1]

    yield start
    for one in started:
        one.stop()


Start = Callable[..., Running]
HELLO: list[Any] = [{"role": "user", "content": "hello"}]


def test_openais_client_talks_to_both(running: Start) -> None:
    client = running(Scripted()).client
    assert [model.id for model in client.models.list()] == ["colours", "base"]
    assert client.models.retrieve("base").owned_by == "tunesmith"
    for name, wanted in (("colours", "tuned user:hello"), ("base", "base user:hello")):
        reply = client.chat.completions.create(model=name, messages=HELLO)
        assert reply.choices[0].message.content == wanted
        assert reply.choices[0].finish_reason == "stop"
        assert reply.model == name
        assert reply.usage
        assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (10, len(wanted))
    text = client.completions.create(model="base", prompt="once", max_tokens=6)
    assert (text.choices[0].text, text.choices[0].finish_reason) == ("base o", "length")


def test_openais_client_streams(running: Start) -> None:
    client = running(Scripted()).client
    options: Any = {"include_usage": True}
    chunks = list(client.chat.completions.create(model="base", messages=HELLO, stream=True, stream_options=options))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "base user:hello"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens == len("base user:hello")
    pieces = client.completions.create(model="base", prompt="once", stream=True)
    assert "".join(piece.choices[0].text for piece in pieces) == "base once"


def test_what_is_asked_reaches_the_engine(running: Start) -> None:
    model = Scripted()
    client = running(model).client
    parts: list[Any] = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    client.chat.completions.create(
        model="colours",
        messages=[{"role": "developer", "content": "be brief"}, {"role": "user", "content": parts}],
        temperature=0.5,
        top_p=0.9,
        seed=3,
        stop=["x", "y"],
        presence_penalty=1,
        frequency_penalty=-1,
        max_completion_tokens=7,
    )
    asked = model.questions[-1]
    assert "".join(map(chr, asked.prompt)) == "system:be brief|user:ab"
    how = asked.sampling
    assert (how.temperature, how.top_p, how.seed, how.presence_penalty, how.frequency_penalty) == (0.5, 0.9, 3, 1, -1)
    assert (asked.stop, asked.most_tokens, asked.tuned, asked.schema) == (("x", "y"), 7, True, "")
    client.chat.completions.create(model="base", messages=HELLO)
    assert model.questions[-1].sampling.temperature == 0


def test_a_classification_is_held_to_its_labels_unless_a_format_is_named(running: Start) -> None:
    model = Scripted(LABELS)
    client = running(model).client
    schema: Any = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "array"}}}
    text, anything = {"type": "text"}, {"type": "json_object"}
    for given, labels, wanted in (
        (openai.NOT_GIVEN, LABELS, ""),
        (text, (), ""),
        (anything, (), '{"type":"object"}'),
        (schema, (), '{"type":"array"}'),
    ):
        client.chat.completions.create(model="colours", messages=HELLO, response_format=given)  # type: ignore[call-overload]
        assert (model.questions[-1].labels, model.questions[-1].schema) == (labels, wanted)
    client.completions.create(model="colours", prompt="free")
    assert model.questions[-1].labels == ()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b'{"a": NaN}', 400, "invalid_json"),
        (b"[" * 100_000, 400, "invalid_json"),
        (b"[]", 400, "invalid_value"),
        (b'{"model": "base"}', 400, "invalid_value"),
        (b'{"model": "base", "messages": []}', 400, "invalid_value"),
        (b'{"model": "gpt-9", "messages": [{"role": "user", "content": "x"}]}', 404, "model_not_found"),
        (b'{"model": "base", "n": 2, "messages": [{"role": "user", "content": "x"}]}', 400, "invalid_value"),
        (b'{"model": "base", "max_tokens": 0, "messages": [{"role": "user", "content": "x"}]}', 400, "invalid_value"),
        (
            b'{"model": "base", "tools": [{}], "messages": [{"role": "user", "content": "x"}]}',
            400,
            "unsupported_parameter",
        ),
        (
            b'{"model": "base", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}',
            400,
            "invalid_value",
        ),
        (b'{"model": "base", "messages": [{"role": "user", "content": "REFUSE"}]}', 400, "unsupported_value"),
        (b'{"model": "base", "messages": [{"role": "user", "content": "BREAK"}]}', 500, "model_failed"),
        (
            b'{"model": "base", "messages": [{"role": "user", "content": "%s"}]}' % (b"x" * 2000),
            400,
            "context_length_exceeded",
        ),
        (b" " * 4_000_001, 413, "request_too_large"),
    ],
    ids=lambda given: given[:20].decode() if isinstance(given, bytes) else str(given),
)
def test_mistakes_are_told_as_openai_tells_them(running: Start, body: bytes, status: int, code: str) -> None:
    reply = running(Scripted()).http.post("/v1/chat/completions", content=body)
    error = reply.json()["error"]
    assert (reply.status_code, error["code"]) == (status, code)
    assert error["message"]
    assert error["type"] == ("server_error" if status == 500 else "invalid_request_error")


def test_errors_are_in_the_askers_language_and_openais_classes(running: Start) -> None:
    one = running(Scripted())
    reply = one.http.get("/v1/models/other", headers={"Accept-Language": "zh-CN"})
    assert "没有名为 other 的模型" in reply.json()["error"]["message"]
    with pytest.raises(openai.NotFoundError, match="There are: colours, base"):
        one.client.chat.completions.create(model="gpt-9", messages=HELLO)
    for method, path, status in (("GET", "/v1/chat/completions", 405), ("GET", "/nothing", 404)):
        reply = one.http.request(method, path)
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, "unknown_url")


def test_what_breaks_in_mid_stream_is_told_in_the_stream(running: Start) -> None:
    client = running(Scripted()).client
    told: list[Any] = [{"role": "user", "content": "BREAK"}]
    stream = client.chat.completions.create(model="base", messages=told, stream=True)
    assert "".join(next(stream).choices[0].delta.content or "" for _ in range(4)) == "bas"
    with pytest.raises(openai.APIError, match="no do"):
        next(stream)


def test_a_hundred_at_once_wait_their_turn(running: Start) -> None:
    model = Scripted()
    model.pace = 0.001
    one = running(model)

    def ask(number: int) -> str:
        asked: list[Any] = [{"role": "user", "content": f"number {number}"}]
        if number % 2:
            stream = one.client.chat.completions.create(model="base", messages=asked, stream=True)
            return "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        return str(one.client.chat.completions.create(model="base", messages=asked).choices[0].message.content)

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(ask, range(100)))
    assert answers == [f"base user:number {number}" for number in range(100)]
    assert model.most_under_way == 2
    assert one.http.get("/health").json() == {"status": "ok"}


@pytest.mark.parametrize("stream", [True, False])
def test_who_hangs_up_frees_the_place(running: Start, stream: bool) -> None:
    model = Scripted()
    model.at_once, model.pace = 1, 0.05
    one = running(model)
    body = {"model": "base", "stream": stream, "messages": [{"role": "user", "content": "x" * 900}], "max_tokens": 900}
    if stream:
        with one.http.stream("POST", "/v1/chat/completions", json=body) as reply:
            next(reply.iter_lines())
    else:
        with pytest.raises(httpx.ReadTimeout):
            one.http.post("/v1/chat/completions", json=body, timeout=0.3)
    started = time.monotonic()
    assert one.client.chat.completions.create(model="base", messages=HELLO).choices[0].message.content
    assert time.monotonic() - started < 10  # the whole of the first would take 45 s
    assert (model.closed, model.under_way) == (2, 0)


def test_the_line_has_an_end(running: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MOST_WAITING", 0)
    with pytest.raises(openai.RateLimitError):
        running(Scripted()).client.chat.completions.create(model="base", messages=HELLO)


def test_the_key_is_asked_of_everybody(running: Start) -> None:
    one = running(Scripted(), "sesame 芝麻")
    for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": b"Basic " + "sesame 芝麻".encode()}):
        reply = one.http.post("/v1/chat/completions", content=b"{", headers=header)  # type: ignore[arg-type]
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_api_key")
    right = {"Authorization": b"Bearer " + "sesame 芝麻".encode()}
    assert one.http.get("/v1/models", headers=right).status_code == 200  # type: ignore[arg-type]
    assert one.http.get("/health").status_code == 200
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=f"{one.url}/v1", api_key="wrong", max_retries=0).models.list()


def test_beyond_this_machine_only_with_a_key(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert key_for("127.0.0.1") is None
    with pytest.raises(UserError, match="TUNESMITH_API_KEY"):
        key_for("0.0.0.0")
    monkeypatch.setenv("TUNESMITH_API_KEY", "sesame")
    settings.cache_clear()
    key = key_for("0.0.0.0")
    assert key
    assert key.get_secret_value() == "sesame"


def test_another_name_for_this_machine_is_refused(running: Start) -> None:
    http = running(Scripted()).http
    for host, status in (("evil.example", 400), ("[evil::1]", 400), ("[::1]:8000", 200), ("LOCALHOST", 200)):
        assert http.get("/v1/models", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("host", "own"), [("::1", "[::1]:8000"), ("0:0:0:0:0:0:0:1", "[::1]"), ("127.0.0.2", "127.0.0.2:1")]
)
def test_every_spelling_of_this_machine_checks_names(host: str, own: str) -> None:
    http = TestClient(build_app(Scripted(), host, None, "en"))
    assert http.get("/v1/models", headers={"Host": own}).status_code == 200
    assert http.get("/v1/models", headers={"Host": "evil.example:8000"}).status_code == 400


def test_a_page_of_another_site_is_refused_where_no_key_is_asked(running: Start) -> None:
    said = {"model": "colours", "messages": HELLO, "max_tokens": 1}
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)):
        one, header = running(Scripted()), {"Sec-Fetch-Site": site, "Content-Type": "text/plain"}
        assert one.http.post("/v1/chat/completions", json=said, headers=header).status_code == status


def test_a_port_in_use_has_words() -> None:
    taken = listen("127.0.0.1", 0)
    with pytest.raises(UserError, match="can't be used"):
        listen("127.0.0.1", taken.getsockname()[1])
    taken.close()
    with pytest.raises(UserError, match="can't be used"):
        listen("127.0.0.1", 99999)


def test_a_real_model_behind_it(running: Start, tmp_path: Path) -> None:
    folder = tiny_tuned(tmp_path)
    one = running(model_to_serve(tmp_path, str(folder)))
    with ThreadPoolExecutor(8) as pool:
        replies = list(
            pool.map(lambda _: one.client.chat.completions.create(model="colours", messages=HELLO), range(8))
        )
    assert {reply.choices[0].message.content for reply in replies} <= set(LABELS)
    with pytest.raises(openai.BadRequestError, match="without sampling"):
        one.client.chat.completions.create(model="colours", messages=HELLO, temperature=1)
    with pytest.raises(openai.BadRequestError, match="too long") as caught:
        one.client.chat.completions.create(model="base", messages=[{"role": "user", "content": "x" * 600}])
    assert caught.value.code == "context_length_exceeded"
    close_all()


def test_ctrl_c_ends_it_in_mid_answer(tmp_path: Path) -> None:
    folder = tiny_tuned(tmp_path)
    command = [sys.executable, "-m", "ui.cli", "--home", str(tmp_path), "serve", "api", str(folder), "--port", "0"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout
    line = child.stdout.readline()
    url = line[line.index("http") :].split()[0]
    body = {"model": "base", "response_format": {"type": "text"}, "messages": HELLO, "max_tokens": 400}
    answering = threading.Thread(target=lambda: httpx.post(f"{url}/chat/completions", json=body, trust_env=False))
    answering.start()
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "Traceback" not in errors
    answering.join()
