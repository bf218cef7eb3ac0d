"""What the service says of mistakes that nobody foresaw: what kind, and where in the code.

A traceback and a library's own message may quote what a client sent, so neither is written anywhere.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import PurePath
from types import TracebackType


class Terse(logging.Handler):
    """Tells of each record at ERROR or above the logger, the exception's class and the place; never its words."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        kind, _, trace = record.exc_info or (None, None, None)
        place = place_of(trace) or f"{_short(record.pathname)}:{record.lineno}"
        self._tell(f"internal error: {kind.__name__ if kind else record.levelname} at {place} ({record.name})")


def place_of(trace: TracebackType | None) -> str:
    """`folder/file.py:line` of the innermost frame; empty without one."""
    frames = traceback.extract_tb(trace)
    return f"{_short(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""


def hush(tell: Callable[[str], None]) -> None:
    """From now on all loggers of this process, and threads and objects that fail, say one terse line to `tell`."""
    root = logging.getLogger()
    root.handlers = [Terse(tell)]
    root.setLevel(logging.ERROR)

    def failed(where: str, kind: type[BaseException], trace: TracebackType | None) -> None:
        tell(f"internal error: {kind.__name__} at {place_of(trace)} ({where})")

    threading.excepthook = lambda failure: failed("thread", failure.exc_type, failure.exc_traceback)
    sys.unraisablehook = lambda failure: failed("object", failure.exc_type, failure.exc_traceback)


def _short(path: str) -> str:
    """Folder and file: where the service is installed is nobody's business."""
    return "/".join(PurePath(path).parts[-2:])
