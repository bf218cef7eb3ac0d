"""PostgreSQL's group roles: who owns and writes, who reads, and who may know the clients' names.

`tts_etl` owns and writes. `tts_read` (Redash) reads every table and the view, but neither the raw bytes in quarantine
nor the labels of clients. `tts_owner` reads what `tts_read` reads, and the labels. None can log in: people's and
programs' own roles are made members of them.
"""

from __future__ import annotations

from etl.errors import ConfigError
from etl.store.database import Session
from etl.tables import metadata

WRITER, READER, OWNER = ROLES = ("tts_etl", "tts_read", "tts_owner")

#: Only tts_owner reads it.
_LABELS = "tts_client"
#: Columns that nobody but tts_etl reads.
_PRIVATE = {"ingest_quarantine": ("raw",)}
_OTHER_RELATIONS = ("tts_logs", "alembic_version")
# Until PostgreSQL 15 who may make roles may grant them too.
_MAY_JOIN = f"""
SELECT rolsuper OR pg_has_role(current_user, '{WRITER}', 'MEMBER WITH ADMIN OPTION')
OR rolcreaterole AND CAST(current_setting('server_version_num') AS int) < 160000
FROM pg_roles WHERE rolname = current_user
"""


def create_roles(session: Session) -> None:
    """Makes the three roles where missing, and gives them what is theirs; twice changes nothing.

    Raises ConfigError on SQLite, and for a role that may not make roles or take part in them.
    """
    refuse_on_sqlite(session.is_sqlite)
    missing = [name for name in ROLES if not _exists(session, name)]
    if (
        missing
        and not session.run("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user").scalar()
    ):
        raise ConfigError(
            f"the roles {', '.join(missing)} are missing, and this role may not make any",
            "run it once as a superuser or as a role with CREATEROLE",
        )
    for name in missing:
        # Roles belong to the whole server: another database may make them at the same moment.
        session.run(
            f"DO $$ BEGIN CREATE ROLE {name} NOLOGIN; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    hand_over(session)


def refuse_on_sqlite(is_sqlite: bool) -> None:
    if is_sqlite:
        raise ConfigError("there are no roles on SQLite", "the rights of the file are all there is: chmod 600")


def are_in_use(session: Session) -> bool:
    """Whether the roles were given this database already."""
    if session.is_sqlite:
        return False
    owner = session.run(
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('tts_request')"
    ).scalar()
    return bool(owner == WRITER)


def hand_over(session: Session) -> None:
    """Gives all tables, partitions and the view to tts_etl, and the others exactly their rights to read."""
    if not session.run(f"SELECT pg_has_role(current_user, '{WRITER}', 'USAGE')").scalar():
        if not session.run(_MAY_JOIN).scalar():
            raise ConfigError(
                f"this role is no member of {WRITER}, and may not make itself one",
                f"GRANT {WRITER} to it first, or run it once as a superuser",
            )
        session.run(f"GRANT {WRITER} TO CURRENT_USER")
    schema = str(session.run("SELECT quote_ident(current_schema())").scalar_one())
    session.run(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {WRITER}")
    session.run(f"GRANT USAGE ON SCHEMA {schema} TO {READER}, {OWNER}")
    session.run(f"ALTER FUNCTION tts_logs_refuse() OWNER TO {WRITER}")
    tables = metadata("postgresql").tables
    for name in (*tables, *_OTHER_RELATIONS):
        session.run(f"ALTER TABLE {name} OWNER TO {WRITER}")
        session.run(f"REVOKE ALL ON {name} FROM PUBLIC, {READER}, {OWNER}")
        if name == _LABELS:
            session.run(f"GRANT SELECT ON {name} TO {OWNER}")
            continue
        private = _PRIVATE.get(name, ())
        columns = (
            ", ".join(column.name for column in tables[name].columns if column.name not in private) if private else ""
        )
        session.run(f"GRANT SELECT {f'({columns})' if columns else ''} ON {name} TO {READER}, {OWNER}")
    for table, partition in _partitions(session):
        like_its_parent(session, table, partition)


def like_its_parent(session: Session, table: str, partition: str) -> None:
    """Gives a partition the owner of its table, and whoever may read the table the right to read it."""
    owner, same = session.run(
        "SELECT quote_ident(pg_get_userbyid(p.relowner)), p.relowner = c.relowner FROM pg_class p, pg_class c "
        "WHERE p.oid = to_regclass(?) AND c.oid = to_regclass(?)",
        table,
        partition,
    ).one()
    if not same:
        session.run(f"ALTER TABLE {partition} OWNER TO {owner}")
    readers = session.run(
        "SELECT DISTINCT quote_ident(pg_get_userbyid(a.grantee)) FROM pg_class p, aclexplode(p.relacl) a "
        "WHERE p.oid = to_regclass(?) AND a.privilege_type = 'SELECT' AND a.grantee NOT IN (0, p.relowner)",
        table,
    ).scalars()
    for reader in list(readers):
        session.run(f"GRANT SELECT ON {partition} TO {reader}")


def _exists(session: Session, name: str) -> bool:
    return session.run("SELECT 1 FROM pg_roles WHERE rolname = ?", name).first() is not None


def _partitions(session: Session) -> list[tuple[str, str]]:
    rows = session.run(
        "SELECT p.relname, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "JOIN pg_class p ON p.oid = i.inhparent "
        "WHERE p.relkind = 'p' AND c.relkind = 'r' AND p.oid IN "
        "(to_regclass('tts_request'), to_regclass('tts_heartbeat'), to_regclass('tts_mark'))"
    )
    return [(str(parent), str(child)) for parent, child in rows]
