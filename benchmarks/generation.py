"""How near generation comes to what an endpoint can give, and what is left of it when the endpoint fails.

    python -m benchmarks.generation

A mock endpoint in a process of its own answers each request after 200 ms, 64 at once at most (more are refused with
429), so 320 rows a second are the limit. Every client runs in a fresh process and asks for 2,000 rows, one a request.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.request import urlopen

ROWS, AT_ONCE, LATENCY = 2000, 64, 0.2
LIMIT = ROWS / (AT_ONCE / LATENCY)
KEY, MODEL = "scripted-key", "scripted"
PROMPT = "Write one message that a bank's customer could send about intent number {}. " + "Keep it short. " * 15
FAULTS: dict[str, dict[str, Any]] = {
    "429 with Retry-After: 1": {"status": 429, "retry_after": "1"},
    "500": {"status": 500},
    "cut body": {"cut": True, "text": {"text": "cut", "label": 0}},
    "200 with an error in it": {"error": "overloaded"},
    "length": {"finish": "length", "text": '{"text": "half of'},
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("role", nargs="?", default="compare", choices=["compare", "mock", *CLIENTS])
    parser.add_argument("--faults", type=float, default=0.0, help="share of requests that fail")
    parser.add_argument("--warm", action="store_true", help="ask once before the clock starts")
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    if given.role == "mock":
        asyncio.run(mock(given.faults))
    elif given.role == "compare":
        compare(given.repeat)
    else:
        print(json.dumps(CLIENTS[given.role](given.warm)))


# the endpoint


async def mock(faults: float) -> None:
    from tests.scripted import Call, Say, Scripted

    draw = random.Random(7)

    def script(call: Call) -> Say:
        if draw.random() < faults:
            return Say(**FAULTS[draw.choice(sorted(FAULTS))])
        return Say({"text": f"a message for {len(call.prompt)}", "label": call.seed})

    endpoint = Scripted(script=script, latency=LATENCY, most_at_once=AT_ONCE, key=KEY, model=MODEL)
    await endpoint.listen()
    print(endpoint.base_url, flush=True)
    await asyncio.Event().wait()


@contextmanager
def running_mock(faults: float) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.generation", "mock", "--faults", str(faults)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


# the clients, each in a process of its own: seconds on the clock, whole rows, rows that don't fit


def tunesmith(warm: bool) -> dict[str, float]:
    from pydantic import BaseModel

    from tools.llm import Ask, open_chat
    from workspace.journal import Journal

    class Row(BaseModel):
        text: str
        label: int

    with tempfile.TemporaryDirectory() as folder:
        chat = open_chat(Journal(Path(folder) / "journal.sqlite"))
        if warm:
            chat.ask(Ask(PROMPT.format(-1), Row, slot="warm"))
        started = time.perf_counter()
        answers = list(chat.ask_all(Ask(PROMPT.format(n), Row, slot=str(n), seed=n) for n in range(ROWS)))
        seconds = time.perf_counter() - started
        chat.close()
    whole = sum(answer.value is not None for answer in answers)
    # What belongs in row n is known, so a reply that was mended or mixed up would show.
    invalid = sum(
        answer.value is not None
        and not (answer.value.text.startswith("a message") and n <= answer.value.label <= n + 5)
        for n, answer in enumerate(answers)
    )
    return {"seconds": seconds, "rows": whole, "invalid": invalid}


def raw_aiohttp(warm: bool) -> dict[str, float]:
    import aiohttp

    async def work() -> dict[str, float]:
        room = asyncio.Semaphore(AT_ONCE)
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session:

            async def one(n: int) -> bool:
                body = {"model": MODEL, "seed": n, "messages": [{"role": "user", "content": PROMPT.format(n)}]}
                async with room, session.post(os.environ["OPENAI_BASE_URL"] + "/chat/completions", json=body) as reply:
                    return bool((await reply.json())["choices"])

            if warm:
                await one(-1)
            started = time.perf_counter()
            done = await asyncio.gather(*(one(n) for n in range(ROWS)))
            return {"seconds": time.perf_counter() - started, "rows": sum(done), "invalid": 0}

    return asyncio.run(work())


def langchain_batch(warm: bool) -> dict[str, float]:
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model=MODEL, max_retries=0)
    if warm:
        model.invoke(PROMPT.format(-1))
    started = time.perf_counter()
    replies = model.batch([PROMPT.format(n) for n in range(ROWS)], config={"max_concurrency": AT_ONCE})
    return {"seconds": time.perf_counter() - started, "rows": len(replies), "invalid": 0}


CLIENTS = {"tunesmith": tunesmith, "raw_aiohttp": raw_aiohttp, "langchain_batch": langchain_batch}


# the comparison


@dataclass(frozen=True)
class Run:
    """`wall` is the whole process, imports included; `inside` the clock of the client itself."""

    wall: float
    inside: float
    rows: int
    invalid: int
    requests: int
    peak: int


def measure(client: str, *, faults: float = 0.0, warm: bool = False) -> Run:
    command = [sys.executable, "-m", "benchmarks.generation", client, *(["--warm"] if warm else [])]
    with running_mock(faults) as url:
        named = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": KEY, "TUNESMITH_MODEL": MODEL, "LANGSMITH_TRACING": "false"}
        started = time.perf_counter()
        done = subprocess.run(command, env=os.environ | named, capture_output=True, text=True)
        wall = time.perf_counter() - started
        if done.returncode:
            raise SystemExit(done.stderr)
        count = json.loads(urlopen(url + "/count").read())
    said = json.loads(done.stdout)
    return Run(wall, said["seconds"], int(said["rows"]), int(said["invalid"]), count["requests"], count["peak"])


def compare(repeat: int) -> None:
    cores = len(os.sched_getaffinity(0))
    print(f"{date.today()}  python -m benchmarks.generation --repeat {repeat}")
    print(f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
    each = f"{AT_ONCE} at once, {LATENCY * 1000:.0f} ms each"
    print(f"limit: {ROWS} rows, {each}: {LIMIT:.2f} s, {ROWS / LIMIT:.0f} rows/s\n")
    print(f"{'':16} {'with start-up':>22} {'without':>22}   (median of {repeat}; share of the limit)")
    calm: dict[str, float] = {}
    for client in CLIENTS:
        cold = statistics.median(measure(client).wall for _ in range(repeat))
        warm = statistics.median(measure(client, warm=True).inside for _ in range(repeat))
        calm[client] = cold
        print(f"{client:16} {cold:8.2f} s {LIMIT / cold:11.3f} {warm:10.2f} s {LIMIT / warm:11.3f}", flush=True)
    runs = [measure("tunesmith", faults=0.3) for _ in range(repeat)]
    run = sorted(runs, key=lambda run: run.wall)[len(runs) // 2]
    print(f"\ntunesmith with 30% faults ({', '.join(FAULTS)}):")
    print(f"complete: {run.rows} of {ROWS} rows, {run.invalid} invalid, {run.requests / ROWS:.2f} requests a row,")
    print(f"{run.wall:.2f} s = {run.wall / calm['tunesmith']:.2f} x the fault-free time; most at once {run.peak}")


if __name__ == "__main__":
    main()
