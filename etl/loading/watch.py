"""Passes in a loop: woken by file events, and every two seconds in any case (etl.md, D8).

An event is a hint and never more: queues overflow unseen, and network file systems have none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

WatchState = Literal["ok", "polling"]

RESCAN_SECONDS = 2.0
#: Events that come together wake one pass.
COALESCE_SECONDS = 0.02

_READING = {"opened", "closed_no_write"}


class _Waker(FileSystemEventHandler):
    """Wakes the loop; what the event was about is found by the pass itself."""

    def __init__(self, wake: threading.Event) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        # Our own reading of the files must not wake the next pass.
        if event.event_type not in _READING:
            self._wake.set()


class FolderWatch:
    """Sets `wake` on any event in the folders; `state` is `polling` where events can't be had."""

    def __init__(self, folders: Sequence[Path], wake: threading.Event) -> None:
        self.state: WatchState = "polling"
        self.reason = ""
        self._observer = Observer()
        try:
            for folder in folders:
                self._observer.schedule(_Waker(wake), str(folder), recursive=False)
            self._observer.start()
            self.state = "ok"
        except OSError as error:
            self.reason = error.strerror or str(error)

    def check(self) -> WatchState:
        """`ok` while events come; a dead observer thread makes it polling."""
        if self.state == "ok" and not self._observer.is_alive():
            self.state, self.reason = "polling", "the thread that takes file events ended"
        return self.state

    def close(self) -> None:
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()


def loop(one_turn: Callable[[], float], wake: threading.Event, stop: threading.Event) -> None:
    """Calls `one_turn` until `stop` is set, which must set `wake` too.

    A turn returns how many seconds to wait at most before the next one.
    """
    while not stop.is_set():
        seconds = one_turn()
        if stop.is_set():
            break
        if wake.wait(timeout=seconds):
            stop.wait(timeout=COALESCE_SECONDS)
        wake.clear()
