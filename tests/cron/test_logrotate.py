"""The real logrotate with our stanza: a live log rotated and compressed loses and doubles nothing."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest

from etl.reading.files import discover
from tests.etl import lines
from tests.etl.loading import loader

STANZA = Path(__file__).parents[2] / "cron/voxmeter.logrotate"


def stanza_text() -> str:
    """The stanza without its comments."""
    return re.sub(r"#.*", "", STANZA.read_text())


def test_the_stanza_renames_and_never_truncates() -> None:
    """The directives that the loader's promise needs are there, and copytruncate is not."""
    words = set(stanza_text().split())

    assert {"create", "dateext", "delaycompress", "compress", "missingok", "rotate"} <= words
    assert "copytruncate" not in words


@pytest.mark.needs("logrotate")
def test_a_live_log_rotated_twice_is_loaded_once(database_url: str, tmp_path: Path) -> None:
    """Lines written before, between and after two rotations, also late to the renamed file, are each one row."""
    folder = tmp_path / "logs"
    folder.mkdir()
    log = folder / "tts.log"
    config = tmp_path / "stanza"
    config.write_text(STANZA.read_text().replace("/var/log/voxmeter/tts.log", str(log)))
    config.chmod(0o644)

    def rotate() -> None:
        command = ["logrotate", "--force", "--state", str(tmp_path / "state"), str(config)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={"PATH": "/usr/sbin:/usr/bin:/bin"}
        )
        assert (done.returncode, done.stderr) == (0, "")

    def load_all() -> None:
        load.load(discover([str(log)], rotated=True))

    log.write_bytes(lines.lines(1, 5))
    with loader(database_url) as load, log.open("ab", buffering=0) as writer:
        load_all()
        writer.write(lines.lines(6, 8))
        rotate()
        writer.write(lines.lines(9, 9))
        log.open("ab").close()
        with log.open("ab") as file:
            file.write(lines.lines(10, 12))
        load_all()
        # The names carry seconds, so that a second rotation in a day is not refused.
        time.sleep(1.1)
        rotate()
        with log.open("ab") as file:
            file.write(lines.lines(13, 14))
        load_all()
        load_all()

        names = sorted(path.suffix for path in folder.iterdir())
        assert (load.seqs(), load.kinds()) == (list(range(1, 15)), [])
        assert load.rows("SELECT SUM(n_dup), SUM(n_replayed), COUNT(*) FROM ingest_stream") == [(0, 0, 3)]
    assert names.count(".gz") == 1
