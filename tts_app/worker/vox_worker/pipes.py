"""The worker's ends of the wire, kept away from the engine: what it prints, and what it reads, go elsewhere."""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from .wire import encode_frame, read_frame

Frame = tuple[dict[str, Any], bytes]


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Orders and answers, out of fd 0 and 1; from here on fd 0 is empty and fd 1 is where fd 2 goes.

    The new descriptors are not inherited by what the engine starts.
    """
    orders, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdout.flush()
    os.dup2(2, 1)
    return os.fdopen(orders, "rb"), os.fdopen(answers, "wb")


class Outbox:
    """Sends frames, from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        """One frame; raises BrokenPipeError where the service is gone."""
        frame = encode_frame(header, payload)
        with self._lock:
            self._stream.write(frame)
            self._stream.flush()


class Inbox(threading.Thread):
    """Reads frames as they come, since a cancellation must be seen in the middle of an order.

    Args:
        stream: the orders.
        ended: called in this thread when the service is gone.
    """

    def __init__(self, stream: BinaryIO, ended: Callable[[], None]) -> None:
        super().__init__(name="vox-inbox", daemon=True)
        self._stream = stream
        self._ended = ended
        self._orders: queue.SimpleQueue[tuple[Frame, threading.Event] | None] = queue.SimpleQueue()
        self._gone: dict[Any, threading.Event] = {}

    def run(self) -> None:
        """Until the stream ends."""
        try:
            while (frame := read_frame(self._stream)) is not None:
                self._take(frame)
        except (ValueError, OSError):
            pass  # not a word more can be understood: as good as the end
        self._orders.put(None)
        self._ended()

    def orders(self) -> Iterator[tuple[Frame, threading.Event]]:
        """One order after the other, each with what is set when nobody waits for it any more."""
        while (order := self._orders.get()) is not None:
            try:
                yield order
            finally:
                self._gone.pop(order[0][0].get("id"), None)

    def _take(self, frame: Frame) -> None:
        number = frame[0].get("id")
        if frame[0].get("op") == "cancel":
            if (gone := self._gone.get(number)) is not None:
                gone.set()
            return
        self._gone[number] = threading.Event()
        self._orders.put((frame, self._gone[number]))
