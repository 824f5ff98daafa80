"""A web server in a thread whose answers are the test's, and which remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson


@dataclass(frozen=True)
class Asked:
    """Header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """`body`: bytes as they stand, anything else as JSON. `cut`: the connection ends after so many bytes of it."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None

    @property
    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


Script = Callable[[Asked], Any]


class Served:
    """`answer` returns a Reply, or what its body is."""

    def __init__(self, answer: Script) -> None:
        self.answer, self.asked = answer, list[Asked]()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, unquote(parts.path), dict(parse_qsl(parts.query)), headers)
                served.asked.append(asked)
                said = served.answer(asked)
                self._say(said if isinstance(said, Reply) else Reply(said))

            do_HEAD = do_GET

            def _say(self, said: Reply) -> None:
                body = said.bytes
                self.send_response(said.status)
                for name, value in {"Content-Length": str(len(body)), **said.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body if said.cut is None else body[: said.cut])

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def ranged(body: bytes, asked: Asked, **headers: str) -> Reply:
    """What a server that can resume answers: the rest of the file where a rest is asked for."""
    start = asked.headers.get("range", "")
    if not start.startswith("bytes="):
        return Reply(body, headers={"Accept-Ranges": "bytes", **headers})
    first = int(start[6:].partition("-")[0])
    told = {"Content-Range": f"bytes {first}-{len(body) - 1}/{len(body)}", **headers}
    return (
        Reply(body[first:], 206, told)
        if first < len(body)
        else Reply(b"", 416, {"Content-Range": f"bytes */{len(body)}"})
    )
