"""The Slack face, running, and the Slack that it talks to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn

from tests.scripted import Scripted
from tests.slack_server import BOSS, Workspace
from tests.ui.slack_place import Place, until
from ui.channel.threads import Clerk
from ui.slack import ROUTE, Verifier, door, put_together
from workspace.settings import settings


@pytest.fixture
def slack() -> Iterator[Workspace]:
    played = Workspace().start()
    yield played
    played.stop()


@pytest.fixture
def start(
    home: Path, scripted: Scripted, slack: Workspace, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Place]]:
    servers: list[uvicorn.Server] = []
    clerks: list[Clerk] = []

    def starting() -> Place:
        for name, value in (slack.environment() | {"TUNESMITH_SLACK_APPROVERS": BOSS}).items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        clerk, app = put_together(home, settings().slack)
        clerk.postman.every = 0.05
        clerk.start()
        listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        server = uvicorn.Server(uvicorn.Config(door(app, Verifier(slack.secret)), log_config=None))
        threading.Thread(target=server.run, args=([listening],), daemon=True).start()
        until(lambda: server.started)
        servers.append(server)
        clerks.append(clerk)
        return Place(slack, home, clerk, f"http://127.0.0.1:{listening.getsockname()[1]}{ROUTE}", app)

    yield starting
    for server, clerk in zip(servers, clerks, strict=True):
        server.should_exit = True
        clerk.end()


@pytest.fixture
def place(start: Callable[[], Place]) -> Place:
    return start()
