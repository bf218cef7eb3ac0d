"""A driver's error becomes ours here and nowhere else (etl.md, D9: the classes of errors)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy.exc import DBAPIError

from etl.errors import ConfigError, DatabaseAwayError, EtlError, SchemaError

#: SQLSTATE classes: connection, resources, operator's intervention, a transaction's rollback, a lock not to be had.
_AWAY = ("08", "53", "57", "40", "55")
#: A value that doesn't fit its type, a rule of the table, a value that is too large for an index or a page.
_DATA = ("22", "23", "54")
_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_INTERRUPT,
}
_SQLITE_DATA = {sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH}
_SQLITE_RIGHTS = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_CANTOPEN}
_SQLITE_NOT_ONE = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


class DataRefusedError(EtlError):
    """The database refuses a value: the row goes to quarantine, so this never leaves the package."""


@contextmanager
def translated() -> Iterator[None]:
    """Within it a driver's errors are ours."""
    try:
        yield
    except DBAPIError as error:
        raise _ours(error.orig if error.orig is not None else error) from error
    except (psycopg2.Error, sqlite3.Error) as error:
        raise _ours(error) from error
    except OverflowError as error:  # sqlite3: an int beyond 64 bits
        raise DataRefusedError(str(error)) from error


def _ours(error: BaseException) -> EtlError:
    first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
    if isinstance(error, psycopg2.Error):
        return _from_postgresql(error, first_line)
    return _from_sqlite(error, first_line)


def _from_postgresql(error: psycopg2.Error, text: str) -> EtlError:
    state = error.pgcode or ""
    if not state:
        return _from_connecting(error, text)
    if state.startswith(_DATA) and "no partition of relation" not in text:
        return DataRefusedError(text)
    if state.startswith(_AWAY):
        return DatabaseAwayError(f"the database can't take this now: {text}", "nothing is lost; it goes on later")
    if state == "42501":
        return ConfigError(f"no right to do this: {text}", "use the role that owns the tables")
    return SchemaError(f"the database refused a statement: {text}", "compare its schema: tts-etl migrate")


def _from_connecting(error: psycopg2.Error, text: str) -> EtlError:
    """libpq gives no SQLSTATE for what fails before there is a session."""
    wrong = (
        "authentication failed",
        "no password supplied",
        "does not exist",
        "no pg_hba.conf entry",
        "invalid ",
        "Permission denied",
    )
    whole = str(error)
    if any(words in whole for words in wrong):
        return ConfigError(f"no connection to the database: {text}", "look at --database-url (TTS_DATABASE_URL)")
    return DatabaseAwayError(f"the database is away: {text}", "is it running? Nothing is lost; it goes on later")


def _from_sqlite(error: BaseException, text: str) -> EtlError:
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else -1
    if primary in _SQLITE_DATA or isinstance(error, sqlite3.DataError):
        return DataRefusedError(text)
    if primary in _SQLITE_AWAY:
        return DatabaseAwayError(f"the database can't take this now: {text}", "nothing is lost; it goes on later")
    if primary in _SQLITE_RIGHTS:
        return ConfigError(f"the database file can't be opened or written: {text}", "look at its rights and its folder")
    if primary in _SQLITE_NOT_ONE:
        return ConfigError(f"this is no (whole) SQLite database: {text}", "look at --database-url")
    return SchemaError(f"the database refused a statement: {text}", "compare its schema: tts-etl migrate")
