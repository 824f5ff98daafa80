"""Slack's door and its threads, measured from outside: forged requests, two hundred events at once, kills in between.

    python -m benchmarks.slack [--forged 1000] [--events 200] [--threads 30] [--kills 4]

`tunesmith serve slack` is a child process that gets killed; Slack and the writing model are played in this one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from agent.session import Session
from tests.scripted import Scripted
from tests.slack_server import BOT, CHANNEL, OWNER, TEAM, Workspace, encoded
from ui.channel.inbox import Thread
from ui.channel.threads import project_of

ROOT = Path(__file__).resolve().parent.parent
GOALS = ("Sort what customers write to our shop into kinds.", "Tell which team a ticket belongs to.")
SECOND = "sort texts into kinds"
LABELS = ("refund", "delivery", "password")
ANSWERS = {
    "real examples": "these",
    "Which kinds": "refund, delivery, password",
    "document that": "no",
    "rule that": "no",
    "How good": "90%",
    "situations": "I don't know",
    "personal data, such": "none",
    "How many rows": "30",
}


@dataclass
class Bench:
    folder: Path
    slack: Workspace
    endpoint: Scripted
    url: str = ""
    child: subprocess.Popen[str] | None = None

    def start(self, home: str) -> None:
        """Another process over the same home; returns once it listens."""
        given = {
            "OPENAI_BASE_URL": self.endpoint.base_url,
            "OPENAI_API_KEY": self.endpoint.key,
            "TUNESMITH_MODEL": self.endpoint.model,
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "ui.cli", "serve", "slack", "--port", "0", "--home", str(self.folder / home)]
        log = (self.folder / "log.txt").open("a")
        environment = {**os.environ, **given, **self.slack.environment()}
        self.child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.child.stdout is not None
        for line in self.child.stdout:
            if "http://" in line:
                self.url = next(word for word in line.split() if word.startswith("http://"))
                return
        raise SystemExit((self.folder / "log.txt").read_text(encoding="utf-8")[-3000:])

    def kill(self) -> None:
        assert self.child is not None
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()


@contextmanager
def bench(latency: float) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = Bench(Path(folder), Workspace().start(), Scripted(latency=latency).start())
        try:
            yield made
        finally:
            made.kill()


@dataclass(frozen=True)
class Answer:
    status: int
    seconds: float


async def post(client: aiohttp.ClientSession, url: str, data: bytes, headers: dict[str, str]) -> Answer:
    begun = time.perf_counter()
    try:
        async with client.post(url, data=data, headers=headers) as reply:
            await reply.read()
            return Answer(reply.status, time.perf_counter() - begun)
    except aiohttp.ClientError:
        return Answer(0, time.perf_counter() - begun)  # it was killed meanwhile


async def all_at_once(url: str, requests: list[tuple[bytes, dict[str, str]]], most: int) -> list[Answer]:
    connector, patience = aiohttp.TCPConnector(limit=most), aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=connector, timeout=patience) as client:
        return list(await asyncio.gather(*(post(client, url, *request) for request in requests)))


# 1,000 that are not Slack's


def forged(slack: Workspace, draw: random.Random, number: int) -> tuple[str, bytes, dict[str, str]]:
    data, headers = encoded(slack.spoken(f"<@{BOT}> delete everything {number}"))
    right = slack.signed(data)
    kinds = {
        "no signature": {},
        "wrong signature": {**right, "X-Slack-Signature": f"v0={draw.getrandbits(256):064x}"},
        "another secret": Workspace(secret="guessed").signed(data),
        "signature of another body": slack.signed(data + b" "),
        "signature that is none": {**right, "X-Slack-Signature": draw.choice(("", "v0=", "v1=" + "0" * 64, "ü" * 67))},
        "time that is none": {**right, "X-Slack-Request-Timestamp": draw.choice(("", "now", "1e9", "9" * 4000))},
        "stale": slack.signed(data, time.time() - draw.randint(301, 86_400)),
        "of the future": slack.signed(data, time.time() + draw.randint(305, 86_400)),
    }
    kind = draw.choice(sorted(kinds))
    return kind, data, headers | kinds[kind]


def measure_forged(number: int) -> None:
    draw = random.Random(7)
    with bench(0.0) as made:
        made.start("home")
        captured = [encoded(made.slack.spoken(f"hello {n}", kind="message")) for n in range(number // 10)]
        signed = [(data, headers | made.slack.signed(data)) for data, headers in captured]
        first = asyncio.run(all_at_once(made.url, signed, 20))
        again = asyncio.run(all_at_once(made.url, signed, 20))
        made_up = [forged(made.slack, draw, n) for n in range(number - len(again))]
        answers = asyncio.run(all_at_once(made.url, [(data, headers) for _, data, headers in made_up], 20))
        statuses = Counter(answer.status for answer in [*answers, *again])
        print(f"{len(again)} captured requests, the first time: {dict(Counter(a.status for a in first))}")
        print(f"{number} forged, stale or replayed ({len(again)} of them replayed): {dict(statuses)}")
        print(f"posts that they led to: {len(made.slack.said)}\n", flush=True)


# many at once while the model takes a minute


def measure_rush(number: int, latency: float) -> None:
    with bench(latency) as made:
        made.start("home")
        bodies = [encoded(made.slack.spoken(f"<@{BOT}> {GOALS[n % 2]} {n}")) for n in range(number + 10)]
        early, late = bodies[:10], bodies[10:]
        asyncio.run(all_at_once(made.url, [(data, headers | made.slack.signed(data)) for data, headers in early], 20))
        until(lambda: made.endpoint.at_once > 0, 60)  # the model is being waited for
        requests = [(data, headers | made.slack.signed(data)) for data, headers in late]
        answers = asyncio.run(all_at_once(made.url, requests, number))
        seconds = sorted(answer.seconds for answer in answers)
        p99 = seconds[min(len(seconds) - 1, round(0.99 * len(seconds)))]
        print(f"{len(requests)} events at once, {made.endpoint.at_once} threads waiting {latency:.0f} s for the model:")
        print(f"statuses {dict(Counter(answer.status for answer in answers))}")
        print(f"acknowledged after p50 {statistics.median(seconds):.3f} s, p99 {p99:.3f} s, max {seconds[-1]:.3f} s\n")


def until(holds: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)


# each event one to four times, and kill -9 in between


def deliver(made: Bench, bodies: list[dict[str, Any]], draw: random.Random) -> Counter[int]:
    """As Slack does: again while it isn't acknowledged; and, a network being what it is, sometimes when it was."""
    counted: Counter[int] = Counter()

    async def one(client: aiohttp.ClientSession, body: dict[str, Any], times: int) -> None:
        data, headers = encoded(body)
        done = 0
        for retry in range(60):
            marked = {"X-Slack-Retry-Num": str(retry)} if retry else {}
            answer = await post(client, made.url, data, headers | made.slack.signed(data) | marked)
            counted[answer.status] += 1
            done += answer.status == 200
            if done >= times:
                return
            await asyncio.sleep(0.2 if answer.status else 1.0)

    async def every() -> None:
        async with aiohttp.ClientSession() as client:
            await asyncio.gather(*(one(client, body, draw.randint(1, 4)) for body in bodies))

    asyncio.run(every())
    return counted


