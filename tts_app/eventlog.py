"""The file the log lines go to: one event is one write to a descriptor opened for appending.

A log that can't be written never fails or holds up a request: the loss is counted in `failed_writes`, and its sequence
number stays used, so that the loader sees the gap. Rotation by renaming is noticed within a second.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from tts_app.errors import ConfigError, EventInvalid
from tts_app.events import Event, encode, stamped

STAT_SECONDS = 1.0


def new_writer_id() -> str:
    """32 hex digits, new for each start of a writing process."""
    return uuid.uuid4().hex


class EventLog:
    """Appends events to `path` from any thread of this process; other processes may share the file.

    Args:
        path: the file; its folder is made.
        writer_id: 32 hex digits of this start.
        clock: monotonic seconds.
        write: `os.write`, or what stands in for it.
        tell: gets one line when writing begins to fail.

    Raises:
        ConfigError: the file can't be opened at the start.
    """

    def __init__(
        self,
        path: Path,
        writer_id: str,
        *,
        clock: Callable[[], float],
        write: Callable[[int, bytes], int] = os.write,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.path = path
        self.writer_id = writer_id
        self.failed_writes = 0
        self._clock = clock
        self._write = write
        self._tell = tell
        self._lock = threading.Lock()
        self._seq = 0
        self._fd: int | None = None
        self._torn = False
        self._failing = False
        self._looked_at = clock()
        try:
            self._open()
        except OSError as exc:
            raise ConfigError(
                f"the log {path} can't be written: {exc.strerror}", "name another file with --log or TTS_LOG"
            ) from exc

    def append(self, event: Event) -> bool:
        """Writes `event` as this writer's next line; False where the line is lost. Never raises."""
        with self._lock:
            self._seq += 1
            try:
                line = encode(stamped(event, self.writer_id, self._seq)) + b"\n"
                self._put(line)
            except (OSError, EventInvalid) as exc:
                self._fail(exc)
                return False
            self._failing = False
            return True

    def close(self) -> None:
        """Closes the file; every later `append` counts as failed."""
        with self._lock:
            self._close()
            self._looked_at = float("inf")

    def _put(self, line: bytes) -> None:
        self._follow_rotation()
        if self._fd is None:
            raise OSError("the log is closed")
        data = b"\n" + line if self._torn else line
        self._torn = True  # until the whole line is known to be there
        written = self._write(self._fd, data)
        if written != len(data):
            raise OSError(f"only {written} of {len(data)} bytes were written")
        self._torn = False

    def _fail(self, exc: Exception) -> None:
        self.failed_writes += 1
        if not self._failing:
            reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else exc
            self._tell(f"log lines are being lost: {reason}")
        self._failing = True

    def _follow_rotation(self) -> None:
        """Opens the path anew if it names another file than the one that is open; looks at most once a second."""
        now = self._clock()
        if now - self._looked_at < STAT_SECONDS:
            return
        self._looked_at = now
        if self._fd is not None and self._names_open_file(self._fd):
            return
        self._close()
        self._open()

    def _names_open_file(self, fd: int) -> bool:
        try:
            named = self.path.stat()
        except FileNotFoundError:
            return False
        opened = os.fstat(fd)
        return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        size = os.fstat(fd).st_size
        # A crash or a full disk may have left half a line: the next one must not be glued to it.
        self._torn = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
        self._fd = fd

    def _close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
