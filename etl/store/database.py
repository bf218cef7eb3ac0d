"""The database: its engine, its transactions, its schema's version.

Transactions are begun and ended by explicit statements on an autocommit connection, the same way on both kinds of
database: Python's sqlite3 begins them late and without a lock, and COMMIT of a failed transaction on PostgreSQL
answers ROLLBACK without an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from etl.errors import ConfigError, DatabaseAwayError, EtlError, SchemaError
from etl.store.failures import translated
from etl.tables import REVISION

#: One key for the whole product: a batch takes it shared, migrate and purge exclusively.
ADVISORY_LOCK = 0x766F786D

#: How a transaction that only reads begins on PostgreSQL; on SQLite all of it sees one state anyway.
_READING = {"none": "BEGIN READ ONLY", "snapshot": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
_POSTGRESQL_NAMES = ("postgres", "postgresql", "postgresql+psycopg2")


@dataclass(frozen=True, slots=True)
class Session:
    """A connection inside a transaction."""

    connection: Connection

    @property
    def is_sqlite(self) -> bool:
        return self.connection.dialect.name == "sqlite"

    def run(self, sql: str, *values: object) -> Any:
        """Executes a statement with `?` for each value; returns SQLAlchemy's cursor result."""
        return self.connection.exec_driver_sql(sql if self.is_sqlite else sql.replace("?", "%s"), values)

    def commit_without_waiting(self) -> None:
        """Lets COMMIT of this transaction return before the disk has it; the next one that waits covers it.

        A crash of the server may take it, whole, with all after it. SQLite's WAL does so anyway (`set_pragmas`).
        """
        if not self.is_sqlite:
            self.run("SET LOCAL synchronous_commit = off")

    def savepoint(self, verb: str) -> None:
        """`SAVEPOINT`, `RELEASE SAVEPOINT` or `ROLLBACK TO SAVEPOINT`, of the one name used here."""
        self.connection.exec_driver_sql(f"{verb} part")


