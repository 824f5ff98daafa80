"""Whether rows come back from every pair of formats as they were, and how fast each format is written and read.

    python benchmarks/roundtrip.py ../shared/data [--rows 20000]

Every set goes from its own form to one format, from that to another and back to its own; a difference is a row that
is not the same JSON (order of keys aside). The speeds are of one conversion of chat rows in each format.
"""

from __future__ import annotations

import argparse
import gzip
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
from scoring import HEAD, Score

from agent.converting import TALKING, Seen
from tools.base import Export, Kit, tool
from tools.exports.shapes import form_of
from tools.sources.files import Files
from workspace.project import Project
from workspace.sample import Sample
from workspace.spec import Spec

TABLES = ("csv", "parquet", "jsonl")
SUFFIX = {"csv": ".csv", "parquet": ".parquet"}
MOST = 120


def read(file: Path, home: Path) -> Iterator[Sample]:
    source = Files(paths=(str(file.resolve()),), tables=True)
    return source.read(Kit(spec=Spec().filled(), project=Project(home, "roundtrip")))


def convert(file: Path, to: str, out: Path) -> int:
    """How many rows were refused."""
    seen = Seen()
    tool(Export, to)().write(seen.watch(read(file, out.parent)), out)  # type: ignore[type-abstract]
    return len(seen.refused)


def lines_of(path: Path) -> list[dict[str, object]]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ".jsonl" in path.name:
        return [orjson.loads(line) for line in text.split(b"\n") if line.strip()]
    found: list[dict[str, object]] = orjson.loads(text)
    return found


def differences(one: Iterable[object], other: Iterable[object]) -> int:
    a, b = ([orjson.dumps(row, option=orjson.OPT_SORT_KEYS) for row in rows] for rows in (one, other))
    return sum(x != y for x, y in zip(a, b, strict=False)) + abs(len(a) - len(b))


def sets_of(data: Path) -> dict[str, list[dict[str, object]]]:
    folder = data / "llamafactory_demo"
    names = [path for path in sorted(folder.glob("*.json*")) if path.name != "dataset_info.json"]
    return {path.name.partition(".")[0]: lines_of(path) for path in names}


def round_trips(rows: list[dict[str, object]], folder: Path) -> tuple[int, int]:
    """(rows that went through every pair, rows that came back different)"""
    start = folder / "start.jsonl"
    start.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    own = form_of(rows[0]) or "jsonl"
    went = wrong = 0
    for first in (*TALKING, *TABLES):
        there = folder / f"first{SUFFIX.get(first, '.jsonl')}"
        convert(start, first, there)
        for second in (*TALKING, *TABLES):
            beyond, back = folder / f"second{SUFFIX.get(second, '.jsonl')}", folder / "back.jsonl"
            convert(there, second, beyond)
            convert(beyond, own, back)
            went += len(rows)
            wrong += differences(rows, lines_of(back))
    return went, wrong


def scores(data: Path, most: int = MOST) -> Iterator[Score]:
    for name, rows in sets_of(data).items():
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            went, wrong = round_trips(rows[:most], Path(folder))
        yield Score(f"{name}: the same by every pair", 0, wrong, 0, went - wrong, time.perf_counter() - began)


def speeds(rows: int) -> Iterator[str]:
    """Rows a second, written from chat rows and read into chat rows; the most memory this process ever had."""
    turns = [
        {"role": "user", "content": "我的卡丢了 where is my card? " * 4},
        {"role": "assistant", "content": "Here. " * 20},
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = folder / "start.jsonl"
        with start.open("wb") as file:
            for number in range(rows):
                file.write(
                    orjson.dumps({"messages": turns, "n": number, "source": "shop", "score": number / 7}) + b"\n"
                )
        for to in (*TALKING, *TABLES):
            out = folder / f"out{SUFFIX.get(to, '.jsonl')}"
            began = time.perf_counter()
            convert(start, to, out)
            wrote = time.perf_counter()
            convert(out, "messages", folder / "back.jsonl")
            read_back = time.perf_counter()
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            fast = (rows / (wrote - began), rows / (read_back - wrote))
            yield f"{to:18} {fast[0]:9,.0f} {fast[1]:9,.0f} {peak:8} MB"


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("data", type=Path)
    given.add_argument("--rows", type=int, default=20_000)
    given.add_argument("--most", type=int, default=MOST, help="rows of each set that go through every pair")
    asked = given.parse_args()
    print(HEAD)
    for found in scores(asked.data, asked.most):
        print(found.line(), flush=True)
    print(f"\n{'':18} {'to it/s':>9} {'back/s':>9}   most memory")
    for line in speeds(asked.rows):
        print(line)


if __name__ == "__main__":
    main()
