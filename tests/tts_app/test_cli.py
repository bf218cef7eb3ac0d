"""Options, environment, help and errors of the command."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tts_app.cli import settings_of, tts_app
from tts_app.errors import ConfigError


class Context:
    """As much of a click context as `settings_of` looks at: the group's values."""

    def __init__(self, **group: Any) -> None:
        self.obj = {"instance": None, "as_json": None, **group}


OWN: dict[str, Any] = {
    "instance": None,
    "as_json": None,
    "host": "127.0.0.1",
    "port": None,
    "log": "x.log",
    "log_sample": 1,
    "engine_names": (),
    "engines_file": None,
    "workers": 1,
    "max_queue": 64,
    "max_chars": 4096,
    "max_refused": 10,
    "queue_seconds": 30.0,
    "synthesis_seconds": 60.0,
    "state_dir": "state",
    "hash_key_file": None,
    "ui": True,
    "inline_tags": True,
    "access_file": None,
    "insecure": False,
    "trusted_proxies": (),
    "client_from": "key",
    "root_path": "",
    "per_minute": None,
    "max_upload_mb": 20,
    "max_connections": 1000,
}


def test_the_command_s_value_goes_before_the_group_s() -> None:
    """--instance and --json may stand on either side."""
    left = settings_of(Context(instance="a", as_json=True), OWN)  # type: ignore[arg-type]
    right = settings_of(Context(instance="a"), OWN | {"instance": "b", "as_json": True})  # type: ignore[arg-type]

    assert (left.instance, left.json) == ("a", True)
    assert (right.instance, right.json) == ("b", True)
    assert (right.log, right.state_dir, right.hash_key_file) == (Path("x.log"), Path("state"), None)


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "a/b"])
def test_an_instance_is_a_plain_name(name: str) -> None:
    """It stands in every line and in a file's name; an empty one is the host's."""
    if not name:
        assert settings_of(Context(), OWN | {"instance": name}).instance  # type: ignore[arg-type]
        return
    with pytest.raises(ConfigError, match="instance"):
        settings_of(Context(), OWN | {"instance": name})  # type: ignore[arg-type]


@pytest.mark.parametrize("command", ["serve", "history"])
def test_each_command_explains_itself(command: str) -> None:
    """With an example."""
    done = CliRunner().invoke(tts_app, [command, "--help"])

    assert done.exit_code == 0
    assert f"tts-app {command}" in done.output
    assert "Example" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["serve", "--port", "70000"],
            "Invalid value for '--port' (env var: 'TTS_PORT'): 70000 is not in the range 0<=x<=65535.",
        ),
        (["nonsense"], "No such command 'nonsense'."),
        (["history"], "Missing option '--out'."),
    ],
)
def test_wrong_use_is_one_line_a_hint_and_exit_code_2(arguments: list[str], message: str) -> None:
    """As everywhere."""
    command = [sys.executable, "-m", "tts_app.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stderr) == (2, f"error: {message}\nhint: tts-app --help lists what there is\n")


def test_synthetic_lines_never_bear_the_name_of_a_real_service(tmp_path: Path) -> None:
    """TTS_INSTANCE names the service of this host; history is labelled as history all the same."""
    arguments = ["history", "--out", str(tmp_path), "--days", "1", "--until", "2026-11-22"]
    CliRunner(env={"TTS_INSTANCE": "production"}).invoke(tts_app, arguments)
    lines = gzip.decompress((tmp_path / "tts.log-20261121.gz").read_bytes()).splitlines()

    assert {json.loads(line)["instance"] for line in lines} == {"demo-history"}


def test_a_service_that_is_not_installed_says_what_to_install() -> None:
    """Without the extra `app` the command is there, and tells how to get the rest."""
    without = (
        "import sys; sys.modules['uvicorn'] = None; sys.argv = ['tts-app', 'serve']; import tts_app.cli as c; c.main()"
    )

    done = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stderr) == (
        2,
        "error: uvicorn is not installed\nhint: pip install 'voxmeter[app]'\n",
    )


def test_history_is_written_and_counted(tmp_path: Path) -> None:
    """JSON alone on stdout: files, lines, folder; a second time there is nothing new to write."""
    arguments = ["history", "--out", str(tmp_path / "h"), "--days", "2", "--until", "2026-11-22", "--json"]

    first = CliRunner().invoke(tts_app, arguments)
    second = CliRunner().invoke(tts_app, arguments)

    told = json.loads(first.stdout)
    assert (told["files"], told["folder"]) == (2, str(tmp_path / "h"))
    assert told["lines"] > 0
    assert len(list((tmp_path / "h").iterdir())) == 2
    assert json.loads(second.stdout)["lines"] == 0
