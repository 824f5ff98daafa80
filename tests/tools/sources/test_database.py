"""Rows of SQLite and of a real PostgreSQL arrive whole and typed, and nothing but a SELECT passes."""

from __future__ import annotations

import logging
import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.postgres import PASSWORD
from tools.base import Kit
from tools.sources.connections import address, reading
from tools.sources.database import Database
from tools.sources.queries import one_select
from tools.sources.records import STOPPED
from workspace.errors import UserError
from workspace.sample import Scalar
from workspace.settings import redacted, settings

Reading = Callable[..., Database]


@pytest.fixture
def lite(bare: Kit) -> sqlite3.Connection:
    """shop.db in the project's folder."""
    made = sqlite3.connect(bare.project.folder / "shop.db")
    made.execute("CREATE TABLE orders(id INTEGER PRIMARY KEY, text TEXT, label TEXT, at TEXT)")
    made.commit()
    return made


@pytest.fixture
def shop(bare: Kit, postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    """The PostgreSQL as the connection "shop", empty."""
    monkeypatch.setenv("TUNESMITH_CONNECTION_SHOP", postgres)
    settings.cache_clear()
    with psycopg.connect(postgres, autocommit=True) as made:
        made.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        yield made
    settings.cache_clear()


def on_file(**more: object) -> Database:
    return Database.model_validate({"connection": "shop.db", "tables": True, **more})


def on_server(**more: object) -> Database:
    return Database.model_validate({"connection": "shop", "tables": True, **more})


def marks(source: Database, kit: Kit, since: Scalar) -> list[tuple[object, Scalar]]:
    return [(row.fields.get("id"), mark) for row, mark in source.marked(kit, since)]


class TestSqlite:
    def test_rows_come_in_the_order_of_the_key_with_their_origin(self, bare: Kit, lite: sqlite3.Connection) -> None:
        lite.executemany("INSERT INTO orders VALUES(?,?,?,?)", [(2, "b", "x", None), (1, "a", "y", None)])
        lite.commit()
        rows = list(Database(connection="shop.db", table="orders", licence="CC0-1.0").read(bare))
        assert [(row.question, row.label, row.fields["id"]) for row in rows] == [("a", "y", 1), ("b", "x", 2)]
        assert rows[0].origin.model_dump(exclude_none=True) == {
            "source": "database",
            "file": "shop.db/orders",
            "row": 1,
            "licence": "CC0-1.0",
        }
        assert rows == list(Database(connection="shop.db", table="orders", licence="CC0-1.0").read(bare))

    def test_a_text_that_is_no_text_costs_one_row(self, bare: Kit, lite: sqlite3.Connection) -> None:
        lite.execute("INSERT INTO orders VALUES(1, CAST(x'e4bda0' AS TEXT), 'x', NULL)")
        lite.execute("INSERT INTO orders VALUES(2, CAST(x'ff20' AS TEXT), 'x', NULL)")
        lite.commit()
        good, bad = on_file(table="orders").read(bare)
        assert good.kept
        assert bad.dropped_by.reason == "row 2: some of its characters can't be decoded"

    def test_a_table_without_question_and_answer_is_refused_unless_asked_for(
        self, bare: Kit, lite: sqlite3.Connection
    ) -> None:
        lite.executescript("CREATE TABLE prices(item, cents); INSERT INTO prices VALUES('茶', 300)")
        (row,) = on_file(table="prices").read(bare)
        assert (row.messages, row.fields) == ((), {"item": "茶", "cents": 300})
        with pytest.raises(UserError, match="can't tell which hold the text"):
            list(Database(connection="shop.db", table="prices").read(bare))
        named = Database(connection="shop.db", table="prices", mapping={"item": "question", "cents": "answer"})
        assert [(row.question, row.answer) for row in named.read(bare)] == [("茶", "300")]

    def test_nothing_can_be_written(self, bare: Kit, lite: sqlite3.Connection) -> None:
        with (
            reading(address("shop.db", bare.project.folder)[1], "shop", 5) as (connection, _),
            pytest.raises(OperationalError, match="readonly"),
        ):
            connection.execute(text("DELETE FROM orders"))

    def test_a_query_that_takes_too_long_is_ended(self, bare: Kit, lite: sqlite3.Connection) -> None:
        endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS c FROM n"
        with pytest.raises(UserError, match="interrupted"):
            list(on_file(query=endless, seconds=0.3).read(bare))

    def test_a_missing_file_is_not_made(self, bare: Kit) -> None:
        with pytest.raises(UserError, match="unable to open"):
            list(Database(connection="nowhere.db", table="t").read(bare))
        assert not (bare.project.folder / "nowhere.db").exists()

    def test_ties_are_read_again_and_an_empty_mark_is_refused(self, bare: Kit, lite: sqlite3.Connection) -> None:
        rows = [
            (1, "a", "x", "2024-01-01"),
            (2, "b", "x", "2024-01-02"),
            (3, "c", "x", "2024-01-02"),
            (4, "d", "x", None),
        ]
        lite.executemany("INSERT INTO orders VALUES(?,?,?,?)", rows)
        lite.commit()
        found = list(on_file(table="orders", incremental="at").marked(bare, "2024-01-02"))
        assert [(row.kept, mark) for row, mark in found] == [(False, None), (True, "2024-01-02"), (True, "2024-01-02")]
        assert "at is empty" in found[0][0].dropped_by.reason

    def test_what_lies_beyond_the_limit_is_reported(self, bare: Kit, lite: sqlite3.Connection) -> None:
        lite.executemany("INSERT INTO orders VALUES(?,?,?,?)", [(n, "t", "x", None) for n in range(5)])
        lite.commit()
        *rows, last = on_file(table="orders", limit=3).read(bare)
        assert len(rows) == 3
        assert last.dropped_by.check == STOPPED
        assert all(row.kept for row in on_file(table="orders", limit=5).read(bare))

    def test_a_query_keeps_its_own_order_and_limit(self, bare: Kit, lite: sqlite3.Connection) -> None:
        lite.executemany("INSERT INTO orders VALUES(?,?,?,?)", [(n, "t", "x", None) for n in range(5)])
        lite.commit()
        rows = on_file(query="SELECT id FROM orders ORDER BY id DESC LIMIT 2").read(bare)
        assert [row.fields["id"] for row in rows] == [4, 3]

    def test_columns_of_one_name_are_both_there(self, bare: Kit, lite: sqlite3.Connection) -> None:
        (row,) = on_file(query="SELECT 1 AS a, 2 AS a, ':x' AS c").read(bare)
        assert set(row.fields.values()) == {1, 2, ":x"}


class TestPostgres:
    def test_every_type_becomes_a_scalar_without_loss(self, bare: Kit, shop: psycopg.Connection) -> None:
        shop.execute(
            "CREATE TABLE t AS SELECT 1 AS id, date 'infinity' AS never,"
            " timestamptz '2024-02-03 04:05:06.789+08' AS at,"
            " 12345678901234567890.5::numeric AS exact, 1.10::numeric AS price, 'NaN'::float8 AS odd,"
            " '\\x00ff'::bytea AS bytes, '{\"a\": [1, null]}'::jsonb AS json, ARRAY['x', '雪'] AS list,"
            " interval '1 day' AS span, true AS yes, '5b7e1d5c-0000-4000-8000-000000000000'::uuid AS uuid"
        )
        (row,) = on_server(table="t").read(bare)
        at = row.fields["at"]
        assert isinstance(at, str)
        assert at.startswith("2024-02-0")
        assert at[10] == "T"
        assert "06.789" in at
        assert {name: value for name, value in row.fields.items() if name != "at"} == {
            "id": 1,
            "never": "infinity",
            "exact": "12345678901234567890.5",
            "price": 1.1,
            "odd": "nan",
            "bytes": "data:application/octet-stream;base64,AP8=",
            "json": '{"a":[1,null]}',
            "list": '["x","雪"]',
            "span": "1 day, 0:00:00",
            "yes": True,
            "uuid": "5b7e1d5c-0000-4000-8000-000000000000",
        }

    def test_a_watermark_keeps_the_microsecond(self, bare: Kit, shop: psycopg.Connection) -> None:
        shop.execute("CREATE TABLE t(id int, at timestamptz)")
        for id, part in ((1, "000001"), (2, "000002"), (3, "000002")):
            shop.execute(f"INSERT INTO t VALUES({id}, '2024-01-01 00:00:00.{part}+00')")
        source = on_server(table="t", incremental="at")
        (_, _), (_, mark), (_, _) = marks(source, bare, None)
        assert [id for id, _ in marks(source, bare, mark)] == [2, 3]
        assert [id for id, _ in marks(on_server(query="SELECT * FROM t", incremental="id"), bare, 3)] == [3]

    def test_a_schema_and_odd_names_are_quoted(self, bare: Kit, shop: psycopg.Connection) -> None:
        shop.execute('CREATE SCHEMA s; CREATE TABLE s."Odd; name"("a b" int, "c""d" text)')
        shop.execute("""INSERT INTO s."Odd; name" VALUES (1, '100% :x')""")
        (row,) = on_server(table="s.Odd; name", incremental="a b", since=1).read(bare)
        assert row.fields == {"a b": 1, 'c"d': "100% :x"}

    def test_a_statement_that_slips_by_the_words_still_writes_nothing(
        self, bare: Kit, shop: psycopg.Connection
    ) -> None:
        shop.execute("CREATE TABLE t(id int)")
        shop.execute("CREATE FUNCTION harmless() RETURNS int LANGUAGE sql AS 'INSERT INTO t VALUES (1) RETURNING id'")
        with pytest.raises(UserError, match="read-only transaction"):
            list(on_server(query="SELECT harmless() AS x").read(bare))
        assert shop.execute("SELECT count(*) FROM t").fetchone() == (0,)

    def test_the_time_limit_holds_on_the_server(self, bare: Kit, shop: psycopg.Connection) -> None:
        slow = "SELECT count(*) AS c FROM generate_series(1, 100000000)"
        with pytest.raises(UserError, match="statement timeout"):
            list(on_server(query=slow, seconds=0.2).read(bare))

    def test_a_break_in_the_middle_keeps_what_came(self, bare: Kit, shop: psycopg.Connection) -> None:
        breaking = "SELECT n AS id, 1 / (3500 - n) AS x FROM generate_series(1, 5000) AS n"
        *rows, last = on_server(query=breaking).read(bare)
        assert len(rows) == 3000
        assert last.dropped_by.check == STOPPED
        assert "division by zero" in last.dropped_by.reason

    def test_memory_stays_flat(self, bare: Kit, shop: psycopg.Connection) -> None:
        source = on_server(query="SELECT n AS id, repeat('x', 1000) AS x FROM generate_series(1, 30000) AS n")
        tracemalloc.start()
        assert sum(1 for _ in source.read(bare)) == 30000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 12_000_000

    def test_the_password_is_nowhere(
        self, bare: Kit, shop: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        address = settings().connections["shop"].get_secret_value()
        monkeypatch.setenv("TUNESMITH_CONNECTION_WRONG", address.replace("tester:", "nobody:"))
        settings.cache_clear()
        shop.execute("CREATE TABLE t(id int)")
        caplog.set_level(logging.DEBUG)
        with pytest.raises(UserError) as caught:
            list(Database(connection="wrong", table="t").read(bare))
        (stays,) = on_server(query="SELECT 1 AS id").read(bare)
        for shown in (str(caught.value), stays.model_dump_json(), caplog.text, str(settings())):
            assert PASSWORD not in shown
            assert "s3cret" not in shown
        assert redacted(f"at {address} with {PASSWORD}") == "at ••• with •••"


@pytest.mark.parametrize("given", ["postgresql://me:secret@db/x", "mysql://db/x"])
def test_an_address_in_a_specification_is_refused_and_not_repeated(bare: Kit, given: str) -> None:
    with pytest.raises(UserError, match="can't stand in a file") as caught:
        list(Database(connection=given, table="t").read(bare))
    assert "secret" not in str(caught.value)


def test_an_unknown_connection_is_answered_with_what_an_administrator_does(bare: Kit) -> None:
    with pytest.raises(UserError, match="TUNESMITH_CONNECTION_CRM"):
        list(Database(connection="crm", table="t").read(bare))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM t",
        "  select a, 'it''s; drop table x' FROM t;  ",
        "WITH x AS (SELECT 1) SELECT * FROM x -- delete",
        "(SELECT updated_at, \"insert\" FROM t) UNION SELECT t.delete_flag, replace(a, 'x', 'y') FROM t",
        "SELECT E'a\\\\b', '更新; 删除' /* ; */ FROM 表",
        "SELECT a - b, x->>'y', id::text FROM t",
    ],
)
def test_a_select_passes(query: str) -> None:
    assert one_select(query)


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM t",
        "SELECT 1; DROP TABLE t",
        "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
        "SELECT * INTO copy FROM t",
        "SELECT * FROM t FOR UPDATE",
        "SELECT pg_read_file('/etc/passwd')",
        'SELECT "pg_sleep" (9)',
        "SELECT dblink('x', 'y')",
        "EXPLAIN ANALYZE SELECT 1",
        "SELECT 'a\\'; DROP TABLE t; --'",
        "SELECT $$x$$",
        "SELECT /*! 1; DROP TABLE t */ 1",
        "SELECT 'open",
        "SELECT/**/1;/**/DELETE/**/FROM t",
        "PRAGMA writable_schema=1",
        "ATTACH 'x' AS y",
        "",
    ],
)
def test_anything_else_is_refused(query: str) -> None:
    with pytest.raises(UserError, match="not a single SELECT"):
        one_select(query)
