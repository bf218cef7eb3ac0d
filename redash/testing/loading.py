"""Databases made for a moment and filled by the loader's own command, as a process of its own.

A database is migrated once for each kind and report time zone, and copied or emptied for each fixture.
"""

from __future__ import annotations

import itertools
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
# What `tts-etl migrate` writes.
_KEPT = ("alembic_version", "setting")
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
    _migrated: dict[tuple[Dialect, str], str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def dialects(self) -> tuple[Dialect, ...]:
        """The kinds of database that it makes."""
        return ("sqlite",) if self.server is None else ("sqlite", "postgresql")

    def filled(self, dialect: Dialect, zone: str, log: Log) -> str:
        """The URL of a database with the lines of a log, on PostgreSQL until the next one; raises FixtureRefused."""
        number = next(self._numbers)
        url = self._empty(dialect, zone, number)
        if log.lines:
            path = self.folder / f"fixture{number}.log"
            path.write_text("".join(f"{line}\n" for line in log.lines), encoding="utf-8")
            self._etl("import", "--database-url", url, "--log", str(path), "--timezone", "UTC")
            _require_taken(url, log)
        for mark in log.marks:
            self._etl("mark", "--database-url", url, *mark)
        return url

    def clear(self) -> None:
        """Drops all databases that were made on the server."""
        for (dialect, _), url in self._migrated.items():
            if self.server is not None and dialect == "postgresql":
                self.server.drop(url)

    def _empty(self, dialect: Dialect, zone: str, number: int) -> str:
        """A copy of a migrated file; on PostgreSQL the migrated database, emptied: to make one and drop it takes longer."""
        known = self._migrated.get((dialect, zone))
        if known is None:
            known = (
                f"sqlite:///{self.folder}/migrated{number}.db" if dialect == "sqlite" else self._on_server().create()
            )
            self._migrated[dialect, zone] = known
            self._etl("migrate", "--database-url", known, "--report-timezone", zone)
        elif dialect == "postgresql":
            self._on_server().empty(known, _KEPT)
        if dialect == "postgresql":
            return known
        copy = self.folder / f"fixture{number}.db"
        shutil.copy(known.removeprefix("sqlite:///"), copy)
        return f"sqlite:///{copy}"

    def _on_server(self) -> Server:
        if self.server is None:
            raise WrongUse("there is no PostgreSQL server here", "give one with --postgresql")
        return self.server

    def _etl(self, *arguments: str) -> None:
        beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        program = shutil.which("tts-etl", path=beside)
        if program is None:
            raise WrongUse("tts-etl is not there, which loads the lines of fixtures", "pip install voxmeter")
        # What the environment says to the loader is about the real log, whose import may be running just now.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TTS_")}
        done = subprocess.run(  # noqa: S603 - our own command
            [program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**kept, "TTS_STATE_DIR": str(self.folder)},
        )
        if done.returncode:
            raise FixtureRefused(f"tts-etl {arguments[0]}: {_said(done, 'error')}", _said(done, "hint"))


@contextmanager
def stand(postgresql_url: str | None = None) -> Iterator[Stand]:
    """A stand whose databases are gone at the end."""
    with tempfile.TemporaryDirectory(prefix="tts-redash-") as folder:
        made = Stand(Path(folder), Server(postgresql_url) if postgresql_url else None)
        try:
            yield made
        finally:
            made.clear()


def _said(done: subprocess.CompletedProcess[str], word: str) -> str:
    """What a command of ours says after `error:` or `hint:`; of one that died without a word, its last line."""
    lines = [line.partition(": ")[2] for line in done.stderr.splitlines() if line.startswith(f"{word}: ")]
    return "; ".join(lines) or ("" if word == "hint" else done.stderr.strip().rpartition("\n")[2])


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
