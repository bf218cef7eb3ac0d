"""Where queries really run: a SQLite file or a PostgreSQL server, named by a data source's options (sections 2 and 4)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import md5
from typing import Any

import psycopg2

from tests.redash.fake.state import Row

_PG_TYPES = {
    16: "boolean", 20: "integer", 21: "integer", 23: "integer", 700: "float", 701: "float", 1700: "float",
    1114: "datetime", 1184: "datetime", 1082: "date", 1043: "string", 1042: "string",
}  # fmt: skip


def query_hash(text: str) -> str:
    """What two texts share if they differ in comments and blanks alone (section 4)."""
    return md5("".join(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).split()).encode()).hexdigest()  # noqa: S324


def problem(kind: str, options: Row) -> str | None:
    """The driver's error on connecting, None if it can."""
    _, error = rows_of(kind, options, "select 1")
    return error


def tables(kind: str, options: Row) -> list[Row]:
    """The tables with their columns."""
    text = (
        "select m.name as t, p.name as c from sqlite_master m, pragma_table_info(m.name) p where m.type = 'table'"
        if kind == "sqlite"
        else "select table_name as t, column_name as c from information_schema.columns where table_schema = 'public'"
    )
    data, _ = rows_of(kind, options, text)
    found: dict[str, list[str]] = {}
    for row in (data or {"rows": []})["rows"]:
        found.setdefault(row["t"], []).append(row["c"])
    return [{"name": name, "columns": columns} for name, columns in sorted(found.items())]


def rows_of(kind: str, options: Row, text: str) -> tuple[Row | None, str | None]:
    """Runs a text: the data, or the database's word for why not."""
    try:
        with closing(_connection(kind, options)) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(text)
            if cursor.description is None:
                return None, "Query completed but it returned no data."
            return _data(cursor, (lambda code: None) if kind == "sqlite" else _PG_TYPES.get), None
    except (sqlite3.Error, psycopg2.Error) as error:
        return None, str(error)


def _connection(kind: str, options: Row) -> Any:
    if kind == "sqlite":
        return sqlite3.connect(options["dbpath"])
    names = ("host", "port", "user", "password", "dbname", "sslmode")
    return psycopg2.connect(**{name: options[name] for name in names if options.get(name) not in (None, "")})


def _data(cursor: Any, type_of: Callable[[Any], str | None]) -> Row:
    names: list[str] = []
    for column in cursor.description:
        twice = sum(name == column[0] or name.startswith(f"{column[0]}_") for name in names)
        names.append(f"{column[0]}{twice}" if column[0] in names else column[0])
    types = [type_of(column[1]) for column in cursor.description]
    columns = [{"name": name, "friendly_name": name, "type": kind} for name, kind in zip(names, types, strict=True)]
    rows = [dict(zip(names, map(_plain, row), strict=True)) for row in cursor]
    return {"columns": columns, "rows": rows}


def _plain(value: Any) -> Any:
    """A value as Redash stores it in JSON."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        text = value.isoformat(timespec="milliseconds" if value.microsecond else "auto")
        return text.replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta | memoryview):
        return str(value)
    return value