class Database:
    """One database, SQLite or PostgreSQL, by its SQLAlchemy URL.

    Raises ConfigError for a URL that is none of the two kinds.
    """

    def __init__(self, url: str, busy_seconds: float = 10.0) -> None:
        self.url = _parsed(url)
        self.dialect = self.url.get_backend_name()
        self.path = Path(self.url.database) if self.dialect == "sqlite" and self.url.database else None
        self._engine = _engine(self.url, busy_seconds)
        self._connection: Connection | None = None

    @property
    def shown(self) -> str:
        """The URL as it may be shown: without the password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def transaction(self, lock: str = "shared") -> Iterator[Session]:
        """A transaction with the product's lock `shared` or `exclusive`, or for reading only with `none`.

        All statements of a `snapshot`, which also only reads, see one state of the database.

        It is committed at the end of the block and rolled back after any exception. Raises ours for a driver's
        errors; a connection that broke is thrown away, and whether a COMMIT it cut arrived must be read anew.
        """
        with translated():
            session = Session(self._connected())
            try:
                self._begin(session, lock)
                yield session
                self._commit(session)
            except BaseException:
                self._roll_back()
                raise

    @contextmanager
    def exclusive(self) -> Iterator[Session]:
        """A transaction that no batch runs beside."""
        with self.transaction("exclusive") as session:
            yield session

    def create_file(self) -> None:
        """Makes the SQLite file (mode 0600: it may hold what callers said) and its folder; WAL for ever after."""
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except OSError as error:
            raise ConfigError(f"can't create {self.path}: {error.strerror}", "choose another --database-url") from error
        with translated():
            self._connected().exec_driver_sql("PRAGMA journal_mode = WAL")

    def stage(self, data: bytes) -> None:
        """Makes a whole SQLite database the schema `stage` of this connection, in memory; outside of transactions."""
        with translated():
            driver = self._connected().connection.driver_connection
            if driver is None:
                raise DatabaseAwayError("the connection to the database is gone")
            if not any(name == "stage" for _, name, _ in driver.execute("PRAGMA database_list")):
                driver.execute("ATTACH ':memory:' AS stage")
            driver.deserialize(data, name="stage")

    def checkpoint(self) -> None:
        """Brings SQLite's write-ahead log into the file and empties it, as far as no other reads from it."""
        with translated():
            self._connected().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()

    def is_missing(self) -> bool:
        """Whether it is a SQLite file that isn't there; of one that nobody may look at SQLite says so itself."""
        try:
            return self.path is not None and self.path.stat() is None
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            return False

    def revision(self) -> str | None:
        """The Alembic revision of its schema, None where it has none."""
        if self.is_missing():
            return None
        with self.transaction("none") as session:
            if not has_relation(session, "alembic_version"):
                return None
            row = session.run("SELECT version_num FROM alembic_version").first()
            return str(row[0]) if row else None

    def require_schema(self) -> None:
        """Raises SchemaError unless the schema is the one that this version reads and writes."""
        found = self.revision()
        if found is None:
            raise SchemaError(f"{self.shown} has no Voxmeter tables yet", "create them: tts-etl migrate")
        if found != REVISION:
            raise SchemaError(
                f"the schema of {self.shown} is revision {found}, this tts-etl needs {REVISION}",
                "upgrade the older one of the two: tts-etl migrate, or pip install --upgrade voxmeter",
            )

    def close(self) -> None:
        self._drop_connection()
        self._engine.dispose()

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _begin(self, session: Session, lock: str) -> None:
        if session.is_sqlite:
            session.run("BEGIN" if lock in _READING else "BEGIN IMMEDIATE")
            return
        session.run(_READING.get(lock, "BEGIN"))
        if lock not in _READING:
            suffix = "_shared" if lock == "shared" else ""
            session.run(f"SELECT pg_advisory_xact_lock{suffix}(?)", ADVISORY_LOCK)

    def _commit(self, session: Session) -> None:
        if session.is_sqlite:
            session.run("COMMIT")
            return
        driver = session.connection.connection.driver_connection
        if driver is None:
            raise DatabaseAwayError("the connection to the database is gone")
        with driver.cursor() as cursor:
            cursor.execute("COMMIT")
            if cursor.statusmessage != "COMMIT":
                raise EtlError(f"the transaction was not committed: {cursor.statusmessage}")

    def _roll_back(self) -> None:
        """Ends the transaction whatever state it is in; a connection that can't even do that is thrown away."""
        connection = self._connection
        if connection is None:
            return
        if connection.invalidated:
            self._drop_connection()
            return
        try:
            driver = connection.connection.driver_connection
            if self.dialect != "sqlite" or (driver is not None and driver.in_transaction):
                connection.exec_driver_sql("ROLLBACK")
        except (SQLAlchemyError, OSError):
            self._drop_connection()

    def _drop_connection(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(SQLAlchemyError, OSError):
                connection.invalidate()
                connection.close()


def has_relation(session: Session, name: str) -> bool:
    """Whether there is a table or view of this name."""
    if session.is_sqlite:
        return session.run("SELECT 1 FROM sqlite_master WHERE name = ?", name).first() is not None
    return session.run("SELECT to_regclass(?)", name).scalar() is not None


def _parsed(text: str) -> URL:
    hint = "for example sqlite:///data/tts.db or postgresql://user@host/database"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise ConfigError("the database URL can't be read", hint) from error
    if url.drivername in _POSTGRESQL_NAMES:
        return url.set(drivername="postgresql+psycopg2")
    if url.drivername in ("sqlite", "sqlite+pysqlite") and url.database not in (None, "", ":memory:"):
        return url
    raise ConfigError(f"{url.render_as_string(hide_password=True)} is no SQLite file and no PostgreSQL database", hint)


def _engine(url: URL, busy_seconds: float) -> Engine:
    if url.get_backend_name() != "sqlite":
        connect = {"application_name": "tts-etl", "connect_timeout": 10, "options": "-c timezone=UTC"}
        asked = {**connect, **url.query}
        return create_engine(url.set(query={}), isolation_level="AUTOCOMMIT", connect_args=asked, pool_pre_ping=False)
    engine = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"timeout": busy_seconds})

    @event.listens_for(engine, "connect")
    def set_pragmas(driver_connection: Any, _record: object) -> None:
        cursor = driver_connection.cursor()
        # A power cut may take the last commits, rows and offsets together; the files are read again then.
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    return engine
