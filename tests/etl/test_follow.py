"""The turns of a watch: passes, patience while the database is away, and what is said of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from etl.config import Settings
from etl.errors import ConfigError, SchemaError, SchemaMovedError
from etl.loading.follow import Follower
from etl.loading.runs import Surroundings
from etl.store.database import Database
from etl.upkeep.status import status
from tests.etl import lines
from tests.etl.loading import NOW, loader


def settings(url: str, folder: Path) -> Settings:
    return Settings(url, (), "default", None, folder, json=False, verbose=False)


def follower(database: Database, folder: Path, said: list[str]) -> Follower:
    around = Surroundings(clock=lambda: NOW, host_timezone="Asia/Shanghai")
    return Follower(database, settings("", folder), [str(folder / "tts.log")], around, said.append)


def test_it_waits_longer_and_longer_for_a_database_that_is_away(tmp_path: Path) -> None:
    """The waits double up to half a minute, and people are told once."""
    said: list[str] = []
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    turns = follower(database, tmp_path, said)

    waits = [turns.turn() for _ in range(7)]

    database.close()
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert len(said) == 1


def test_it_goes_on_when_the_database_is_back(database_url: str, tmp_path: Path) -> None:
    """Turns before and after an outage load every line once."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 2))
    said: list[str] = []
    database = Database(database_url, busy_seconds=0.1)
    turns = follower(database, tmp_path, said)
    with loader(database_url) as load:
        assert turns.turn() == 2.0
        with log.open("ab") as file:
            file.write(lines.lines(3, 4))
        if database.dialect == "sqlite":
            with load.database.transaction("exclusive"):
                assert turns.turn() == 1.0
        else:
            database.close()
        assert turns.turn() == 2.0
        assert (load.seqs(), turns.rows) == ([1, 2, 3, 4], 4)
    database.close()


def test_a_file_that_is_no_log_is_told_once_and_passed_by(database_url: str, tmp_path: Path) -> None:
    """The other files go on, and its lines are loaded as soon as a request is among them."""
    log = tmp_path / "tts.log"
    log.write_bytes(b"Loading model\n")
    said: list[str] = []
    database = Database(database_url)
    turns = follower(database, tmp_path, said)
    turns.turn()
    turns.turn()
    with log.open("ab") as file:
        file.write(lines.lines(1, 1))
    turns.turn()
    database.close()

    assert (len([text for text in said if "passed by" in text]), turns.rows) == (1, 1)


def test_a_missing_schema_ends_the_watch(empty_database_url: str, tmp_path: Path) -> None:
    """No waiting helps against it."""
    database = Database(empty_database_url)

    with pytest.raises(SchemaError):
        follower(database, tmp_path, []).turn()
    database.close()


def test_a_folder_that_goes_and_comes_back_is_followed(database_url: str, tmp_path: Path) -> None:
    """Without its folder at the start a watch ends; one that vanishes later is waited for."""
    folder = tmp_path / "logs"
    database = Database(database_url)
    said: list[str] = []
    with pytest.raises(ConfigError):
        follower(database, folder, said).turn()
    folder.mkdir()
    turns = follower(database, folder, said)
    turns.turn()
    folder.rmdir()
    assert turns.turn() == 2.0
    told = [last_error(database)]
    folder.mkdir()
    (folder / "tts.log").write_bytes(lines.lines(1, 2))
    turns.turn()
    told.append(last_error(database))
    database.close()

    assert (turns.rows, len(said)) == (2, 1)
    # While nothing can be seen no pass is a success, so that a monitor rings.
    assert told == [said[0], None]


def last_error(database: Database) -> str | None:
    """What status says of the last pass."""
    found: str | None = status(database, NOW)["sources"][0]["last_error"]
    return found


def test_a_migration_under_it_ends_the_watch_within_one_pass(database_url: str, tmp_path: Path) -> None:
    """Also an idle one; its exit code asks for a new start, and nothing is written into the other schema."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 2))
    database = Database(database_url)
    turns = follower(database, tmp_path, [])
    with loader(database_url) as load:
        turns.turn()
        load.execute("UPDATE alembic_version SET version_num = '9999'")
        log.write_bytes(lines.lines(1, 4))
        codes = []
        for _ in range(2):
            with pytest.raises(SchemaMovedError) as raised:
                turns.turn()
            codes.append(raised.value.exit_code)
        load.execute("UPDATE ingest_source SET lag_bytes = 0")
        assert load.seqs() == [1, 2]
    database.close()

    assert codes == [75, 75]


def test_a_migration_while_the_database_was_away_ends_the_watch_the_same_way(database_url: str, tmp_path: Path) -> None:
    """A runner that has to begin anew finds the other schema: 75 again, since the watch once knew its own."""
    (tmp_path / "tts.log").write_bytes(lines.lines(1, 2))
    moments = iter([NOW, NOW, NOW, NOW + timedelta(days=1)])
    database = Database(database_url)
    around = Surroundings(clock=lambda: next(moments, NOW + timedelta(days=1)), host_timezone="Asia/Shanghai")
    turns = Follower(database, settings("", tmp_path), [str(tmp_path / "tts.log")], around, lambda _: None)
    turns.turn()
    with loader(database_url) as load:
        load.execute("UPDATE alembic_version SET version_num = '9999'")

    def go_on() -> None:
        for _ in range(6):
            turns.turn()

    with pytest.raises(SchemaMovedError):
        go_on()
    database.close()


def test_a_new_report_time_zone_is_noticed(database_url: str, tmp_path: Path) -> None:
    """Lines behind the change have the local time of the new zone; the watch says so and goes on."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 1, ts="2026-11-20T18:00:00.000000Z"))
    said: list[str] = []
    database = Database(database_url)
    turns = follower(database, tmp_path, said)
    with loader(database_url) as load:
        turns.turn()
        load.execute("UPDATE setting SET value = 'Europe/Berlin' WHERE name = 'report_timezone'")
        with log.open("ab") as file:
            file.write(lines.lines(2, 2, ts="2026-11-20T18:00:00.000000Z"))
        assert (turns.turn(), turns.turn()) == (0.0, 2.0)
        rows = load.rows("SELECT seq, local_at FROM tts_request ORDER BY seq")
    database.close()

    hours = [(seq, str(local)[11:16]) for seq, local in rows]
    assert hours == [(1, "02:00"), (2, "19:00")]
    assert said == ["the report time zone changed from Asia/Shanghai to Europe/Berlin meanwhile"]
