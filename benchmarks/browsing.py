"""How long each deed on the Data panel takes at the server, from the press to the HTML that goes out.

    .venv/bin/python benchmarks/browsing.py [--rows 10000] [--times 40]

Rows of every kind, a seventh of them in doubt. Prints milliseconds with date and machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median

from agent.run import Run
from agent.views.browsing import catalogue
from tests.agent.rows_on_disk import WORDS, finished, many
from tests.contract.kits import LABELS
from tests.ui.recorded import Recorded
from ui.panels import data
from ui.panels.look import Deed, Look

Press = Callable[[], Deed]


@dataclass
class Timed:
    name: str
    times: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        times = sorted(self.times)
        p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
        return f"{self.name:<28}{median(times):>8.0f}{p95:>8.0f}{times[-1]:>8.0f}"


def deeds(run: Run, chance: random.Random) -> Iterator[tuple[str, str, Press]]:
    """(what is measured, the view that it is done on, a deed that is another each time)."""
    lines = catalogue(run).lines()
    out = [line.row.id for line in lines if line.of("check") == "duplicates"]
    ids = [line.row.id for line in lines]

    def find(**fields: str) -> Deed:
        return Deed(act="find", fields=fields)

    yield "search", "rows", lambda: find(search=" ".join(chance.choices(WORDS, k=2)))
    yield "filter", "rows", lambda: find(label="=" + chance.choice(LABELS), split=chance.choice(("", "=train")))
    yield "order", "rows", lambda: find(order=chance.choice(("unsure", "longest", "made")))
    yield "page", "rows", lambda: Deed(act="page", value=str(chance.randint(1, len(ids) // 50)))
    yield "open a row", "rows", lambda: Deed(act="open", value=chance.choice(ids))
    yield "rejected, by reason", "rows", lambda: Deed(act="view", value="rejected")
    yield "restore a row", "rejected", lambda: Deed(act="accept", value=out.pop())
    yield "coverage", "coverage", lambda: Deed(act="axis", value=chance.choice(("scenario", "difficulty", "tone")))
    yield "what if", "thresholds", lambda: Deed(act="dials", fields={"facts": str(chance.randint(0, 100))})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=40)
    given = parser.parse_args()
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        session = Recorded(Path(folder) / "chat")
        session.current = run = finished(Path(folder), many(given.rows))
        started = time.perf_counter()
        catalogue(run).lines()
        print(f"read {given.rows} rows: {1000 * (time.perf_counter() - started):.0f} ms, once")
        data.draw(Look(session, {}, "en"))  # the tools' words are looked up for the first time
        print(f"{'ms':<28}{'p50':>8}{'p95':>8}{'worst':>8}")
        for name, view, press in deeds(run, chance):
            timed = Timed(name)
            for _ in range(given.times):
                look, deed = Look(session, {}, "en", {"view": view}), press()
                started = time.perf_counter()
                data.act(look, deed)
                data.draw(look)
                timed.times.append(1000 * (time.perf_counter() - started))
            print(timed)
    load = os.getloadavg()[0]
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, load {load:.1f}")


if __name__ == "__main__":
    main()
