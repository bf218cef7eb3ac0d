"""Transactions begin, commit and roll back as said; a driver's errors become ours."""

from __future__ import annotations

import shutil
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import ProgrammingError

from etl.errors import ConfigError, DatabaseAwayError, EtlError, SchemaError
from etl.store.database import Database
from etl.store.failures import DataRefusedError
from tests.etl import lines
from tests.etl.loading import loader

INSERT = "INSERT INTO setting (name, value) VALUES (?, ?)"


def test_an_exception_rolls_all_of_a_transaction_back(database_url: str) -> None:
    """What stood before the exception is gone too, and the connection goes on."""

    def fail(database: Database) -> None:
        with database.transaction() as session:
            session.run(INSERT, "a", "1")
            raise KeyError

    with loader(database_url) as load:
        with pytest.raises(KeyError):
            fail(load.database)
        load.execute(INSERT, "b", "2")

        assert load.rows("SELECT name FROM setting WHERE name IN ('a', 'b')") == [("b",)]


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("INSERT INTO setting (name, value) VALUES ('report_timezone', 'x')", DataRefusedError),
        ("INSERT INTO setting (name) VALUES ('x')", DataRefusedError),
        ("SELECT * FROM no_such_table", SchemaError),
        ("SELECT no_such_column FROM setting", SchemaError),
    ],
)
def test_errors_are_told_apart(database_url: str, sql: str, error: type[Exception]) -> None:
    """A refused value is the row's fault, a missing table the schema's."""
    with loader(database_url) as load, pytest.raises(error):
        load.execute(sql)


def test_a_value_too_large_for_an_index_is_the_lines_fault(postgres: Any, postgres_template: str) -> None:
    """Class 54, a limit of the program: no change of the schema, and no waiting, would help."""
    with loader(postgres.url(postgres.create(postgres_template))) as load, pytest.raises(DataRefusedError):
        load.execute("DO $$ BEGIN RAISE EXCEPTION 'index row size' USING ERRCODE = '54000'; END $$")


def test_a_lock_that_is_held_is_no_fault_of_anybody(database_url: str, dialect: str) -> None:
    """A database locked by another is away for now: nothing moves, and the same works later."""

    def wait(database: Database) -> None:
        with database.transaction("shared" if dialect == "sqlite" else "none") as session:
            session.run("SET LOCAL lock_timeout = '50ms'")
            session.run("SELECT pg_advisory_xact_lock(?)", 0x766F786D)

    holder, other = Database(database_url), Database(database_url, busy_seconds=0.05)
    with holder.exclusive() as session:
        session.run(INSERT, "held", "1")
        with pytest.raises(DatabaseAwayError):
            wait(other)
    with other.transaction() as later:
        later.run(INSERT, "later", "1")
    holder.close()
    other.close()


def test_a_cut_connection_is_replaced(postgres: Any, postgres_template: str) -> None:
    """After the server ended the connection the next transaction has a new one."""
    url = postgres.url(postgres.create(postgres_template))

    def lose_connection(database: Database, killer: Database) -> None:
        with database.transaction() as session:
            pid = session.run("SELECT pg_backend_pid()").scalar_one()
            with killer.transaction() as other:
                other.run("SELECT pg_terminate_backend(?)", pid)
            session.run("SELECT 1")

    with loader(url) as load, loader(url) as killer:
        with pytest.raises(DatabaseAwayError):
            lose_connection(load.database, killer.database)
        assert load.rows("SELECT 1") == [(1,)]


def test_a_full_disk_moves_neither_rows_nor_offset(sqlite_template: Path, tmp_path: Path) -> None:
    """SQLITE_FULL in the middle of a batch throws the batch away; with room again every line is loaded once."""
    shutil.copy(sqlite_template, tmp_path / "tts.db")
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 500))
    with loader(f"sqlite:///{tmp_path}/tts.db") as load:
        with load.database.transaction("none") as session:
            pages = session.run("PRAGMA page_count").scalar_one()
            session.run(f"PRAGMA max_page_count = {pages + 20}")
        with pytest.raises(DatabaseAwayError, match="full"):
            load.load(log)
        assert (load.seqs(), load.streams()) == ([], [])
        with load.database.transaction("none") as session:
            session.run("PRAGMA max_page_count = 1000000")
        load.load(log)
        assert load.seqs() == list(range(1, 501))


def test_many_importers_at_once_need_no_lock(database_url: str, tmp_path: Path) -> None:
    """Four loaders of one growing file, none holding the file lock, load each line once and keep the books."""
    log = tmp_path / "tts.log"
    log.touch()
    done = threading.Event()
    troubles: list[BaseException] = []

    def import_all() -> None:
        with loader(database_url) as load:
            last = False
            while not last:
                last = done.is_set()
                try:
                    load.load(log)
                except DatabaseAwayError:
                    continue
                except BaseException as error:  # noqa: BLE001
                    troubles.append(error)
                    return

    threads = [threading.Thread(target=import_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for part in range(20):
        with log.open("ab") as file:
            file.write(lines.lines(part * 50 + 1, part * 50 + 50))
    done.set()
    for thread in threads:
        thread.join()

    with loader(database_url) as load:
        assert troubles == []
        assert load.seqs() == list(range(1, 1001))
        assert load.rows("SELECT SUM(n_ok), SUM(n_dup), COUNT(*) FROM ingest_stream") == [(1000, 0, 1)]
        load.check_books()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_other_urls_are_refused(url: str) -> None:
    """Only SQLite files and PostgreSQL are databases here."""
    with pytest.raises(ConfigError):
        Database(url)


def test_a_password_is_never_shown() -> None:
    """What is printed of a URL leaves the password out."""
    assert "secret" not in Database("postgresql://me:secret@host/db").shown


def test_a_commit_that_rolls_back_is_an_error(postgres: Any, postgres_template: str) -> None:
    """PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error: here it is one."""

    def swallow(database: Database) -> None:
        with database.transaction() as session:
            session.run(INSERT, "a", "1")
            with suppress(ProgrammingError):
                session.run("SELECT * FROM no_such_table")

    with loader(postgres.url(postgres.create(postgres_template))) as load:
        with pytest.raises(EtlError, match="not committed: ROLLBACK"):
            swallow(load.database)
        assert load.rows("SELECT name FROM setting WHERE name = 'a'") == []
