"""Fifty people signed in at once, twenty turns each, every one with a secret word: does any word turn up elsewhere?

    .venv/bin/python -m benchmarks.sessions [--people 50] [--turns 20]

Real sessions behind the real server, asked over HTTP as the page asks it; the model's words come from a scripted
endpoint. Looked at afterwards: every answer of the server to somebody else, every request to the model, every file of
the home folder but those of the person's own project, and the log. Each count must be 0.
"""

from __future__ import annotations

import argparse
import os
import platform
import secrets
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx

from agent.session import Session
from tests.scripted import Scripted
from workspace.settings import quiet_libraries, settings

PASSWORD = "a long enough password"
SAID = (
    "Sort what customers of {secret} write into kinds.",
    "sort texts into kinds for {secret}",
    "no",
    "refund {secret}, delivery {secret}, password {secret}",
    "English",
    "no",
    "It must never contain the word {secret}.",
    "90%",
    "70% everyday {secret} and 30% complaints",
    "none, I am {secret}",
    "30",
    "how many were rejected about {secret}?",
    "show me what you have",
    "change the goal to: tell what {secret} wants",
)


@dataclass
class Somebody:
    """One person in one browser tab: what they said, and all that ever came back."""

    name: str
    secret: str
    client: httpx.Client
    project: str = ""
    heard: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def ask(self, handlers: dict[str, int], name: str, *data: Any) -> Any:
        kept = {"project": self.project, "language": "en"}
        body = {"data": [*data, kept], "fn_index": handlers[name], "session_hash": self.name, "trigger_id": None}
        start = time.perf_counter()
        answer = self.client.post("gradio_api/run/predict", json=body | {"event_data": None})
        answer.raise_for_status()
        self.seconds.append(time.perf_counter() - start)
        self.heard.append(answer.text)
        return answer.json()["data"]


def arrive(url: str, number: int) -> Somebody:
    one = Somebody(
        f"person{number}", f"zq{secrets.token_hex(6)}", httpx.Client(base_url=url, trust_env=False, timeout=120)
    )
    given = {"name": one.name, "password": PASSWORD}
    one.client.post(
        "sign-in", data=given, headers={"Origin": url.rstrip("/")}, follow_redirects=True
    ).raise_for_status()
    return one


def talk(one: Somebody, handlers: dict[str, int], turns: int) -> None:
    one.project = next(
        part["project"] for part in one.ask(handlers, "enter") if isinstance(part, dict) and "project" in part
    )
    for line in islice(cycle(SAID), turns):
        before = len(one.heard)
        one.ask(handlers, "send", {"text": line.format(secret=one.secret), "files": []})
        _settle(one, handlers, before)


def _settle(one: Somebody, handlers: dict[str, int], before: int) -> None:
    for _ in range(600):
        one.ask(handlers, "look")
        said = "".join(one.heard[before:])
        if "tm-working" not in one.heard[-1] and ("tm-answer" in said or len(one.heard) > before + 5):
            return
        time.sleep(0.2)


def leaks(people: list[Somebody], home: Path, endpoint: Scripted) -> dict[str, int]:
    told = {one.secret: "\n".join(one.heard) for one in people}
    screens = sum(one.secret in text for one in people for secret, text in told.items() if secret != one.secret)
    calls = [str(call.body) for call in endpoint.calls]
    mixed = sum(sum(one.secret in call for one in people) > 1 for call in calls)
    files = [(path, path.read_bytes()) for path in home.rglob("*") if path.is_file()]
    strange = [
        path for path, text in files for one in people if one.secret.encode() in text and one.project not in path.parts
    ]
    log = sum(one.secret.encode() in text for path, text in files if path.suffix == ".log" for one in people)
    return {"other screens": screens, "model requests with two": mixed, "foreign files": len(strange), "log": log}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--turns", type=int, default=20)
    given = parser.parse_args()
    quiet_libraries()
    home, endpoint = Path(tempfile.mkdtemp(prefix="sessions-")), Scripted(latency=0.2).start()
    os.environ.setdefault("TUNESMITH_WEIGHTS", str(settings().home / "weights"))
    named = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": endpoint.key, "TUNESMITH_MODEL": endpoint.model}
    os.environ.update(named | {"TUNESMITH_HOME": str(home)})
    settings.cache_clear()
    from ui.chat import build_app, launch
    from ui.cli import _log_to
    from workspace.people import People

    _log_to(home / "log" / "tunesmith.log")
    for number in range(given.people):
        People(home).add(f"person{number}", PASSWORD)
    chat = build_app(lambda project: Session(home, project), home / "chat-files")
    url = launch(chat, "127.0.0.1", None)
    people = [arrive(url, number) for number in range(given.people)]
    handlers = {part["api_name"]: part["id"] for part in chat.blocks.config["dependencies"]}
    start = time.perf_counter()
    with ThreadPoolExecutor(given.people) as pool:
        list(pool.map(lambda one: talk(one, handlers, given.turns), people))
    told(people, leaks(people, home, endpoint), endpoint, time.perf_counter() - start, given.turns)
    threading.Thread(target=lambda: (time.sleep(1), os._exit(0)), daemon=True).start()
    return 0


def told(people: list[Somebody], found: dict[str, int], endpoint: Scripted, seconds: float, turns: int) -> None:
    own = sum(one.secret in "\n".join(one.heard) for one in people)
    waits = sorted(second for one in people for second in one.seconds)
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores; {len(people)} people, {turns} turns each")
    print(f"{seconds:.0f} s, {len(waits)} requests to the page (median {statistics.median(waits):.2f} s, "
          f"p95 {waits[int(0.95 * len(waits))]:.2f} s), {len(endpoint.calls)} to the model")  # fmt: skip
    carrying = sum(any(one.secret in str(call.body) for one in people) for call in endpoint.calls)
    print(f"own secret on the own screen: {own} of {len(people)}; in requests to the model: {carrying}")
    print("secrets elsewhere: " + ", ".join(f"{where} {count}" for where, count in found.items()))


if __name__ == "__main__":
    sys.exit(main())
