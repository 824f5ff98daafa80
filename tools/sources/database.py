"""Rows of any SQL database: a table or one SELECT, read as a stream by a reader who can change nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from tools.base import Kit, Source
from tools.sources.connections import Deadline, address, errors, failed, reading, why
from tools.sources.queries import one_select
from tools.sources.record import Record
from tools.sources.records import Place, rows_of, stopped
from tools.sources.values import plain, scalar
from workspace.errors import UserError
from workspace.sample import Sample, Scalar
from workspace.words import Words

if TYPE_CHECKING:
    from sqlalchemy import Connection, TextClause

AT_ONCE = 1000
# SQLAlchemy takes a colon before a word for a parameter; in a person's query it is just a colon.
COLON = re.compile(r"(?<![:\w\\]):([\w$]+)(?![:\w$])")


class Database(Source):
    """`connection` is a name that an administrator gave an address to, or a SQLite file; never an address itself.

    `incremental` is a column that only grows (a time of change, a number): rows from `since` on are read, in its order.
    """

    name: ClassVar[str] = "database"
    words: ClassVar[Words] = Words("rows from a database", "来自数据库的数据")
    ordered: ClassVar[bool] = True
    connection: str
    table: str | None = None
    query: str | None = None
    incremental: str | None = None
    since: Scalar = None
    limit: int = Field(1_000_000, ge=1, description="Rows at most; what lies beyond is reported")
    seconds: float = Field(300, gt=0, description="How long the database may take to answer")
    licence: str | None = None
    mapping: dict[str, str] = {}
    tables: bool = False

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("give either a table or a query")
        if self.since is not None and self.incremental is None:
            raise ValueError("since needs incremental: the column that it is about")
        return self

    def read(self, kit: Kit) -> Iterator[Sample]:
        """Rows in = rows out. Raises UserError where the database, the table or the query can't be used."""
        return (row for row, _ in self._rows(kit, self.since))

    def marked(self, kit: Kit, since: Scalar) -> Iterator[tuple[Sample, Scalar]]:
        """Each row beside its value of the incremental column, from `since` on and that value among them.

        A row without such a value can't be told new from old: it is refused, each time.
        """
        return self._rows(kit, self.since if since is None else since, fetching=self.incremental is not None)

    def _rows(self, kit: Kit, since: Scalar, fetching: bool = False) -> Iterator[tuple[Sample, Scalar]]:
        name, url = address(self.connection, kit.project.folder)
        place = Place("database", f"{name}/{self.table or 'query'}", self.licence, self.mapping, self.tables)
        came = False
        with reading(url, name, self.seconds) as (connection, deadline):
            source = Opened(connection, deadline)
            try:
                wanted = self._statement(source, name)
                records = chain(
                    self._unmarked(source, wanted) if fetching else (),
                    _records(source, wanted.marked(source, since, fetching), self.limit),
                )
                for record, row in rows_of(records, place, kit.spec):
                    came = True
                    yield row, scalar(record.values.get(self.incremental or ""))
            except errors() as error:
                if not came:
                    raise failed(name, error) from None
                yield stopped(place, f"the database broke off: {why(error)}"), None
                return
        if source.more:
            yield stopped(place, f"there are more than {self.limit} rows; raise limit to read them"), None

    def _statement(self, source: Opened, name: str) -> Wanted:
        if self.query is not None:
            query = one_select(self.query)
            wanted = Wanted(f"({query}\n) AS q", (), self.incremental, query)
            columns = source.columns(wanted) if self.incremental else ()
        else:
            inner, key, columns = source.table(self.table or "", name)
            wanted = Wanted(inner, key, self.incremental)
        if self.incremental is not None and self.incremental not in columns:
            raise _no_column(name, self.incremental, columns)
        return wanted

    def _unmarked(self, source: Opened, wanted: Wanted) -> Iterator[Record]:
        reason = f"{self.incremental} is empty, so it can't be told whether the row is new"
        for record in _records(source, wanted.unmarked(source), self.limit):
            yield Record(record.line, record.values, reason)


