"""Each check of doctor has something that it finds, and says how to mend it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from etl.config import Settings
from etl.host.doctor import examine
from etl.host.findings import Finding
from etl.host.hosts import Host, mounted_type
from etl.loading.runs import Surroundings, import_once
from etl.store.database import Database
from tests.etl import lines
from tests.etl.loading import NOW
from tests.etl.rights import closed
from tests.etl.test_cli import run
from tests.etl.test_follow import settings

LOCAL = "22 1 0:21 / / rw - ext4 /dev/sda rw\n"
STANZA = '{log} {{\n    # comment\n    daily\n    compress\n    delaycompress\n    postrotate\n        echo "{{"\n    endscript\n}}\n'
OLDER = "[2026-11-22 {time}] INFO - TextLen=12, Emotion=happy, Duration=2.3s, Success=True\n"


class Place:
    """A healthy place: a log that logrotate knows, loaded into a database a moment ago."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.logs = folder / "logs"
        self.log = self.logs / "tts.log"
        self.rotation = folder / "logrotate"
        self.mounts = folder / "mountinfo"
        self.free = 10 * 2**30
        self.events = ""
        self.now: datetime | None = None
        self.timezone = "Asia/Shanghai"
        self.settings: Settings | None = None
        self.logs.mkdir()
        self.log.write_bytes(lines.lines(1, 3))
        self.rotation.write_text(STANZA.format(log=self.log))
        self.mounts.write_text(LOCAL)
        self.load()

    def load(self, zone: str = "UTC") -> None:
        database = Database(self.url)
        around = Surroundings(clock=lambda: datetime.now(UTC), host_timezone=zone)
        import_once(database, settings(self.url, self.folder / "state"), [str(self.log)], around)
        database.close()

    def find(self, check: str) -> Finding:
        """What the check says now."""
        now = self.now
        host = Host(
            clock=lambda: now or datetime.now(UTC),
            timezone=self.timezone,
            mounts=self.mounts,
            free_bytes=lambda _: self.free,
            events=lambda _: self.events,
            logrotate=(),
        )
        asked = self.settings or settings(self.url, self.folder / "state")
        found = examine(asked, [str(self.log)], host, [self.rotation])
        return next(finding for finding in found if finding.check == check)

    def execute(self, sql: str) -> None:
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text(sql))
        engine.dispose()


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    return Place(database_url, tmp_path)


def test_a_healthy_place_has_nothing_to_mend(place: Place, dialect: str) -> None:
    """Every check is ok and none names a mending."""
    checks = "log folder|log rights|state folder|logrotate|file system|inotify|disk|database|clock|time zone|lag"
    checks += "|sqlite file" if dialect == "sqlite" else ""

    found = [place.find(check) for check in checks.split("|")]

    assert [(finding.state, finding.mend) for finding in found] == [("ok", "")] * len(found), found


def test_a_missing_folder(place: Place) -> None:
    """It fails, and names the folder."""
    place.log.unlink()
    place.rotation.write_text(STANZA.format(log=place.log))
    assert place.find("log folder").state == "warn"
    place.logs.rmdir()

    found = place.find("log folder")
    assert (found.state, f"mkdir -p {place.logs}" in found.mend) == ("fail", True)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_folder_that_may_not_be_entered(place: Place) -> None:
    """It is there: nobody is told to make it, and every other check is still made."""
    with closed(place.logs):
        found = place.find("log folder")
        others = [place.find(check).state for check in ("log rights", "logrotate", "disk", "database")]

    assert (found.state, found.text) == ("fail", f"can't look at {place.log}: Permission denied")
    assert (found.mend, others) == ("give its reader the right to enter its folders", ["ok"] * 4)


def test_a_log_that_cannot_be_read(place: Place) -> None:
    """By reading it, not by its mode: a file of the kernel that refuses stands for it."""
    place.log.unlink()
    place.log.symlink_to("/proc/self/mem")

    found = place.find("log rights")
    assert (found.state, found.text) == ("fail", f"can't read {place.log}: Input/output error")


def test_a_state_folder_that_cannot_be(place: Place) -> None:
    """The lock files need a folder; a file in its place fails."""
    (place.folder / "state").rename(place.folder / "was")
    (place.folder / "state").write_text("")

    assert place.find("state folder").state == "fail"


