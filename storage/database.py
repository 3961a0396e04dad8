"""The database behind the stores: how it is opened, written to and brought up to date."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError

_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_BUSY_SECONDS = 30  # how long a writer waits for another before SQLite gives up
_CONNECT_SECONDS = 10
_MIGRATION_LOCK = 0x67726F756E64  # "ground": any number, as long as no other program uses it
_WRITES = "groundswell_writes"


class DatabaseUnavailable(Exception):
    """The database can't be reached or used; ``str`` says which and why, without its password."""


def open_database(url: str) -> Engine:
    """The database at ``sqlite:///path`` or ``postgresql://user:password@host/name``, tried out.

    Open it once in each process, and after a fork in the child: connections can't be shared by two processes.
    Raises ``DatabaseUnavailable``, which later calls on the engine raise too when the database goes away.
    """
    place = _read(url)
    _make_file(place)
    engine = create_engine(
        place,
        connect_args={name: value for name, value in _defaults(place).items() if name not in place.query},
        hide_parameters=True,  # rows hold secrets, and errors reach the log
        pool_pre_ping=place.get_backend_name() == "postgresql",
    )
    _name_failures(engine)
    if engine.dialect.name == "sqlite":
        _take_over_transactions(engine)
        _write_ahead(engine)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database and changes nothing."""
    with engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction: all of it is kept, or, after an exception, nothing."""
    with engine.connect() as connection:
        connection.execution_options(**{_WRITES: True})
        with connection.begin():
            yield connection


def migrate(engine: Engine) -> None:
    """Bring the tables up to date. Harmless when they are, and when several processes do it at once."""
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    with writing(engine) as connection:
        # SQLite needs no lock of its own here: a write transaction keeps every other writer out.
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as failure:
            why = f"{failure}; it was written by another version of Groundswell: run the newest one"
            raise DatabaseUnavailable(
                f"the {_name(engine.url)} can't be brought up to date: {why}"
            ) from failure


def _read(url: str) -> URL:
    try:
        place = make_url(url)
        driver = _DRIVERS[place.drivername]
    except (ArgumentError, KeyError, ValueError):
        # The URL itself is not repeated, as nobody can tell which part of it is the password.
        raise DatabaseUnavailable(
            "the database URL can't be read: write sqlite:///path/to/file.db"
            " or postgresql://user:password@host:5432/name (special characters in the password as %XX)"
        ) from None
    if driver == "sqlite" and place.database in (None, "", ":memory:"):
        raise DatabaseUnavailable("the database URL names no file: write sqlite:///path/to/file.db")
    return place.set(drivername=driver)


def _defaults(place: URL) -> dict[str, int | str]:
    if place.get_backend_name() == "sqlite":
        return {"timeout": _BUSY_SECONDS}
    return {"connect_timeout": _CONNECT_SECONDS, "application_name": "groundswell"}


def _name(place: URL) -> str:
    """The database as it may stand in a log: neither password nor options."""
    if place.get_backend_name() == "sqlite":
        return f"database {place.database}"
    host = place.host or place.query.get("host", "localhost")
    return f"database {place.database} at {host}:{place.port or 5432}"


def _make_file(place: URL) -> None:
    """Make SQLite's file, which will hold secrets, so that only its owner may read it."""
    if place.get_backend_name() != "sqlite":
        return
    file = Path(place.database or "")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as failure:
        raise DatabaseUnavailable(
            f"the {_name(place)} can't be made: {failure.filename}: {failure.strerror}"
        ) from failure


def _name_failures(engine: Engine) -> None:
    """Raise what the driver says of an unreachable, locked or broken database as our own error."""

    def translate(context: ExceptionContext) -> DatabaseUnavailable | None:
        failure = context.original_exception
        # Only the pool may see a failed ping: it opens a fresh connection instead.
        if context.is_pre_ping or not _is_unavailable(failure, context.dialect.loaded_dbapi):
            return None
        return _unavailable(engine, failure)

    event.listen(engine, "handle_error", translate, retval=True)


def _unavailable(engine: Engine, failure: BaseException) -> DatabaseUnavailable:
    why = " ".join(str(failure).split())
    for secret in (engine.url.password, engine.url.query.get("password")):
        why = why.replace(str(secret), "***") if secret else why
    return DatabaseUnavailable(f"the {_name(engine.url)} is not available: {why}")


def _is_unavailable(failure: BaseException, driver: Any) -> bool:  # Any: a module with the names of PEP 249
    # A file that is no database is a bare DatabaseError; its subclasses mostly say that we made a mistake.
    return isinstance(failure, driver.OperationalError) or type(failure) is driver.DatabaseError


def _take_over_transactions(engine: Engine) -> None:
    """Begin SQLite's transactions ourselves: Python's driver would begin them late, and never as writers.

    A transaction that starts reading and then writes fails at once if another has written meanwhile, so
    those that will write say so from the start and wait their turn.
    """

    def prepare(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        cursor = connection.cursor()
        try:
            cursor.execute("PRAGMA foreign_keys=ON")
            # With a write-ahead log, NORMAL may lose the last commits to a power cut, but breaks no file.
            cursor.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.DatabaseError as failure:
            raise _unavailable(engine, failure) from failure
        finally:
            cursor.close()

    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)


def _write_ahead(engine: Engine) -> None:
    """Let readers read while one writes. The file remembers it, so only the first opening has to wait."""
    give_up = time.monotonic() + _BUSY_SECONDS
    while True:
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as failure:
            # SQLite does not wait by itself when two processes switch the same file at once.
            if failure.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise _unavailable(engine, failure) from failure
            time.sleep(0.05)
        except sqlite3.DatabaseError as failure:
            raise _unavailable(engine, failure) from failure
        else:
            return
        finally:
            connection.close()
