"""The real cron runs the import line of our crontab, in a mount namespace that the host's cron knows nothing of."""

from __future__ import annotations

import getpass
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.cron.test_crontab import CRONTAB
from tests.etl import lines
from tests.etl.loading import loader

#: A spool, a pid file and no system jobs of its own; `@reboot` jobs run when cron starts.
_PRIVATE = """
set -e
for folder in /run /var/spool/cron/crontabs /etc/cron.d; do mount -t tmpfs tmpfs $folder; done
mount --bind /dev/null /etc/crontab 2>/dev/null || true
cp "$1" "/var/spool/cron/crontabs/$2"
chmod 600 "/var/spool/cron/crontabs/$2"
exec cron -f
"""
_UNSHARE = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
_PATIENCE_SECONDS = 120


def adapted(url: str, log: Path, state: Path) -> str:
    """Our crontab for these places, its import at once instead of every minute."""
    values = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "TTS_DATABASE_URL": url,
        "TTS_LOG": str(log),
        "TTS_STATE_DIR": str(state),
        "MAILTO": '""',
    }
    adapted_lines = []
    for line in CRONTAB.read_text().splitlines():
        name = line.partition("=")[0]
        changed = f"{name}={values[name]}" if name in values else line
        adapted_lines.append(changed.replace("* * * * * tts-etl import", "@reboot tts-etl import"))
    return "\n".join(adapted_lines) + "\n"


@pytest.mark.needs("cron", "unshare")
def test_cron_runs_the_import(database_url: str, tmp_path: Path) -> None:
    """The line as cron reads and runs it, with cron's own environment and shell, loads the log."""
    probe = subprocess.run(
        [*_UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/run"], capture_output=True, text=True, check=False
    )
    if probe.returncode != 0:
        pytest.skip(f"no private mount namespace for cron here: {probe.stderr.strip()}")
    log = tmp_path / "logs/tts.log"
    log.parent.mkdir()
    log.write_bytes(lines.lines(1, 5))
    crontab = tmp_path / "crontab"
    crontab.write_text(adapted(database_url, log, tmp_path))
    assert "@reboot tts-etl import" in crontab.read_text()
    command = [*_UNSHARE, "sh", "-c", _PRIVATE, "sh", str(crontab), getpass.getuser()]
    cron = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    )
    deadline = time.monotonic() + _PATIENCE_SECONDS
    try:
        with loader(database_url, zone=None) as load:
            while load.seqs() != [1, 2, 3, 4, 5]:
                assert cron.poll() is None
                assert time.monotonic() < deadline
                threading.Event().wait(0.1)
    finally:
        cron.kill()
        cron.communicate()
