"""Databases on a PostgreSQL server that are made for a moment and dropped again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from redash.errors import DatabaseAway, DatabaseError, WrongUse


@dataclass(frozen=True, slots=True)
class Server:
    """A server, by the URL of any database on it whose role may create databases."""

    url: str

    def create(self, template_url: str | None = None) -> str:
        """Makes an empty database, or a copy of another one, and returns its URL; raises WrongUse, DatabaseError."""
        name = f"tts_redash_{secrets.token_hex(6)}"
        template = "template1" if template_url is None else str(make_url(template_url).database)
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drops a database that `create` made."""
        self._run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        try:
            engine = create_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        except (ArgumentError, NoSuchModuleError) as error:
            raise WrongUse("--postgresql is no database URL", "for example postgresql+psycopg2://…/postgres") from error
        if engine.dialect.name != "postgresql":
            raise WrongUse("--postgresql is the URL of another kind of database")
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(statement)
        except OperationalError as error:
            raise DatabaseAway(_first_line(error), "is it running, and is --postgresql right?") from error
        except SQLAlchemyError as error:
            raise DatabaseError(_first_line(error), "the role must be allowed to create databases") from error
        finally:
            engine.dispose()


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", error)).strip().splitlines()[0]
