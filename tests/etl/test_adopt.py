"""The table of an earlier script is taken over once, and its re-insertions are undone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from etl.errors import ConfigError
from etl.store.adopted import rename
from etl.store.database import Database
from etl.upkeep.adopt import Adoption, adopt, line
from etl.upkeep.schema import migrate
from tests.etl.loading import NOW, loader
from tests.etl.test_cli import count, run

A = ("2025-04-05 10:23:45", 120, "happy", 2.3, 1)
B = ("2025-04-05 10:23:45", 12, "calm", 0.25, 0)
C = ("2025-05-01 02:00:00", 7, "sad", 1.0, 1)
D = ("2025-05-01 02:00:07", 7, "sad", 1.0, 1)
ZONES = ("Asia/Shanghai", "Asia/Shanghai")


def make(url: str, rows: list[tuple[object, ...]], columns: str = "") -> None:
    """The table as such a script made it, filled in the order of the rows."""
    sqlite = url.startswith("sqlite")
    kinds = ("INTEGER PRIMARY KEY AUTOINCREMENT", "TEXT") if sqlite else ("SERIAL PRIMARY KEY", "TIMESTAMP")
    columns = columns or "timestamp {1}, text_length INTEGER, emotion TEXT, response_time FLOAT, success INTEGER"
    execute(url, f"CREATE TABLE tts_logs (id {kinds[0]}, {columns.replace('{1}', kinds[1])})")
    engine = create_engine(url)
    with engine.begin() as connection:
        for row in rows:
            connection.execute(
                text(
                    "INSERT INTO tts_logs (timestamp, text_length, emotion, response_time, success) "
                    "VALUES (:a, :b, :c, :d, :e)"
                ),
                dict(zip("abcde", row, strict=True)),
            )
    engine.dispose()


def execute(url: str, sql: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(sql))
    engine.dispose()


def take(url: str, *, dry_run: bool = False) -> Adoption:
    database = Database(url)
    try:
        return adopt(database, ZONES, NOW, dry_run=dry_run)
    finally:
        database.close()


def adopted(url: str) -> list[tuple[object, ...]]:
    with loader(url) as load:
        load.check_books()
        return [
            (str(row[0])[:19], row[1], row[2], float(row[3]), row[4])
            for row in load.rows(
                "SELECT timestamp, text_length, emotion, response_time, success FROM tts_logs ORDER BY id"
            )
        ]


def test_rows_are_taken_over_once(empty_database_url: str) -> None:
    """Renamed, migrated, loaded; a second run inserts nothing, and the old table stays as it was."""
    make(empty_database_url, [A, B, C, D])

    first, second = take(empty_database_url), take(empty_database_url)

    assert first == Adoption(4, 4, 0, 0, 0, 0, "Asia/Shanghai", dry_run=False)
    assert second == Adoption(4, 0, 4, 0, 0, 0, "Asia/Shanghai", dry_run=False)
    assert sorted(adopted(empty_database_url)) == sorted([A, B, C, D])
    with loader(empty_database_url) as load:
        assert load.rows("SELECT COUNT(*) FROM tts_logs_adopted") == [(4,)]
        found = load.rows("SELECT CAST(ts AS text), fault, error_code FROM tts_request WHERE text_chars = 12")
    assert (str(found[0][0]).replace("T", " ")[:19], *found[0][1:]) == ("2025-04-05 02:23:45", "service", "UNKNOWN")


@pytest.mark.parametrize(
    ("inserted", "stays"),
    [
        ([A, B, C, A, B, C, D], [A, B, C, D]),  # each day the whole log again
        ([A, A, C, A, A, C, D], [A, A, C, D]),  # two equal lines of one log are two requests
        ([A, C, A, A, C], [A, A, C]),  # the log has grown by an equal line before the last run
        ([A, B, C, D], [A, B, C, D]),  # the log was rotated between two runs: nothing repeats
        ([A, C, A, C, A, C, A, C], [A, C]),
    ],
)
def test_what_the_script_inserted_again_is_dropped(
    empty_database_url: str, inserted: list[tuple[object, ...]], stays: list[tuple[object, ...]]
) -> None:
    """A row stands as often as the last run of the script that holds it says, and the rest is counted."""
    make(empty_database_url, inserted)

    done = take(empty_database_url)

    assert (done.rows, done.inserted, done.repeated) == (len(inserted), len(stays), len(inserted) - len(stays))
    assert sorted(adopted(empty_database_url)) == sorted(stays)


def test_rows_that_are_no_requests_stay_behind(empty_database_url: str) -> None:
    """Without a time, or with a length that is none: counted, and kept in the renamed table."""
    make(empty_database_url, [A, (None, 1, "sad", 1.0, 1), (D[0], None, "sad", 1.0, 1), (D[0], 1, "sad", None, 1), D])

    done = take(empty_database_url)

    assert (done.inserted, done.refused, done.repeated) == (2, 3, 0)


def test_a_run_that_ended_after_the_renaming_goes_on(empty_database_url: str) -> None:
    """The renaming and the schema stand, the rows don't yet: the same command takes them over."""
    make(empty_database_url, [A, B])
    database = Database(empty_database_url)
    migrate(database, None, "Asia/Shanghai", NOW.date(), before=rename)
    database.close()

    assert take(empty_database_url).inserted == 2