@dataclass(frozen=True)
class Wanted:
    """What is read: a table or a query in brackets, its key, and the column that it is read along."""

    inner: str
    key: Sequence[str]
    incremental: str | None
    query: str = ""

    def marked(self, source: Opened, since: Scalar, fetching: bool) -> TextClause:
        """A query that is not read along a column stays as it is: its own order and limit hold."""
        from sqlalchemy import bindparam, text
        from sqlalchemy.types import NullType

        if self.query and not self.incremental:
            return text(COLON.sub(r"\\:\1", self.query))

        along = source.quoted(self.incremental) if self.incremental else ""
        where = f" WHERE {along} >= :since" if along and since is not None else ""
        where = f" WHERE {along} IS NOT NULL" if along and fetching and not where else where
        # Without a type of its own the database compares the text by the column's type, be it a number or a time.
        since_ = (bindparam("since", since, type_=NullType()),) if ":since" in where else ()
        return self._select(source, where, [*filter(None, (along,)), *self.key]).bindparams(*since_)

    def unmarked(self, source: Opened) -> TextClause:
        return self._select(source, f" WHERE {source.quoted(self.incremental or '')} IS NULL", self.key)

    def nothing(self, source: Opened) -> TextClause:
        return self._select(source, " WHERE 1 = 0", ())

    def _select(self, source: Opened, where: str, order: Sequence[str]) -> TextClause:
        from sqlalchemy import text

        by = " ORDER BY " + ", ".join(dict.fromkeys(order)) if order else ""
        return text(COLON.sub(r"\\:\1", f"SELECT * FROM {self.inner}") + where + by)


class Opened:
    """A connection in a transaction that reads only. `more` once the limit has cut something off."""

    def __init__(self, connection: Connection, deadline: Deadline) -> None:
        self.connection, self.deadline, self.more = connection, deadline, False

    def quoted(self, name: str) -> str:
        return self.connection.dialect.identifier_preparer.quote(name)

    def table(self, given: str, name: str) -> tuple[str, Sequence[str], Sequence[str]]:
        """(quoted name, quoted columns of its key, its columns). Raises UserError with the tables there are."""
        from sqlalchemy import inspect
        from sqlalchemy.exc import NoSuchTableError

        found = inspect(self.connection)
        for schema, table in dict.fromkeys(((None, given), (given.rpartition(".")[0] or None, given.split(".")[-1]))):
            try:
                columns = [column["name"] for column in found.get_columns(table, schema)]
            except NoSuchTableError:
                continue
            key = found.get_pk_constraint(table, schema)["constrained_columns"]
            full = ".".join(self.quoted(part) for part in (schema, table) if part)
            return full, [self.quoted(column) for column in key], columns
        known = ", ".join([*found.get_table_names(), *found.get_view_names()][:20])
        raise UserError(
            Words(f"{name} has no table {given!r}.", f"{name} 里没有名为 {given!r} 的表。"),
            Words(f"It has: {known or 'none'}.", f"现有的表：{known or '无'}。"),
        )

    def columns(self, wanted: Wanted) -> Sequence[str]:
        return list(self.connection.execute(wanted.nothing(self)).keys())


def _records(source: Opened, statement: TextClause, limit: int) -> Iterator[Record]:
    source.deadline.again()
    result = source.connection.execution_options(stream_results=True, yield_per=AT_ONCE).execute(statement)
    names = _unique(list(result.keys()))
    number = 0
    for part in result.partitions(AT_ONCE):
        for row in part:
            number += 1
            if number > limit:
                source.more = True
                result.close()
                return
            yield Record(number, {name: plain(value) for name, value in zip(names, row, strict=True)})
        source.deadline.again()


def _unique(names: Sequence[str]) -> list[str]:
    """Two columns of a join may have one name; none of them is lost."""
    found: dict[str, None] = {}
    for place, name in enumerate(names, 1):
        found[name if name not in found else f"{name} {place}"] = None
    return list(found)


def _no_column(name: str, column: str, columns: Sequence[str]) -> UserError:
    return UserError(
        Words(f"{name} has no column {column!r} to read along.", f"{name} 里没有用于增量读取的列 {column!r}。"),
        Words(f"It has: {', '.join(columns)}.", f"现有的列：{'、'.join(columns)}。"),
    )
