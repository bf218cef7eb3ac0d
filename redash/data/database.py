"""Runs a query on a database that it can only read: the one module here that knows SQLAlchemy.

Values come as JSON knows them: moments as ISO texts with a `T`, decimals as floats.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, inspect, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from redash.errors import DatabaseAway, DatabaseError, QueryFailed, SchemaMissing, WrongUse
from redash.specs.spec import DIALECTS, Dialect

Value = str | int | float | bool | None
# SQLite asks after this many steps of its machine whether it may go on.
_STEPS_BETWEEN_LOOKS = 20_000


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a query: values in the order of `columns`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    milliseconds: float = 0.0

    def column(self, name: str) -> list[Value]:
        """All values of a column."""
        index = self.columns.index(name)
        return [row[index] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Reading:
    """An open connection that can only read; `dialect` picks the SQL of a query."""

    dialect: Dialect
    connection: Connection
    timeout_seconds: float

    def run(self, sql: str) -> Result:
        """Runs one query; raises QueryFailed, after which the next one can be run."""
        begun = time.monotonic()
        with _deadline(self, begun):
            try:
                answer = self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
                columns = tuple(answer.keys())
                rows = tuple(tuple(_value(value) for value in row) for row in answer)
            except SQLAlchemyError as error:
                self.connection.rollback()
                raise QueryFailed(_reason(error, self.timeout_seconds)) from error
        return Result(columns, rows, (time.monotonic() - begun) * 1000)

    def report_timezone(self) -> str:
        """The IANA name of the zone that reports are cut in; raises SchemaMissing."""
        try:
            rows = self.run("SELECT value FROM setting WHERE name = 'report_timezone'").rows
        except QueryFailed as error:
            raise SchemaMissing("the database has no tables of ours", "make them with `tts-etl migrate`") from error
        return str(rows[0][0]) if rows else "UTC"

    def newest_at(self) -> str | None:
        """The local time of the newest request, or None."""
        found = self.run("SELECT MAX(local_at) FROM tts_request").rows[0][0]
        return None if found is None else str(found)

    def schema(self) -> dict[str, dict[str, str]]:
        """{table or view: {column: type}} without Alembic's table and the partitions, which are the database's affair."""
        found = inspect(self.connection)
        names = [*found.get_table_names(), *found.get_view_names()]
        parts = self._partitions()
        return {
            name: {str(column["name"]): str(column["type"]) for column in found.get_columns(name)}
            for name in sorted(names)
            if name != "alembic_version" and name not in parts
        }

    def _partitions(self) -> set[Value]:
        if self.dialect == "sqlite":
            return set()
        return {row[0] for row in self.run("SELECT relname FROM pg_class WHERE relispartition").rows}


@contextmanager
def reading(url: str, timeout_seconds: float) -> Iterator[Reading]:
    """Opens a database for reading; raises WrongUse for a bad URL and DatabaseAway where nobody answers."""
    engine, dialect = _engine(url, timeout_seconds)
    try:
        with _connected(engine) as connection:
            yield Reading(dialect, connection, timeout_seconds)
    finally:
        engine.dispose()


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except OperationalError as error:
        raise DatabaseAway(_reason(error, 0), "is it running, and is --database-url right?") from error
    except SQLAlchemyError as error:
        raise DatabaseError(_reason(error, 0)) from error
    with connection:
        yield connection


def _engine(url: str, timeout_seconds: float) -> tuple[Engine, Dialect]:
    try:
        parsed = make_url(url)
        dialect = next((name for name in DIALECTS if name == parsed.get_backend_name()), None)
    except (ArgumentError, NoSuchModuleError) as error:
        raise WrongUse("--database-url is no database URL", "for example sqlite:///data/tts.db") from error
    if dialect == "sqlite":
        return _sqlite(parsed), dialect
    if dialect == "postgresql":
        return _postgresql(parsed, timeout_seconds), dialect
    raise WrongUse(f"{parsed.get_backend_name()} is no database that we know", f"known: {', '.join(DIALECTS)}")


def _sqlite(url: URL) -> Engine:
    path = Path(url.database or "")
    if not path.is_file():
        raise WrongUse(f"there is no database {path}", "make one with `tts-etl migrate`, or give --database-url")

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


def _postgresql(url: URL, timeout_seconds: float) -> Engine:
    options = (
        f"-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read "
        f"-c statement_timeout={int(timeout_seconds * 1000)} -c datestyle=ISO"
    )
    arguments = {"options": options, "application_name": "tts-redash", "connect_timeout": 10}
    return create_engine(url, poolclass=NullPool, connect_args=arguments)


@contextmanager
def _deadline(reading: Reading, begun: float) -> Iterator[None]:
    """Ends a SQLite query that runs for too long; PostgreSQL has its own timeout."""
    if reading.dialect != "sqlite":
        yield
        return
    driver: Any = reading.connection.connection.driver_connection
    driver.set_progress_handler(lambda: time.monotonic() - begun > reading.timeout_seconds, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def _value(value: Any) -> Value:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | float):
        # JSON has no NaN and no infinity.
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | float):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)


def _reason(error: SQLAlchemyError, timeout_seconds: float) -> str:
    """The driver's first line: the whole message would repeat the SQL."""
    cause = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    if "interrupted" in cause or "statement timeout" in cause:
        return f"took longer than {timeout_seconds:g} seconds"
    return cause.splitlines()[0] if cause else type(error).__name__
