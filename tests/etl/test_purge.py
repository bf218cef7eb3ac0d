"""A purge knows what goes from the books, deletes along the key, and after a kill the next one completes it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from etl.errors import ConfigError, EtlError, UnsafePurgeError
from etl.store import purging
from etl.upkeep.marks import mark
from etl.upkeep.purge import Purged, purge
from etl.upkeep.verify import verify
from tests.etl import lines
from tests.etl.loading import NOW, Loader, loader
from tests.etl.test_adopt import A, C, D, make, take
from tests.etl.test_reprocess import again, quarantine_later

TODAY = date(2026, 11, 22)
MONTH = timedelta(days=30)
OLD = ("2026-08-05", "2026-08-06", "2026-10-05", "2026-10-06", "2026-10-20")
GONE = {"tts_request": 5, "tts_heartbeat": 2, "tts_mark": 1}


def fill(load: Loader, tmp_path: Path) -> None:
    """Requests, heartbeats and a mark: 8 rows are older than 30 days, 8 are not."""
    old = [lines.line(seq, ts=f"{day}T10:00:00.000000Z") for seq, day in enumerate(OLD, 1)]
    beats = [
        lines.heartbeat(20, ts="2026-08-07T00:00:00.000000Z"),
        lines.heartbeat(21, ts="2026-10-07T00:00:00.000000Z"),
    ]
    log = tmp_path / "tts.log"
    log.write_bytes(b"\n".join([*old, *beats]) + b"\n" + lines.lines(6, 13))
    load.load(log)
    mark(load.database, "holiday", "Mid-Autumn", "2026-09-25T00:00:00Z", None, NOW)


def take_old(load: Loader, *, dry_run: bool = False, force: bool = False) -> Purged:
    return purge(load.database, MONTH, TODAY, dry_run=dry_run, force=force)


def test_what_went_is_said_by_table(database_url: str, tmp_path: Path, dialect: str) -> None:
    """Dropped months and deleted days together, the same beforehand; the books hold; a second time nothing goes."""
    with loader(database_url) as load:
        fill(load, tmp_path)
        assert take_old(load, dry_run=True) == Purged("2026-10-21", GONE, 0, [], dry_run=True)
        done = take_old(load)

        assert (done.before, done.rows) == ("2026-10-21", GONE)
        assert {name[-7:] for name in done.partitions} == ({"2026_08", "2026_09"} if dialect == "postgresql" else set())
        assert (load.seqs(), verify(load.database, gaps=False).findings) == (list(range(6, 14)), [])
        assert take_old(load).rows == dict.fromkeys(GONE, 0)


def test_more_than_half_needs_force(database_url: str, tmp_path: Path) -> None:
    """One row more of the old ones: it refuses, and has changed nothing, not even the watermark."""
    with loader(database_url) as load:
        fill(load, tmp_path)
        mark(load.database, "holiday", "another", "2026-09-26T00:00:00Z", None, NOW)
        with pytest.raises(UnsafePurgeError, match="9 of 17 rows are of days before 2026-10-21"):
            take_old(load)

        assert (len(load.seqs()), load.rows("SELECT * FROM retention_state")) == (13, [])
        assert take_old(load, force=True).rows == {**GONE, "tts_mark": 2}


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 6])
def test_a_kill_after_the_watermark_is_made_good(database_url: str, tmp_path: Path, chunk: int) -> None:
    """The rows that are left are found by verify, and the next purge takes them, chunk by chunk, without --force."""
    with loader(database_url) as load:
        fill(load, tmp_path)
        with load.database.exclusive() as session:
            purging.raise_watermark(session, "2026-10-21")
        assert {finding.check for finding in verify(load.database, gaps=False).findings} == {"watermark"}

        left = {
            table: load.rows(f"SELECT COUNT(*) FROM {table} WHERE event_day < '2026-10-21'")[0][0] for table in GONE
        }
        assert purging.delete_before(load.database, "2026-10-21", chunk) == (left, 0)
        assert (take_old(load).rows, load.seqs()) == (dict.fromkeys(GONE, 0), list(range(6, 14)))
        assert verify(load.database, gaps=False).findings == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_watermark_stands_before_a_row_goes(database_url: str, tmp_path: Path) -> None:
    """The deletion fails in the middle: what went can't come back, and the next purge takes the rest."""
    with loader(database_url) as load:
        fill(load, tmp_path)
        load.execute("CREATE TRIGGER refuse BEFORE DELETE ON tts_request BEGIN SELECT RAISE(ABORT, 'no'); END")
        with pytest.raises(EtlError):
            take_old(load)
        assert load.rows("SELECT purged_before FROM retention_state") == [("2026-10-21",)]

        load.execute("DROP TRIGGER refuse")
        assert (take_old(load).rows, verify(load.database, gaps=False).findings) == (GONE, [])


