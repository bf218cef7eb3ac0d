"""What the tests of tts-app share: a log to read back, a request log with its own clock, and a running service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tts_app.eventlog import EventLog
from tts_app.identity import Hasher
from tts_app.requestlog import RequestLog, Service

DEADLINE_SECONDS = 120.0  # only a test that fails waits so long


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Lines:
    """A log file read back; `settle` waits until a writer of this process has written what it was given."""

    def __init__(self, path: Path, settle: Callable[[], object] = lambda: None) -> None:
        self.path = path
        self.settle = settle

    def all(self) -> list[dict[str, Any]]:
        self.settle()
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().split("\n") if line]

    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.all() if line["event"] == "tts.request"]

    def of(self, request_id: str) -> list[dict[str, Any]]:
        """The lines of one request, as soon as there is one: it is written after the answer's last byte."""
        return list(wait_for(lambda: [line for line in self.requests() if line["request_id"] == request_id]))


def wait_for(condition: Callable[[], Any]) -> Any:
    """What `condition` gives once it is truthy."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.005)  # between two looks at another process
    raise AssertionError("it did not happen in time")


@dataclass
class Served:
    """A service in a process of its own."""

    url: str
    ui_url: str
    lines: Lines
    process: subprocess.Popen[str]
    http: httpx2.Client

    def worker_pids(self) -> list[int]:
        """The processes whose parent is the service."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    return Lines(tmp_path / "tts.log")


@pytest.fixture
def requests(lines: Lines, clock: Clock) -> Iterator[RequestLog]:
    """A request log that writes to `lines`; its wall clock stands still."""
    log = EventLog(lines.path, "a" * 32, clock=clock)
    lines.settle = lambda: log.flush(DEADLINE_SECONDS)
    yield RequestLog(
        log,
        Service(instance="test", app_version="9.9", engine="espeak"),
        Hasher(b"key"),
        waiting=lambda: 0,
        clock=clock,
        now=lambda: datetime(2026, 11, 22, 1, 2, 3, 4, tzinfo=UTC),
    )
    log.close(DEADLINE_SECONDS)


@pytest.fixture(scope="session")
def start_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Starts `tts-app serve` with more options and variables on a free port; all are ended at the end of the tests."""
    started: list[Served] = []

    def start(*options: str, environment: dict[str, str] | None = None) -> Served:
        folder = tmp_path_factory.mktemp("service")
        command = [sys.executable, "-m", "tts_app.cli", "serve", "--port", "0", "--json", "--instance", "test"]
        command += ["--log", str(folder / "tts.log"), "--state-dir", str(folder / "state"), *options]
        variables = {**os.environ, **(environment or {})}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables)
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        http = httpx2.Client(base_url=ready["url"], timeout=DEADLINE_SECONDS)
        served = Served(ready["url"], ready["ui_url"], Lines(folder / "tts.log"), process, http)
        started.append(served)
        return served

    yield start
    for served in started:
        served.http.close()
        served.process.terminate()
        served.process.wait(timeout=DEADLINE_SECONDS)
        if served.process.stdout is not None:
            served.process.stdout.close()


@pytest.fixture(scope="session")
def service(start_service: Callable[..., Served]) -> Served:
    """One service without the page, with two workers, shared by all tests that leave it as it was."""
    return start_service("--no-ui", "--workers", "2", "--max-refused", "1000")
