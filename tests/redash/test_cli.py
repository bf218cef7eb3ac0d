"""The command as it is called: output, exit codes, signals."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redash.config import PACKAGED
from redash.specs.reading import read_pack

TTS_REDASH = str(Path(sys.executable).parent / "tts-redash")
Call = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Runs the command in an empty folder."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [TTS_REDASH, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "200", **environment},
        )

    return run


PERIOD = ("--param", "period.start=2026-11-01T00:00:00", "--param", "period.end=2026-11-30T00:00:00")


def test_validate_is_content_with_the_pack_that_ships(call: Call):
    """Exit code 0, and a JSON object with nothing beside it."""
    done = call("validate", "--json")
    told = json.loads(done.stdout)

    assert (done.returncode, told["errors"], told["problems"]) == (0, 0, [])
    assert told["queries"] >= 15


def test_validate_ends_with_one_for_an_error(call: Call, changed: Callable[..., Path]):
    """Each problem with file, line and column."""
    folder = changed("charts/calls.yaml", "column: calls", "column: call")
    done = call("validate", "--specs", str(folder))

    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith(f"{folder}/charts/calls.yaml:1:1: error [column]")


def test_run_prints_columns_and_rows(call: Call, two_calls: str):
    """As JSON: one object."""
    done = call("run", "totals", "--database-url", two_calls, *PERIOD, "--json")
    told = json.loads(done.stdout)
    row = dict(zip(told["columns"], told["rows"][0], strict=True))

    assert (done.returncode, done.stderr) == (0, "")
    assert (row["requests"], row["success_rate"], row["p50_seconds"], row["rtf"]) == (2, 0.5, None, 0.25)


def test_check_tells_every_chart_and_fails_if_one_is_empty(call: Call, two_calls: str):
    """A JSON array; `--fail-if-empty` makes the difference."""
    full = call("check", "--database-url", two_calls, *PERIOD, "--json")
    empty = (
        "check",
        "--database-url",
        two_calls,
        "--param",
        "period.start=2020-01-01",
        "--param",
        "period.end=2020-01-02",
    )
    told: list[dict[str, Any]] = json.loads(full.stdout)

    assert (full.returncode, full.stderr) == (0, "")
    assert [finding for finding in told if finding["error"]] == []
    assert {finding["dashboard"] for finding in told} == set(read_pack(PACKAGED)[0].dashboards)
    assert {
        finding["chart"]
        for finding in told
        if finding["dashboard"] == "tts-overview" and not finding["rows"] and not finding["may_be_empty"]
    } == set()
    assert (call(*empty, "--json").returncode, call(*empty, "--fail-if-empty").returncode) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "nothing"), "there is no query 'nothing'"),
        (("run", "totals", "--param", "instance"), "is not NAME=VALUE"),
        (("run", "totals", "--param", "instances=x"), "there is no parameter 'instances'"),
        (("run", "totals", "--param", "instance=x' OR '1'='1"), "is none of its values"),
        (("check", "--param", "period.start=tomorrow"), "is no date"),
        (("preview",), "either --out FILE or --serve"),
        (("preview", "--out", "nowhere/page.html"), "can't write nowhere/page.html"),
        (("validate", "--specs", "."), "holds no queries"),
    ],
)
def test_wrong_use_is_one_line_and_a_hint(call: Call, two_calls_sqlite: str, arguments: tuple[str, ...], words: str):
    """Exit code 2, nothing on stdout, no traceback."""
    done = call("--database-url", two_calls_sqlite, *arguments)
    lines = done.stderr.strip().splitlines()

    assert (done.returncode, done.stdout) == (2, "")
    assert lines[0].startswith("error: ")
    assert words in lines[0]
    assert [line for line in lines[1:] if not line.startswith("hint: ")] == []


def test_the_commands_value_wins_over_the_groups_and_that_over_the_environment(call: Call, two_calls_sqlite: str):
    """The same option in three places."""
    away = "sqlite:///nowhere.db"

    assert call("run", "totals", TTS_DATABASE_URL=two_calls_sqlite).returncode == 0
    assert call("--database-url", two_calls_sqlite, "run", "totals", TTS_DATABASE_URL=away).returncode == 0
    assert call("--database-url", away, "run", "totals", "--database-url", two_calls_sqlite).returncode == 0
    assert call("run", "totals", TTS_DATABASE_URL=away).returncode == 2


def test_schema_prints_what_validate_knows(call: Call, two_calls: str):
    """Tables and columns as JSON."""
    assert "local_at" in json.loads(call("schema", "--database-url", two_calls).stdout)["tts_request"]


def test_preview_writes_one_file(call: Call, two_calls_sqlite: str, tmp_path: Path):
    """With the banner, and told on stderr."""
    done = call("preview", "--database-url", two_calls_sqlite, "--out", "page.html", "--banner", "made up", *PERIOD)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "wrote page.html\n")
    assert "made up" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_preview_serves_until_it_is_told_to_end(two_calls_sqlite: str, number: signal.Signals):
    """One JSON line when it listens; the end is no error."""
    command = [TTS_REDASH, "preview", "--serve", "--port", "0", "--json", "--database-url", two_calls_sqlite]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own server
                page = answer.read().decode()
            process.send_signal(number)
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()

    assert "TTS overview" in page
    assert (process.returncode, out, err) == (0, "", "")


def test_a_port_that_was_asked_for_and_is_taken_is_wrong_use(call: Call, two_calls_sqlite: str):
    """Another address would not be the one that was asked for."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = call("preview", "--serve", "--port", port, "--database-url", two_calls_sqlite)

    assert done.returncode == 2
    assert f"port {port} on 127.0.0.1 is taken" in done.stderr
