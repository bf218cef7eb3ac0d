"""The composed commands as child processes: run one to its end, or keep one running until it is told to stop."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import Any, Self

from voxmeter.errors import CommandFailed, SetupError

READY_SECONDS = 90.0
STOP_SECONDS = 15.0


def command_path(name: str) -> str:
    """The command that was installed with this Python, else the one on PATH."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise SetupError(
            f"the command {name} is not installed", "run make setup, or pip install 'voxmeter[app,preview]'"
        )
    return found


def run(name: str, *arguments: str) -> None:
    """Runs a command to its end; its progress is seen on stderr, its result is not. Raises CommandFailed."""
    done = subprocess.run([command_path(name), *arguments], stdout=subprocess.DEVNULL, check=False)  # noqa: S603
    if done.returncode != 0:
        raise CommandFailed(f"{name} {arguments[0]}", done.returncode)


def ask(name: str, *arguments: str, allowed: Sequence[int] = (0,)) -> Any:
    """Runs a command with --json and returns what it printed. Raises CommandFailed."""
    done = subprocess.run(  # noqa: S603
        [command_path(name), *arguments, "--json"], stdout=subprocess.PIPE, check=False, text=True
    )
    if done.returncode not in allowed:
        raise CommandFailed(f"{name} {arguments[0]}", done.returncode)
    return json.loads(done.stdout)


class Child:
    """A command that stays up: ready when it has printed one line of JSON, ended by SIGTERM.

    Used as a context manager, so that nothing that was started outlives us.
    """

    def __init__(
        self, name: str, *arguments: str, folder: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = f"{name} {arguments[0]}"
        self._lines: Queue[str] = Queue()
        self._process = subprocess.Popen(  # noqa: S603
            [command_path(name), *arguments], stdout=subprocess.PIPE, text=True, cwd=folder, env=environment
        )
        # Read to its end, so that the child never waits for a full pipe.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - Popen was given PIPE
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def ready(self) -> dict[str, Any]:
        """Waits for the line of JSON and returns it. Raises CommandFailed if the command ends or stays silent."""
        try:
            line = self._lines.get(timeout=READY_SECONDS)
        except Empty:
            raise CommandFailed(self.name, 1, f"it was not ready within {READY_SECONDS:.0f} s") from None
        if not line:
            raise CommandFailed(self.name, self._process.wait())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ended(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll()

    def stop(self) -> None:
        """SIGTERM and wait; SIGKILL for one that does not listen."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
