"""The crontab: cron takes it, and its commands are commands of tts-etl."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from etl.cli import tts_etl
from tests.etl import lines
from tests.etl.loading import loader

CRONTAB = Path(__file__).parents[2] / "cron/voxmeter.crontab"
JOB = re.compile(r"^#?((?:[\d*/,-]+ +){5})(tts-etl .*)$", re.MULTILINE)


def jobs() -> list[tuple[str, str]]:
    """(when, command) of each job, those commented out too."""
    return [(when.strip(), command) for when, command in JOB.findall(CRONTAB.read_text())]


def test_import_runs_every_minute_and_purge_waits_for_a_decision() -> None:
    """Only the import is switched on; purge and monitoring are there to be."""
    live = [line for line in CRONTAB.read_text().splitlines() if re.match(r"[\d*]", line)]

    assert [line.split("tts-etl ")[1].split()[0] for line in live] == ["import"]
    assert [(when, command.split()[1]) for when, command in jobs()] == [
        ("* * * * *", "import"),
        ("17 3 * * *", "purge"),
        ("*/5 * * * *", "status"),
    ]


def test_its_commands_and_options_exist() -> None:
    """Each command is one of tts-etl, with every option that it is given."""
    for _, command in jobs():
        name, *rest = command.split("2>")[0].split(">")[0].split()[1:]
        known = CliRunner().invoke(tts_etl, [name, "--help"]).stdout
        assert [option for option in rest if option.startswith("--") and option not in known] == []


@pytest.mark.needs("crontab")
def test_cron_takes_it(tmp_path: Path) -> None:
    """The real crontab program finds nothing wrong in it, and would find a wrong line."""
    wrong = tmp_path / "wrong"
    wrong.write_text("61 * * * * tts-etl import\n")

    assert [checked(CRONTAB), checked(wrong)] == [0, 1]


def checked(path: Path) -> int:
    """The exit code of a dry run; Debian's cron and cronie have different options for it."""
    codes = []
    for option in ("-n", "-T"):
        done = subprocess.run(["crontab", option, str(path)], capture_output=True, text=True, check=False)
        if "option" not in done.stderr:
            codes.append(done.returncode)
    return codes[0]


def test_the_import_job_loads_and_prints_nothing(database_url: str, tmp_path: Path) -> None:
    """The line works in a shell with cron's empty environment, and is silent unless something is wrong."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 3))
    shell_line = next(line for line in CRONTAB.read_text().splitlines() if line.startswith("* "))[len("* * * * * ") :]
    settings = {"TTS_DATABASE_URL": database_url, "TTS_LOG": str(log), "TTS_STATE_DIR": str(tmp_path)}
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"

    def run(**env: str) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/sh", "-c", shell_line],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": path, "HOME": os.environ.get("HOME", "/"), **settings, **env},
        )
        return done.returncode, done.stdout + done.stderr

    assert run() == (0, "")
    with loader(database_url, zone=None) as load:
        assert load.seqs() == [1, 2, 3]
    code, said = run(TTS_LOG=str(tmp_path / "none.log"))
    assert (code, said.splitlines()[0]) == (2, f"error: {tmp_path}/none.log is not there")
