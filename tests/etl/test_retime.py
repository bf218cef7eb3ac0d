"""Another report time zone: every row gets its local time, whatever stops the change and whatever loads beside it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from etl.errors import ConfigError, ZoneMovedError
from etl.upkeep.retime import Retimed, retime
from etl.upkeep.verify import verify
from tests.etl import lines
from tests.etl.loading import Loader, loader
from tests.etl.test_cli import run

MOMENTS = (
    "2026-03-29T00:59:59.999999Z",  # Berlin: the last microsecond of winter time
    "2026-03-29T01:00:00.000000Z",
    "2026-10-25T00:30:00.000000Z",  # Berlin: half past two, twice
    "2026-10-25T01:30:00.000000Z",
    "2026-11-20T18:00:00.000000Z",  # two in the morning in Shanghai
    "2026-11-20T18:14:59.123456Z",
)


def fill(load: Loader, folder: Path, times: int = 3) -> None:
    every = [lines.line(seq, ts=MOMENTS[seq % len(MOMENTS)]) for seq in range(1, times * len(MOMENTS) + 1)]
    marks = [lines.heartbeat(900, ts=MOMENTS[0]), lines.mark(901, ts=MOMENTS[4])]
    (folder / "tts.log").write_bytes(b"\n".join([*every, *marks]) + b"\n")
    load.load(folder / "tts.log")


def wrong(load: Loader, zone: str) -> list[tuple[str, str]]:
    """The rows whose local_at is not that of their moment in the zone."""
    found = []
    for table in ("tts_request", "tts_heartbeat", "tts_mark"):
        for ts, local in load.rows(f"SELECT ts, local_at FROM {table}"):
            moment = ts if isinstance(ts, datetime) else datetime.fromisoformat(ts)
            expected = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            if (local if isinstance(local, datetime) else datetime.fromisoformat(local)) != expected:
                found.append((str(ts), str(local)))
    return found


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "Asia/Kolkata", "America/St_Johns", "Asia/Shanghai"])
def test_every_row_gets_the_local_time_of_the_new_zone(database_url: str, tmp_path: Path, zone: str) -> None:
    """Zones with clock changes and with halves of hours, in chunks; a second time changes nothing."""
    with loader(database_url) as load:
        fill(load, tmp_path)
        done = retime(load.database, zone, dry_run=False, chunk_rows=4)
        again = retime(load.database, zone, dry_run=False, chunk_rows=4)

        changed = 0 if zone == "Asia/Shanghai" else 20
        assert done == Retimed("Asia/Shanghai", zone, 20, changed, resumed=False, dry_run=False)
        assert (again.before, again.changed, wrong(load, zone)) == (zone, 0, [])
        assert load.rows("SELECT name, value FROM setting") == [("report_timezone", zone)]


def test_two_in_the_morning_in_shanghai_belongs_to_that_day(database_url: str, tmp_path: Path) -> None:
    """18:00 UTC is the next day there, and is text of the same form as the loader writes."""
    with loader(database_url) as load:
        fill(load, tmp_path, times=1)
        before = load.rows("SELECT local_at FROM tts_request ORDER BY seq")
        for zone in ("UTC", "Asia/Shanghai"):
            retime(load.database, zone, dry_run=False)
        mark = str(load.rows("SELECT local_at FROM tts_mark")[0][0]).replace("T", " ")

        assert (mark[:19], load.rows("SELECT local_at FROM tts_request ORDER BY seq")) == (
            "2026-11-21 02:00:00",
            before,
        )


class _KilledError(Exception):
    pass


@pytest.mark.parametrize("chunks", range(1, 8))
def test_a_change_that_was_killed_goes_on(database_url: str, tmp_path: Path, chunks: int) -> None:
    """Whichever chunk was the last: the same command does the rest, and rows loaded meanwhile are right."""
    counted = 0

    def kill(_: int) -> None:
        nonlocal counted
        counted += 1
        if counted == chunks:
            raise _KilledError

    with loader(database_url) as load:
        fill(load, tmp_path)
        with pytest.raises(_KilledError):
            retime(load.database, "Europe/Berlin", dry_run=False, chunk_rows=4, reached=kill)
        assert load.rows("SELECT COUNT(*) FROM setting WHERE name = 'retime'") == [(1,)]
        done = retime(load.database, "Europe/Berlin", dry_run=False, chunk_rows=4)

        # What the killed run had done is not done again.
        assert (done.resumed, done.before, done.rows) == (
            True,
            "Asia/Shanghai",
            20 - min(chunks * 4, 18 + max(chunks - 5, 0)),
        )
        assert wrong(load, "Europe/Berlin") == []
        assert load.rows("SELECT COUNT(*) FROM setting WHERE name = 'retime'") == [(0,)]


def test_real_kills_are_resumed(database_url: str, tmp_path: Path) -> None:
    """SIGKILL after a chunk, again after a later one: doctor's flag stands, the command ends it, and the books hold."""
    with loader(database_url) as load:
        fill(load, tmp_path)
        for chunk in (2, 2):
            command = [sys.executable, "-m", "tests.etl.promises.retiming", database_url, "Europe/Berlin", str(chunk)]
            done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, check=False)
            assert (done.returncode, done.stderr) == (-signal.SIGKILL, b"")
            assert load.rows("SELECT COUNT(*) FROM setting WHERE name = 'retime'") == [(1,)]
        assert wrong(load, "Europe/Berlin") != []

        found = json.loads(run("retime", "--database-url", database_url, "--timezone", "Europe/Berlin", "--json")[1])
        assert (found["resumed"], found["before"], found["rows"]) == (True, "Asia/Shanghai", 4)
        assert (wrong(load, "Europe/Berlin"), verify(load.database, gaps=False).findings) == ([], [])
        assert load.rows("SELECT name, value FROM setting") == [("report_timezone", "Europe/Berlin")]


