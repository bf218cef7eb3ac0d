"""The engines' own limits, printed in seconds: INSERT … SELECT on SQLite, COPY of ready-made text on PostgreSQL.

Both read the loaded tts_request and fill an empty twin of it; only the filling is timed.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from bench.twins import COPIED, twin


def insert_select(path: Path) -> float:
    """Seconds of INSERT … SELECT from the loaded table into a twin, in one transaction."""
    twin(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    started = time.perf_counter()
    with connection:
        connection.execute("INSERT INTO twin SELECT * FROM tts_request")
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


def copy(url: str, text: Path) -> float:
    """Seconds of COPY of ready-made text (made here, untimed) into a twin with the same partitions and indexes."""
    engine = create_engine(url)
    connection: Any = engine.raw_connection()
    names = ", ".join(COPIED)
    with connection.cursor() as cursor:
        with text.open("wb") as file:
            cursor.copy_expert(f"COPY (SELECT {names} FROM tts_request ORDER BY row_id) TO STDOUT", file)
        _twin_on_postgresql(cursor)
        connection.commit()
        cursor.execute("CHECKPOINT")
        connection.commit()
        with text.open("rb") as file:
            started = time.perf_counter()
            cursor.copy_expert(f"COPY twin ({names}) FROM STDIN", file, 1024 * 1024)
            connection.commit()
            seconds = time.perf_counter() - started
    connection.close()
    engine.dispose()
    text.unlink()
    return seconds


def _twin_on_postgresql(cursor: Any) -> None:
    cursor.execute("CREATE TABLE twin (LIKE tts_request INCLUDING ALL) PARTITION BY RANGE (event_day)")
    cursor.execute(
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'tts_request'::regclass"
    )
    for name, bounds in cursor.fetchall():
        cursor.execute(f"CREATE TABLE twin_of_{name} PARTITION OF twin {bounds}")


if __name__ == "__main__":
    limit = insert_select(Path(sys.argv[2])) if sys.argv[1] == "sqlite" else copy(sys.argv[2], Path(sys.argv[3]))
    sys.stdout.write(f"{limit}\n")
