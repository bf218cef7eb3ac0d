"""P24: file events are hints only: whatever becomes of them, a watch is up to date within a rescan and a second."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.loading.follow import Follower, follow
from etl.loading.runs import Surroundings
from etl.loading.watch import FolderWatch
from etl.store.database import Database
from tests.etl import lines
from tests.etl.loading import Loader, loader
from tests.etl.test_follow import settings

COMMAND = (sys.executable, "-c", "from etl.cli import main; main()")
#: Until all is loaded: much more than a rescan takes, for a machine that is busy.
_PATIENCE_SECONDS = 120


def emitters_end(watch: FolderWatch, _log: Path) -> None:
    """The threads that read events from the kernel end, and nobody says so."""
    for emitter in watch._observer.emitters:
        emitter.stop()
        emitter.join()


def observer_ends(watch: FolderWatch, _log: Path) -> None:
    watch._observer.stop()
    watch._observer.join()


def folder_is_replaced(_watch: FolderWatch, log: Path) -> None:
    """What is watched is the old folder."""
    shutil.rmtree(log.parent)
    log.parent.mkdir()


def storm(_watch: FolderWatch, log: Path) -> None:
    """More events than anyone reads."""
    for number in range(5_000):
        (log.parent / "other").touch()
        (log.parent / "other").rename(log.parent / f"x{number % 7}")


@pytest.mark.parametrize("trouble", [emitters_end, observer_ends, folder_is_replaced, storm])
def test_a_watch_misses_nothing(
    database_url: str, tmp_path: Path, trouble: Callable[[FolderWatch, Path], None]
) -> None:
    """Lines written after the trouble, to the log and to a new one, are rows soon."""
    log = tmp_path / "logs/tts.log"
    log.parent.mkdir()
    log.write_bytes(lines.lines(1, 2))
    wake, stop = threading.Event(), threading.Event()
    database = Database(database_url)
    around = Surroundings(host_timezone="Asia/Shanghai", stop=stop.is_set)
    follower = Follower(database, settings("", tmp_path), [str(log)], around, lambda _: None)
    thread = threading.Thread(target=follow, args=(follower, [str(log)], wake, stop))
    thread.start()
    try:
        with loader(database_url) as load:
            waited_for(load, 2)
            assert follower.watch is not None
            trouble(follower.watch, log)
            with log.open("ab") as file:
                file.write(lines.lines(3, 4))
            waited_for(load, 4)
            log.rename(log.with_name("tts.log.1"))
            log.write_bytes(lines.lines(5, 6))
            waited_for(load, 6)
            assert load.seqs() == [1, 2, 3, 4, 5, 6]
    finally:
        stop.set()
        wake.set()
        thread.join()
        database.close()


def test_a_queue_of_events_that_overflows(database_url: str, tmp_path: Path) -> None:
    """While the watch is stopped the kernel drops events, those of the lines among them; then all are rows soon."""
    log = tmp_path / "logs/tts.log"
    log.parent.mkdir()
    log.write_bytes(lines.lines(1, 2))
    other = log.parent / "other"
    other.touch()
    room = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    env = {**os.environ, "TTS_STATE_DIR": str(tmp_path)}
    watch = subprocess.Popen([*COMMAND, "watch", "--database-url", database_url, "--log", str(log)], env=env)
    try:
        with loader(database_url) as load:
            waited_for(load, 2)
            watch.send_signal(signal.SIGSTOP)
            for number in range(room):
                other = other.rename(other.with_name(f"x{number % 2}"))
            with log.open("ab") as file:
                file.write(lines.lines(3, 4))
            log.rename(log.with_name("tts.log.1"))
            log.write_bytes(lines.lines(5, 6))
            watch.send_signal(signal.SIGCONT)
            waited_for(load, 6)
            watch.send_signal(signal.SIGTERM)
            assert (watch.wait(), load.seqs()) == (0, [1, 2, 3, 4, 5, 6])
    finally:
        watch.kill()
        watch.wait()


def waited_for(load: Loader, rows: int) -> None:
    """Returns when there are so many rows."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while load.rows("SELECT COUNT(*) FROM tts_request")[0][0] < rows:
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)
