"""The migrations: whole, reversible, in one line, equal to etl.tables on both kinds of database."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from etl.errors import ConfigError
from etl.store.database import Database
from etl.tables import PARTITION_NAME, REVISION, metadata
from etl.upkeep.schema import alembic_config, migrate

TODAY = date(2026, 11, 22)


def upgraded(url: str, zone: str | None = None) -> Database:
    database = Database(url)
    migrate(database, report_timezone=zone, host_timezone="Asia/Shanghai", today=TODAY)
    return database


def with_connection(database: Database, run) -> None:
    config: Config = alembic_config()
    with database.exclusive() as session:
        config.attributes["connection"] = session.connection
        run(config)


def relations(url: str) -> set[str]:
    engine = create_engine(url)
    found = inspect(engine)
    names = {*found.get_table_names(), *found.get_view_names()}
    engine.dispose()
    return names


def test_there_is_one_head_and_the_code_knows_it() -> None:
    """The migrations form one line, and the newest is the revision that the loader asks for."""
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [REVISION]


def test_migrations_are_named_date_first() -> None:
    """A file name starts with the day it was written, so that the folder lists them in order."""
    folder = Path(ScriptDirectory.from_config(alembic_config()).versions)
    names = [path.name for path in folder.glob("*.py")]

    assert [name for name in names if not (name[:8].isdigit() and name[8] == "_")] == []


def test_upgrade_makes_what_the_code_declares(empty_database_url: str) -> None:
    """After an upgrade all declared tables and the view stand there and Alembic finds no difference."""
    database = upgraded(empty_database_url)

    with_connection(database, command.check)
    database.close()
    found = {name for name in relations(empty_database_url) if not PARTITION_NAME.fullmatch(name)}
    assert found == {*metadata(database.dialect).tables, "tts_logs", "alembic_version"}


def test_upgrade_twice_changes_nothing(empty_database_url: str) -> None:
    """A second migrate finds the schema and the report time zone of the first one."""
    upgraded(empty_database_url, "Europe/Berlin").close()
    database = Database(empty_database_url)

    again = migrate(database, report_timezone=None, host_timezone="UTC", today=TODAY)

    database.close()
    assert (again.before, again.after, again.report_timezone) == (REVISION, REVISION, "Europe/Berlin")


def test_downgrade_leaves_nothing(empty_database_url: str) -> None:
    """A downgrade to the base takes all away again, and an upgrade after it works."""
    database = upgraded(empty_database_url)

    with_connection(database, lambda config: command.downgrade(config, "base"))
    database.close()
    assert relations(empty_database_url) == {"alembic_version"}

    upgraded(empty_database_url).close()
    assert "tts_logs" in relations(empty_database_url)


def test_postgresql_has_three_months_of_partitions(empty_database_url: str, dialect: str) -> None:
    """This month's partition and the next two stand ready; there is no default partition."""
    upgraded(empty_database_url).close()

    partitions = {name for name in relations(empty_database_url) if name.startswith("tts_request_")}

    expected = {"tts_request_2026_11", "tts_request_2026_12", "tts_request_2027_01"}
    assert partitions == (expected if dialect == "postgresql" else set())


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM tts_logs WHERE id = 1",
        "UPDATE tts_logs SET emotion = 'calm'",
        "INSERT INTO tts_logs (id, emotion) VALUES (1, 'calm')",
    ],
)
def test_the_view_refuses_changes(database_url: str, statement: str) -> None:
    """Changing the view fails and names the command to use instead."""
    engine = create_engine(database_url)
    row = (
        "INSERT INTO tts_request (event_day, local_at, ts, writer_id, seq, status, line_sha256, stream_id, byte_offset)"
        " VALUES ('2026-11-22', :at, :at, 'w', 1, 'ok', :hash, 1, 0)"
    )
    with engine.begin() as connection:
        connection.execute(text(row), {"at": "2026-11-22T10:00:00.000000", "hash": b"x"})

    with pytest.raises(Exception, match="tts_logs is read-only: use tts-etl purge"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_someone_elses_tts_logs_stays_untouched(empty_database_url: str) -> None:
    """A database with a table tts_logs of its own is left as it is, and the error names the way on."""
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tts_logs (id integer)"))
    engine.dispose()
    database = Database(empty_database_url)

    with pytest.raises(ConfigError) as caught:
        migrate(database, report_timezone=None, host_timezone="UTC", today=TODAY)

    database.close()
    assert "tts-etl adopt-table" in caught.value.hint
    assert relations(empty_database_url) == {"tts_logs"}


def test_a_wrong_report_timezone_changes_nothing(empty_database_url: str) -> None:
    """A name that is no time zone is refused before anything is made."""
    database = Database(empty_database_url)

    with pytest.raises(ConfigError, match="Asia/Schanghai"):
        migrate(database, report_timezone="Asia/Schanghai", host_timezone="UTC", today=TODAY)

    database.close()
    assert database.path is None or not database.path.exists()


def test_sqlite_files_are_private_and_in_wal_mode(tmp_path: Path) -> None:
    """A new SQLite file is readable by its owner only and stays in WAL mode."""
    upgraded(f"sqlite:///{tmp_path}/new/tts.db").close()

    engine = create_engine(f"sqlite:///{tmp_path}/new/tts.db")
    with engine.connect() as connection:
        mode = connection.execute(text("PRAGMA journal_mode")).scalar()
    engine.dispose()
    assert ((tmp_path / "new/tts.db").stat().st_mode & 0o777, mode) == (0o600, "wal")
