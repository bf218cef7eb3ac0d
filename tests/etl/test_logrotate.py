"""What logrotate's configuration says of how long a log file stays."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from etl.host.logrotate import kept_for, live_log, read_stanzas, stanzas_of
from tests.etl import lines
from tests.etl.loading import loader
from tests.etl.test_cli import run

LOG = Path("/var/log/voxmeter/tts.log")


@pytest.mark.parametrize(
    ("directives", "days"),
    [
        ("daily\nrotate 60", 61),
        ("weekly\nrotate 4", 35),
        ("monthly\nrotate 2", 93),
        ("yearly\nrotate 1", 732),
        ("hourly\nrotate 23", 1),
        ("daily", 1),
        ("daily\nrotate 60\nmaxage 30", 31),
        ("daily\nrotate -1\nmaxage 30", 31),
        ("daily\nrotate -1", None),
        ("daily\nrotate many", None),
        ("rotate 60", None),
        ("size 100M\nrotate 60", None),
        ("weekly\ndaily\nrotate 1", 2),
    ],
)
def test_the_longest_time_that_a_file_is_kept(directives: str, days: int | None) -> None:
    """Until it is rotated and then so many times more, or by its age; by size nobody can say."""
    found = stanzas_of(f"{LOG} {{\n{directives}\n}}\n", Path("x"))

    assert kept_for(found, LOG) == (None if days is None else timedelta(days=days))


def test_directives_above_hold_too() -> None:
    """The stanza's own go before them."""
    found = stanzas_of(f"weekly\nrotate 3\n{LOG} {{\n    daily\n}}\n", Path("x"))

    assert kept_for(found, LOG) == timedelta(days=4)


@pytest.mark.parametrize(
    "name",
    [
        "tts.log",
        "tts.log.1",
        "tts.log.12.gz",
        "tts.log-20261101",
        "tts.log-20261101-1762000000.xz",
        "tts-2026-11-01.log",
    ],
)
def test_a_rotated_file_belongs_to_its_log(name: str) -> None:
    """Whatever number, date or compression its name has."""
    assert live_log(LOG.with_name(name)) == LOG


def test_our_own_stanza_keeps_files_for_61_days() -> None:
    """The one that cron/ ships; another log is not meant by it."""
    found, unreadable = read_stanzas([Path(__file__).parents[2] / "cron/voxmeter.logrotate"])

    assert (unreadable, kept_for(found, LOG.with_name("tts.log-20261101-1762000000.gz"))) == ([], timedelta(days=61))
    assert kept_for(found, Path("/var/log/other.log")) is None


def test_erase_says_until_when_copies_stay(database_url: str, tmp_path: Path) -> None:
    """By logrotate's configuration; --kept-for goes before it, and one that can't be read is wrong use."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 2, client_hash="a1b2c3d4e5f60718"))
    rotation = tmp_path / "rotation"
    rotation.write_text(f"{log} {{\n    daily\n    rotate 9\n}}\n")
    with loader(database_url) as load:
        load.load(log)
    arguments = ("erase", "--database-url", database_url, "--client-hash", "a1b2c3d4e5f60718", "--dry-run", "--json")

    def expires(*more: object) -> list[str | None]:
        return [copy["expires_at"] for copy in json.loads(run(*arguments, *map(str, more))[1])["copies"]]

    unknown, told, said = expires(), expires("--logrotate-config", rotation), expires("--kept-for", "10d")
    assert (unknown, told, len(told)) == ([None], said, 1)
    assert run(*arguments, "--logrotate-config", str(tmp_path / "none"))[0] == 2
