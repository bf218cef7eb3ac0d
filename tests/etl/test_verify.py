"""`tts-etl verify` is green after whatever the loader does, and red for each thing that someone else breaks."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.store.retention import key_hash
from etl.upkeep.marks import mark
from etl.upkeep.reach import Reach
from etl.upkeep.verify import verify
from tests.etl import lines
from tests.etl.loading import NOW, Loader, loader

OLD = "2026-08-05T10:00:00.000000Z"


def loaded(load: Loader, tmp_path: Path) -> Path:
    """A log of 20 lines, long enough for anchors, loaded in two passes."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 10, padding="x" * 1000))
    load.load(log)
    with log.open("ab") as file:
        file.write(lines.lines(11, 20, padding="y" * 1000) + lines.heartbeat(21) + b"\n{bad\n")
    load.load(log)
    return log


def test_sound_books_are_green(database_url: str, tmp_path: Path) -> None:
    """Rows, heartbeats, a bad line, a copy, a rotation and a purge: nothing to say, all of it looked at."""
    with loader(database_url) as load:
        log = loaded(load, tmp_path)
        (tmp_path / "tts.log.1.gz").write_bytes(gzip.compress(log.read_bytes()))
        load.load(tmp_path / "tts.log.1.gz")
        found = verify(load.database)

        assert (found.findings, found.streams, found.rows, found.files) == ([], 1, 21, 2)


def test_an_empty_database_is_green(database_url: str) -> None:
    """Nothing loaded, nothing wrong."""
    with loader(database_url) as load:
        assert verify(load.database).findings == []


@pytest.mark.parametrize(
    ("break_it", "checks"),
    [
        ("UPDATE ingest_batch SET from_off = from_off + 1 WHERE from_off > 0", {"batches"}),
        ("DELETE FROM ingest_batch WHERE from_off = 0", {"batches", "counters"}),
        ("UPDATE ingest_stream SET committed = committed - 100", {"batches", "anchors"}),
        ("UPDATE ingest_batch SET n_quarantined = n_quarantined + 1 WHERE from_off > 0", {"counters"}),
        ("UPDATE ingest_stream SET n_blank = 7", {"counters"}),
        ("DELETE FROM tts_request WHERE seq = 7", {"rows", "gaps"}),
        ("DELETE FROM tts_heartbeat", {"rows"}),
        ("UPDATE ingest_day SET n_rows = n_rows + 1", {"rows"}),
        ("UPDATE ingest_stream SET n_reprocessed = 1", {"rows"}),
        ("UPDATE ingest_stream SET n_rows_purged = 1", {"rows"}),
        ("UPDATE ingest_stream SET n_rows_erased = 1", {"rows"}),
        ("UPDATE tts_request SET stream_id = 77", {"rows"}),
        ("INSERT INTO retention_state (name, purged_before) VALUES ('events', '2026-11-21')", {"rows", "watermark"}),
        ("UPDATE tts_heartbeat SET seq = 23", {"gaps"}),
        ("UPDATE ingest_anchor SET sha256 = ?", {"anchors"}),
        (
            "INSERT INTO erased_key (key_hash, erased_at, event_day) SELECT ?, first_seen_at, '2026-11-20' "
            "FROM ingest_stream",
            {"erased"},
        ),
        ("INSERT INTO erased_key (key_hash, erased_at) SELECT line_sha256, ts FROM tts_heartbeat", {"erased"}),
        (
            "INSERT INTO erased_key (key_hash, erased_at) SELECT raw_sha256, first_seen_at FROM ingest_quarantine",
            {"erased"},
        ),
        ("UPDATE ingest_quarantine SET status = 'erased'", {"erased"}),
    ],
)
def test_what_someone_broke_is_found(database_url: str, tmp_path: Path, break_it: str, checks: set[str]) -> None:
    """Each finding is one line with a hint, and names the check that it fails."""
    with loader(database_url) as load:
        loaded(load, tmp_path)
        value = key_hash(("2026-11-20", lines.WRITER, 7)) if "erased_key" in break_it else b"x" * 32
        load.execute(break_it, *([value] if "?" in break_it else []))
        findings = verify(load.database).findings

        assert {finding.check for finding in findings} == checks
        assert [one for one in findings if "\n" in one.message or not one.hint or not one.subject] == []
        assert {one.check for one in verify(load.database, gaps=False).findings} == checks - {"gaps"}


def test_rows_of_a_stream_that_the_books_lost(database_url: str, tmp_path: Path) -> None:
    """Nothing else tells of them: neither a counter nor a day is left to differ."""
    with loader(database_url) as load:
        loaded(load, tmp_path)
        for table in ("ingest_stream", "ingest_batch", "ingest_day"):
            load.execute(f"DELETE FROM {table}")
        findings = verify(load.database, gaps=False).findings

        assert [(one.check, one.message) for one in findings] == [
            ("rows", "21 rows of a stream that the books don't know")
        ]


@pytest.mark.parametrize("at", [3000, -20])
def test_an_edited_file_is_found(database_url: str, tmp_path: Path, at: int) -> None:
    """Whether its last bytes are as they were or not, and under whatever name it lies."""
    with loader(database_url) as load:
        log = loaded(load, tmp_path)
        content = bytearray(log.read_bytes())
        content[at] ^= 1
        log.unlink()
        (tmp_path / "tts.log.1").write_bytes(content)

        findings = verify(load.database, [str(log)]).findings
        assert [(one.check, one.subject) for one in findings] == [("anchors", str(tmp_path / "tts.log.1"))]


