"""Databases on a PostgreSQL server that are made for a moment and dropped again."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from redash.errors import DatabaseAway, DatabaseError, WrongUse

# Partitions go with their tables.
_TABLES = (
    "SELECT QUOTE_IDENT(relname) FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"
)


@dataclass(frozen=True, slots=True)
class Server:
    """A server, by the URL of any database on it whose role may create databases."""

    url: str

    def create(self) -> str:
        """Makes an empty database and returns its URL; raises WrongUse, DatabaseAway, DatabaseError."""
        name = f"tts_redash_{secrets.token_hex(6)}"
        self._run(self.url, f'CREATE DATABASE "{name}"')
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def empty(self, url: str, kept: Collection[str]) -> None:
        """Takes all rows out of a database that `create` made, but for those of the tables named `kept`."""
        tables = {str(name) for (name,) in self._run(url, _TABLES)} - set(kept)
        self._run(url, f"TRUNCATE {', '.join(sorted(tables))} RESTART IDENTITY")

    def drop(self, url: str) -> None:
        """Drops a database that `create` made."""
        self._run(self.url, f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def _run(self, url: str, statement: str) -> list[Row[Any]]:
        try:
            engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        except (ArgumentError, NoSuchModuleError) as error:
            raise WrongUse("--postgresql is no database URL", "for example postgresql+psycopg2://…/postgres") from error
        if engine.dialect.name != "postgresql":
            raise WrongUse("--postgresql is the URL of another kind of database")
        try:
            with engine.connect() as connection:
                answer = connection.exec_driver_sql(statement)
                return list(answer) if answer.returns_rows else []
        except OperationalError as error:
            raise DatabaseAway(_first_line(error), "is it running, and is --postgresql right?") from error
        except SQLAlchemyError as error:
            raise DatabaseError(_first_line(error), "the role must be allowed to create databases") from error
        finally:
            engine.dispose()


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", error)).strip().splitlines()[0]