def test_a_migration_that_fails_leaves_the_table_alone(empty_database_url: str) -> None:
    """Renaming and schema are one transaction."""
    make(empty_database_url, [A])
    execute(empty_database_url, "CREATE TABLE tts_request (a INTEGER)")

    with pytest.raises(Exception, match="tts_request"):
        take(empty_database_url)

    assert count(empty_database_url, "tts_logs") == 1


def test_purged_days_do_not_come_back(empty_database_url: str) -> None:
    """A second run after a purge counts them as expired."""
    make(empty_database_url, [A, C])
    take(empty_database_url)
    with loader(empty_database_url) as load:
        load.execute("INSERT INTO retention_state (name, purged_before) VALUES ('events', '2025-05-01')")
        load.execute("DELETE FROM tts_request WHERE event_day < '2025-05-01'")

    done = take(empty_database_url)
    assert (done.inserted, done.present, done.expired) == (0, 1, 1)


def test_there_must_be_such_a_table(database_url: str, tmp_path: Path) -> None:
    """Neither the view of that name nor a table of another shape is one."""
    with pytest.raises(ConfigError, match="no table tts_logs"):
        take(database_url)
    other = f"sqlite:///{tmp_path}/other.db"
    execute(other, "CREATE TABLE tts_logs (id INTEGER, emotion TEXT)")
    with pytest.raises(ConfigError, match="has no column response_time, success"):
        take(other)


def test_no_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    """An empty file made on the way would be everyone's to read, and a later migrate would fill it."""
    with pytest.raises(ConfigError, match="there is no database"):
        take(f"sqlite:///{tmp_path}/none.db")

    assert list(tmp_path.iterdir()) == []


def test_the_command(empty_database_url: str) -> None:
    """`migrate` stops and names it; --dry-run changes nothing; it says how many were dropped."""
    make(empty_database_url, [A, C, A, C, D])
    arguments = ("--database-url", empty_database_url)
    stopped = run("migrate", *arguments)
    dry = json.loads(run("adopt-table", *arguments, "--timezone", "Asia/Shanghai", "--dry-run", "--json")[1])
    still = run("migrate", *arguments)
    code, _, err = run("adopt-table", *arguments, "--timezone", "Asia/Shanghai")

    assert (stopped[0], "tts-etl adopt-table" in stopped[2], still[0]) == (2, True, 2)
    assert (dry["inserted"], dry["repeated"], code) == (3, 2, 0)
    assert "3 taken over, 2 repeated ones dropped" in err


def test_a_row_becomes_the_line_that_it_came_from() -> None:
    """Whatever types the database gives."""
    expected = b"[2025-04-05 10:23:45] INFO - TextLen=120, Emotion=happy, Duration=2.3s, Success=True"

    assert [line(*A), line("2025-04-05T10:23:45", 120, "happy", 2.3, True)] == [expected, expected]
    assert b"Duration=0.00001s" in line(A[0], 1, "x", 1e-05, False)