def test_a_state_folder_that_may_not_be_written(place: Place) -> None:
    """Also one that would have to be made."""
    state = place.folder / "state"
    with closed(state, 0o555):
        assert place.find("state folder").text == f"no right to write in {state}"
    with closed(state):
        place.settings = settings(place.url, state / "deeper")
        assert place.find("state folder").text == f"no right to write in {state}"


@pytest.mark.parametrize(
    ("changed", "state", "says"),
    [
        (("daily", "copytruncate"), "warn", "copytruncate"),
        (("delaycompress", ""), "warn", "may still be written"),
        (("daily", "olddir /old"), "warn", "moves files to /old"),
        (("tts.log", "other.log"), "warn", "no stanza"),
        (("tts.log", "*.log"), "ok", "logrotate"),
        (("daily", "# copytruncate"), "ok", "logrotate"),
    ],
)
def test_a_rotation_that_loses_or_hides_lines(place: Place, changed: tuple[str, str], state: str, says: str) -> None:
    """copytruncate, a folder the loader doesn't look at, no rotation at all; a comment is none."""
    place.rotation.write_text(place.rotation.read_text().replace(*changed))

    found = place.find("logrotate")
    assert (found.state, says in found.text) == (state, True), found


def test_directives_above_a_stanza_hold_for_it(place: Place) -> None:
    """copytruncate at the head of the file counts too."""
    place.rotation.write_text("copytruncate\n" + place.rotation.read_text())

    assert "copytruncate" in place.find("logrotate").text


def test_a_named_configuration_that_cannot_be_read(place: Place) -> None:
    """--logrotate-config names something that isn't there."""
    place.rotation.unlink()

    assert place.find("logrotate").state == "fail"


@pytest.mark.parametrize(("mebibytes", "state"), [(50, "fail"), (500, "warn"), (5000, "ok")])
def test_a_disk_that_fills(place: Place, mebibytes: int, state: str) -> None:
    """Little room warns, nearly none fails."""
    place.free = mebibytes * 2**20

    assert place.find("disk").state == state


def test_no_disk_to_look_at(place: Place) -> None:
    """Neither a folder of logs nor a file of a database."""
    place.log.unlink()
    place.logs.rmdir()
    place.settings = settings("mysql://x/y", place.folder / "state")

    assert place.find("disk") == Finding("disk", "warn", "no folder to look at", "create the log folder")


def test_logs_on_a_network_file_system(place: Place) -> None:
    """No file events there: told, since watch polls."""
    place.mounts.write_text(f"{LOCAL}23 22 0:40 / {place.logs.resolve()} rw shared:1 - nfs4 server:/logs rw\n")

    found = place.find("file system")
    assert (found.state, "nfs4" in found.text) == ("warn", True)


def test_the_deepest_mount_counts() -> None:
    """A path lies on the mount nearest to it; a blank in it is written as \\040."""
    mounts = f"{LOCAL}23 22 0:40 / /a rw - nfs4 x rw\n24 22 0:41 / /a/my\\040logs rw - xfs y rw\nbroken\n"
    found = [mounted_type(mounts, Path(path)) for path in ("/b", "/a/b", "/a/my logs/c", "/ab")]

    assert found == ["ext4", "nfs4", "xfs", "ext4"]


def test_no_inotify_to_be_had(place: Place) -> None:
    """The kernel's own words, and the two limits to raise."""
    place.events = "No space left on device"

    found = place.find("inotify")
    assert (found.state, "max_user_watches" in found.mend) == ("warn", True)


