"""Several services on one host: one log, one access file, and each its own GPUs."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.tts_app.conftest import wait_for
from tts_app.keys import AccessFile

FAKE = Path(__file__).parent / "engines" / "fake_engine.py"


@dataclass
class Pair:
    """Two services, the log that they share, and their access file."""

    first: Any
    second: Any
    log: Path
    access: AccessFile

    def requests(self, instance: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if line["event"] == "tts.request" and line["instance"] == instance]


def wait_for_workers(service: Any) -> None:
    """A service listens before its engines are loaded."""

    def all_up() -> bool:
        health = service.http.get("/healthz").json()
        return bool(health["workers_up"] == health["workers_configured"])

    wait_for(all_up)


@pytest.fixture(scope="module")
def pair(start_service: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The first has two GPUs that are made up, the second one."""
    folder = tmp_path_factory.mktemp("pair")
    access = AccessFile(folder / "access.json")
    shared = ("--no-ui", "--log", str(folder / "tts.log"), "--access-file", str(access.path))
    started = []
    for name, devices in (("gpu-01", ["cuda:0", "cuda:1"]), ("gpu-2", ["cuda:2"])):
        engines = folder / f"{name}.toml"
        engines.write_text(f'[engines.fake]\nkind = "{FAKE}"\ndevices = {json.dumps(devices)}\n')
        started.append(start_service(*shared, "--instance", name, "--engines", str(engines)))
    for service in started:
        wait_for_workers(service)
    first, second = started
    return Pair(first, second, folder / "tts.log", access)


def test_each_worker_has_its_gpu_and_each_line_says_which(pair: Pair) -> None:
    """One is held up, so the other speaks; both lines, and that of the other service, are in one log."""
    host, port = pair.first.url.removeprefix("http://").split(":")
    body = b'{"input": "wait", "stream": true}'
    head = b"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=120) as held:
        held.sendall(head % len(body) + body)
        assert held.recv(15) == b"HTTP/1.1 200 OK"
        for service in (pair.first, pair.second):
            assert service.http.post("/v1/audio/speech", json={"input": "hello"}).status_code == 200
    wait_for(lambda: len(pair.requests("gpu-01")) == 2 and pair.requests("gpu-2"))

    lines = pair.requests("gpu-01")
    assert {line["device"] for line in lines} == {"cuda:0", "cuda:1"}
    assert {line["worker"] for line in lines} == {0, 1}
    assert [line["device"] for line in pair.requests("gpu-2")] == ["cuda:2"]
    writers = {line["instance"]: line["writer_id"] for line in map(json.loads, pair.log.read_text().splitlines())}
    assert len(set(writers.values())) == 2


def test_a_key_counts_for_both_at_once(pair: Pair) -> None:
    """Made while they run: both ask for it, both take it, and both refuse it once it is revoked."""
    services = (pair.first, pair.second)

    def statuses(key: str) -> list[int]:
        headers = {"Authorization": f"Bearer {key}"}
        return [service.http.get("/v1/models", headers=headers).status_code for service in services]

    before = statuses("none")
    key = pair.access.add_key("newsroom")
    during = [*statuses("none"), *statuses(key)]
    pair.access.revoke_key("newsroom")

    assert (before, during, statuses(key)) == ([200, 200], [401, 401, 200, 200], [401, 401])
