"""kill -9 at random moments of a build, then finish it: the same frozen bytes, and no reply paid for twice.

    .venv/bin/python benchmarks/kill.py [--kills 20] [--rows 300]

The writing model is a scripted endpoint in this process; `tunesmith run` is a child that gets killed.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.scripted import Call, Scripted, example, words  # noqa: E402

# Kills of one build; more would all fall behind its last reply.
EACH = 4
LABELS = ("lost card", "fees", "change pin", "close account", "refund", "login")


@dataclass
class Bench:
    """One endpoint and one specification; `served` holds every reply that was sent, in order, by its text."""

    folder: Path
    endpoint: Scripted
    served: list[str] = field(default_factory=list)
    counted: int = 0

    def script(self, call: Call) -> str:
        text = orjson.dumps(example(call.schema, words(call))).decode()
        self.served.append(text)
        return text

    def start(self, home: Path) -> subprocess.Popen[bytes]:
        given = {
            "OPENAI_BASE_URL": self.endpoint.base_url,
            "OPENAI_API_KEY": self.endpoint.key,
            "TUNESMITH_MODEL": self.endpoint.model,
            "TUNESMITH_MOST_AT_ONCE": "4",
        }
        command = [sys.executable, "-m", "ui.cli", "run", "spec/spec.yaml", "--until", "build", "--home", str(home)]
        log = (self.folder / "log.txt").open("ab")
        environment = {**os.environ, **given, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)

    def finish(self, home: Path) -> tuple[str, float]:
        """(hash of the frozen version, seconds)"""
        started = time.monotonic()
        if self.start(home).wait() != 0:
            raise SystemExit((self.folder / "log.txt").read_text(encoding="utf-8")[-2000:])
        (version,) = (home / "projects" / "spec" / "versions").iterdir()
        return version.name, time.monotonic() - started


def paid_again(bench: Bench, safe: set[str]) -> int:
    """How many of the replies since the last count had been safe on disk before."""
    fresh, bench.counted = bench.served[bench.counted :], len(bench.served)
    return sum(text in safe for text in fresh)


def journaled(home: Path) -> set[str]:
    """The replies that were safe on disk, by text."""
    path = home / "projects" / "spec" / "journal.sqlite"
    if not path.exists():
        return set()
    db = sqlite3.connect(path)
    try:
        return {text for (text,) in db.execute("SELECT text FROM replies")}
    except sqlite3.OperationalError:
        return set()  # killed before the tables were made
    finally:
        db.close()


def prepare(folder: Path, rows: int) -> Bench:
    spec = folder / "spec"
    spec.mkdir()
    lines = ["text,label", *(f"{label} number {i} {'x' * i},{label}" for label in LABELS for i in range(1, 7))]
    (spec / "rows.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    raw = {
        "goal": "tell what a customer wants",
        "task": "classification",
        "examples": ["rows.csv"],
        "labels": [{"name": label} for label in LABELS],
        "languages": ["en"],
        "rows": rows,
    }
    (spec / "spec.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    bench = Bench(folder, Scripted(latency=0.2))
    bench.endpoint.script = bench.script
    bench.endpoint.start()
    return bench


def killed(bench: Bench, home: Path, seconds: float) -> bool:
    """True if the kill came before the end."""
    child = bench.start(home)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.wait()
        return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=300)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    bench = prepare(folder, given.rows)
    expected, seconds = bench.finish(folder / "unbroken")
    unbroken = len(bench.served)
    print(f"unbroken: {seconds:.1f} s, {unbroken} requests, version {expected[:12]}")
    kills, builds, wrong, asked, twice = 0, 0, 0, 0, 0
    draw = random.Random(7)
    while kills < given.kills:
        home, safe = folder / f"home{builds}", set[str]()
        builds += 1
        bench.served.clear()
        bench.counted = 0
        while kills < min(given.kills, builds * EACH) and killed(bench, home, draw.uniform(0.2, 1.0) * seconds):
            kills += 1
            twice += paid_again(bench, safe)
            safe = journaled(home)
            print(f"kill {kills}: {len(safe)} replies are safe")
        found, _ = bench.finish(home)
        twice += paid_again(bench, safe)
        asked += len(bench.served)
        wrong += found != expected
    print(f"{kills} kills over {builds} builds: {wrong} versions differ")
    again = asked - builds * unbroken
    print(f"{again} replies were in flight and asked for again, {twice} were safe and paid for twice")
    bench.endpoint.stop()


if __name__ == "__main__":
    main()
