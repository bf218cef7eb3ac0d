"""Rows of several tables as one SQLite database in memory.

Through apsw, which binds values in half the time that Python's own sqlite3 takes. Only where no database file is open:
two SQLite libraries in one process would undo each other's file locks.
"""

from __future__ import annotations

import apsw

from etl.store.packing import Rows


class Staged:
    """Gathers rows of several tables; a table's columns are in the order of its rows."""

    def __init__(self) -> None:
        self._connection = apsw.Connection(":memory:")
        self._connection.execute("BEGIN")
        self._inserts: dict[str, str] = {}

    def add(self, table: str, rows: Rows, *, plain: bool = False) -> None:
        """Of any rows, plain or not."""
        insert = self._inserts.get(table)
        if insert is None:
            columns = range(len(rows[0]))
            # Without types, so that the values stay what they are until the real table takes them.
            self._connection.execute(f"CREATE TABLE {table} ({', '.join(f'c{at}' for at in columns)})")
            insert = self._inserts[table] = f"INSERT INTO {table} VALUES ({', '.join('?' for _ in columns)})"
        self._connection.executemany(insert, rows)

    def data(self) -> dict[str, bytes]:
        """The image of the database as `stage`, nothing without rows; ends the gathering."""
        self._connection.execute("COMMIT")
        image = self._connection.serialize("main") if self._inserts else None
        self._connection.close()
        return {"stage": image} if image is not None else {}
