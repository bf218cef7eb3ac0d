"""Lines in quarantine are tried again, one transaction a line, and any number of times."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from etl.errors import ConfigError, ZoneMovedError
from etl.store.held import Wanted
from etl.upkeep.reprocess import Around, Reprocessor, Result, discard, reprocess
from etl.upkeep.retime import retime
from etl.upkeep.verify import verify
from tests.etl import lines
from tests.etl.loading import NOW, Loader, loader
from tests.etl.test_records import BAD
from tests.etl.test_retime import wrong

OPEN = Wanted(statuses=("open",))


class KilledError(BaseException):
    """The process dies here."""


def again(load: Loader, wanted: Wanted = OPEN, **more) -> list[Result]:
    return reprocess(load.database, wanted, Around(clock=lambda: NOW, loader_version="0", **more))


def became(results: list[Result]) -> list[str]:
    return [result.became for result in results]


def quarantine_later(load: Loader, tmp_path: Path, first: int = 1, last: int = 4) -> Path:
    """A log whose even lines lie in quarantine as if an earlier version could not read them."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(first, last))
    refuse = (
        "CREATE TRIGGER refuse BEFORE INSERT ON tts_request WHEN NEW.seq % 2 = 0 BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    allow = "DROP TRIGGER refuse"
    if load.database.dialect == "postgresql":
        refuse = "ALTER TABLE tts_request ADD CONSTRAINT refuse CHECK (seq % 2 <> 0) NOT VALID"
        allow = "ALTER TABLE tts_request DROP CONSTRAINT refuse"
    load.execute(refuse.replace("%", "%%") if load.database.dialect == "postgresql" else refuse)
    load.load(log)
    load.execute(allow)
    return log


def everything(load: Loader) -> list[list[tuple[Any, ...]]]:
    return [
        load.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("ingest_quarantine", "ingest_stream", "ingest_day", "ingest_batch", "erased_key", "tts_request")
    ]


def test_lines_become_rows_once(database_url: str, tmp_path: Path) -> None:
    """What can be a row today is one, a second time changes nothing, and neither does a backfill of the file."""
    with loader(database_url) as load:
        log = quarantine_later(load, tmp_path)
        assert (load.seqs(), load.kinds()) == ([1, 3], ["db_rejected"] * 2)

        assert became(again(load)) == ["inserted", "inserted"]
        once = everything(load)
        assert became(again(load)) == []
        assert became(again(load, Wanted(ids=(1, 2)))) == ["settled_before"] * 2
        assert everything(load) == once

        copy = tmp_path / "copy.log"
        copy.write_bytes(lines.line(9) + b"\n" + log.read_bytes())
        assert load.load(copy).counts().dup == 4
        assert load.seqs() == [1, 2, 3, 4, 9]
        assert verify(load.database, gaps=False).findings == []


@pytest.mark.parametrize("step", ["begun", "inserted", "marked", "committed"])
def test_a_kill_in_between_leaves_all_or_nothing(database_url: str, tmp_path: Path, step: str) -> None:
    """Wherever it dies a line is both a row and resolved, or neither, and the next time completes it."""

    def reached(now: str) -> None:
        if now == step:
            raise KilledError

    with loader(database_url) as load:
        log = quarantine_later(load, tmp_path)
        with pytest.raises(KilledError):
            again(load, reached=reached)
        resolved = load.rows("SELECT COUNT(*) FROM ingest_quarantine WHERE status = 'resolved'")[0][0]
        assert (resolved, len(load.seqs())) == ((1, 3) if step == "committed" else (0, 2))
        assert verify(load.database, gaps=False).findings == []

        again(load)
        log.rename(tmp_path / "tts.log.1")
        load.load(tmp_path / "tts.log.1", use_cache=False)
        assert load.seqs() == [1, 2, 3, 4]
        assert verify(load.database).findings == []


def test_bad_lines_stay_as_they_are(database_url: str, tmp_path: Path) -> None:
    """Trying every kind of bad line again with the same version changes no byte, kind or counter."""
    bad = [line for line in BAD if b"\n" not in line]
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 1) + b"\n".join(bad) + b"\n" + lines.lines(500, 600))
    with loader(database_url) as load:
        load.load(log)
        before = everything(load)
        results = again(load)

        left = load.rows("SELECT q_id, raw FROM ingest_quarantine WHERE status = 'open' ORDER BY q_id")
        done = {result.id for result in results if result.became == "loaded_already"}
        assert {result.kind for result in results if result.id in done} <= {"glued"}
        assert {result.became for result in results} <= {"still_bad", "not_reprocessable", "loaded_already"}
        assert [row[0] for row in left] == [result.id for result in results if result.id not in done]
        assert everything(load)[1:] == before[1:]
        assert [row for row in everything(load)[0] if row[0] not in done] == [
            row for row in before[0] if row[0] not in done
        ]
        assert verify(load.database, gaps=False).findings == []


