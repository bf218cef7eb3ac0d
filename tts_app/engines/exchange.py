"""One order with one worker: send it, take what comes, and know how it ended, whoever still listens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from tts_app.engines.figures import checked
from tts_app.engines.process import WorkerDied, WorkerProcess
from tts_app.engines.progress import EngineOrder, Limits, Progress
from tts_app.errors import RequestFailed
from tts_app.worker.vox_worker.names import FAILURES

SENTENCES = {
    "UNSPEAKABLE_TEXT": "The text has nothing that this voice could speak.",
    "TEXT_TOO_LONG": "The text is too long for this engine.",
    "UNSUPPORTED_LANGUAGE": "The engine can't speak this language.",
    "INVALID_SPEAKER": "The engine has no such voice.",
    "INVALID_EMOTION": "The engine can't take this emotion.",
    "INVALID_PARAM": "The engine can't take one of the parameters.",
    "REF_AUDIO_INVALID": "The reference audio must be a sound of 0.1 to 30 seconds with 16 kHz or more.",
    "SYNTH_TIMEOUT": "The synthesis took too long and was stopped.",
    "OOM_GPU": "The GPU has too little memory for this text.",
    "OOM_HOST": "The machine has too little memory for this text.",
    "CUDA_ERROR": "The GPU failed on this request.",
    "ENGINE_UNAVAILABLE": "The voice engine is not available.",
    "ENGINE_CRASH": "The voice engine crashed on this request.",
    "BAD_OUTPUT": "The voice engine could not speak this.",
}
PARAMS = {"INVALID_SPEAKER": "voice", "UNSUPPORTED_LANGUAGE": "language", "REF_AUDIO_INVALID": "reference_audio"}


class WorkerFailed(Exception):
    """An engine's own exception, whose class has the name that `named` is given."""


class WorkerHung(Exception):
    """The worker said nothing any more."""


def named(error: str) -> WorkerFailed:
    """An exception whose class bears the name that a worker told: a line says which class it was, and no message."""
    name = error if error.isidentifier() and error.isascii() else "WorkerFailed"
    kind: type[WorkerFailed] = type(name[:64], (WorkerFailed,), {})
    return kind()


class Exchange:
    """Runs by itself; `pieces` may be read late or not at all.

    `in_step` once it has ended: the worker waits for the next order. `cancelled`: nobody waits for the audio.

    Args:
        process: a worker that waits for an order.
        limits: deadlines.
        progress: gets the figures.
        clock: monotonic seconds.
        death: the code that an exit code stands for.
    """

    def __init__(
        self,
        process: WorkerProcess,
        limits: Limits,
        progress: Progress,
        *,
        clock: Callable[[], float],
        death: Callable[[int | None], str],
    ) -> None:
        self.in_step = False
        self.cancelled = False
        self.ended = False
        self._process = process
        self._limits = limits
        self._progress = progress
        self._clock = clock
        self._death = death
        self._number = 0
        self._deadline: asyncio.Timeout | None = None
        self._left_bytes = 0
        self._pieces: asyncio.Queue[bytes | RequestFailed | None] = asyncio.Queue()

    async def run(self, order: EngineOrder, number: int) -> None:
        """The whole exchange; what went wrong is raised by `pieces`."""
        self._number = number
        if self._progress.info is not None:
            self._left_bytes = int(2 * self._limits.audio_seconds * self._progress.info.sample_rate_hz)
        self._progress.started = start = self._clock()
        failed: RequestFailed | None = failure("ENGINE_UNAVAILABLE", WorkerDied("the service ends"))
        try:
            failed = await self._outcome(order)
        finally:
            self._deadline = None
            self.ended = True
            self._progress.ended = self._clock()
            self._progress.synthesis_seconds = self._progress.ended - start
            self._pieces.put_nowait(failed)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The PCM as it comes; raises RequestFailed where the order failed."""
        while (piece := await self._pieces.get()) is not None:
            if isinstance(piece, RequestFailed):
                raise piece
            yield piece

    async def cancel(self) -> None:
        """Nobody waits any more: the worker may give up the order, and is out of step if it doesn't within the grace."""
        self.cancelled = True
        deadline = self._deadline
        if deadline is not None and not deadline.expired():
            latest = asyncio.get_running_loop().time() + self._limits.grace_seconds
            deadline.reschedule(min(latest, deadline.when() or latest))
            with contextlib.suppress(WorkerDied):
                await self._process.send({"op": "cancel", "id": self._number})

    async def _outcome(self, order: EngineOrder) -> RequestFailed | None:
        try:
            async with asyncio.timeout(self._limits.synthesis_seconds) as self._deadline:
                await self._process.send(*order.frame(self._number))
                if self.cancelled:
                    await self.cancel()
                return self._end(await self._last_frame())
        except RequestFailed as exc:
            return exc
        except TimeoutError as exc:
            return failure("SYNTH_TIMEOUT", exc)
        except WorkerHung as exc:
            return failure("ENGINE_CRASH", exc)
        except WorkerDied as exc:
            return failure(self._death(await self._process.death()), exc)

    async def _last_frame(self) -> dict[str, Any]:
        while True:
            header, payload = await self._next_frame()
            if header.get("beat"):
                continue
            if header.get("id") != self._number:
                raise WorkerDied("the worker is out of step")
            if "ok" in header:
                return header
            self._left_bytes -= len(payload)
            if self._left_bytes < 0:
                raise failure("BAD_OUTPUT", OverflowError())
            if not self.cancelled:
                self._pieces.put_nowait(payload)

    async def _next_frame(self) -> tuple[dict[str, Any], bytes]:
        silence = asyncio.timeout(self._limits.hang_seconds)
        try:
            async with silence:
                return await self._process.read()
        except TimeoutError as exc:
            if silence.expired():
                raise WorkerHung from exc
            raise

    def _end(self, header: dict[str, Any]) -> RequestFailed | None:
        self._progress.figures = checked(header)
        self.in_step = header.get("fatal") is not True
        if header.get("ok") is True:
            return None
        known = header.get("code") in FAILURES and (self.cancelled or header["code"] != "CANCELLED")
        return failure(header["code"] if known else "INTERNAL", named(str(header.get("error"))))


def failure(code: str, cause: BaseException) -> RequestFailed:
    """The failure of a code, in words for the client."""
    failed = RequestFailed(code, SENTENCES.get(code, "Something went wrong inside the voice engine."), PARAMS.get(code))
    failed.__cause__ = cause
    return failed
