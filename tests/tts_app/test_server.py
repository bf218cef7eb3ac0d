"""A service from start to end: its port, its ready line, its lines at start and stop, and nothing left behind."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tts_app.errors import ConfigError, PortTaken
from tts_app.server import DEFAULT_PORT, listen


def command(folder: Path, *options: str) -> list[str]:
    log, state = str(folder / "tts.log"), str(folder / "state")
    return [sys.executable, "-m", "tts_app.cli", "serve", "--no-ui", "--log", log, "--state-dir", state, *options]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_all_its_processes(tmp_path: Path, number: int) -> None:
    """Exit code 0; the workers are gone; first line a mark and a heartbeat, last line a heartbeat."""
    process = subprocess.Popen(command(tmp_path, "--port", "0", "--json", "--workers", "2"), stdout=subprocess.PIPE)
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()

    process.send_signal(number)

    assert process.wait(timeout=120) == 0
    assert process.stdout.read() == b""
    process.stdout.close()
    assert ready == {
        "url": ready["url"],
        "ui_url": None,
        "log": str(tmp_path / "tts.log"),
        "instance": ready["instance"],
        "pid": process.pid,
    }
    assert len(children) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)
    lines = [json.loads(line) for line in (tmp_path / "tts.log").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["tts.mark", "tts.heartbeat", "tts.heartbeat"]


def test_a_killed_service_leaves_no_worker(tmp_path: Path) -> None:
    """SIGKILL can't be handled: the worker sees its stdin end."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command(tmp_path, "--port", "0", "--json"), stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    process.stdout.readline()
    [child] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    gone = os.pidfd_open(int(child))

    process.kill()
    process.wait(timeout=120)
    process.stdout.close()

    # A pidfd becomes readable when its process ends.
    assert select.select([gone], [], [], 20)[0] == [gone]
    os.close(gone)


def test_a_second_start_of_a_version_is_no_release(tmp_path: Path) -> None:
    """The mark comes once; both starts write to the same file under ids of their own."""
    for _ in range(2):
        process = subprocess.Popen(command(tmp_path, "--port", "0", "--json"), stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        process.wait(timeout=120)
        process.stdout.close()

    lines = [json.loads(line) for line in (tmp_path / "tts.log").read_text().splitlines()]
    assert [line["event"] for line in lines].count("tts.mark") == 1
    assert len({line["writer_id"] for line in lines}) == 2


def test_a_named_port_that_is_taken_is_an_error(tmp_path: Path, taken_port: int) -> None:
    """One line and a hint, exit code 75, nothing written."""
    done = subprocess.run(command(tmp_path, "--port", str(taken_port)), capture_output=True, text=True, timeout=120)

    assert done.returncode == 75
    assert done.stderr == f"error: port {taken_port} is in use\nhint: leave --port out to take the next free one\n"
    assert not (tmp_path / "tts.log").exists()


def test_without_a_port_the_next_free_one_is_taken() -> None:
    """Said so, where 7860 itself is not free."""
    told: list[str] = []

    with listen("127.0.0.1", None, told.append) as first, listen("127.0.0.1", None, told.append) as second:
        ports = [first.getsockname()[1], second.getsockname()[1]]

    assert DEFAULT_PORT <= ports[0] < ports[1]
    assert told[-1] == f"port {DEFAULT_PORT} is in use, taking {ports[1]}"


def test_an_address_that_is_not_ours_is_told(taken_port: int) -> None:
    """Another machine's address is a matter of configuration, a taken port is not."""
    with pytest.raises(ConfigError, match="listen on"):
        listen("203.0.113.1", 0, pytest.fail)
    with pytest.raises(PortTaken):
        listen("127.0.0.1", taken_port, pytest.fail)


def test_a_log_that_can_not_be_written_stops_the_start(tmp_path: Path) -> None:
    """Exit code 2, before anything is served."""
    (tmp_path / "tts.log").mkdir()

    done = subprocess.run(command(tmp_path, "--port", "0"), capture_output=True, text=True, timeout=120)

    assert done.returncode == 2
    assert done.stderr.startswith("error: the log ")
    assert done.stderr.endswith("hint: name another file with --log or TTS_LOG\n")
