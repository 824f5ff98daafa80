"""What many tests need: a home folder of their own, a scripted endpoint that the settings name, the shared data."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import cluster
from tests.scripted import Scripted
from tests.served import Script, Served
from workspace.settings import quiet_libraries, settings
from workspace.weights import weight

quiet_libraries()
# Threads of torch that spin while they wait take the cores from whoever else works here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# A shell that starts us in the background has Ctrl-C ignored, and whatever we start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
# A test has a home of its own, but not weights of its own: those of the person's home are fetched once and shared.
os.environ.setdefault("TUNESMITH_WEIGHTS", str(settings().home / "weights"))
settings.cache_clear()
ENDPOINT = ("OPENAI_BASE_URL", "OPENAI_API_KEY", "TUNESMITH_MODEL")


@pytest.fixture(scope="session", autouse=True)
def sentence_weights() -> None:
    """The 23 MB by which sentences are compared."""
    for name in ("minilm-int8", "minilm-tokenizer"):
        weight(name)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty TUNESMITH_HOME."""
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


@pytest.fixture
def few_weights(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a fast test no base to tune is here, so none is asked what it can do untrained; sentences can be compared."""
    if any(request.node.get_closest_marker(mark) for mark in ("slow", "browser")):
        return
    folder = tmp_path / "few weights"
    folder.mkdir()
    for name in ("minilm-int8", "minilm-tokenizer"):
        path = weight(name)
        (folder / path.name).symlink_to(path)
    monkeypatch.setenv("TUNESMITH_WEIGHTS", str(folder))
    settings.cache_clear()


@pytest.fixture
def scripted(few_weights: None, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """A running endpoint that the settings name; its queue and its script are the test's."""
    endpoint = Scripted().start()
    for name, value in zip(ENDPOINT, (endpoint.base_url, endpoint.key, endpoint.model), strict=True):
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield endpoint
    endpoint.stop()


@pytest.fixture
def shared() -> Path:
    """The real data that development uses; it is no part of the project."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is not here")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL that holds nothing yet, its password in it."""
    with cluster() as address:
        yield address


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
