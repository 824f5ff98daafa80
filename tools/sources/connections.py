"""The way into a database: an address that only an administrator sets, and a transaction that only reads."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from tools.sources.values import moment
from workspace.errors import UserError
from workspace.settings import CONNECTION, redacted, settings
from workspace.words import Words

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

MOMENTS = ("date", "timestamp", "timestamptz")


def address(given: str, folder: Path) -> tuple[str, URL]:
    """(the name by which rows speak of it, the address). Raises UserError where no administrator has named it."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    if given.startswith("sqlite:///") or (given.endswith((".db", ".sqlite", ".sqlite3")) and "://" not in given):
        path = folder / given.removeprefix("sqlite:///")
        return path.name, make_url("sqlite://").set(database=str(path))
    name = given.removeprefix(CONNECTION).lower()
    held = settings().connections.get(name)
    if held is None:
        raise _unnamed("" if "://" in given else given)
    try:
        # The short form that hosting companies hand out.
        return name, make_url(re.sub(r"^postgres(?=://)", "postgresql", held.get_secret_value()))
    except ArgumentError:
        raise UserError(
            Words(f"The connection {name} is no database address.", f"连接 {name} 不是有效的数据库地址。"),
            Words(
                f"Ask your administrator to correct {CONNECTION}{name.upper()}.",
                f"请管理员改正 {CONNECTION}{name.upper()}。",
            ),
        ) from None


@contextmanager
def reading(url: URL, name: str, seconds: float) -> Iterator[tuple[Connection, Deadline]]:
    """Raises UserError where the database can't be reached."""
    deadline = Deadline(seconds)
    engine = _engine(url, name, deadline)
    try:
        options = {"postgresql_readonly": True} if url.get_backend_name() == "postgresql" else {}
        try:
            connection = engine.connect().execution_options(**options)
            _read_only(connection, seconds)
        except errors() as error:
            raise failed(name, error) from None
        with connection:
            yield connection, deadline
            connection.rollback()
    finally:
        engine.dispose()


def _read_only(connection: Connection, seconds: float) -> None:
    from sqlalchemy import text

    backend, most = connection.dialect.name, int(seconds * 1000)
    if backend == "postgresql":
        connection.execute(text(f"SET LOCAL statement_timeout = {most}"))
    elif backend in ("mysql", "mariadb"):
        connection.execute(text("SET SESSION TRANSACTION READ ONLY"))
        connection.rollback()
    elif backend == "oracle":
        connection.execute(text("SET TRANSACTION READ ONLY"))


class Deadline:
    """SQLite has no time limit of its own: it asks here, now and then, whether to go on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.again()

    def again(self) -> None:
        self._until = time.monotonic() + self._seconds

    def passed(self) -> int:
        return int(time.monotonic() > self._until)


def _engine(url: URL, name: str, deadline: Deadline) -> Engine:
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import NoSuchModuleError
    from sqlalchemy.pool import NullPool

    if url.get_backend_name() == "sqlite":
        return create_engine(
            "sqlite://", creator=lambda: _sqlite(Path(url.database or ""), deadline), poolclass=NullPool
        )
    try:
        engine = create_engine(url, poolclass=NullPool)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise UserError(
            Words(
                f"The driver for the database {name} is not installed: {error}.", f"缺少数据库 {name} 的驱动：{error}。"
            ),
            Words("Install it beside Tunesmith with pip.", "请用 pip 把驱动装在 Tunesmith 的环境里。"),
        ) from None
    if engine.dialect.driver == "psycopg":
        event.listen(engine, "connect", _moments_as_text)
    return engine


def _sqlite(path: Path, deadline: Deadline) -> sqlite3.Connection:
    opened = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, check_same_thread=False)
    opened.execute("PRAGMA query_only = ON")
    opened.text_factory = lambda held: held.decode("utf-8", "surrogateescape")
    opened.set_progress_handler(deadline.passed, 10_000)
    return opened


def _moments_as_text(connection: DBAPIConnection, _: object) -> None:
    """Python has no infinity and no year before 1; the database's own words lose nothing."""
    import psycopg
    from psycopg.adapt import Loader

    class Moment(Loader):
        def load(self, data: bytes | bytearray | memoryview) -> str:
            return moment(bytes(data).decode())

    inner = connection.driver_connection if hasattr(connection, "driver_connection") else connection
    if isinstance(inner, psycopg.Connection):
        for kind in MOMENTS:
            inner.adapters.register_loader(kind, Moment)


def errors() -> tuple[type[Exception], ...]:
    from sqlalchemy.exc import SQLAlchemyError

    return (SQLAlchemyError, sqlite3.Error)


def why(error: Exception) -> str:
    """The database's own sentence, without the statement around it and without a secret in it."""
    said = str(getattr(error, "orig", None) or error).strip()
    return redacted(said.splitlines()[0] if said else type(error).__name__)


def failed(name: str, error: Exception) -> UserError:
    return UserError(
        Words(f"The database {name} refused: {why(error)}", f"数据库 {name} 拒绝了请求：{why(error)}"),
        Words(
            "Check the table, the query and that the database is up; an administrator sets its address.",
            "请检查表名、查询语句以及数据库是否在运行；数据库地址由管理员设置。",
        ),
    )


def _unnamed(given: str) -> UserError:
    known = ", ".join(sorted(settings().connections)) or "-"
    name = re.sub(r"\W", "_", given).upper() or "NAME"
    return UserError(
        Words(
            f"There is no connection called {given!r}." if given else "A database's address can't stand in a file.",
            f"没有名为 {given!r} 的连接。" if given else "数据库地址不能写在文件里。",
        ),
        Words(
            f"Known are: {known}. An administrator adds one as the environment variable {CONNECTION}{name}.",
            f"可用的有：{known}。管理员可用环境变量 {CONNECTION}{name} 添加。",
        ),
    )
