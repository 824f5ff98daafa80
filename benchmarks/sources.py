"""How fast rows of a database and of an HTTP interface arrive, and whether memory stays flat, beside a bare driver.

Rows per second of processor time in the reading process, so that a busy machine does not spoil the comparison.
Run: python benchmarks/sources.py [ROWS]; PostgreSQL is started in a temporary folder where it is installed.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.postgres import cluster
from tests.served import Asked, Served

ROWS = 100_000
PAGE = 1000
MAKE = "CREATE TABLE orders(id INTEGER PRIMARY KEY, note TEXT, label TEXT, at TEXT)"
MEASURED = """
import json, resource, sys, time
from pathlib import Path
from tools.base import Kit
from tools.mixing import source_of
from workspace.project import Project
from workspace.spec import Spec
what, given, folder = sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3])
started = time.process_time()
if what == "bare sqlite3":
    import sqlite3
    count = sum(1 for _ in sqlite3.connect(given["path"]).execute("SELECT * FROM orders ORDER BY at, id"))
elif what == "bare psycopg":
    import psycopg
    with psycopg.connect(given["address"]) as server, server.cursor("bare") as cursor:
        cursor.itersize = 1000
        count = sum(1 for _ in cursor.execute("SELECT * FROM orders ORDER BY at, id"))
elif what.startswith("fetch"):
    import yaml
    from agent.fetching import fetch
    (folder / "source.yaml").write_text(yaml.safe_dump(given))
    list(fetch(folder / "home", folder / "source.yaml", folder / "rows.jsonl"))
    count = sum(1 for _ in (folder / "rows.jsonl").open("rb"))
else:
    kind = given.pop("kind")
    kit = Kit(spec=Spec(), project=Project(folder / "home", "bench"))
    count = sum(row.kept for row in source_of(kind, {**given, "tables": True}).read(kit))
print(count, time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def measured(what: str, given: dict[str, object], rows: int) -> None:
    import json

    root = str(Path(__file__).parents[1])
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", MEASURED, what, json.dumps(given), folder]
        done = subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True)
    if done.returncode:
        print(f"{what:<34} failed: {done.stderr.strip().splitlines()[-1]}")
        return
    count, seconds, memory = done.stdout.split()
    whole = "" if int(count) == rows else f"  {count} OF {rows} ROWS"
    print(f"{what:<34}{int(count) / float(seconds):>12,.0f} rows/s{memory:>8} MB{whole}", flush=True)


def values(rows: int) -> Iterator[tuple[int, str, str, str]]:
    for n in range(rows):
        yield (
            n,
            f"note number {n} 备注 " + "word " * 12,
            "ab"[n % 2],
            f"2024-01-01T{n // 3600 % 24:02}:{n // 60 % 60:02}",
        )


def sqlite(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.db"
        with closing(sqlite3.connect(path)) as file:
            file.execute(MAKE)
            file.executemany("INSERT INTO orders VALUES(?,?,?,?)", values(rows))
            file.commit()
        measured("bare sqlite3", {"path": str(path)}, rows)
        given = {"kind": "database", "connection": str(path), "table": "orders", "incremental": "at"}
        measured("database (SQLite)", dict(given), rows)
        measured("fetch (SQLite)", given, rows)


def postgres(rows: int) -> None:
    import psycopg

    try:
        with cluster() as address:
            with psycopg.connect(address) as server:
                server.execute(MAKE)
                with server.cursor().copy("COPY orders FROM STDIN") as copy:
                    for row in values(rows):
                        copy.write_row(row)
            os.environ["TUNESMITH_CONNECTION_BENCH"] = address
            measured("bare psycopg", {"address": address}, rows)
            given = {"kind": "database", "connection": "bench", "table": "orders", "incremental": "at"}
            measured("database (PostgreSQL)", dict(given), rows)
            measured("fetch (PostgreSQL)", given, rows)
    except pytest.skip.Exception as skipped:
        print(f"PostgreSQL: {skipped}")


@contextmanager
def served(rows: int) -> Iterator[Served]:
    def answer(asked: Asked) -> object:
        page = int(asked.query.get("page", 1))
        some = list(values(min(rows, page * PAGE)))[(page - 1) * PAGE :] if rows <= 20 * PAGE else []
        return {"page": page, "total": rows, "data": [dict(zip("iabt", row, strict=True)) for row in some]}

    running = Served(answer)
    os.environ["TUNESMITH_PRIVATE_HOSTS"] = running.host
    try:
        yield running
    finally:
        running.stop()


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    print(f"{rows} rows")
    sqlite(rows)
    postgres(rows)
    few = min(rows, 20 * PAGE)
    with served(few) as running:
        measured(f"http, {few} rows in pages of {PAGE}", {"kind": "http", "url": running.url + "/rows"}, few)
    print(f"this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
