"""The embedded model, for real: its weights, its server, one reply held to a schema."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from tools.embedded import cores, serve
from tools.llm import Ask, open_chat
from workspace.journal import Journal
from workspace.settings import settings

pytestmark = pytest.mark.slow


class Intent(BaseModel):
    intent: Literal["lost card", "exchange rate", "open an account"]
    urgent: bool


@pytest.fixture
def no_endpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing names an endpoint; the weights are shared with the person's own home."""
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "TUNESMITH_MODEL"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    return tmp_path


def test_it_answers_within_the_schema(no_endpoint: Path) -> None:
    journal = Journal(no_endpoint / "journal.sqlite")
    chat = open_chat(journal)
    asks = [Ask(f"A bank's customer writes: {text!r} What is it about?", Intent, str(n)) for n, text in enumerate(
        ["My card was stolen an hour ago!", "How many dollars do I get for 100 euros?"]
    )]  # fmt: skip
    answers = [answer.value for answer in chat.ask_all(asks)]
    chat.close()
    assert answers[0] is not None
    assert answers[1] is not None
    assert (answers[0].intent, answers[1].intent) == ("lost card", "exchange rate")
    assert journal.tokens()[1] > 0


def test_it_is_started_once_on_loopback_behind_a_key(no_endpoint: Path) -> None:
    endpoint = serve()
    assert serve() is endpoint
    assert endpoint.base_url is not None
    assert endpoint.base_url.startswith("http://127.0.0.1:")
    assert endpoint.api_key.get_secret_value() not in repr(endpoint)
    request = urllib.request.Request(endpoint.base_url + "/chat/completions", data=b"{}", method="POST")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request)


def test_it_starts_and_ends_without_a_word(no_endpoint: Path) -> None:
    work = "from tools.embedded import serve; serve()"
    done = subprocess.run([sys.executable, "-c", work], capture_output=True, text=True, timeout=200)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_cores_are_those_this_process_may_use() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
