"""One order after the other: ask the adapter, hand over what it gives, answer with what it took."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from .adapter import Adapter, SynthesisFailed
from .device import Device
from .failures import class_name, failure_of
from .orders import order_of
from .pipes import Frame
from .references import References
from .report import Report

# The first piece goes out as it comes; after it a frame is worth its price from a fifth of a second of audio on.
STREAM_BYTES, WHOLE_BYTES = 8 * 1024, 1024 * 1024

Send = Callable[..., None]


class Speaker:
    """Speaks orders with one loaded engine.

    Args:
        adapter: the engine.
        info: what it says of itself.
        references: where uploads go.
        send: sends a frame.
    """

    def __init__(self, adapter: Adapter, info: dict[str, Any], references: References, send: Send) -> None:
        self._adapter = adapter
        self._references = references
        self._send = send
        self._rate = info["sample_rate_hz"]
        self._device = Device(info.get("device"))
        self._report: Report | None = None

    @property
    def busy(self) -> bool:
        """Whether an order is being spoken."""
        return self._report is not None

    @property
    def stage(self) -> str | None:
        """Where the order is."""
        report = self._report
        return report.stages.name if report is not None else None

    def answer(self, frame: Frame, gone: threading.Event) -> None:
        """Speaks the order of a frame, and answers it, whatever the engine does."""
        header = frame[0]
        report = self._report = Report(self._device, gone)
        try:
            if header.get("op") == "warm_up" and hasattr(self._adapter, "warm_up"):
                self._adapter.warm_up()
            else:
                self._speak(frame, report)
            last = {"id": header.get("id"), "ok": True, **report.figures()}
        except BrokenPipeError:
            raise
        except BaseException as exc:  # noqa: BLE001 - an engine may even exit(); a message might hold the text
            last = self._failed(header.get("id"), exc, report)
        finally:
            self._report = None
        self._send(last)

    def _speak(self, frame: Frame, report: Report) -> None:
        order = order_of(*frame, self._references)
        pieces = Pieces(self._send, order.stream, {"id": frame[0].get("id"), "sample_rate_hz": self._rate})
        chunks = iter(self._adapter.speak(order, report))
        try:
            for chunk in chunks:
                if report.cancelled():
                    break
                with report.stages.paused():
                    pieces.add(chunk)
        finally:
            if (close := getattr(chunks, "close", None)) is not None:
                close()
        if report.cancelled():
            raise SynthesisFailed("CANCELLED")
        pieces.flush()
        if not pieces.sent:
            raise SynthesisFailed("BAD_OUTPUT")

    def _failed(self, number: Any, error: BaseException, report: Report) -> dict[str, Any]:
        failure = failure_of(error)
        if failure.code == "OOM_GPU":
            self._device.relax()
        cause = error.__cause__ or error
        return {
            "id": number,
            "ok": False,
            "code": failure.code,
            "stage": failure.stage,
            "error": class_name(cause),
            "fatal": failure.fatal,
            **report.spent(),
        }


class Pieces:
    """Gathers chunks into frames: one at once where a client listens already, and not too small ones after it."""

    def __init__(self, send: Send, stream: bool, header: dict[str, Any]) -> None:
        self.sent = 0
        self._send = send
        self._header = header
        self._least = 1 if stream else WHOLE_BYTES
        self._next_least = STREAM_BYTES if stream else WHOLE_BYTES
        self._waiting = bytearray()

    def add(self, chunk: bytes) -> None:
        """Takes a chunk of whole 16-bit samples.

        Raises:
            SynthesisFailed: BAD_OUTPUT for half a sample.
        """
        if len(chunk) % 2:
            raise SynthesisFailed("BAD_OUTPUT")
        self._waiting += chunk
        if len(self._waiting) >= self._least:
            self.flush()

    def flush(self) -> None:
        """Sends what there is."""
        while self._waiting:
            piece, self._waiting = bytes(self._waiting[:WHOLE_BYTES]), self._waiting[WHOLE_BYTES:]
            self._send({**self._header, "chunk": self.sent}, piece)
            self.sent += 1
            self._least = self._next_least
