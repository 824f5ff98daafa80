"""Each new row of a source comes to the file once: through ties, kills, broken servers and clocks that run ahead."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import yaml

from agent.fetching import fetch
from tests.served import Asked, Reply, Script, Served
from workspace.errors import UserError
from workspace.project import read_samples

Serve = Callable[[Script], Served]
Rows = list[tuple[int, str, str | None]]
DAY = [(1, "one", "2024-01-01 08:00:00"), (2, "two", "2024-01-02 08:00:00"), (3, "three", "2024-01-02 08:00:00")]


class Shop:
    """A table of orders in a SQLite file or on a server, and the fetching of it."""

    def __init__(self, folder: Path, address: str | None = None) -> None:
        self.out, self.spec, self._address = folder / "rows.jsonl", folder / "source.yaml", address
        self._file, self._home = folder / "shop.db", folder / "home"
        self.run("DROP TABLE IF EXISTS orders")
        self.run("CREATE TABLE orders(id INTEGER, note TEXT, at " + ("TIMESTAMP)" if address else "TEXT)"))
        self.describe()

    def describe(self, **more: object) -> None:
        kind = {"kind": "database", "connection": "shop" if self._address else "shop.db", "table": "orders"}
        self.spec.write_text(yaml.safe_dump({**kind, "incremental": "at", **more}), encoding="utf-8")

    def run(self, statement: str) -> None:
        if self._address:
            with psycopg.connect(self._address, autocommit=True) as server:
                server.execute(statement)
        else:
            with closing(sqlite3.connect(self._file)) as file:
                file.execute(statement)
                file.commit()

    def add(self, *rows: tuple[int, str, str | None]) -> None:
        given = [f"({id}, '{note}', {f'{at!r}' if at else 'NULL'})" for id, note, at in rows]
        self.run("INSERT INTO orders VALUES " + ", ".join(given))

    def fetch(self) -> str:
        return told(self._home, self.spec, self.out)

    def ids(self) -> list[object]:
        return ids(self.out)


def told(home: Path, spec: Path, out: Path) -> str:
    return "\n".join(event.text for event in fetch(home, spec, out) if event.type == "say")


def ids(out: Path) -> list[object]:
    return [row.fields["id"] for row in read_samples(out)]


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    address = None if request.param == "sqlite" else str(request.getfixturevalue("postgres"))
    if address:
        monkeypatch.setenv("TUNESMITH_CONNECTION_SHOP", address)
    from workspace.settings import settings

    settings.cache_clear()
    return Shop(tmp_path, address)


class TestIncremental:
    def test_only_what_is_new_is_added_and_ties_count_once(self, shop: Shop) -> None:
        shop.add(*DAY)
        assert "3 rows read: 3 new" in shop.fetch()
        assert "2 rows read: 0 new, 2 there already" in shop.fetch()
        shop.add((4, "late with the same time", DAY[2][2]), (5, "new", "2024-01-03 00:00:00"))
        assert "4 rows read: 2 new, 2 there already" in shop.fetch()
        assert shop.ids() == [1, 2, 3, 4, 5]
        assert "1 rows read: 0 new" in shop.fetch()

    def test_rows_that_are_the_same_are_as_many_as_there_are(self, shop: Shop) -> None:
        shop.add(DAY[0], DAY[0])
        shop.fetch()
        shop.add(DAY[0])
        assert "3 rows read: 1 new, 2 there already" in shop.fetch()
        assert shop.ids() == [1, 1, 1]

    def test_a_row_without_a_time_is_refused_once(self, shop: Shop) -> None:
        shop.add(*DAY, (9, "no time", None))
        assert "3 new, 0 there already, 1 refused.\n- 1 × at is empty" in shop.fetch()
        shop.fetch()
        refused = list(read_samples(shop.out.with_name("rows.refused.jsonl")))
        assert [row.dropped_by.reason for row in refused if row.dropped_by] == [
            "row 1: at is empty, so it can't be told whether the row is new"
        ]

    def test_a_clock_that_runs_ahead_hides_nothing(self, shop: Shop) -> None:
        shop.add(DAY[0], (7, "typed wrong", "2924-01-01 00:00:00"))
        shop.fetch()
        shop.add(*DAY[1:])
        shop.fetch()
        shop.add((5, "five", "2024-01-05 00:00:00"))
        assert "1 new" in shop.fetch()
        assert shop.ids() == [1, 7, 2, 3, 5]
        assert "0 new" in shop.fetch()

    def test_a_file_that_was_deleted_is_filled_again(self, shop: Shop) -> None:
        shop.add(*DAY)
        shop.fetch()
        shop.out.unlink()
        assert "all is fetched again" in shop.fetch()
        assert shop.ids() == [1, 2, 3]

    def test_another_file_is_another_stream(self, shop: Shop) -> None:
        shop.add(*DAY)
        shop.fetch()
        shop.out = shop.out.with_name("other.jsonl")
        shop.fetch()
        assert shop.ids() == [1, 2, 3]

    def test_a_whole_table_is_compared_by_content(self, shop: Shop) -> None:
        shop.describe(incremental=None)
        shop.add(*DAY, (9, "no time", None))
        shop.fetch()
        shop.run("UPDATE orders SET note = 'changed' WHERE id = 2")
        assert "4 rows read: 1 new, 3 there already" in shop.fetch()
        assert sorted(map(str, shop.ids())) == ["1", "2", "2", "3", "9"]


KILLED = """
import os, signal, sys
from pathlib import Path
import tools.appending as appending
from agent.fetching import fetch
from workspace.journal import Journal
where, after = sys.argv[1], int(sys.argv[2])
appending.AT_ONCE = 10
kept, writing = Journal.decide, appending._End.write
def decide(self, *given):
    global after
    after -= 1
    if after < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return kept(self, *given)
