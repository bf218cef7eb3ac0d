"""One worker process as its parent sees it: start, send, read, end. Nothing of it is left after `kill`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from typing import Any

from tts_app.engines.prints import Prints
from tts_app.errors import AppError
from tts_app.worker.vox_worker.wire import PREFIX, decode_header, encode_frame, lengths

STOP_SECONDS, DEATH_SECONDS = 2.0, 30.0
PIPE_BYTES = 4 * 1024 * 1024
FOLDER_VARIABLE = "VOX_WORKER_FOLDER"

Frame = tuple[dict[str, Any], bytes]


class WorkerDied(AppError):
    """The process ended, or said something that is no frame of ours."""


class WorkerProcess:
    """One process, from `start` to `kill`.

    Args:
        command: what starts it.
        environment: its environment.
        tell: gets harmless lines that it prints.
    """

    def __init__(
        self, command: tuple[str, ...], environment: dict[str, str], tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._command = command
        self._environment = environment
        self._prints = Prints(tell)
        self._process: Process | None = None
        self._folder: str | None = None
        self._reading: list[asyncio.Task[None]] = []
        self._frames: asyncio.Queue[Frame | None] = asyncio.Queue()
        self.gone = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and not self.gone.is_set() else None

    async def start(self) -> dict[str, Any]:
        """Starts the process; its first frame.

        Raises:
            WorkerDied: it ended before it said anything.
            OSError: there is no such program.
        """
        # Where uploads are decoded to: removed by us as well, since a killed process removes nothing.
        self._folder = tempfile.mkdtemp(prefix="vox-worker-")
        # In a session of its own, so that Ctrl-C in a terminal reaches the service only, which ends its workers in order,
        # and so that what it starts can be ended with it.
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=PIPE_BYTES,
            start_new_session=True,
            env={**self._environment, FOLDER_VARIABLE: self._folder},
        )
        assert self._process.stdout is not None and self._process.stderr is not None  # noqa: S101, PT018 - pipes
        self._reading = [
            asyncio.create_task(self._pump(self._process.stdout)),
            asyncio.create_task(self._prints.drain(self._process.stderr)),
        ]
        return (await self.read())[0]

    async def send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        """One frame.

        Raises:
            WorkerDied: the process has ended.
        """
        assert self._process is not None and self._process.stdin is not None  # noqa: S101, PT018 - started before use
        try:
            self._process.stdin.write(encode_frame(header, payload))
            await self._process.stdin.drain()
        except (ConnectionError, RuntimeError) as exc:
            raise WorkerDied("the worker ended") from exc

    async def read(self) -> Frame:
        """The next frame.

        Raises:
            WorkerDied: the process has ended, or doesn't speak in frames.
        """
        frame = await self._frames.get()
        if frame is None:
            self._frames.put_nowait(None)
            raise WorkerDied("the worker ended")
        return frame

    async def exit_code(self, seconds: float) -> int | None:
        """How the process ended, minus the signal's number if by one; None where it doesn't within `seconds`."""
        if self._process is None:
            return None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._process.wait()
        return self._process.returncode

    async def death(self) -> int | None:
        """The exit code of a process that has said its last word; what it had started is ended."""
        self._kill()
        return await self.exit_code(DEATH_SECONDS)

    async def stop(self) -> None:
        """Lets the process end by itself, which it does when its stdin ends; kills it after two seconds."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self.exit_code(STOP_SECONDS)
        await self.kill()

    async def kill(self) -> None:
        """Ends the process and what it started, waits until they are gone, and removes its folder."""
        process = self._process
        if process is not None:
            self._kill()
            await self.exit_code(DEATH_SECONDS)
            if process.stdin is not None:
                process.stdin.close()
                with contextlib.suppress(ConnectionError):
                    await process.stdin.wait_closed()
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        self._ended()
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    def _kill(self) -> None:
        """The process and all that it started; asyncio sees the end of one only when nobody holds its pipes any more."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _pump(self, stream: asyncio.StreamReader) -> None:
        """Reads frames as they come, so that no worker ever waits for a slow client."""
        try:
            while True:
                header_bytes, payload_bytes = lengths(await stream.readexactly(PREFIX.size))
                header = decode_header(await stream.readexactly(header_bytes))
                self._frames.put_nowait((header, await stream.readexactly(payload_bytes)))
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            self._ended()
        # The rest is no frame, but while nobody reads it asyncio would not see the end of the process.
        while await stream.read(PIPE_BYTES):
            pass

    def _ended(self) -> None:
        if not self.gone.is_set():
            self.gone.set()
            self._frames.put_nowait(None)
