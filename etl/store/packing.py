"""The rows of a stretch as their database takes them fastest; made where no database is at hand.

PostgreSQL: CSV for COPY. SQLite: a whole database in memory (etl.store.staged), out of which one INSERT … SELECT fills
each table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from etl.lines.outcomes import Rejected

#: What rows of one table are, in the order of their columns.
Rows = Sequence[tuple[Any, ...]]

#: How COPY is told to read `copy_csv`: a JSON array without its brackets is CSV in this dialect.
COPY_FORMAT = "(FORMAT csv, NULL 'null', QUOTE '\"', ESCAPE '\\')"

_json = msgspec.json.Encoder()


class Packed(msgspec.Struct, array_like=True):
    """The outcomes of a stretch, its rows packed for the database as those of one stream.

    `data` is the CSV of each table or, for SQLite, the database `stage`. `tables` are the rows of each table, `days`
    those of each event_day, `newest` is the latest `ts`.
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


class CopyText:
    """Gathers rows of several tables as the CSV of each."""

    def __init__(self) -> None:
        self._tables: dict[str, list[bytes]] = {}

    def add(self, table: str, rows: Rows, *, plain: bool) -> None:
        """`plain`: see is_plain."""
        self._tables.setdefault(table, []).append(copy_csv(rows, plain=plain))

    def data(self) -> dict[str, bytes]:
        return {table: b"".join(parts) for table, parts in self._tables.items()}


def is_plain(lines: bytes) -> bool:
    """Whether no text out of these complete lines can hold anything that JSON escapes.

    JSON allows no control character as it is in a text, and a line that is no object may be none of JSON.
    """
    return b"\\" not in lines and lines[:1] == b"{" and lines.count(b"\n") == lines.count(b"\n{") + 1


def copy_csv(rows: Rows, *, plain: bool = False) -> bytes:
    """Rows as COPY_FORMAT has them; a whole number, a float and a text come out of it as they went in."""
    for at, value in enumerate(rows[0]):
        if type(value) is bytes:
            rows = [(*row[:at], "\\x" + row[at].hex(), *row[at + 1 :]) for row in rows]
    encode = _json.encode
    texts = [encode(row)[1:-1] for row in rows]
    texts.append(b"")
    text = b"\n".join(texts)
    if not plain and _has_other_escapes(text):
        return "".join([",".join(map(_csv, row)) + "\n" for row in rows]).encode()
    return text


def _has_other_escapes(text: bytes) -> bool:
    """Whether JSON has an escape that CSV doesn't know: another one than of a quote or a backslash."""
    without_pairs = text.replace(rb"\\", b"")
    return without_pairs.count(b"\\") != without_pairs.count(rb"\"")


def _csv(value: object) -> str:
    """One value, its control characters as they are."""
    if type(value) is str:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return _json.encode(value).decode()