def test_no_purge_counts_the_requests(database_url: str, tmp_path: Path) -> None:
    """That would take as long as there are rows: the books know how many go, and how many there are."""
    seen: list[str] = []

    def note(_connection, _cursor, statement: str, *_: object) -> None:
        seen.append(statement)

    with loader(database_url) as load:
        fill(load, tmp_path)
        event.listen(Engine, "before_cursor_execute", note)
        try:
            take_old(load, dry_run=True)
            take_old(load)
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    assert [sql for sql in seen if "COUNT" in sql and "FROM tts_request" in sql] == []
    assert [sql for sql in seen if "COUNT" in sql and "FROM tts_heartbeat" in sql] != []


def test_every_way_into_the_tables_is_in_the_books(empty_database_url: str, tmp_path: Path) -> None:
    """Adopted rows, rows out of quarantine and marks: a purge says all of them."""
    make(empty_database_url, [A, C, D])
    take(empty_database_url)
    with loader(empty_database_url, zone=None) as load:
        quarantine_later(load, tmp_path)
        assert [result.became for result in again(load)] == ["inserted"] * 2
        mark(load.database, "note", "young", "2026-11-22T00:00:00Z", None, NOW)
        done = purge(load.database, timedelta(days=1), TODAY, dry_run=False, force=True)

        assert done.rows == {"tts_request": 7, "tts_heartbeat": 0, "tts_mark": 0}
        assert verify(load.database).findings == []


@pytest.mark.parametrize("age", [timedelta(hours=23), timedelta(weeks=999_999)])
def test_an_age_that_is_none_is_wrong_use(database_url: str, tmp_path: Path, age: timedelta) -> None:
    """Less than a day, and more than there are days."""
    with loader(database_url) as load:
        fill(load, tmp_path)
        with pytest.raises(ConfigError, match="age"):
            purge(load.database, age, TODAY, dry_run=False, force=True)


def test_an_empty_database_has_nothing_to_purge(database_url: str) -> None:
    """And gets no watermark."""
    with loader(database_url) as load:
        assert take_old(load) == Purged(None, {}, 0, [], dry_run=False)
        assert load.rows("SELECT * FROM retention_state") == []


def test_old_lines_leave_the_quarantine(database_url: str, tmp_path: Path) -> None:
    """By their day where it is known, else by the day they were found; the young ones stay."""
    with loader(database_url) as load:
        log = tmp_path / "tts.log"
        bad = [
            lines.line(seq, v=9, ts=f"{day}T00:00:00.000000Z") for seq, day in ((7, "2026-08-01"), (8, "2026-11-20"))
        ]
        log.write_bytes(lines.lines(1, 6) + b"\n".join([*bad, b"{bad", b"{worse"]) + b"\n")
        load.load(log)
        load.execute("UPDATE ingest_quarantine SET first_seen_at = '2026-08-01T00:00:00Z' WHERE raw = ?", b"{bad")

        assert take_old(load, dry_run=True).quarantined == 2
        assert take_old(load).quarantined == 2
        assert load.rows("SELECT raw FROM ingest_quarantine ORDER BY q_id") == [(bad[1],), (b"{worse",)]
