"""The roles of PostgreSQL can do what they must, and no more."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from etl.errors import ConfigError, EtlError
from etl.store import retention
from etl.store.database import Database
from etl.store.roles import ROLES
from etl.tables import metadata
from etl.upkeep.purge import purge
from etl.upkeep.schema import migrate
from tests.etl import lines
from tests.etl.loading import loader
from tests.etl.test_cli import run

TODAY = date(2026, 11, 22)


def create(url: str) -> None:
    database = Database(url)
    try:
        migrate(database, "Asia/Shanghai", "UTC", TODAY, create_roles=True)
    finally:
        database.close()


def execute(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def url(postgres: Any, postgres_template: str) -> str:
    """A migrated database with its roles."""
    found = postgres.url(postgres.create(postgres_template))
    create(found)
    return str(found)


def may(url: str, role: str, statement: str) -> bool:
    """Whether a role may execute a statement, which is rolled back."""
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text(f"SET ROLE {role}"))
        try:
            connection.execute(text(statement))
        except ProgrammingError as error:
            refused = str(error.orig)
        else:
            refused = ""
        connection.rollback()
    engine.dispose()
    assert refused == "" or "permission denied" in refused or "must be owner" in refused
    return not refused


def as_member(url: str, role: str, name: str) -> str:
    """The URL of a login role that is a member of a group role."""
    execute(
        url,
        f"DO $$ BEGIN CREATE ROLE {name} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        f"GRANT {role} TO {name}",
    )
    return url.replace("postgres:@", f"{name}:@")


def test_a_reader_sees_everything_but_raw_bytes_and_labels(url: str) -> None:
    """Each table and the view; of quarantine all columns but raw; writes nothing anywhere."""
    tables = [name for name in metadata("postgresql").tables if name not in ("ingest_quarantine", "tts_client")]
    kept = [
        column.name for column in metadata("postgresql").tables["ingest_quarantine"].columns if column.name != "raw"
    ]
    readable = [*(f"SELECT * FROM {name}" for name in (*tables, "tts_logs", "tts_request_2026_11", "alembic_version"))]
    readable.append(f"SELECT {', '.join(kept)} FROM ingest_quarantine")

    for role in ("tts_read", "tts_owner"):
        assert [statement for statement in readable if not may(url, role, statement)] == []
        assert not may(url, role, "SELECT raw FROM ingest_quarantine")
        assert not may(url, role, "SELECT * FROM ingest_quarantine")
        assert not may(url, role, "DELETE FROM tts_request")
        assert not may(url, role, "UPDATE setting SET value = 'UTC'")
        assert not may(url, role, "CREATE TABLE mine (a int)")
        assert not may(url, role, "DROP TABLE tts_mark")
        assert may(url, role, "SELECT * FROM tts_client") == (role == "tts_owner")
        assert not may(url, role, "DELETE FROM tts_client")


def test_nobody_can_log_in_as_a_group(url: str) -> None:
    """All three are NOLOGIN, and neither superuser nor able to make others."""
    with loader(url) as load:
        found = load.rows(
            "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles "
            "WHERE rolname IN (?, ?, ?) ORDER BY 1",
            *ROLES,
        )

    assert found == [(name, False, False, False, False) for name in sorted(ROLES)]


def test_a_member_of_tts_etl_does_all_of_the_work(url: str, tmp_path: Path) -> None:
    """It migrates, loads also days of other months, and purges; what it makes is read by tts_read as well."""
    mine = as_member(url, "tts_etl", "voxmeter_loader")
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 3) + lines.lines(4, 9, ts="2027-05-01T10:00:00.000000Z") + b"{bad\n")
    with loader(mine) as load:
        migrate(load.database, None, "UTC", TODAY)
        load.load(log)
        owners = load.rows(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename IN ('tts_request', 'tts_request_2027_05')"
        )
        assert may(url, "tts_read", "SELECT * FROM tts_request_2027_05")
        purge(load.database, timedelta(days=30), date(2027, 5, 2), dry_run=False, force=True)
        assert (load.seqs(), owners) == ([4, 5, 6, 7, 8, 9], [("tts_etl",)])


def test_twice_changes_nothing_and_takes_back_what_was_too_much(url: str) -> None:
    """A right that someone gave by hand to a reader is gone after the next time."""
    execute(url, "GRANT SELECT ON ingest_quarantine TO tts_read", "GRANT DELETE ON tts_request TO tts_read")
    assert may(url, "tts_read", "SELECT raw FROM ingest_quarantine")

    create(url)

    assert not may(url, "tts_read", "SELECT raw FROM ingest_quarantine")
    assert not may(url, "tts_read", "DELETE FROM tts_request")


def test_an_owner_of_the_database_who_may_make_roles_can_do_it(postgres: Any, postgres_template: str) -> None:
    """No superuser is needed, only CREATEROLE."""
    admin = postgres.url("postgres")
    name = postgres.create()
    execute(
        admin,
        "DO $$ BEGIN CREATE ROLE voxmeter_admin LOGIN CREATEROLE; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        "DO $$ BEGIN GRANT tts_etl, tts_read, tts_owner TO voxmeter_admin WITH ADMIN OPTION; "
        "EXCEPTION WHEN undefined_object THEN NULL; END $$",
        f"ALTER DATABASE {name} OWNER TO voxmeter_admin",
    )
    mine = postgres.url(name).replace("postgres:@", "voxmeter_admin:@")

    create(mine)

    assert may(postgres.url(name), "tts_read", "SELECT * FROM tts_logs")


def test_who_may_make_no_roles_is_told_in_one_line(postgres: Any, url: str) -> None:
    """The hint says which right is missing, nothing is made, and plain migrate works."""
    execute(
        postgres.url("postgres"),
        "DO $$ BEGIN CREATE ROLE voxmeter_plain LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    )
    name = postgres.create()
    execute(postgres.url("postgres"), f"ALTER DATABASE {name} OWNER TO voxmeter_plain")
    mine = postgres.url(name).replace("postgres:@", "voxmeter_plain:@")
    # Roles belong to the server: those that other tests made must not spare this one their making.
    renamed = [role for role in ROLES if exists(postgres.url("postgres"), role)]
    execute(postgres.url("postgres"), *(f"ALTER ROLE {role} RENAME TO {role}_away" for role in renamed))
    try:
        code, out, err = run("migrate", "--database-url", mine, "--create-roles", "--report-timezone", "UTC")
        plain = run("migrate", "--database-url", mine, "--report-timezone", "UTC")[0]
    finally:
        execute(postgres.url("postgres"), *(f"ALTER ROLE {role}_away RENAME TO {role}" for role in renamed))
    without = run("migrate", "--database-url", mine, "--create-roles")

    missing = "error: the roles tts_etl, tts_read, tts_owner are missing, and this role may not make any"
    hint = "hint: run it once as a superuser or as a role with CREATEROLE"
    assert (code, out, err.splitlines(), plain) == (2, "", [missing, hint], 0)
    assert (without[0], without[2].splitlines()[0]) == (
        2,
        "error: this role is no member of tts_etl, and may not make itself one",
    )


def exists(url: str, role: str) -> bool:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first()
    engine.dispose()
    return found is not None


def test_sqlite_has_no_roles(tmp_path: Path) -> None:
    """It is said before a file is made."""
    with pytest.raises(ConfigError, match="no roles on SQLite") as raised:
        create(f"sqlite:///{tmp_path}/tts.db")

    assert (raised.value.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert isinstance(raised.value, EtlError)


def test_a_partition_made_before_the_roles_is_theirs_too(url: str) -> None:
    """Also one that another role made meanwhile follows its table."""
    database = Database(url)
    retention.ensure_partitions(database, ["2028-01"])
    database.close()

    assert may(url, "tts_read", "SELECT * FROM tts_mark_2028_01")
    assert not may(url, "tts_read", "DELETE FROM tts_mark_2028_01")
