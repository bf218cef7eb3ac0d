"""What `tts-etl watch` does in each turn: a pass, its report, and patience while the database is away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

from etl.config import Settings
from etl.errors import ConfigError, SchemaError, SchemaMovedError, TryAgainError, ZoneMovedError
from etl.loading.ingest import PassReport, Reading
from etl.loading.runs import Runner, Surroundings, troubled
from etl.loading.watch import RESCAN_SECONDS, FolderWatch, loop
from etl.reading import files
from etl.store.database import Database

#: The books of a source are written at most this often.
_BOOKS_SECONDS = 10
_LONGEST_WAIT_SECONDS = 30.0


class Follower:
    """The turns of a watch. `say` is told what a person should know, each thing once."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        paths: Sequence[str],
        around: Surroundings,
        say: Callable[[str], None],
    ) -> None:
        self._database = database
        self._settings = settings
        self._paths = paths
        self._around = around
        self._say = say
        self._runner: Runner | None = None
        self._started_on: date | None = None
        self._books_at: datetime | None = None
        self._wait_seconds = 1.0
        self._said: set[str] = set()
        self._last = PassReport()
        self._told: tuple[int, int, str] | None = None
        self.watch: FolderWatch | None = None
        self.rows = 0

    def turn(self) -> float:
        """One pass; returns the seconds to wait.

        Raises what no waiting helps against: SchemaError, ConfigError, and SchemaMovedError for a schema that another
        version migrated meanwhile: who started the watch starts it again, with that version.
        """
        try:
            report = self._one_pass()
        except SchemaMovedError:
            raise
        except ZoneMovedError as error:
            self._runner = None
            self._say(str(error))
            return 0.0
        except TryAgainError as error:
            self._runner = None
            self._once(f"waiting: {error}")
            wait, self._wait_seconds = self._wait_seconds, min(self._wait_seconds * 2, _LONGEST_WAIT_SECONDS)
            return wait
        self._wait_seconds = 1.0
        self._said = {said for said in self._said if not said.startswith("waiting")}
        for file in troubled(report):
            self._once(f"{file.path} is passed by: {file.reason or file.state}")
        return RESCAN_SECONDS

    def finish(self) -> None:
        """Leaves the books saying that nobody watches."""
        if self._runner is not None:
            self._runner.close_pass(self._last, [], None)

    def _one_pass(self) -> PassReport:
        now = self._around.clock()
        if self._runner is None or self._started_on != now.date():
            # A new day may need PostgreSQL's next partitions, which a runner makes at its start.
            self._runner, self._started_on = self._begin(), now.date()
        else:
            # Also where there is nothing to load: an idle watch learns of a migration within one pass.
            self._runner.require_unmoved()
        paths, trouble = self._discover()
        report = self._runner.read(paths, Reading())
        report.trouble = trouble
        self._last = report
        self.rows += report.counts().ok
        due = self._books_at is None or (now - self._books_at).total_seconds() >= _BOOKS_SECONDS
        told = report.lag_bytes, len(troubled(report)), trouble
        if due or told != self._told:
            self._books_at, self._told = now, told
            self._runner.close_pass(report, files.folders(self._paths), self._state())
        return report

    def _begin(self) -> Runner:
        try:
            return Runner(self._database, self._settings, self._around)
        except SchemaError as error:
            if self._started_on is None:
                raise
            raise SchemaMovedError(str(error), error.hint) from error

    def _discover(self) -> tuple[list[Path], str]:
        """The files, and what keeps others from being found: a folder that was there at the start may come back."""
        found: list[Path] = []
        troubles = []
        for path in self._paths:
            try:
                found += files.discover([path], rotated=True, may_come=True)
            except ConfigError as error:
                if self._told is None:
                    raise
                self._once(str(error))
                troubles.append(str(error))
        return files.one_of_each(found), "; ".join(troubles)

    def _state(self) -> str:
        if self.watch is None:
            return "polling"
        state = self.watch.check()
        if state == "polling":
            self._once(f"no file events ({self.watch.reason}): looking every {RESCAN_SECONDS:g} seconds")
        return state

    def _once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._say(text)


def follow(follower: Follower, paths: Sequence[str], wake: threading.Event, stop: threading.Event) -> None:
    """Turns until `stop`. Raises EtlError for what no waiting helps against."""
    watch = FolderWatch(files.folders(paths), wake)
    follower.watch = watch
    try:
        loop(follower.turn, wake, stop)
    finally:
        watch.close()
    try:
        follower.finish()
    except TryAgainError:
        return