def test_the_second_half_of_a_glued_line_is_there_already(database_url: str, tmp_path: Path) -> None:
    """It says so, and keeps the bytes."""
    log = tmp_path / "tts.log"
    glued = b'{"v":1,"event":"tts.req' + lines.line(2)
    log.write_bytes(lines.lines(1, 1) + glued + b"\n")
    with loader(database_url) as load:
        load.load(log)

        assert again(load) == [Result(1, "glued", "loaded_already", "the line behind the torn one was there")]
        assert load.rows("SELECT status, raw FROM ingest_quarantine") == [("resolved", glued)]
        assert load.seqs() == [1, 2]


def test_some_lines_can_never_be_tried_again(database_url: str, tmp_path: Path) -> None:
    """A conflict and a line of which only a part was kept are told; they stay open."""
    log, other = tmp_path / "tts.log", tmp_path / "other.log"
    log.write_bytes(lines.lines(1, 2) + b"{" * 300_000 + b"\n")
    other.write_bytes(lines.line(3) + b"\n" + lines.line(2, text_chars=9) + b"\n")
    with loader(database_url) as load:
        load.load([log, other])

        assert sorted(load.kinds()) == ["key_conflict", "too_long"]
        assert became(again(load)) == ["not_reprocessable"] * 2
        assert load.rows("SELECT DISTINCT status FROM ingest_quarantine") == [("open",)]


def test_a_line_whose_key_was_taken_meanwhile_is_a_conflict(database_url: str, tmp_path: Path) -> None:
    """The row that is there stays, and the line is from now on a conflict."""
    with loader(database_url) as load:
        quarantine_later(load, tmp_path, last=2)
        other = tmp_path / "other.log"
        other.write_bytes(lines.line(9) + b"\n" + lines.line(2, text_chars=9) + b"\n")
        load.load(other)

        assert became(again(load)) == ["key_conflict"]
        assert load.kinds() == ["key_conflict"]
        assert load.rows("SELECT text_chars FROM tts_request WHERE seq = 2") == [(9,)]
        assert verify(load.database, gaps=False).findings == []


def test_purged_and_erased_lines_do_not_come_back(database_url: str, tmp_path: Path) -> None:
    """A line below the watermark stays in quarantine; one whose row was erased loses its bytes."""
    from etl.store.retention import key_hash

    with loader(database_url) as load:
        quarantine_later(load, tmp_path, last=4)
        gone = key_hash(("2026-11-20", lines.WRITER, 2))
        load.execute("INSERT INTO erased_key (key_hash, erased_at) VALUES (?, '2026-11-21T00:00:00Z')", gone)
        assert became(again(load, Wanted(ids=(1,)))) == ["erased"]
        load.execute("INSERT INTO retention_state (name, purged_before) VALUES ('events', '2026-11-21')")
        assert became(again(load)) == ["expired"]

        assert load.seqs() == [1, 3]
        kept = load.rows("SELECT status, length(raw) > 0 FROM ingest_quarantine ORDER BY q_id")
        assert [(status, bool(whole)) for status, whole in kept] == [("erased", False), ("open", True)]


