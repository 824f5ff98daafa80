"""The protocol's ways in: over stdin and stdout, where nothing else may get in between, and over HTTP behind a door."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters
from starlette.testclient import TestClient

from tests.scripted import Scripted
from tests.ui.test_mcp import TOOLS, call, interviewed, refused
from ui.door.programs import key_for
from ui.mcp import PATH, build, build_app
from workspace.errors import UserError
from workspace.settings import settings

ROOT = Path(__file__).parents[2]
NOISY = "import os, sys, runpy; sys.argv = ['tunesmith', 'serve', 'mcp']; import agent.assistant.assisting as a\n" + (
    "usual = a.Assistant.projects\n"
    "def noisy(self):\n"
    "    print('a library says hello'); os.write(1, b'and another\\n'); os.system('echo and a child')\n"
    "    return usual(self)\n"
    "a.Assistant.projects = noisy\n"
    "runpy.run_module('ui.cli', run_name='__main__')\n"
)


def parameters(home: Path, *command: str, **environment: str) -> StdioServerParameters:
    plain = {k: v for k, v in os.environ.items() if not k.startswith("LC_")}
    given = {**plain, "TUNESMITH_HOME": str(home), **environment}
    return StdioServerParameters(command=sys.executable, args=list(command), env=given, cwd=ROOT)


def test_over_stdin_and_stdout(home: Path, scripted: Scripted) -> None:
    async def go() -> None:
        async with Client(parameters(home, "-m", "ui.cli", "serve", "mcp")) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
            answer = await interviewed(client, "examples")
            assert answer["question"]["text"]
            assert "outside" in await refused(client, "check", file="/etc/passwd")

    anyio.run(go)


def test_what_libraries_print_never_gets_into_the_protocol(home: Path) -> None:
    async def go() -> None:
        async with Client(parameters(home, "-c", NOISY)) as client:
            for _ in range(3):
                assert await call(client, "projects") == {"projects": []}

    anyio.run(go)


def test_it_ends_when_nobody_listens(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ui.cli", "serve", "mcp"],
        input=b"not json\n",
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        env={**os.environ, "TUNESMITH_HOME": str(home)},
    )
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


class TestOverHttp:
    HELLO = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }  # fmt: skip
    ACCEPT = {"accept": "application/json, text/event-stream"}

    def ask(self, home: Path, host: str = "127.0.0.1", **headers: str) -> int:
        app = build_app(build(home, "en"), host, settings().api_door_key, "en")
        with TestClient(app, base_url="http://127.0.0.1:8010") as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return client.post(PATH, json=self.HELLO, headers={**self.ACCEPT, **named}).status_code

    def test_this_machine_may_ask(self, home: Path) -> None:
        assert self.ask(home) == 200
        assert self.ask(home, origin="http://localhost:8010") == 200

    def test_no_other_name_and_no_page_may(self, home: Path) -> None:
        assert self.ask(home, host="127.0.0.1", Host="evil.example") == 400
        assert self.ask(home, sec_fetch_site="cross-site") == 403
        assert self.ask(home, origin="http://evil.example") == 403

    def test_beyond_loopback_only_with_the_key(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(UserError, match="TUNESMITH_API_KEY"):
            key_for("0.0.0.0")
        monkeypatch.setenv("TUNESMITH_API_KEY", "a-key")
        settings.cache_clear()
        assert self.ask(home, host="0.0.0.0") == 401
        assert self.ask(home, host="0.0.0.0", authorization="Bearer wrong") == 401
        assert self.ask(home, host="0.0.0.0", authorization="Bearer a-key") == 200

    def test_a_request_that_is_too_large_is_refused(self, home: Path) -> None:
        app = build_app(build(home, "en"), "127.0.0.1", None, "en")
        with TestClient(app, base_url="http://127.0.0.1:8010") as client:
            pieces = (b" " * 1_000_000 for _ in range(17))
            answer = client.post(PATH, content=pieces, headers={**self.ACCEPT, "content-type": "application/json"})
        assert answer.status_code == 413
        assert "16 MB" in answer.json()["error"]["message"]
