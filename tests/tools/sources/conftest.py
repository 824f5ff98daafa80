"""What the sources beyond this machine's files are tried on: a kit without a model, and a PostgreSQL of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import cluster
from tests.served import Script, Served
from tools.base import Kit
from workspace.project import Project
from workspace.settings import settings
from workspace.spec import Spec


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL that holds nothing yet, its password in it."""
    with cluster() as address:
        yield address


@pytest.fixture
def bare(home: Path) -> Kit:
    """No goal, no model: the kit of whoever only fetches."""
    return Kit(spec=Spec(), project=Project(home, "test"))


@pytest.fixture
def serve(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Script], Served]]:
    """Starts web servers that the administrator lets us fetch, though they are on this machine."""
    running: list[Served] = []

    def start(answer: Script) -> Served:
        running.append(Served(answer))
        monkeypatch.setenv("TUNESMITH_PRIVATE_HOSTS", ",".join(one.host for one in running))
        settings.cache_clear()
        return running[-1]

    yield start
    for one in running:
        one.stop()
    settings.cache_clear()
