"""`tts-etl migrate`: brings the tables to this version, in one transaction, with Alembic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config

from etl.config import zone
from etl.errors import ConfigError, SchemaError
from etl.store import retention, roles
from etl.store.database import Database, Session, has_relation
from etl.tables import REVISION


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migrate did: the revisions before and after, and the report time zone that holds now."""

    before: str | None
    after: str
    report_timezone: str
    roles: tuple[str, ...] = ()


def migrations_folder() -> Path:
    """In a wheel the migrations lie in the package, in a checkout beside it."""
    package = Path(str(files("etl")))
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config


def migrate(
    database: Database,
    report_timezone: str | None,
    host_timezone: str,
    today: date,
    *,
    create_roles: bool = False,
    before: Callable[[Session], None] | None = None,
) -> Migrated:
    """Upgrades the schema, sets the report time zone where none is set, makes PostgreSQL's next partitions.

    `before` is done first in the transaction of the upgrade.

    Raises ConfigError for a table `tts_logs` of someone else, for a time zone that is none or that would change
    under loaded rows, and for roles on SQLite; SchemaError for a schema of a newer version.
    """
    if create_roles:
        roles.refuse_on_sqlite(database.dialect == "sqlite")
    wanted = zone(report_timezone or host_timezone).key
    database.create_file()
    revision = database.revision()
    if revision is not None and revision > REVISION:
        raise SchemaError(
            f"the schema is revision {revision}, newer than this tts-etl", "pip install --upgrade voxmeter"
        )
    with database.exclusive() as session:
        if before is not None:
            before(session)
        if revision is None:
            _refuse_own_tts_logs(session)
        config = alembic_config()
        config.attributes["connection"] = session.connection
        command.upgrade(config, "head")
        zone_now = _set_report_timezone(session, wanted, explicit=report_timezone is not None)
        if create_roles:
            roles.create_roles(session)
        elif roles.are_in_use(session):
            # A new table of this version is given to them as the older ones were.
            roles.hand_over(session)
    retention.ensure_partitions(database, retention.months_ahead(today))
    return Migrated(revision, REVISION, zone_now, roles.ROLES if create_roles else ())


def _refuse_own_tts_logs(session: Session) -> None:
    if has_relation(session, "tts_logs"):
        raise ConfigError(
            "this database already has a tts_logs of its own, which stays untouched",
            "take its rows over with tts-etl adopt-table, or choose another database",
        )


def _set_report_timezone(session: Session, wanted: str, *, explicit: bool) -> str:
    row = session.run("SELECT value FROM setting WHERE name = 'report_timezone'").first()
    if row is None:
        session.run("INSERT INTO setting (name, value) VALUES ('report_timezone', ?)", wanted)
        return wanted
    stored = str(row[0])
    if not explicit or stored == wanted:
        return stored
    if session.run("SELECT 1 FROM ingest_stream LIMIT 1").first() is not None:
        raise ConfigError(
            f"the loaded rows are cut into days of {stored}, not {wanted}",
            "tts-etl retime changes the report time zone and recomputes local_at",
        )
    session.run("UPDATE setting SET value = ? WHERE name = 'report_timezone'", wanted)
    return wanted
