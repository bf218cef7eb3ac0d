"""Empty twins of tts_request: the same columns and the same indexes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from etl.tables import event_columns

#: The columns that a loader fills, in the table's order.
COPIED = event_columns("tts_request")


def twin(path: Path) -> None:
    """Makes the table `twin` beside tts_request in an SQLite file, from that table's own definition."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'tts_request' AND sql IS NOT NULL")
    for (sql,) in found.fetchall():
        connection.execute(sql.replace("tts_request", "twin"))
    connection.commit()
    connection.close()


def differing_rows(path: Path) -> int:
    """In how many rows twin and tts_request differ, of an SQLite file that has both (row_id and stream_id aside)."""
    names = ", ".join(name for name in COPIED if name != "stream_id")
    connection = sqlite3.connect(path)
    found = connection.execute(
        f"SELECT COUNT(*) FROM (SELECT {names} FROM tts_request EXCEPT SELECT {names} FROM twin)"
    ).fetchone()
    connection.close()
    return int(found[0])
