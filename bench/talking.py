"""A running service and clients that ask it to speak: sockets and HTTP by hand, so that the asking costs next to nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WAV_HEAD_BYTES = 44
PCM_BYTES_A_SECOND = 2 * 22050
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, seconds to the first byte of sound and to the last byte, and how long the sound is."""

    status: int
    first_seconds: float
    seconds: float
    audio_seconds: float


class Service:
    """`tts-app serve` in a folder of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.log = folder / "tts.log"
        command = [sys.executable, "-m", "tts_app.cli", "serve", "--no-ui", "--port", "0", "--json"]
        command += ["--log", str(self.log), "--state-dir", str(folder / "state"), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if self.process.stdout is None:
            raise RuntimeError("the service has no output")
        ready = json.loads(self.process.stdout.readline())
        self.host, port = ready["url"].removeprefix("http://").split(":")
        self.port = int(port)

    def workers(self) -> list[int]:
        """Process ids of its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def requests(self) -> list[dict[str, Any]]:
        """The lines of requests so far."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if line["event"] == "tts.request"]

    def stop(self) -> None:
        """Ends it in order."""
        self.process.terminate()
        self.process.wait(timeout=START_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextlib.contextmanager
def served(folder: Path, *options: str) -> Iterator[Service]:
    """A service that is ended afterwards."""
    folder.mkdir(parents=True)
    service = Service(folder, *options)
    try:
        yield service
    finally:
        service.stop()


class Client:
    """One connection, which is kept."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, text: str, **fields: Any) -> Answer:
        """Speaks `text` as WAV; a lost connection is status 0."""
        body = json.dumps({"input": text, "response_format": "wav", "voice": "f1", **fields}).encode()
        head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: {self._service.host}\r\nContent-Type: application/json\r\n"
        start = time.perf_counter()
        try:
            reader, writer = await self._connection()
            writer.write(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            status, headers = await _read_head(reader)
            first, size = 0.0, 0
            async for piece in _body(reader, headers):
                size += len(piece)
                if not first and size > WAV_HEAD_BYTES:
                    first = time.perf_counter() - start
        except (OSError, asyncio.IncompleteReadError):
            await self.close()
            return Answer(0, 0.0, time.perf_counter() - start, 0.0)
        audio = (size - WAV_HEAD_BYTES) / PCM_BYTES_A_SECOND if status == 200 else 0.0
        return Answer(status, first, time.perf_counter() - start, audio)

    async def close(self) -> None:
        """Hangs up."""
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
        self._reader = self._writer = None

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._service.host, self._service.port)
        return self._reader, self._writer


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
    return int(lines[0].split()[1]), headers


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[bytes]:
    left = int(headers.get("content-length", 0))
    while left:
        piece = await reader.read(min(left, 65536))
        if not piece:
            raise asyncio.IncompleteReadError(b"", left)
        left -= len(piece)
        yield piece
    while headers.get("transfer-encoding") == "chunked":
        size = int((await reader.readuntil(b"\r\n")).strip(), 16)
        piece = (await reader.readexactly(size + 2))[:-2]
        if not size:
            return
        yield piece
