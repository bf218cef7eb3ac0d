"""`tts-etl watch`: how long from a written line to its visible row at 200 lines/s, and what it costs when idle."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from bench.databases import Databases
from bench.figures import Figure
from bench.lines import encoded
from bench.measure import cpu_seconds, tts_etl

_PER_SECOND = 200
_POLL_SECONDS = 0.002
#: Rows by the number of the line, four writers taking turns (bench.lines).
_COUNT = text("SELECT COUNT(*) FROM tts_request")


def watch_figures(made: Databases, seconds: int) -> list[Figure]:
    """P50 and P99 of the latency over `seconds` of writing, and the share of a core in as many idle seconds."""
    figures = []
    for dialect in ("sqlite", "postgresql"):
        url = made.new(dialect)
        log = made.folder / "live" / "tts.log"
        log.parent.mkdir(exist_ok=True)
        log.write_bytes(b"")
        watch = subprocess.Popen(tts_etl("watch", str(log), "--database-url", url), stderr=subprocess.DEVNULL)
        try:
            latencies = sorted(_latencies(url, log, seconds))
            time.sleep(1)
            before = cpu_seconds(watch.pid)
            time.sleep(seconds)
            idle = (cpu_seconds(watch.pid) - before) / seconds
        finally:
            watch.terminate()
            watch.wait()
        made.drop(url)
        log.unlink()
        for percent, aim in ((50, 50), (99, 250)):
            value = latencies[len(latencies) * percent // 100] * 1000
            figures.append(Figure(f"watch, {dialect}, line → row, P{percent}", value, "ms", aim, at_most=True))
        figures.append(Figure(f"watch, {dialect}, idle", idle * 100, "% of a core", 1, at_most=True))
    return figures


def _latencies(url: str, log: Path, seconds: int) -> list[float]:
    """Seconds from each line's write to its row being seen by another connection."""
    lines = list(encoded(0, _PER_SECOND * seconds))
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection, log.open("ab", buffering=0) as file:
        _wait_for_first(connection, lambda: os.write(file.fileno(), lines[0]))
        written = [0.0] * len(lines)
        writer = threading.Thread(target=_write, args=(file.fileno(), lines, written))
        writer.start()
        found: list[float] = []
        deadline = time.perf_counter() + seconds + 60
        while 1 + len(found) < len(lines) and time.perf_counter() < deadline:
            rows = int(connection.execute(_COUNT).scalar_one())
            now = time.perf_counter()
            found += [now - written[number] for number in range(1 + len(found), rows)]
            time.sleep(_POLL_SECONDS)
        writer.join()
    engine.dispose()
    if 1 + len(found) < len(lines):
        raise RuntimeError(f"watch loaded {1 + len(found):,} of {len(lines):,} lines")
    return found


def _wait_for_first(connection: Connection, write: Callable[[], object]) -> None:
    """Writes the first line and waits until watch, which is still starting, has loaded it."""
    write()
    deadline = time.perf_counter() + 60
    while int(connection.execute(_COUNT).scalar_one()) == 0:
        if time.perf_counter() > deadline:
            raise RuntimeError("watch loaded nothing within a minute")
        time.sleep(_POLL_SECONDS)


def _write(descriptor: int, lines: list[bytes], written: list[float]) -> None:
    """Writes all but the first line at their moments, noting when each was written."""
    started = time.perf_counter()
    for number in range(1, len(lines)):
        time.sleep(max(started + number / _PER_SECOND - time.perf_counter(), 0))
        written[number] = time.perf_counter()
        os.write(descriptor, lines[number])
