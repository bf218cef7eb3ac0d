"""One import or watch of a source at a time on a host. Nothing but needless work depends on it (etl.md, D7)."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from etl.errors import BusyError, ConfigError


@contextmanager
def only_loader(folder: Path, source_id: str) -> Iterator[None]:
    """Holds the lock of a source; the kernel gives it back however the process ends.

    Raises BusyError if another process holds it, ConfigError if the lock file can't be made.
    """
    path = folder / f"tts-etl-{hashlib.sha256(source_id.encode()).hexdigest()[:12]}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(
            f"can't write {path}: {error.strerror}", "set TTS_STATE_DIR to a folder of your own"
        ) from error
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                f"another import or watch of source {source_id} runs",
                "leave it to that one, or use --skip-if-running",
            ) from error
        yield
    finally:
        os.close(fd)