def write(self):
    global after
    after -= 1
    if after < 0 and self._lines:
        self._file.write(b"".join(self._lines)[:-25]); self._file.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    return writing(self)
if where == "watermark":
    Journal.decide = decide
else:
    appending._End.write = write
list(fetch(Path(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5])))
"""


@pytest.mark.parametrize("where", ["watermark", "row"])
def test_killed_on_the_way_no_row_is_lost_and_none_comes_twice(shop: Shop, tmp_path: Path, where: str) -> None:
    """Between the rows and the watermark, or with half a row written; ten rows share each moment."""
    shop.add(*((id, f"note {id}", f"2024-01-{1 + id // 10:02} 00:00:00") for id in range(200)))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", KILLED, where]
    for after in (0, 1, 4, 2):
        ended = subprocess.run(
            [*command, str(after), tmp_path / "home", shop.spec, shop.out], env=environment, check=False
        )
        assert ended.returncode == -signal.SIGKILL
    shop.add((200, "after the kills", "2024-01-20 00:00:00"))
    shop.fetch()
    assert sorted(map(int, map(str, shop.ids()))) == list(range(201))


class TestHttp:
    def test_what_is_new_is_asked_for_and_comes_once(self, serve: Serve, tmp_path: Path) -> None:
        rows = [{"id": n, "at": f"2024-01-0{n}T00:00:00Z"} for n in (3, 1, 2)]
        served = serve(lambda asked: [row for row in rows if str(row["at"]) >= asked.query.get("after", "")])
        spec, out = tmp_path / "source.yaml", tmp_path / "rows.jsonl"
        given = {"kind": "http", "url": served.url + "/rows", "incremental": "at", "since_param": "after"}
        spec.write_text(yaml.safe_dump(given), encoding="utf-8")
        told(tmp_path, spec, out)
        rows += [{"id": 4, "at": "2024-01-03T00:00:00Z"}, {"id": 5, "at": "2024-01-04T00:00:00Z"}]
        told(tmp_path, spec, out)
        assert ids(out) == [3, 1, 2, 4, 5]
        assert [asked.query for asked in served.asked] == [{}, {"after": "2024-01-02T23:59:59Z"}]

    def test_a_server_that_breaks_off_is_gone_on_with(self, serve: Serve, tmp_path: Path) -> None:
        broken = True

        def answer(asked: Asked) -> object:
            number = int(asked.query.get("page", 1))
            if number == 3 and broken:
                return Reply(status=500)
            more = {"Link": f'</rows?page={number + 1}>; rel="next"'} if number < 4 else {}
            return Reply([{"id": number, "at": f"2024-01-0{number}T00:00:00Z"}], headers=more)

        spec, out, served = tmp_path / "source.yaml", tmp_path / "rows.jsonl", serve(answer)
        given = {"kind": "http", "url": served.url + "/rows", "incremental": "at", "since_param": "after", "wait": 0}
        spec.write_text(yaml.safe_dump(given), encoding="utf-8")
        with pytest.raises(UserError, match="page 3"):
            told(tmp_path, spec, out)
        assert ids(out) == [1, 2]
        broken = False
        assert "4 rows read: 2 new, 2 there already" in told(tmp_path, spec, out)
        assert ids(out) == [1, 2, 3, 4]
        assert "after" not in served.asked[-1].query


@pytest.fixture
def started(home: Path, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """The command line in a process of its own."""
    running: list[subprocess.Popen[str]] = []

    def start(*given: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "ui.cli", "fetch", *map(str, given)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environment = {**os.environ, "LANG": "en_US.UTF-8", "TUNESMITH_HOME": str(home)}
        running.append(
            subprocess.Popen(command, text=True, cwd=Path(__file__).parents[2], env=environment, **pipes)  # type: ignore[call-overload]
        )
        return running[-1]

    yield start
    for one in running:
        one.kill()
        one.communicate()


class TestCommandLine:
    def test_once(self, started: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.add(*DAY)
        out, _ = (done := started(shop.spec, "--out", shop.out, "--once", "--json")).communicate(timeout=60)
        assert done.returncode == 0
        assert [json.loads(line)["type"] for line in out.splitlines()][-2:] == ["say", "file"]
        assert shop.ids() == [1, 2, 3]

    def test_on_a_schedule_until_it_is_interrupted(
        self, started: Callable[..., subprocess.Popen[str]], tmp_path: Path
    ) -> None:
        shop = Shop(tmp_path)
        shop.add(DAY[0])
        running = started(shop.spec, "--out", shop.out, "--every", "1s")
        until = time.monotonic() + 60
        for number, row in enumerate(DAY[1:], 1):
            while len(shop.ids() if shop.out.exists() else []) < number and time.monotonic() < until:
                time.sleep(0.05)
            shop.add(row)
        while len(shop.ids()) < 3 and time.monotonic() < until:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=30)
        assert running.returncode == 130
        assert "goes on from here" in errors
        assert shop.ids() == [1, 2, 3]

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("kind: teleport\n", "no source called 'teleport'"),
            ("kind: database\nconnection: shop\n", "either a table or a query"),
            ("kind: database\nconnection: postgresql://me:hunter22@x/y\ntable: t\n", "can't stand in a file"),
            ("kind: http\nurl: http://127.0.0.1:9/\nspeed: 9\n", "fault at speed"),
            ("- a\n", "does not describe a source"),
        ],
    )
    def test_what_it_can_t_use_is_refused(
        self, started: Callable[..., subprocess.Popen[str]], tmp_path: Path, text: str, why: str
    ) -> None:
        (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
        _, errors = (done := started(tmp_path / "s.yaml", "--out", tmp_path / "o.jsonl")).communicate(timeout=60)
        assert done.returncode == 1
        assert why in " ".join(errors.split())
        assert "hunter22" not in errors

    def test_a_schedule_has_a_unit(self, started: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
        _, errors = (done := started("s.yaml", "--out", "o", "--every", "soon")).communicate(timeout=60)
        assert done.returncode == 2
        assert "no time such as" in errors