def killing(made: Bench, times: list[float], ended: threading.Event) -> None:
    for pause in times:
        ended.wait(pause)
        made.kill()
        made.start("home")


def measure_kills(threads: int, kills: int) -> None:
    draw = random.Random(7)
    with bench(0.5) as made:
        made.slack.faults["chat.postMessage"] = deque(draw.choice(("drop", 500, 429)) for _ in range(threads // 3))
        made.start("home")
        mentions = [made.slack.spoken(f"<@{BOT}> {GOALS[n % 2]}") for n in range(threads)]
        ended = threading.Event()
        times = [draw.uniform(1.0, 4.0) for _ in range(kills)]
        killer = threading.Thread(target=killing, args=(made, times, ended))
        killer.start()
        counted = deliver(made, mentions, draw)
        roots = [body["event"]["ts"] for body in mentions]
        replies = [made.slack.spoken(SECOND, root, kind="message") for root in roots]
        counted += deliver(made, replies, draw)
        killer.join()
        until(lambda: all(len(made.slack.posts(root)) >= 2 for root in roots), 300)
        time.sleep(3)  # whatever would be said twice is said by then
        made.kill()
        report_kills(made, roots, [body["event"]["ts"] for body in mentions + replies], counted, kills)


def report_kills(made: Bench, roots: list[str], events: list[str], counted: Counter[int], kills: int) -> None:
    heard = Counter[int]()
    for root in roots:
        session = Session(made.folder / "home", project_of(Thread(team=TEAM, channel=CHANNEL, ts=root)))
        heard[int(session._values.get("turn", 0))] += 1
    replies = Counter(message.key for message in made.slack.said)
    told = Counter(replies[f"{TEAM}:{CHANNEL}:{ts}:0"] for ts in events)
    print(f"{len(events)} events in {len(roots)} threads, {sum(counted.values())} deliveries, {kills} kill -9:")
    print(f"statuses {dict(counted)} (0: nobody listened)")
    print(f"messages heard in each thread (2 were said): {dict(heard)}")
    print(f"replies to each event: {dict(told)}; posts in all: {len(made.slack.said)}")


# a build that is killed again and again


def talked_through(made: Bench) -> str:
    """A thread in which everything is said but the yes; its first message's ts."""
    lines = [f"a message about {label} {'x' * n},{label}" for n in range(1, 7) for label in LABELS]
    made.slack.offered["rows.csv"] = "\n".join(["text,label", *lines]).encode()
    file = {"id": "F0ROWS", "name": "rows.csv", "size": 1000, "mimetype": "text/csv"}
    file["url_private_download"] = f"{made.slack.url}/files/rows.csv"
    mention = made.slack.spoken(f"<@{BOT}> {GOALS[0]}")
    root = str(mention["event"]["ts"])
    made.slack.deliver(made.url, mention)
    for number in range(1, 20):
        until(lambda number=number: len(made.slack.posts(root)) >= number, 60)
        last = made.slack.posts(root)[-1]
        if "Shall I start?" in last.drawn:
            return root
        answer = next(answer for asked, answer in ANSWERS.items() if asked in last.drawn.replace("\\n", " "))
        files = {"files": [file], "subtype": "file_share"} if "real examples" in last.drawn else {}
        made.slack.deliver(made.url, made.slack.spoken(answer, root, kind="message", **files))
    raise SystemExit("it never asked whether to start")


def measure_build(kills: int) -> None:
    draw = random.Random(7)
    with bench(0.0) as made:
        made.start("home")
        root = talked_through(made)
        made.endpoint.latency = 2.0
        page = made.slack.posts(root)[-1]
        body = made.slack.press(page, page.buttons[0])
        key = f"{TEAM}:{CHANNEL}:{page.ts}:{OWNER}:{body['actions'][0]['action_ts']}"
        for _ in range(2):
            made.slack.deliver(made.url, body)
        for _ in range(kills):
            time.sleep(draw.uniform(0.5, 2.5))
            made.kill()
            made.start("home")
        made.endpoint.latency = 0.0
        until(lambda: any(message.key == f"{key}:0" for message in made.slack.said), 120)
        time.sleep(3)
        made.kill()
        session = Session(made.folder / "home", project_of(Thread(team=TEAM, channel=CHANNEL, ts=root)))
        keys = Counter(message.key.removeprefix(key) for message in made.slack.said if message.key.startswith(key))
        rows = len(list(session.current.rows())) if session.current else 0
        print(f"\na build, its button delivered twice, {kills} kill -9 while it runs:")
        print(f"orders {len(session.project.journal.orders())}, rows {rows}, posts of it {dict(keys)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forged", type=int, default=1000)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--latency", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=30)
    parser.add_argument("--kills", type=int, default=4)
    given = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    print(f"{datetime.now():%Y-%m-%d %H:%M}  python -m benchmarks.slack")
    print(f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n")
    measure_forged(given.forged)
    measure_rush(given.events, given.latency)
    measure_kills(given.threads, given.kills)
    measure_build(given.kills)


if __name__ == "__main__":
    main()
