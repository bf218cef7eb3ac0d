"""Rows into the event tables by their key: what is there already stays, and what the database refuses is told apart."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from etl.lines.outcomes import Record
from etl.store.database import Session
from etl.store.failures import DataRefusedError, translated
from etl.store.packing import COPY_FORMAT, Packed, copy_csv
from etl.tables import KEY, event_columns

_KEY = ", ".join(KEY)
_DAY = itemgetter(0)


@dataclass(slots=True)
class Inserted:
    """How many rows of each day went in, which records conflict with another line of their key, which were refused."""

    days: Counter[str] = field(default_factory=Counter)
    conflicts: list[Record] = field(default_factory=list)
    refused: list[tuple[Record, str]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.days.total()


def insert(session: Session, stream_id: int, records: Sequence[Record]) -> Inserted:
    """Inserts records of any event table. A refused row is found by halving, under savepoints."""
    result = Inserted()
    by_table: dict[str, list[Record]] = {}
    for record in records:
        by_table.setdefault(record.table, []).append(record)
    for table, of_table in by_table.items():
        _insert_halving(session, _columns(table), stream_id, of_table, result)
    return result


def insert_packed(session: Session, stream_id: int, packed: Packed) -> bool:
    """Inserts packed rows; False if not all of them could go in, and then the transaction must be rolled back."""
    if packed.stream_id != stream_id:
        return False
    put = _packed_into_sqlite if session.is_sqlite else _packed_into_postgresql
    try:
        with translated():
            return all(put(session, table, packed) == rows for table, rows in packed.tables.items())
    except DataRefusedError:
        return False


def _packed_into_sqlite(session: Session, table: str, packed: Packed) -> int:
    """Out of the schema `stage` (Database.stage); the WHERE keeps ON from being read as that of a join."""
    _, names = _columns(table)
    put = f"INSERT INTO main.{table} ({names}) SELECT * FROM stage.{table} WHERE true ON CONFLICT ({_KEY}) DO NOTHING"
    return int(session.run(put).rowcount)


def _packed_into_postgresql(session: Session, table: str, packed: Packed) -> int:
    _, names = _columns(table)
    driver = session.connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("no driver's connection inside a transaction")
    with driver.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {table} ({names}) FROM STDIN WITH {COPY_FORMAT}", io.BytesIO(packed.data[table]), 1024 * 1024
        )
        return int(cursor.rowcount)


def _insert_halving(
    session: Session, columns: tuple[str, str], stream_id: int, records: list[Record], result: Inserted
) -> None:
    session.savepoint("SAVEPOINT")
    try:
        with translated():
            rows = [(*record.values, stream_id) for record in records]
            done = (_into_sqlite if session.is_sqlite else _into_postgresql)(session, columns, rows)
            conflicts = [] if done.total() == len(records) else _conflicts(session, columns[0], records)
    except DataRefusedError as error:
        session.savepoint("ROLLBACK TO SAVEPOINT")
        session.savepoint("RELEASE SAVEPOINT")
        if len(records) == 1:
            result.refused.append((records[0], str(error)))
            return
        middle = len(records) // 2
        _insert_halving(session, columns, stream_id, records[:middle], result)
        _insert_halving(session, columns, stream_id, records[middle:], result)
        return
    session.savepoint("RELEASE SAVEPOINT")
    result.days += done
    result.conflicts += conflicts


def _columns(table: str) -> tuple[str, str]:
    """The table and its columns in the order of the rows: those of a record, then stream_id."""
    return table, ", ".join([*(name for name in event_columns(table) if name != "stream_id"), "stream_id"])


def _into_sqlite(session: Session, columns: tuple[str, str], rows: list[tuple[Any, ...]]) -> Counter[str]:
    table, names = columns
    driver = session.connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("no driver's connection inside a transaction")
    # ON CONFLICT of the key only: INSERT OR IGNORE would swallow NOT NULL and CHECK as well.
    marks = ", ".join("?" * len(rows[0]))
    put = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({_KEY}) DO NOTHING"
    days: Counter[str] = Counter()
    # Day by day, since SQLite tells only how many of an executemany went in.
    for day, of_day in groupby(sorted(rows, key=_DAY), key=_DAY):
        days[day] += driver.executemany(put, of_day).rowcount
    return days


def _into_postgresql(session: Session, columns: tuple[str, str], rows: list[tuple[Any, ...]]) -> Counter[str]:
    table, names = columns
    driver = session.connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("no driver's connection inside a transaction")
    text = copy_csv(rows)
    with driver.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS stage_{table} ON COMMIT DELETE ROWS AS "
            f"SELECT {names} FROM {table} WITH NO DATA"
        )
        cursor.execute(f"DELETE FROM stage_{table}")
        cursor.copy_expert(f"COPY stage_{table} ({names}) FROM STDIN WITH {COPY_FORMAT}", io.BytesIO(text))
        cursor.execute(
            f"WITH put AS (INSERT INTO {table} ({names}) SELECT {names} FROM stage_{table} "
            f"ON CONFLICT ({_KEY}) DO NOTHING RETURNING event_day) "
            "SELECT CAST(event_day AS text), COUNT(*) FROM put GROUP BY event_day"
        )
        return Counter(dict(cursor.fetchall()))


def _conflicts(session: Session, table: str, records: list[Record]) -> list[Record]:
    """Of these records those whose key has a row with another line."""
    conflicts = []
    for record in records:
        stored = session.run(
            f"SELECT line_sha256 FROM {table} WHERE event_day = ? AND writer_id = ? AND seq = ?", *record.key
        ).scalar()
        if stored is not None and bytes(stored) != record.line_sha256:
            conflicts.append(record)
    return conflicts