def test_files_that_are_not_loaded_yet_are_no_finding(database_url: str, tmp_path: Path) -> None:
    """A new file, one with a known banner, an empty one, and half an archive."""
    with loader(database_url) as load:
        log = tmp_path / "tts.log"
        log.write_bytes(b"banner\n" + lines.lines(1, 20))
        load.load(log)
        (tmp_path / "tts.log.1").write_bytes(b"banner\n" + lines.lines(31, 60))
        (tmp_path / "tts.log.2").write_bytes(lines.lines(61, 62))
        (tmp_path / "tts.log.3").touch()
        (tmp_path / "tts.log.4.gz").write_bytes(gzip.compress(lines.lines(63, 64))[:30])

        assert verify(load.database).findings == []


def test_a_purge_is_counted(database_url: str, tmp_path: Path) -> None:
    """What a purge took is in the books, whole months and single days alike."""
    from datetime import date, timedelta

    from etl.upkeep.purge import purge

    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 4, ts=OLD) + lines.lines(5, 6, ts="2026-10-05T10:00:00.000000Z") + lines.lines(7, 9))
    with loader(database_url) as load:
        load.load(log)
        purge(load.database, timedelta(days=30), date(2026, 11, 22), dry_run=False, force=True)

        assert load.rows("SELECT n_rows_purged FROM ingest_stream") == [(6,)]
        assert load.rows("SELECT SUM(n_rows) FROM ingest_day") == [(3,)]
        assert verify(load.database).findings == []


def test_it_may_run_beside_a_loader(database_url: str, tmp_path: Path) -> None:
    """While batches come in all of it sees one state of the database."""
    log = tmp_path / "tts.log"
    done = threading.Event()

    def load_on() -> None:
        with loader(database_url) as load:
            for part in range(40):
                with log.open("ab") as file:
                    file.write(lines.lines(part * 10 + 1, part * 10 + 10))
                load.load(log)
        done.set()

    thread = threading.Thread(target=load_on)
    with loader(database_url) as load:
        thread.start()
        findings = []
        while not done.is_set():
            findings += verify(load.database).findings
        thread.join()
        assert findings == []
        assert verify(load.database).rows == 400


def test_rows_of_before_the_account_by_day_are_taken_over(empty_database_url: str, tmp_path: Path) -> None:
    """An upgrade of a database that the first version filled, and purged, leaves sound books."""
    from datetime import date

    from alembic import command

    from etl.store.database import Database
    from etl.upkeep.schema import alembic_config, migrate

    database = Database(empty_database_url)
    migrate(database, "Asia/Shanghai", "UTC", date(2026, 11, 22))

    def step(run: Callable[..., None], revision: str) -> None:
        config = alembic_config()
        with database.exclusive() as session:
            config.attributes["connection"] = session.connection
            run(config, revision)

    with loader(empty_database_url) as load:
        loaded(load, tmp_path)
        load.execute("DELETE FROM tts_request WHERE seq = 1")
    step(command.downgrade, "0001")
    step(command.upgrade, "head")
    database.close()

    with loader(empty_database_url) as load:
        assert verify(load.database, gaps=False).findings == []
        assert load.rows("SELECT n_rows_purged FROM ingest_stream") == [(1,)]
        assert load.rows("SELECT q.stream_id = s.stream_id FROM ingest_quarantine q, ingest_stream s")[0][0]


def test_it_says_how_far_back_a_restored_backup_heals_itself(database_url: str, tmp_path: Path) -> None:
    """As far as files reach: to the last moment at which something was loaded that is in no file any more."""
    with loader(database_url) as load:
        first, second, log = (tmp_path / name for name in ("tts.log.2", "tts.log.1", "tts.log"))
        for at, (path, seqs) in enumerate(((first, (1, 4)), (second, (5, 9)), (log, (10, 12))), 1):
            path.write_bytes(lines.lines(*seqs, padding="x" * 1000))
            load.clock = lambda at=at: NOW.replace(hour=at)
            load.load(path)
        mark(load.database, "note", "in no file at all", None, None, NOW)
        whole = verify(load.database, [str(log)]).reach
        assert whole == Reach(None, [], 0, 0)

        second.write_bytes(second.read_bytes()[:5000])
        with log.open("ab") as file:
            file.write(lines.lines(13, 13))
        (tmp_path / "tts.log.3").write_bytes(lines.lines(90, 91))
        first.unlink()
        found = verify(load.database, [str(log)])
        # The database of before the second file, restored and loaded again, against what is lost.
        assert [(one.path, one.rows, one.on_disk) for one in found.reach.gone] == [
            (str(first), 4, 0),
            (str(second), 5, 5000),
        ]
        assert found.reach.heals_since == "2026-11-22T02:00:00.000000Z"
        assert (found.reach.unread_bytes, found.reach.new_files) == (len(lines.lines(13, 13)), 1)
        assert found.findings == []


def test_purged_rows_need_no_file(database_url: str, tmp_path: Path) -> None:
    """A stream whose rows are all purged may be gone: nobody wants it back."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 3))
    with loader(database_url) as load:
        load.load(log)
        log.unlink()
        assert verify(load.database).reach.heals_since is not None
        load.execute("DELETE FROM tts_request")
        load.execute("DELETE FROM ingest_day")

        assert verify(load.database).reach == Reach(None, [], 0, 0)
