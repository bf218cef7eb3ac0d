"""The turns of a watch: passes, patience while the database is away, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.config import Settings
from etl.errors import ConfigError, SchemaError
from etl.follow import Follower
from etl.runs import Surroundings
from etl.store.database import Database
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
    folder.mkdir()
    (folder / "tts.log").write_bytes(lines.lines(1, 2))
    turns.turn()
    database.close()

    assert (turns.rows, len(said)) == (2, 1)
