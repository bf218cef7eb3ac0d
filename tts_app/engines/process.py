"""One worker process as its parent sees it: start, ask, kill."""

from __future__ import annotations

import asyncio
import contextlib
import json
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import Any

from tts_app.engines.frames import PREFIX, encode_frame
from tts_app.errors import AppError

STOP_SECONDS = 2.0
PIPE_BYTES = 4 * 1024 * 1024


class WorkerDied(AppError):
    """The process ended, or answered with something that is no frame."""


class WorkerRefused(AppError):
    """The worker is well, but could not do this order; the message is the class of its exception."""


class WorkerProcess:
    """The process of one slot; a new one after each `start`.

    `in_step` is false while an order is unanswered: then only killing brings the pipe back into a known state.
    """

    def __init__(self, slot: int, command: tuple[str, ...]) -> None:
        self.slot = slot
        self.requests = 0
        self.failed = False
        self.ready = False
        self.in_step = False
        self.engine_version: str | None = None
        self._command = command
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self) -> None:
        """Starts the process and waits for its first frame.

        Raises:
            WorkerDied: it ended or says that it can't work.
        """
        # stderr goes nowhere: a library's complaint may quote the text it was given. In a session of its own, so that
        # Ctrl-C in a terminal reaches the service only, which ends its workers in order.
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=PIPE_BYTES, start_new_session=True
        )
        header, _ = await self._read()
        if not header.get("ready"):
            raise WorkerDied(str(header.get("error", "it is not ready")))
        self.requests = 0
        self.engine_version = header.get("engine_version")
        self.ready = self.in_step = True

    async def ask(self, order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Header and PCM of the answer to `order`.

        Raises:
            WorkerDied: the process ended before it had answered.
            WorkerRefused: it answered with an error.
        """
        self.in_step = False
        await self._send(encode_frame(order))
        header, pcm = await self._read()
        self.in_step = True
        if not header.get("ok"):
            raise WorkerRefused(str(header.get("error", "unknown")))
        return header, pcm

    async def kill(self) -> None:
        """Ends the process at once and waits until it is gone."""
        self.ready = self.in_step = False
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await self._gone(process)

    async def stop(self) -> None:
        """Lets the process end by itself, which it does when its stdin ends; kills it after two seconds."""
        self.ready = False
        process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await _ended(process)
        await self.kill()

    async def _gone(self, process: Process) -> None:
        await _ended(process)
        if process.stdin is not None:
            process.stdin.close()
            with contextlib.suppress(ConnectionError):
                await process.stdin.wait_closed()

    async def _send(self, data: bytes) -> None:
        assert self._process is not None and self._process.stdin is not None  # noqa: S101, PT018 - started before use
        try:
            self._process.stdin.write(data)
            await self._process.stdin.drain()
        except ConnectionError as exc:
            raise WorkerDied("the worker ended") from exc

    async def _read(self) -> tuple[dict[str, Any], bytes]:
        assert self._process is not None and self._process.stdout is not None  # noqa: S101, PT018 - started before use
        try:
            head_bytes, payload_bytes = PREFIX.unpack(await self._process.stdout.readexactly(PREFIX.size))
            head = json.loads(await self._process.stdout.readexactly(head_bytes))
            return head, await self._process.stdout.readexactly(payload_bytes)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError) as exc:
            raise WorkerDied("the worker ended") from exc


async def _ended(process: Process) -> None:
    """Waits for the end of a process, whatever it still has to say: with a full pipe asyncio would never see its end."""
    await asyncio.gather(process.wait(), _drained(process.stdout))


async def _drained(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(PIPE_BYTES):
        pass
