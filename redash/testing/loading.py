"""Databases made for a moment and filled by the loader's own command, as a process of its own.

A migrated database is made once for each kind and report time zone; each fixture gets a copy of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redash.data.database import reading
from redash.data.scratch import Server
from redash.errors import RedashError, WrongUse
from redash.specs.spec import Dialect
from redash.testing.fixtures import Log

_TIMEOUT_SECONDS = 60.0
_BOOKS = (
    "SELECT COALESCE(SUM(n_quarantined), 0) AS quarantined, COALESCE(SUM(n_law_violations), 0) AS against_laws, "
    "COALESCE(SUM(n_dup), 0) AS twice FROM ingest_batch"
)


class FixtureRefused(RedashError):
    """The loader did not take the lines of a fixture as they were meant."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where databases for fixtures are made: a folder, and a PostgreSQL server if there is one."""

    folder: Path
    server: Server | None = None
    _templates: dict[tuple[Dialect, str], str] = field(default_factory=dict)
    _made: list[str] = field(default_factory=list)

    @property
    def dialects(self) -> tuple[Dialect, ...]:
        """The kinds of database that it makes."""
        return ("sqlite",) if self.server is None else ("sqlite", "postgresql")

    def filled(self, dialect: Dialect, zone: str, log: Log) -> str:
        """The URL of a new database with the lines of a log; raises FixtureRefused."""
        url = self._copy(dialect, self._template(dialect, zone))
        if log.lines:
            path = self.folder / f"fixture{len(self._made)}.log"
            path.write_text("".join(f"{line}\n" for line in log.lines), encoding="utf-8")
            _etl("import", "--database-url", url, "--log", str(path), "--timezone", "UTC")
            _require_taken(url, log)
        for mark in log.marks:
            _etl("mark", "--database-url", url, *mark)
        return url

    def _template(self, dialect: Dialect, zone: str) -> str:
        known = self._templates.get((dialect, zone))
        if known is None:
            known = self._templates[dialect, zone] = self._new(dialect)
            _etl("migrate", "--database-url", known, "--report-timezone", zone)
        return known

    def _new(self, dialect: Dialect) -> str:
        if dialect == "postgresql" and self.server is not None:
            url = self.server.create()
        else:
            url = f"sqlite:///{self.folder}/fixture{len(self._made)}.db"
        self._made.append(url)
        return url

    def _copy(self, dialect: Dialect, template: str) -> str:
        if dialect == "postgresql" and self.server is not None:
            self._made.append(self.server.create(template))
            return self._made[-1]
        url = self._new(dialect)
        shutil.copy(*(one.removeprefix("sqlite:///") for one in (template, url)))
        return url

    def clear(self) -> None:
        """Drops all databases that were made on the server."""
        for url in self._made:
            if self.server is not None and not url.startswith("sqlite:"):
                self.server.drop(url)


@contextmanager
def stand(postgresql_url: str | None = None) -> Iterator[Stand]:
    """A stand whose databases are gone at the end; raises WrongUse, DatabaseAway for a server that can't be used."""
    with tempfile.TemporaryDirectory(prefix="tts-redash-") as folder:
        made = Stand(Path(folder), Server(postgresql_url) if postgresql_url else None)
        try:
            yield made
        finally:
            made.clear()


def _etl(*arguments: str) -> None:
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    program = shutil.which("tts-etl", path=beside)
    if program is None:
        raise WrongUse("tts-etl is not there, which loads the lines of fixtures", "pip install voxmeter")
    # What the environment says to the loader is about the real log.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TTS_")}
    done = subprocess.run(  # noqa: S603 - our own command
        [program, *arguments], capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode:
        message, _, hint = done.stderr.strip().partition("\n")
        raise FixtureRefused(f"tts-etl {arguments[0]}: {message.removeprefix('error: ')}", hint.removeprefix("hint: "))


def _require_taken(url: str, log: Log) -> None:
    """Lines that were not given as they are must become rows, each its own, by all laws of the format."""
    with reading(url, _TIMEOUT_SECONDS) as opened:
        quarantined, against_laws, twice = (int(value or 0) for value in opened.run(_BOOKS).rows[0])
        if quarantined <= log.as_they_are and (log.as_they_are or not (against_laws or twice)):
            return
        errors = opened.run("SELECT DISTINCT kind, error FROM ingest_quarantine ORDER BY kind, error LIMIT 3").rows
    told = "; ".join(f"{kind}: {error}" for kind, error in errors)
    message = f"of {len(log.lines)} lines {quarantined} were refused, {against_laws} break a law, {twice} came twice"
    raise FixtureRefused(message, told or "docs/log-format.md says which laws a line keeps")
