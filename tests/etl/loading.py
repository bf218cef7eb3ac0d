"""A loader for tests: a database, its clock, and what it holds as plain values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from etl.lines.records import Decoder
from etl.loading.batch import Run
from etl.loading.ingest import Ingest, PassReport, Reading
from etl.store import sources
from etl.store.database import Database
from etl.tables import COUNTERS

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Loader:
    """Loads paths as the commands do, with a clock that stands still; `reached` is called at each step of a transaction."""

    def __init__(self, url: str, source_id: str = "default", zone: str | None = "Asia/Shanghai") -> None:
        self.database = Database(url, busy_seconds=5)
        self.source_id = source_id
        self.runs = 0
        self.reached: Callable[[str], None] = lambda _: None
        self.clock: Callable[[], datetime] = lambda: NOW
        settled = sources.settle_timezone(self.database, source_id, zone, "UTC")
        self.decoder = Decoder(ZoneInfo(settled), SHANGHAI)

    def load(self, paths: Sequence[Path] | Path, **reading: Any) -> PassReport:
        """A pass of a run of its own."""
        self.runs += 1
        run = Run(self.source_id, f"run{self.runs}", "0", self.clock, self.reached)
        wanted = [paths] if isinstance(paths, Path) else list(paths)
        return Ingest(self.database, self.decoder, run, Reading(**reading)).one_pass(wanted)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.database.transaction("none") as session:
            return [tuple(map(_plain, row)) for row in session.run(sql, *values)]

    def execute(self, sql: str, *values: object) -> None:
        with self.database.transaction() as session:
            session.run(sql, *values)

    def seqs(self) -> list[int]:
        """The seq of each request row, sorted."""
        return sorted(row[0] for row in self.rows("SELECT seq FROM tts_request"))

    def kinds(self) -> list[str]:
        """The kind of each line in quarantine, by offset."""
        return [row[0] for row in self.rows("SELECT kind FROM ingest_quarantine ORDER BY off, q_id")]

    def streams(self) -> list[tuple[int, int]]:
        """(generation, committed) of each stream."""
        return [
            (row[0], row[1]) for row in self.rows("SELECT generation, committed FROM ingest_stream ORDER BY stream_id")
        ]

    def check_books(self) -> None:
        """The ledger is contiguous from 0 to the offset, and its counters are the stream's."""
        names = ", ".join(COUNTERS)
        for stream_id, committed, *counters in self.rows(f"SELECT stream_id, committed, {names} FROM ingest_stream"):
            batches = self.rows(
                f"SELECT from_off, to_off, {names} FROM ingest_batch WHERE stream_id = ? ORDER BY from_off", stream_id
            )
            assert [batch[0] for batch in batches] == [0, *(batch[1] for batch in batches[:-1])][: len(batches)]
            assert (batches[-1][1] if batches else 0) == committed
            assert [sum(batch[2 + at] for batch in batches) for at in range(len(COUNTERS))] == counters

    def close(self) -> None:
        self.database.close()


@contextmanager
def loader(url: str, **more: Any):
    """A Loader that is closed at the end."""
    made = Loader(url, **more)
    try:
        yield made
    finally:
        made.close()


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