def test_a_schema_of_another_version_and_a_wrong_url(place: Place) -> None:
    """The database fails with the loader's own error and hint; the checks of the host are still made."""
    place.execute("UPDATE alembic_version SET version_num = '0000'")
    assert (place.find("database").state, "tts-etl migrate" in place.find("database").mend) == ("fail", True)
    place.url = "mysql://x/y"
    assert (place.find("database").state, place.find("disk").state) == ("fail", "ok")
    place.url = "postgresql://nobody@127.0.0.1:1/none"
    assert "away" in place.find("database").text


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_sqlite_file_that_others_read_or_that_is_not_in_wal(place: Place) -> None:
    """Its mode, its journal, and a file system on which its locks fail."""
    path = place.folder / "tts.db"
    path.chmod(0o644)
    assert (place.find("sqlite file").state, f"chmod 600 {path}*") == ("warn", place.find("sqlite file").mend)
    path.chmod(0o600)
    place.mounts.write_text("22 1 0:21 / / rw - nfs /dev/sda rw\n")
    assert place.find("sqlite file").state == "fail"
    place.mounts.write_text(LOCAL)
    database = Database(place.url)
    database._connected().exec_driver_sql("PRAGMA journal_mode = DELETE")
    database.close()
    assert "journal mode delete" in place.find("sqlite file").text


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_sqlite_file_that_is_none_or_may_not_be_opened(place: Place) -> None:
    """Both checks that open it say why they can't."""
    path = place.folder / "tts.db"
    with closed(path):
        assert [place.find(check).state for check in ("database", "sqlite file")] == ["fail", "fail"]
        assert "unable to open" in place.find("sqlite file").text
    path.write_text("no database\n" * 100)
    assert "no (whole) SQLite database" in place.find("sqlite file").text


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("seconds", "state"), [(30, "warn"), (300, "fail")])
def test_clocks_apart(place: Place, seconds: int, state: str) -> None:
    """The server's clock is held against this host's."""
    place.now = datetime.now(UTC) + timedelta(seconds=seconds)

    assert place.find("clock").state == state


def test_lines_read_in_a_wrong_zone(database_url: str, tmp_path: Path) -> None:
    """Lines written at 20:00 in Shanghai and read as UTC lie 8 hours ahead: the zone to set is named."""
    place = Place(database_url, tmp_path)
    place.log.rename(place.log.with_name("tts.log.1"))
    place.log.write_text(OLDER.format(time="20:00:00"))
    place.load("UTC")
    place.now = NOW

    found = place.find("time zone")
    assert (found.state, found.text) == ("warn", "the newest row is 8 hours ahead: set Asia/Shanghai")
    place.timezone = "Asia/Singapore"
    assert place.find("time zone").text.endswith("set Asia/Singapore")


def test_a_service_whose_clock_is_ahead(place: Place) -> None:
    """A line of version 1 carries UTC, so no zone mends it."""
    place.now = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

    found = place.find("time zone")
    assert (found.state, found.text, "clock" in found.mend) == ("warn", "the newest row is 2 hours ahead", True)


def test_days_cut_in_utc_on_a_host_elsewhere(place: Place) -> None:
    """The report time zone was perhaps never chosen."""
    place.execute("UPDATE setting SET value = 'UTC' WHERE name = 'report_timezone'")

    assert "tts-etl retime --timezone Asia/Shanghai" in place.find("time zone").mend


def test_a_change_of_zone_that_stopped_half_way(place: Place) -> None:
    """Some rows have the old zone's time: it must be run to its end."""
    place.execute("INSERT INTO setting (name, value) VALUES ('retime', '[]')")

    assert place.find("time zone") == Finding(
        "time zone",
        "fail",
        "a change of the report time zone stopped half way",
        "tts-etl retime --timezone Asia/Shanghai",
    )


def test_a_loader_that_is_behind(place: Place) -> None:
    """No success for minutes fails, and so does a line that waits; trouble with a file warns, no source at all too."""
    place.execute("UPDATE ingest_source SET last_error = 'x.log: no_log'")
    assert place.find("lag").state == "warn"
    place.now = datetime.now(UTC) + timedelta(minutes=6)
    assert place.find("lag").state == "fail"
    place.now = None
    place.execute("UPDATE ingest_source SET lag_bytes = 5, oldest_unimported_at = '2026-01-01T00:00:00.000000Z'")
    assert place.find("lag").state == "fail"
    place.execute("DELETE FROM ingest_source")
    assert place.find("lag").text == "nothing was loaded yet"


def test_the_command_prints_json_and_ends_with_1(place: Place) -> None:
    """One object; a failed check ends it with 1, a warning alone doesn't."""
    arguments = ("doctor", "--database-url", place.url, "--log", place.log, "--logrotate-config", place.rotation)
    state = {"TTS_STATE_DIR": str(place.folder / "state")}
    code, out, _ = run(*arguments, "--json", env=state)
    found = json.loads(out)
    assert (code, found["ok"], set(found["checks"][0])) == (0, True, {"check", "state", "text", "mend"})

    place.execute("UPDATE ingest_source SET last_success_at = '2026-01-01T00:00:00.000000Z'")
    code, out, err = run(*arguments, env=state)
    assert (code, "not well: lag" in err, "does tts-etl watch" in out) == (1, True, True)
