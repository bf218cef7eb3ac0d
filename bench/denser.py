"""Makes a loaded database's requests and heartbeats some times as many, over the same days, in the database itself.

Each row is followed by its copies, a part of the time to the next one later and each a little slower; numbers of lines
stay without gaps. The books get as many batches as a `watch` that reads ten lines at a time writes.
"""

from __future__ import annotations

from sqlalchemy import Connection, create_engine, text

from bench.ninety import SPAN
from etl.tables import event_columns

_TABLES = ("tts_request", "tts_heartbeat")
_LINES_A_BATCH = 10
_SLOWER = 0.004


def make_denser(url: str, base: int, times: int) -> None:
    """`base` requests become `base` × `times`; then PostgreSQL is vacuumed, as autovacuum would soon do."""
    engine = create_engine(url)
    sqlite = url.startswith("sqlite")
    with engine.begin() as connection:
        if times > 1:
            for table in _TABLES:
                _copy(connection, table, SPAN.total_seconds() / base / times, times, sqlite=sqlite)
        _batches(connection, base * times // _LINES_A_BATCH, sqlite=sqlite)
    if not sqlite:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _copy(connection: Connection, table: str, gap_seconds: float, times: int, *, sqlite: bool) -> None:
    columns = event_columns(table)
    values = ", ".join(_value(name, gap_seconds, times, sqlite=sqlite) for name in columns)
    numbers = " UNION ALL ".join(f"SELECT {number} AS k" for number in range(times))
    connection.execute(text(f"CREATE TABLE base AS SELECT * FROM {table} ORDER BY row_id"))
    connection.execute(text(f"DELETE FROM {table}" if sqlite else f"TRUNCATE {table}"))
    connection.execute(
        text(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} "
            f"FROM (SELECT * FROM base ORDER BY row_id) AS base CROSS JOIN ({numbers}) AS copies"
        )
    )
    connection.execute(text("DROP TABLE base"))


def _value(name: str, gap_seconds: float, times: int, *, sqlite: bool) -> str:
    """What the copy `k` has in a column."""
    if name in ("ts", "local_at", "event_day"):
        return _moment(name, f"k * {gap_seconds}", sqlite=sqlite)
    if name == "seq":
        return f"(seq - 1) * {times} + k + 1"
    if name == "requests":
        return f"requests * {times}"
    return f"{name} * (1 + k * {_SLOWER})" if name.endswith("_seconds") and name != "stage_seconds" else name


def _moment(name: str, later: str, *, sqlite: bool) -> str:
    if not sqlite:
        moved = f"{'ts' if name == 'event_day' else name} + make_interval(secs => {later})"
        return f"CAST(({moved}) AT TIME ZONE 'UTC' AS date)" if name == "event_day" else moved
    formats = {"ts": "%Y-%m-%dT%H:%M:%f000Z", "local_at": "%Y-%m-%dT%H:%M:%f000", "event_day": "%Y-%m-%d"}
    # text() would take :name for a parameter.
    form = formats[name].replace(":", r"\:")
    return f"STRFTIME('{form}', {'local_at' if name == 'local_at' else 'ts'}, ({later}) || ' seconds')"


def _batches(connection: Connection, count: int, *, sqlite: bool) -> None:
    """The ledger of the first stream once more, cut into as many batches as a watch would have written."""
    first = connection.execute(text("SELECT MIN(stream_id) FROM ingest_stream")).scalar_one()
    last = connection.execute(
        text("SELECT MAX(to_off) FROM ingest_batch WHERE stream_id = :stream"), {"stream": first}
    ).scalar_one()
    found = connection.execute(text("SELECT * FROM ingest_batch LIMIT 1")).mappings().one()
    connection.execute(text("DELETE FROM ingest_batch WHERE stream_id = :stream"), {"stream": first})
    kept = [name for name in found if name not in ("from_off", "to_off", "n_ok", "committed_at")]
    back = f"{SPAN.total_seconds()} * (:count - n) / :count"
    at = (
        f"STRFTIME('%Y-%m-%dT%H\\:%M\\:%f000Z', 'now', (-{back}) || ' seconds')"
        if sqlite
        else f"NOW() - make_interval(secs => {back})"
    )
    connection.execute(
        text(
            f"INSERT INTO ingest_batch (from_off, to_off, n_ok, committed_at, {', '.join(kept)}) "
            "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :count) "
            f"SELECT CAST(:last AS BIGINT) * n / :count, CAST(:last AS BIGINT) * (n + 1) / :count, {_LINES_A_BATCH}, {at}, "
            f"{', '.join(':' + name for name in kept)} FROM numbers"
        ),
        {**found, "count": count, "last": last},
    )
