"""One worker process on the wire: frames, beats, prints, and nothing left of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tts_app.engines.hosting import DEADLINE_SECONDS, PCM, alive, fake, order
from tts_app.engines.process import WorkerDied, WorkerProcess


def run(steps: Callable[[WorkerProcess], Awaitable[Any]], *command: str, tell: Callable[[str], None] = print) -> Any:
    """What `steps` gives with a process that is not started yet, and is gone afterwards."""

    async def with_process() -> Any:
        spec = fake()
        process = WorkerProcess(command or spec.command(0), spec.environment(), tell)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                return await steps(process)
        finally:
            pid = process.pid
            await process.kill()
            assert process.pid is None
            assert pid is None or not alive(pid)

    return asyncio.run(with_process())


async def last_frame(process: WorkerProcess) -> tuple[dict[str, Any], bytes]:
    """The last frame of an order, with all its audio."""
    pcm = b""
    while True:
        header, payload = await process.read()
        pcm += payload
        if "ok" in header:
            return header, pcm


def test_a_worker_that_works_beats_and_can_be_told_to_stop() -> None:
    """A sign of life with the stage that it is in; then the order is given up, and the next one answered."""

    async def steps(process: WorkerProcess) -> None:
        assert (await process.start())["ready"] is True
        await process.send(*order("wait", stream=True).frame(7))
        assert (await process.read())[0] == {"id": 7, "sample_rate_hz": 22050, "chunk": 0}
        assert (await process.read())[0] == {"beat": True, "stage": "synth"}
        await process.send({"op": "cancel", "id": 6})
        await process.send({"op": "cancel", "id": 7})
        header, pcm = await last_frame(process)
        assert ({name: header[name] for name in ("id", "ok", "code", "fatal")}, pcm) == (
            {"id": 7, "ok": False, "code": "CANCELLED", "fatal": False},
            b"",
        )
        await process.send(*order("hello").frame(8))
        header, pcm = await last_frame(process)
        assert (header["id"], header["ok"], pcm) == (8, True, PCM)

    run(steps)


def test_prints_go_nowhere_and_block_nothing() -> None:
    """Megabytes of an engine's words, on both streams and past Python: the audio is whole, and nobody is told."""
    told: list[str] = []

    async def steps(process: WorkerProcess) -> None:
        await process.start()
        for words in ("the text itself " * 20, ">> RTF: 0.5"):
            await process.send(*order(f"print {words}").frame(1))
            header, pcm = await last_frame(process)
            assert (header["ok"], pcm) == (True, PCM)
        await process.stop()

    run(steps, tell=told.append)
    assert told == []


def test_a_known_harmless_line_is_told_once() -> None:
    """Which device an engine uses is worth knowing."""
    told: list[str] = []

    async def steps(process: WorkerProcess) -> None:
        await process.start()
        await process.send(*order("print Use device: cuda:1").frame(1))
        await last_frame(process)
        await process.stop()

    run(steps, tell=told.append)
    assert told == ["Use device: cuda:1"]


@pytest.mark.parametrize(
    "code",
    [
        "pass",
        "print('hello')",
        "import os; os.write(1, b'\\xff' * 100)",
        "import os; os.write(1, b'\\0\\0\\0\\x02\\0\\0\\0\\0[]')",
    ],
    ids=["nothing", "words", "too long", "no object"],
)
def test_what_is_no_frame_is_the_end(code: str) -> None:
    """Whatever another program says."""

    async def steps(process: WorkerProcess) -> None:
        with pytest.raises(WorkerDied):
            await process.start()
        with pytest.raises(WorkerDied):
            await process.read()

    run(steps, sys.executable, "-c", code)


def test_a_program_that_is_not_there_is_an_error() -> None:
    """The interpreter of a virtual environment that was removed."""

    async def steps(process: WorkerProcess) -> None:
        with pytest.raises(OSError, match="No such file"):
            await process.start()

    run(steps, "/nowhere/bin/python")


def test_a_stopped_worker_leaves_no_folder() -> None:
    """It is private while it is there, and the worker's own end removes it too."""

    async def steps(process: WorkerProcess) -> Path:
        await process.start()
        folder = Path(process._folder or "")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert process._process is not None
        assert process._process.stdin is not None
        process._process.stdin.close()
        assert await process.exit_code(DEADLINE_SECONDS) == 0
        assert not folder.exists()
        return folder

    run(steps)


def test_a_killed_worker_leaves_no_folder_either() -> None:
    """It can remove nothing, so the service does."""

    async def steps(process: WorkerProcess) -> None:
        await process.start()
        folder = Path(process._folder or "")
        os.kill(process.pid or 0, signal.SIGKILL)
        assert await process.death() == -signal.SIGKILL
        assert folder.exists()
        await process.kill()
        assert not folder.exists()

    run(steps)


def pipes(pid: str) -> set[str]:
    """The pipes that a process has open; it may close other files while it is looked at."""
    found = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.add(str(path.readlink()))
    return {name for name in found if name.startswith("pipe:")}


def test_the_worker_sees_no_terminal_and_no_orders() -> None:
    """What an engine reads from its stdin is empty, and its children inherit no wire."""

    async def steps(process: WorkerProcess) -> None:
        await process.start()
        await process.send(*order("crowd").frame(1))
        await last_frame(process)
        [child] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        prints = Path(f"/proc/{process.pid}/fd/2").readlink()
        assert Path(f"/proc/{child}/fd/0").readlink() == Path("/dev/null")
        assert pipes(child) == {str(prints)}
        assert len(pipes(str(process.pid))) == 3

    run(steps)
