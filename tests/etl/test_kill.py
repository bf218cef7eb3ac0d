"""`tts-etl import` is killed with SIGKILL again and again, mostly within a transaction: nothing is lost or doubled."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import psycopg2

from tests.etl import lines
from tests.etl.loading import loader

COMMAND = (sys.executable, "-c", "from etl.cli import main; main()")
KILLS = 5
LINES = 2000


def busy_sqlite(path: Path) -> Callable[[], bool]:
    """Whether some process is inside a writing transaction."""

    def busy() -> bool:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            connection.execute("ROLLBACK")
            return False

    return busy


def busy_postgresql(url: str) -> Callable[[], bool]:
    dsn = url.replace("postgresql+psycopg2://", "postgresql://")

    def busy() -> bool:
        with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tts-etl' "
                "AND datname = current_database() AND backend_xid IS NOT NULL"
            )
            row = cursor.fetchone()
            return row is not None and row[0] > 0

    return busy


def kill_when_busy(url: str, log: Path, busy: Callable[[], bool]) -> bool:
    """Starts an import and kills it as soon as it is inside a transaction; False if it ended first."""
    process = subprocess.Popen([*COMMAND, "import", "--database-url", url, str(log)], stderr=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            if busy():
                process.send_signal(signal.SIGKILL)
                return process.wait() == -signal.SIGKILL
        return False
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()


def test_killing_the_import_loses_and_doubles_nothing(database_url: str, dialect: str, tmp_path: Path) -> None:
    """After each kill the books hold, most kills hit inside a transaction, and a last import completes the table."""
    log = tmp_path / "tts.log"
    busy = busy_sqlite(tmp_path / "tts.db") if dialect == "sqlite" else busy_postgresql(database_url)
    hits = 0
    with loader(database_url) as load:
        for kill in range(KILLS):
            with log.open("ab") as file:
                file.write(lines.lines(kill * LINES + 1, (kill + 1) * LINES, **lines.FULL))
            hits += kill_when_busy(database_url, log, busy)
            _settle(busy)
            load.check_books()
            held = load.rows("SELECT COALESCE(SUM(n_ok), 0), (SELECT COUNT(*) FROM tts_request) FROM ingest_stream")
            assert held[0][0] == held[0][1]

        subprocess.run([*COMMAND, "import", "--database-url", database_url, str(log)], check=True, capture_output=True)

        assert load.seqs() == list(range(1, KILLS * LINES + 1))
        assert load.rows("SELECT SUM(n_dup), SUM(n_quarantined), COUNT(*) FROM ingest_stream") == [(0, 0, 1)]
        load.check_books()
    assert hits >= KILLS // 2


def _settle(busy: Callable[[], bool]) -> None:
    """Waits until the killed one's transaction is rolled back: PostgreSQL notices a moment later."""
    deadline = time.monotonic() + 120
    while busy():
        assert time.monotonic() < deadline
