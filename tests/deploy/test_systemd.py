"""The units of systemd: they are well formed, call commands that there are, and are fenced."""

from __future__ import annotations

import configparser
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import rich_click as click

from etl.cli import tts_etl
from tts_app.cli import tts_app

FOLDER = Path(__file__).parents[2] / "deploy" / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
PREFIX = "/opt/voxmeter/.venv/bin/"
PROGRAMS: dict[str, click.Group] = {"tts-etl": tts_etl, "tts-app": tts_app}


def unit(path: Path) -> configparser.RawConfigParser:
    parsed = configparser.RawConfigParser()
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read(path, encoding="utf-8")
    return parsed


@pytest.mark.needs("systemd-analyze")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """`systemd-analyze verify` says nothing of any unit, once its programs are where this environment has them."""
    for path in (*SERVICES, *FOLDER.glob("*.timer")):
        text = path.read_text(encoding="utf-8").replace(PREFIX, f"{Path(sys.executable).parent}/")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    units = sorted(map(str, tmp_path.glob("voxmeter-*")))

    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)

    said = [line for line in done.stderr.splitlines() if "voxmeter" in line]
    assert (len(units), done.returncode, said) == (6, 0, [])


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_unit_calls_a_command_that_there_is(path: Path) -> None:
    """Its program, command and options are those of today."""
    words = shlex.split(unit(path)["Service"]["ExecStart"])
    program = PROGRAMS[words[0].removeprefix(PREFIX)]
    command = program.commands[words[1]]
    options = {name for parameter in command.params for name in parameter.opts}

    assert [word for word in words[2:] if word.startswith("--") and word not in options] == []


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_unit_is_fenced(path: Path) -> None:
    """A user of its own, one file of settings, a read-only system, and nobody's home."""
    service = dict(unit(path)["Service"])
    fence = {
        "User": "voxmeter",
        "EnvironmentFile": "/etc/voxmeter/voxmeter.env",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "StateDirectory": "voxmeter",
    }

    assert {name: service.get(name) for name in fence} == fence
    # Without a limit: a watch whose schema another version migrates ends with 75 until that version is installed.
    restarted = (service.get("Restart"), unit(path)["Unit"].get("StartLimitIntervalSec")) == ("always", "0")
    assert service.get("Type") == "oneshot" or restarted


def test_a_timer_has_its_service() -> None:
    """Each starts the service of its name."""
    timers = sorted(path.stem for path in FOLDER.glob("*.timer"))

    assert timers == ["voxmeter-import", "voxmeter-purge"]
    assert [name for name in timers if not (FOLDER / f"{name}.service").exists()] == []