def test_another_zone_after_a_kill_starts_anew(database_url: str, tmp_path: Path) -> None:
    """The cursor of the one doesn't hold for the other."""

    def kill(_: int) -> None:
        raise _KilledError

    with loader(database_url) as load:
        fill(load, tmp_path)
        with pytest.raises(_KilledError):
            retime(load.database, "Europe/Berlin", dry_run=False, chunk_rows=4, reached=kill)
        done = retime(load.database, "UTC", dry_run=False, chunk_rows=4)

        assert (done.resumed, done.rows, wrong(load, "UTC")) == (False, 20, [])


def test_no_batch_writes_the_old_zone_in_between(database_url: str, tmp_path: Path) -> None:
    """Between two chunks a loader that decoded for the old zone is stopped, and one for the new zone loads on."""
    log = tmp_path / "late.log"
    log.write_bytes(lines.lines(500, 510, writer_id="f" * 32, ts=MOMENTS[0]))
    tried: list[int] = []

    with loader(database_url) as load, loader(database_url) as old:

        def beside(_: int) -> None:
            if not tried:
                with pytest.raises(ZoneMovedError) as raised:
                    old.load(log)
                tried.append(raised.value.exit_code)

        fill(load, tmp_path)
        retime(load.database, "Europe/Berlin", dry_run=False, chunk_rows=4, reached=beside)

        assert (tried, load.rows("SELECT COUNT(*) FROM tts_request"), wrong(load, "Europe/Berlin")) == (
            [75],
            [(18,)],
            [],
        )


def test_a_later_change_stops_the_earlier_one(database_url: str, tmp_path: Path) -> None:
    """Two at once: the one whose zone no longer stands ends with 75, and the rows have one zone."""
    with loader(database_url) as load, loader(database_url) as other:
        fill(load, tmp_path)

        def overtake(_: int) -> None:
            retime(other.database, "UTC", dry_run=False)

        with pytest.raises(ZoneMovedError):
            retime(load.database, "Europe/Berlin", dry_run=False, chunk_rows=4, reached=overtake)

        assert wrong(load, "UTC") == []


def test_the_command(database_url: str, tmp_path: Path) -> None:
    """--dry-run tells and changes nothing; TTS_TIMEZONE, which is about older lines, is not taken for it."""
    with loader(database_url) as load:
        fill(load, tmp_path)
        arguments = ("retime", "--database-url", database_url)
        dry = json.loads(run(*arguments, "--timezone", "UTC", "--dry-run", "--json")[1])
        unsaid = run(*arguments, env={"TTS_TIMEZONE": "UTC"})
        nonsense = run(*arguments, "--timezone", "Mars/Olympus")
        assert (dry["changed"], unsaid[0], nonsense[0], wrong(load, "Asia/Shanghai")) == (20, 2, 2, [])

        code, _, err = run("--timezone", "UTC", *arguments)
        assert (code, err) == (0, "Asia/Shanghai to UTC: 20 of 20 rows changed\n")


def test_a_zone_that_is_none_is_refused_before_anything_changes(database_url: str) -> None:
    """The setting stays."""
    with loader(database_url) as load:
        with pytest.raises(ConfigError):
            retime(load.database, "Asia/Nowhere", dry_run=False)

        assert load.rows("SELECT value FROM setting") == [("Asia/Shanghai",)]
