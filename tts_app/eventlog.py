"""The log of this service: its events, rendered by structlog, through the writer that others copy (`tts_app.tts_line`)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tts_app.errors import ConfigError
from tts_app.events import Event, encode
from tts_app.tts_line import CLOSE_SECONDS, LineFile


class EventLog:
    """Appends events to `path` from any thread of this process; other processes may share the file.

    Args:
        path: the file; its folder is made.
        writer_id: 32 hex digits of this start; without it new ones.
        clock: monotonic seconds.
        write: `os.write`, or what stands in for it.
        tell: gets one line when lines begin to be lost.

    Raises:
        ConfigError: the file can't be opened at the start.
    """

    def __init__(
        self,
        path: Path,
        writer_id: str | None = None,
        *,
        clock: Callable[[], float],
        write: Callable[[int, bytes], int] = os.write,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.path = path
        try:
            self._file = LineFile(path, encode, writer_id=writer_id, clock=clock, write=write, tell=tell)
        except OSError as exc:
            raise ConfigError(
                f"the log {path} can't be written: {exc.strerror or exc}", "name another file with --log or TTS_LOG"
            ) from exc

    @property
    def failed_writes(self) -> int:
        """Lines that were lost since the start."""
        return self._file.failed_writes

    def append(self, event: Event) -> bool:
        """Takes `event` for this writer's next line; False where it is lost already. Never raises, never waits."""
        return self._file.append(event)

    def flush(self, timeout: float = CLOSE_SECONDS) -> bool:
        """Waits until the events so far are in the file or lost; False where that took longer than `timeout` seconds."""
        return self._file.flush(timeout)

    def close(self, timeout: float = CLOSE_SECONDS) -> None:
        """Writes what waits, for at most `timeout` seconds, and closes the file; every later `append` counts as failed."""
        self._file.close(timeout)
