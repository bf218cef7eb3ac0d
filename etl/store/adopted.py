"""The table tts_logs of an earlier script: found, renamed, and its rows with the daily re-insertion undone.

The script read the whole log each time, so by `id` the times go back wherever a run of it begins. Equal rows within
one run are equal lines of one log; equal rows of different runs are the same lines once more. A row therefore stands
as often as the last run that holds it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from etl.errors import ConfigError
from etl.store.database import Session, has_relation

TABLE, ADOPTED = "tts_logs", "tts_logs_adopted"
_FIVE = "timestamp, text_length, emotion, response_time, success"
_COLUMNS = {"id", *_FIVE.split(", ")}
_FETCH = 5_000


@dataclass(frozen=True, slots=True)
class Found:
    """The table to read, and whether it still has its first name."""

    table: str
    to_rename: bool


def find(session: Session) -> Found:
    """The script's table. Raises ConfigError where there is none, or one of another shape."""
    own = _kind(session, TABLE) == "table"
    if own and has_relation(session, ADOPTED):
        raise ConfigError(f"there is a {TABLE} and a {ADOPTED}", f"rename one of the two tables, or drop {ADOPTED}")
    if not own and not has_relation(session, ADOPTED):
        raise ConfigError(f"no table {TABLE} of an earlier script is here", "tts-etl migrate makes the tables")
    table = TABLE if own else ADOPTED
    missing = _COLUMNS - {name.lower() for name in session.run(f"SELECT * FROM {table} LIMIT 0").keys()}  # noqa: SIM118
    if missing:
        raise ConfigError(f"{table} has no column {', '.join(sorted(missing))}", "it is not the table of such a script")
    return Found(table, own)


def rename(session: Session) -> None:
    session.run(f"ALTER TABLE {TABLE} RENAME TO {ADOPTED}")


def total(session: Session, table: str) -> int:
    return int(session.run(f"SELECT COUNT(*) FROM {table}").scalar_one())


def rows(session: Session, table: str) -> Iterator[list[Any]]:
    """The rows that stay, by time, in parts: the five values and which of several equal ones (0, 1, …) it is."""
    sql = (
        f"WITH marked AS (SELECT id, {_FIVE}, CASE WHEN timestamp < LAG(timestamp) OVER (ORDER BY id) THEN 1 ELSE 0 END "
        f"AS back FROM {table}), runs AS (SELECT marked.*, SUM(back) OVER (ORDER BY id) AS run FROM marked), "
        f"held AS (SELECT runs.*, MAX(run) OVER (PARTITION BY {_FIVE}) AS last_run FROM runs) "
        f"SELECT {_FIVE}, ROW_NUMBER() OVER (PARTITION BY {_FIVE} ORDER BY id) - 1 FROM held WHERE run = last_run "
        "ORDER BY timestamp, id"
    )
    if session.is_sqlite:
        result = session.run(sql)
        while part := result.fetchmany(_FETCH):
            yield part
        return
    session.run(f"DECLARE adopted NO SCROLL CURSOR FOR {sql}")
    while part := session.run(f"FETCH {_FETCH} FROM adopted").all():
        yield part
    session.run("CLOSE adopted")


def _kind(session: Session, name: str) -> str | None:
    """`table` or `view`, None where there is neither."""
    if session.is_sqlite:
        found = session.run("SELECT type FROM sqlite_master WHERE name = ?", name).scalar()
        return None if found is None else str(found)
    kind = session.run("SELECT relkind FROM pg_class WHERE oid = to_regclass(?)", name).scalar()
    return None if kind is None else "view" if str(kind) in ("v", "m") else "table"
