"""What many tests need: a home folder of their own, a scripted endpoint that the settings name, the shared data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripted import Scripted
from workspace.settings import quiet_libraries, settings
from workspace.weights import weight

quiet_libraries()
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
def scripted(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
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
