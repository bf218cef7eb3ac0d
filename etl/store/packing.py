"""The rows of a stretch as their database takes them fastest; made where no database is at hand.

PostgreSQL: the text of COPY. SQLite: a whole database in memory, out of which one INSERT … SELECT fills each table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from etl.lines.outcomes import Rejected

#: What rows of one table are, in the order of their columns.
Rows = Sequence[tuple[Any, ...]]

_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Packed(msgspec.Struct, array_like=True):
    """The outcomes of a stretch, its rows packed for the database as those of one stream.

    `tables` are the rows of each table, `days` those of each event_day, `newest` is the latest `ts`.
    """

    stream_id: int
    data: dict[str, bytes]
    tables: dict[str, int]
    days: dict[str, int]
    newest: str
    law_violations: int
    rejected: list[Rejected]
    blank: int
    skipped: int

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def pack(dialect: str, tables: Mapping[str, Rows], *, plain: bool) -> dict[str, bytes]:
    """The rows of each table: under the table's name, or on SQLite all of them under `stage`; `plain`: see is_plain."""
    if dialect == "sqlite":
        return {"stage": _database(tables)} if tables else {}
    text = plain_copy_text if plain else copy_text
    return {table: text(rows).encode() for table, rows in tables.items()}


def is_plain(lines: bytes) -> bool:
    """Whether no value out of these lines needs an escape in the text of COPY, or is the text of its null."""
    return not any(sign in lines for sign in (b"\\", b"\t", b"\r", b"None"))


def copy_text(rows: Rows) -> str:
    """Rows as the text format of COPY wants them, with `None` for null."""
    return "".join(["\t".join([_COPY[type(value)](value) for value in row]) + "\n" for row in rows])


def plain_copy_text(rows: Rows) -> str:
    """The same of rows out of plain lines, several times as fast: one format makes a whole row."""
    hashes = [at for at, value in enumerate(rows[0]) if type(value) is bytes]
    form = "\t".join(["\\\\x%s" if at in hashes else "%s" for at in range(len(rows[0]))]) + "\n"
    if len(hashes) != 1:
        return copy_text(rows)
    at = hashes[0]
    return "".join([form % (*row[:at], row[at].hex(), *row[at + 1 :]) for row in rows])


def _database(tables: Mapping[str, Rows]) -> bytes:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for table, rows in tables.items():
            # Without types, so that the values stay what they are until the real table takes them.
            connection.execute(f"CREATE TABLE {table} ({', '.join(f'c{at}' for at in range(len(rows[0])))})")
            connection.execute("BEGIN")
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
            connection.execute("COMMIT")
        return connection.serialize()
    finally:
        connection.close()


def _copy_str(value: str) -> str:
    if value == "None":
        return "\\None"
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPED)


_COPY: dict[type, Any] = {
    type(None): lambda _: "None",
    str: _copy_str,
    int: str,
    float: repr,
    bool: lambda value: "t" if value else "f",
    bytes: lambda value: "\\\\x" + value.hex(),
}
