"""P21: purged rows stay away, whatever is imported again and whenever."""

from __future__ import annotations

import gzip
import threading
from datetime import date, timedelta
from pathlib import Path

from etl.errors import DatabaseAwayError
from etl.reading.files import discover
from etl.upkeep.purge import purge
from tests.etl import lines
from tests.etl.loading import Loader, loader

TODAY = date(2026, 11, 22)
DAYS = [TODAY - timedelta(days=age) for age in range(100, -1, -4)]


def of_days(first: int = 1) -> list[bytes]:
    """A line of each day."""
    return [lines.line(seq, ts=f"{day}T10:00:00.000000Z") + b"\n" for seq, day in enumerate(DAYS, first)]


def old_rows(load: Loader) -> int:
    """Rows below the watermark."""
    return int(
        load.rows("SELECT COUNT(*) FROM tts_request WHERE event_day < (SELECT purged_before FROM retention_state)")[0][
            0
        ]
    )


def test_purged_rows_do_not_come_back(database_url: str, tmp_path: Path) -> None:
    """Every book lost, and every archive imported again, plain and compressed: no row older than the watermark."""
    log = tmp_path / "tts.log"
    content = of_days()
    (tmp_path / "tts.log.2.gz").write_bytes(gzip.compress(b"".join(content[:10])))
    (tmp_path / "tts.log.1").write_bytes(b"".join(content[10:20]))
    log.write_bytes(b"".join(content[20:]))
    with loader(database_url) as load:
        load.load(discover([str(log)], rotated=True))
        assert len(load.seqs()) == len(DAYS)
        purge(load.database, timedelta(days=30), TODAY, dry_run=False, force=True)
        kept = load.seqs()
        for table in ("anchor", "batch", "quarantine", "file_seen", "stream"):
            load.execute(f"DELETE FROM ingest_{table}")
        counts = load.load(discover([str(log)], rotated=True)).counts()

        expected = [seq for seq, day in enumerate(DAYS, 1) if day >= TODAY - timedelta(days=30)]
        assert (load.seqs(), kept, old_rows(load)) == (expected, expected, 0)
        assert (counts.ok, counts.dup, counts.expired) == (0, len(expected), len(DAYS) - len(expected))


def test_a_purge_beside_an_import(database_url: str, tmp_path: Path) -> None:
    """Purges again and again while old days come in: none of their rows stays, and the young ones are all there."""
    log = tmp_path / "tts.log"
    log.write_bytes(b"")
    done = threading.Event()
    troubles: list[BaseException] = []
    purged: list[int] = []
    turns = threading.Semaphore(0)

    def purge_again() -> None:
        with loader(database_url) as other:
            age = 90
            while not done.is_set():
                try:
                    purge(other.database, timedelta(days=age), TODAY, dry_run=False, force=True)
                    purged.append(age)
                    turns.release()
                    age = max(age - 5, 20)
                except DatabaseAwayError:
                    continue
                except BaseException as error:  # noqa: BLE001
                    troubles.append(error)
                    return

    thread = threading.Thread(target=purge_again)
    with loader(database_url) as load:
        thread.start()
        for part in range(12):
            with log.open("ab") as file:
                file.write(b"".join(of_days(part * len(DAYS) + 1)))
            _patiently(load, log)
            if part % 3 == 2:  # a purge may wait long for its turn on SQLite: at least one in three parts
                assert turns.acquire(timeout=120), troubles
        done.set()
        thread.join()
        purge(load.database, timedelta(days=20), TODAY, dry_run=False, force=True)

        young = [at for at, day in enumerate(DAYS, 1) if day >= TODAY - timedelta(days=20)]
        assert (troubles, old_rows(load)) == ([], 0)
        assert load.seqs() == [part * len(DAYS) + at for part in range(12) for at in young]
        assert len(purged) > 2
        load.check_books()


def _patiently(load: Loader, log: Path) -> None:
    while True:
        try:
            load.load(log)
        except DatabaseAwayError:
            continue
        return


def test_a_late_line_of_a_dropped_month(database_url: str, dialect: str, tmp_path: Path) -> None:
    """The month's partition is gone: its late lines are expired, and no partition is made for them."""
    log = tmp_path / "tts.log"
    log.write_bytes(b"".join(of_days()))
    late = tmp_path / "late.log"
    late.write_bytes(lines.line(900, ts="2026-08-20T00:00:00.000000Z") + b"\n" + lines.lines(901, 903))
    with loader(database_url) as load:
        load.load(log)
        done = purge(load.database, timedelta(days=30), TODAY, dry_run=False, force=True)
        counts = load.load(late).counts()

        assert (counts.ok, counts.expired, old_rows(load)) == (3, 1, 0)
        assert ("tts_request_2026_08" in done.partitions) == (dialect == "postgresql")
        if dialect == "postgresql":
            assert load.rows("SELECT to_regclass('tts_request_2026_08')") == [(None,)]


def test_a_line_of_1970_in_a_live_file(database_url: str, tmp_path: Path) -> None:
    """A clock that was wrong for a moment is no late line: it is kept in quarantine, as is one before the watermark."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 3))
    with loader(database_url) as load:
        load.load(log)
        load.execute("INSERT INTO retention_state (name, purged_before) VALUES ('events', '2026-10-01')")
        with log.open("ab") as file:
            file.write(lines.line(4, ts="1970-01-01T00:00:00.000000Z") + b"\n")
            file.write(lines.line(5, ts="2026-09-01T00:00:00.000000Z") + b"\n" + lines.lines(6, 6))
        counts = load.load(log).counts()

        assert (counts.ok, counts.quarantined, counts.expired) == (1, 2, 0)
        assert (load.seqs(), load.kinds()) == ([1, 2, 3, 6], ["ts_suspect"] * 2)