def test_older_lines_keep_their_writer(database_url: str, tmp_path: Path) -> None:
    """A reprocessed line has the key that a later import of its file gives it."""
    log = tmp_path / "old.log"
    older = b"[2025-04-05 10:23:45] INFO - TextLen=%d, Emotion=happy, Duration=2.3s, Success=True\n"
    log.write_bytes(b"banner\n" + older % 1 + older % 2 + older % 3)
    with loader(database_url) as load:
        load.load(log)
        before = load.rows("SELECT writer_id, seq, text_chars FROM tts_request ORDER BY seq")
        line = (older % 2).strip()
        offset = log.read_bytes().index(line)
        load.execute("DELETE FROM tts_request WHERE text_chars = 2")
        load.execute("UPDATE ingest_day SET n_rows = n_rows - 1")
        load.execute("UPDATE ingest_stream SET n_ok = n_ok - 1, n_quarantined = n_quarantined + 1")
        load.execute("UPDATE ingest_batch SET n_ok = n_ok - 1, n_quarantined = n_quarantined + 1")
        load.execute(
            "INSERT INTO ingest_quarantine (source_id, stream_id, head_sha256, off, len, raw_sha256, raw, kind, error, "
            "loader_version, first_seen_at, attempts, status) SELECT source_id, stream_id, head_sha256, ?, ?, ?, ?, "
            "'wrong_type', 'x', '0', first_seen_at, 1, 'open' FROM ingest_stream",
            offset,
            len(line),
            b"x" * 32,
            line,
        )

        assert became(again(load)) == ["inserted"]
        assert load.rows("SELECT writer_id, seq, text_chars FROM tts_request ORDER BY seq") == before
        assert verify(load.database).findings == []


def test_discarded_lines_are_left_alone_until_they_are_named(database_url: str, tmp_path: Path) -> None:
    """Their bytes stay; a wrong number discards nothing; by its number one is tried again."""
    with loader(database_url) as load:
        quarantine_later(load, tmp_path)
        with pytest.raises(ConfigError, match="has the number 99"):
            discard(load.database, [1, 99], "2026-11-22T00:00:00.000000Z")
        assert discard(load.database, [1, 2, 2], "2026-11-22T00:00:00.000000Z") == 2
        assert discard(load.database, [1], "2026-11-22T00:00:00.000000Z") == 0

        assert became(again(load)) == []
        assert [row[0] for row in load.rows("SELECT status FROM ingest_quarantine")] == ["discarded"] * 2
        assert became(again(load, Wanted(ids=(2,)))) == ["inserted"]
        assert load.rows("SELECT COUNT(*) FROM ingest_quarantine WHERE length(raw) > 0") == [(2,)]


def test_no_line_gets_the_time_of_a_zone_that_changed(database_url: str, tmp_path: Path) -> None:
    """A reprocessing that was begun for the old zone stops with 75 and writes nothing; the next one has the new zone."""
    with loader(database_url) as load:
        quarantine_later(load, tmp_path)
        begun = Reprocessor(load.database, Around(clock=lambda: NOW, loader_version="0"))
        retime(load.database, "Europe/Berlin", dry_run=False)
        before = everything(load)
        with pytest.raises(ZoneMovedError) as raised:
            begun.one(1)

        assert (raised.value.exit_code, everything(load)) == (75, before)
        assert (became(again(load)), wrong(load, "Europe/Berlin")) == (["inserted"] * 2, [])


def test_a_change_of_zone_waits_for_a_line_that_is_under_way(database_url: str, tmp_path: Path) -> None:
    """It can't begin between the look at the zone and the COMMIT, and then finds the new row like all others."""
    changing = threading.Thread(target=lambda: retimed.append(retime_alone(database_url)))
    retimed: list[int] = []
    tries: list[int] = []

    def reached(step: str) -> None:
        if step == "inserted" and not tries:
            changing.start()
            changing.join(0.3)
            tries.append(len(retimed))

    with loader(database_url) as load:
        quarantine_later(load, tmp_path, last=2)
        results = again(load, reached=reached)
        changing.join()

        assert (became(results), tries, retimed) == (["inserted"], [0], [2])
        assert wrong(load, "Europe/Berlin") == []


def retime_alone(url: str) -> int:
    """Changes the zone on a connection of its own; returns the rows that it looked at."""
    with loader(url) as load:
        return retime(load.database, "Europe/Berlin", dry_run=False).rows
