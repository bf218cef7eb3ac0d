"""The gate as a whole: where a service may listen, and in which order a request passes."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.tts_app.asgi import Inside, ask, scope_of
from tts_app.config import DoorSettings
from tts_app.errors import ConfigError
from tts_app.flood import FloodGuard
from tts_app.gate import Gate
from tts_app.keys import AccessFile
from tts_app.proxy import Front
from tts_app.requestlog import RequestLog


@pytest.fixture
def settings(tmp_path: Path) -> DoorSettings:
    return DoorSettings(access_file=tmp_path / "access.json")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_s_own_addresses_need_no_lock(settings: DoorSettings, host: str) -> None:
    """Nobody else reaches them."""
    Gate(settings, time.monotonic, pytest.fail).check_host(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "tts.example", ""])  # noqa: S104
def test_any_other_needs_a_lock_or_a_word(settings: DoorSettings, host: str) -> None:
    """One line and a hint; a key, or --insecure, and it may."""
    with pytest.raises(ConfigError, match="neither a key nor a login") as refused:
        Gate(settings, time.monotonic, pytest.fail).check_host(host)

    assert refused.value.exit_code == 2
    assert "tts-app keys add" in refused.value.hint
    Gate(replace(settings, insecure=True), time.monotonic, pytest.fail).check_host(host)
    AccessFile(settings.access_file).add_key("newsroom")
    Gate(settings, time.monotonic, pytest.fail).check_host(host)


def test_a_service_without_a_lock_does_not_start_there(tmp_path: Path) -> None:
    """Exit code 2, one line and a hint, before anything is written or heard."""
    arguments = ["serve", "--no-ui", "--host", "0.0.0.0", "--port", "0", "--log", "tts.log", "--state-dir", "state"]  # noqa: S104
    command = [sys.executable, "-m", "tts_app.cli", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)

    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (2, "", [])
    assert done.stderr.splitlines() == [
        "error: 0.0.0.0 can be reached from other machines, and there is neither a key nor a login",
        "hint: tts-app keys add NAME makes a key; --insecure goes without, where something else guards the service",
    ]


def test_a_request_passes_in_order(settings: DoorSettings, requests: RequestLog) -> None:
    """The proxy's client is the one that the door counts, below the root path; refusals bear the headers too."""
    front = Front(root_path="/tts", trusted=(ip_network("10.0.0.0/8"),))
    inside = Inside()
    gate = Gate(replace(settings, front=front, client_from="forwarded", per_minute=1), time.monotonic, pytest.fail)
    app = gate.around(inside, requests, FloodGuard(10, requests.clock))
    scope = scope_of("POST", "/generate", {"x-forwarded-for": "203.0.113.9"}, client=("10.0.0.2", 1))

    first, second = ask(app, scope), ask(app, {**scope, "state": {}})
    closed = ask(app, scope_of("GET", "/tts/ui/config", client=("10.0.0.2", 1)))

    assert (first.status, second.status, closed.status) == (200, 429, 404)
    assert inside.scopes[0]["state"]["client"] == "203.0.113.9"
    assert inside.scopes[0]["path"] == "/tts/generate"
    assert all(answer.headers["x-content-type-options"] == "nosniff" for answer in (first, second, closed))
