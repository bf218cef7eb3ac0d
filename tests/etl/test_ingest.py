"""Files become rows exactly once, whatever happens to the files; on SQLite and PostgreSQL alike."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from etl.lines.counts import Counts
from etl.lines.outcomes import Reject
from etl.loading.batch import Days
from tests.etl import lines
from tests.etl.loading import loader
from tests.etl.test_records import BAD, decode

OLDER = b"[2025-04-05 02:23:45] INFO - TextLen=%d, Emotion=happy, Duration=2.3s, Success=True\n"


def test_each_line_is_loaded_once(database_url: str, tmp_path: Path) -> None:
    """A second pass finds nothing new, a third what was appended, and the books add up."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 3) + lines.heartbeat(4) + b"\n" + lines.mark(5) + b"\n\n")
    with loader(database_url) as load:
        assert load.load(log).counts() == Counts(ok=5, blank=1)
        assert load.load(log).counts() == Counts()
        with log.open("ab") as file:
            file.write(lines.lines(6, 7))
        assert load.load(log).counts() == Counts(ok=2)

        load.check_books()
        assert (load.seqs(), load.streams()) == ([1, 2, 3, 6, 7], [(0, log.stat().st_size)])


def test_values_come_back_as_the_line_had_them(database_url: str, dialect: str, tmp_path: Path) -> None:
    """A text with every awkward character, a list and an object are the same in the database."""
    speaker = "a\\b\tc\r\"'%s?{}\u2028\u202e😀中"
    log = tmp_path / "tts.log"
    log.write_bytes(lines.line(1, **{**lines.FULL, "speaker": speaker}, new={"a": [1, None]}) + b"\n")
    with loader(database_url) as load:
        load.load(log)

        row = load.rows(
            "SELECT speaker, stage_seconds, extra, repeat, gpu_memory_peak_bytes, total_seconds FROM tts_request"
        )[0]

    decoded = [json.loads(value) if dialect == "sqlite" and at in (1, 2) else value for at, value in enumerate(row)]
    assert decoded == [speaker, lines.FULL["stage_seconds"], {"new": {"a": [1, None]}}, True, 5368709120, 0.25]


def test_a_partial_line_waits_for_its_newline(database_url: str, tmp_path: Path) -> None:
    """A line written byte by byte, with a pass after each, is one row and nothing in quarantine."""
    log = tmp_path / "tts.log"
    log.write_bytes(b"")
    whole = lines.line(1) + b"\n" + lines.line(2) + b"\n"
    with loader(database_url) as load:
        for at in range(0, len(whole), 41):
            with log.open("ab") as file:
                file.write(whole[at : at + 41])
            load.load(log)

        assert (load.seqs(), load.kinds()) == ([1, 2], [])


@pytest.mark.parametrize("half", [0, 1, 2])
def test_renaming_and_compressing_goes_on_at_the_offset(database_url: str, tmp_path: Path, half: int) -> None:
    """What was read of a live file is not read again from its archive, and the rest is."""
    log, archive = tmp_path / "tts.log", tmp_path / "tts.log.1.gz"
    log.write_bytes(lines.lines(1, half))
    with loader(database_url) as load:
        load.load(log)
        with log.open("ab") as file:
            file.write(lines.lines(half + 1, 3))
        archive.write_bytes(gzip.compress(log.read_bytes()))
        log.write_bytes(lines.lines(4, 5))

        assert load.load([archive, log]).counts() == Counts(ok=5 - half)
        assert (load.seqs(), [generation for generation, _ in load.streams()]) == ([1, 2, 3, 4, 5], [0, 0])


def test_truncating_and_writing_on_is_a_new_stream(database_url: str, tmp_path: Path) -> None:
    """After a copytruncate the live file is read from its start, also if it outgrows the old offset at once."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 3))
    with loader(database_url) as load:
        load.load(log)
        log.write_bytes(lines.lines(4, 9))
        load.load(log)

        assert load.seqs() == list(range(1, 10))


def test_a_shorter_copy_moves_nothing(database_url: str, tmp_path: Path) -> None:
    """A copy that ends before the offset, plain or compressed, adds no row and no generation, however often seen."""
    log = tmp_path / "tts.log"
    content = lines.lines(1, 40)
    log.write_bytes(content)
    plain, packed = tmp_path / "tts.log.1", tmp_path / "tts.log.2.gz"
    with loader(database_url) as load:
        load.load(log)
        before = load.streams()
        for cut in (1, 500, 5000, len(content) - 3):
            plain.write_bytes(content[:cut])
            packed.write_bytes(gzip.compress(content[:cut]))
            load.load([plain, packed, log], use_cache=False)

        assert load.streams() == before
        assert load.seqs() == list(range(1, 41))
        load.check_books()


@pytest.mark.parametrize("appended", [1, 3, 30])
def test_a_tail_lost_in_a_power_cut_doubles_nothing(database_url: str, tmp_path: Path, appended: int) -> None:
    """Bytes gone after their import, and new lines behind: less, as many or more than before, each is there once."""
    log = tmp_path / "tts.log"
    content = lines.lines(1, 20)
    log.write_bytes(content)
    with loader(database_url) as load:
        load.load(log)
        log.write_bytes(content[: len(lines.lines(1, 17)) + 100] + b"\n" + lines.lines(21, 20 + appended))
        load.load(log)

        assert load.seqs() == list(range(1, 21 + appended))


def test_equal_first_lines_are_told_apart_by_what_follows(database_url: str, tmp_path: Path) -> None:
    """Files with the same banner and lines of the same length and the same last bytes lose nothing."""
    paths = []
    for number in range(4):
        path = tmp_path / f"s{number}.log"
        first = 100 * number
        body = b"".join(lines.line(first + seq, extra_padding="x" * 64) + b"\n" for seq in range(100, 103 + number))
        path.write_bytes(b"Running on local URL\n" + body)
        paths.append(path)
    with loader(database_url) as load:
        for _ in range(3):
            load.load(paths)

        expected = [100 * number + seq for number in range(4) for seq in range(100, 103 + number)]
        assert load.seqs() == expected


def test_malformed_lines_stop_nothing_and_none_vanishes(database_url: str, tmp_path: Path) -> None:
    """Every bad line, between good ones, is in quarantine with its bytes and cause; the good ones are rows."""
    bad = [line for line in BAD if b"\n" not in line]
    content = b"".join(lines.line(seq) + b"\n" + line + b"\n" for seq, line in enumerate(bad, 1)) + lines.lines(
        500, 600
    )
    log = tmp_path / "tts.log"
    log.write_bytes(content)
    with loader(database_url) as load:
        report = load.load(log)

        counts = report.counts()
        assert (counts.lines, counts.quarantined) == (content.count(b"\n"), len(bad))
        kept = load.rows("SELECT kind, raw, len FROM ingest_quarantine ORDER BY off")
        assert [row[0] for row in kept] == [BAD[line] for line in bad]
        assert [(row[1], row[2]) for row in kept] == [
            (line if len(line) <= 256 * 1024 else line[: 64 * 1024], len(line)) for line in bad
        ]
        load.check_books()


def test_a_line_longer_than_memory_should_hold_is_passed_over(database_url: str, tmp_path: Path) -> None:
    """Ten MiB without a newline wait; once ended they are one reject with the first 64 KiB, and the next line a row."""
    log = tmp_path / "tts.log"
    long = b"{" * (10 * 1024 * 1024)
    log.write_bytes(lines.lines(1, 1) + long)
    with loader(database_url) as load:
        assert load.load(log).counts() == Counts(ok=1)
        assert load.load(log).lag_bytes == len(long)
        with log.open("ab") as file:
            file.write(b"\n" + lines.lines(2, 2))
        assert load.load(log).counts() == Counts(ok=1, quarantined=1)

        assert load.rows("SELECT kind, len, length(raw) FROM ingest_quarantine") == [("too_long", len(long), 65536)]
        assert load.seqs() == [1, 2]
        load.check_books()


def test_older_lines_among_banners(database_url: str, tmp_path: Path) -> None:
    """Both older forms are rows, banners and tracebacks are skipped, and neither a rename nor gzip doubles them."""
    log = tmp_path / "old.log"
    second = b'{"time": "2025-04-05T10:23:46", "text_len": 5, "emotion": "sad", "duration": 1, "success": false}\n'
    log.write_bytes(b"Loading model\nTraceback:\n" + OLDER % 120 + b"  banner\n" + OLDER % 121 + second)
    archive = tmp_path / "old.log.1.gz"
    archive.write_bytes(gzip.compress(log.read_bytes()))
    with loader(database_url) as load:
        assert load.load(log).counts() == Counts(ok=3, skipped=3)
        assert load.load(archive).counts() == Counts()
        load.execute("DELETE FROM ingest_file_seen")
        load.execute("DELETE FROM ingest_stream")
        load.execute("DELETE FROM ingest_batch")

        assert load.load(archive).counts() == Counts(dup=3, skipped=3)


def test_two_services_with_the_same_old_lines_keep_both(database_url: str, tmp_path: Path) -> None:
    """The same banner and later lines at the same offsets don't collide if the first request differs."""
    one, two = tmp_path / "one.log", tmp_path / "two.log"
    one.write_bytes(b"banner\n" + OLDER % 120 + OLDER % 130)
    two.write_bytes(b"banner\n" + OLDER % 121 + OLDER % 130)
    with loader(database_url) as load:
        assert load.load([one, two]).counts() == Counts(ok=4, skipped=2)
        assert load.kinds() == []


def test_the_same_key_with_other_content_is_a_conflict(database_url: str, tmp_path: Path) -> None:
    """The row that is there stays; the other line is kept in quarantine; a line read again is only a duplicate."""
    one, two = tmp_path / "one.log", tmp_path / "two.log"
    one.write_bytes(lines.lines(1, 2))
    two.write_bytes(lines.line(3) + b"\n" + lines.line(2, text_chars=9) + b"\n" + lines.line(1) + b"\n")
    with loader(database_url) as load:
        load.load(one)
        assert load.load(two).counts() == Counts(ok=1, dup=1, quarantined=1)

        assert load.kinds() == ["key_conflict"]
        assert load.rows("SELECT text_chars FROM tts_request WHERE seq = 2") == [(11,)]
        load.check_books()


def test_request_ids_may_repeat(database_url: str, tmp_path: Path) -> None:
    """A client's id is no key."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 50, request_id="same"))
    with loader(database_url) as load:
        assert load.load(log).counts() == Counts(ok=50)


def test_what_the_database_refuses_goes_to_quarantine_alone(database_url: str, dialect: str, tmp_path: Path) -> None:
    """A rejected row is found by halving; all other rows of its batch go in."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 20))
    with loader(database_url) as load:
        if dialect == "sqlite":
            refuse = (
                "CREATE TRIGGER refuse BEFORE INSERT ON tts_request WHEN NEW.seq IN (7, 20) "
                "BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        else:
            refuse = "ALTER TABLE tts_request ADD CONSTRAINT refuse CHECK (seq NOT IN (7, 20))"
        load.execute(refuse)

        assert load.load(log).counts() == Counts(ok=18, quarantined=2)
        assert (load.kinds(), load.seqs()) == (["db_rejected"] * 2, [seq for seq in range(1, 20) if seq != 7])


def test_a_schema_that_lost_a_column_stops_and_quarantines_nothing(database_url: str, tmp_path: Path) -> None:
    """An error of the schema is no fault of the lines: nothing moves."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 5))
    with loader(database_url) as load:
        load.execute("ALTER TABLE tts_request DROP COLUMN gpu_utilization")

        with pytest.raises(Exception, match="refused a statement"):
            load.load(log)
        assert (load.kinds(), load.streams(), load.seqs()) == ([], [], [])


def test_purged_days_stay_gone(database_url: str, tmp_path: Path) -> None:
    """Lines below the watermark are counted as expired, also where every book of them was lost."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 3, ts="2026-09-01T10:00:00.000000Z") + lines.lines(4, 6))
    with loader(database_url) as load:
        load.execute("INSERT INTO retention_state (name, purged_before) VALUES ('events', '2026-10-01')")
        assert load.load(log).counts() == Counts(ok=3, expired=3)


def test_an_old_line_in_a_young_file_is_suspect(database_url: str, tmp_path: Path) -> None:
    """A file that begins after the watermark can't hold lines from before it: their clock was wrong."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(4, 6) + lines.lines(7, 7, ts="2026-09-01T10:00:00.000000Z"))
    with loader(database_url) as load:
        load.execute("INSERT INTO retention_state (name, purged_before) VALUES ('events', '2026-10-01')")
        assert load.load(log).counts() == Counts(ok=3, quarantined=1)
        assert load.kinds() == ["ts_suspect"]


def test_erased_rows_stay_gone(database_url: str, tmp_path: Path) -> None:
    """A line whose key has a tombstone is counted and not loaded."""
    from etl.store.retention import key_hash

    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 3))
    with loader(database_url) as load:
        gone = key_hash(("2026-11-20", lines.WRITER, 2))
        load.execute("INSERT INTO erased_key (key_hash, erased_at) VALUES (?, '2026-11-21T00:00:00Z')", gone)

        assert load.load(log).counts() == Counts(ok=2, erased=1)
        assert load.seqs() == [1, 3]


def test_lines_of_the_future_and_against_the_laws_are_counted(database_url: str, tmp_path: Path) -> None:
    """More than a day ahead of the clock, or against a law: loaded, and counted beside."""
    log = tmp_path / "tts.log"
    future = lines.line(1, ts="2026-11-23T12:00:00.000001Z") + b"\n" + lines.line(2, ts="2026-11-23T12:00:00.000000Z")
    log.write_bytes(future + b"\n" + lines.line(3, fault="client") + b"\n")
    with loader(database_url) as load:
        assert load.load(log).counts() == Counts(ok=3, future=1, law_violations=1)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_last_line_of_an_archive_may_lack_its_newline(database_url: str, tmp_path: Path, end: bytes) -> None:
    """A whole object at the end of a verified archive is a row."""
    archive = tmp_path / "tts.log.1.gz"
    archive.write_bytes(gzip.compress(lines.lines(1, 2) + lines.line(3) + end))
    with loader(database_url) as load:
        assert load.load(archive).counts() == Counts(ok=3)
        assert load.load(archive, use_cache=False).counts().ok == 0
        assert load.seqs() == [1, 2, 3]


def test_half_a_line_at_the_end_of_an_archive_is_kept_and_a_longer_copy_still_read(
    database_url: str, tmp_path: Path
) -> None:
    """It is quarantined as unterminated; the offset stays before it, so that a whole copy loses nothing."""
    content = lines.lines(1, 3)
    short, whole = tmp_path / "tts.log.2.gz", tmp_path / "tts.log.1.gz"
    short.write_bytes(gzip.compress(content[:-100]))
    whole.write_bytes(gzip.compress(content))
    with loader(database_url) as load:
        assert load.load(short).counts() == Counts(ok=2, quarantined=1)
        assert load.kinds() == ["unterminated"]
        assert load.load(whole).counts() == Counts(ok=1)
        load.check_books()


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"banner\n" * 5, "no_log"),
        (b"# README\nnot a log\n", "no_log"),
        (b"banner\n" * 900 + lines.lines(1, 200), "no_log"),
        (b"banner\n" * 30 + lines.lines(1, 1), "read"),
        (b"banner\n" * 400 + lines.lines(1, 700), "read"),
        (b"\n", "read"),
        (b"", "read"),
    ],
)
def test_a_file_that_is_no_log_stops_before_its_offset_moves(
    database_url: str, tmp_path: Path, content: bytes, state: str
) -> None:
    """More than half of the first 1,000 lines bad, or a shorter file without any row: nothing of it is loaded."""
    path, log = tmp_path / "some.log", tmp_path / "tts.log"
    path.write_bytes(content)
    log.write_bytes(lines.lines(5000, 5001))
    with loader(database_url) as load:
        report = load.load([path, log])

        assert [file.state for file in report.files] == [state, "read"]
        assert len(load.streams()) == (1 if state == "no_log" or not content else 2)
        assert load.load(path, accept=True).counts().lines == (content.count(b"\n") if state == "no_log" else 0)


def test_a_range_of_days_moves_no_offset(database_url: str, tmp_path: Path) -> None:
    """Days of the report time zone are loaded by key; a later import loads the rest and finds those as duplicates."""
    log = tmp_path / "tts.log"
    stamps = [f"2026-11-{day}T18:00:00.000000Z" for day in (10, 11, 12)]
    log.write_bytes(b"".join(lines.line(seq, ts=ts) + b"\n" for seq, ts in enumerate(stamps, 1)))
    with loader(database_url) as load:
        only = Days(date(2026, 11, 12), date(2026, 11, 12))
        assert load.load(log, days=only).counts() == Counts(ok=1, outside=2)
        assert load.seqs() == [2]
        assert load.load(log).counts() == Counts(ok=2, dup=1)
        load.check_books()


def test_a_dry_run_changes_nothing(database_url: str, tmp_path: Path) -> None:
    """It counts what would come, and leaves no row, stream or quarantined line."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 3) + b"{bad\n")
    with loader(database_url) as load:
        assert load.load(log, dry_run=True).counts() == Counts(ok=3, quarantined=1)
        assert (load.seqs(), load.streams(), load.kinds()) == ([], [], [])


def test_a_file_truncated_while_it_is_read_leaves_no_garbage(database_url: str, tmp_path: Path) -> None:
    """Between reading and writing the file is replaced by longer content: nothing torn is committed."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 5))
    done: list[str] = []

    def replace(step: str) -> None:
        if step == "begun" and not done:
            done.append(step)
            log.write_bytes(lines.lines(6, 30))

    with loader(database_url) as load:
        load.reached = replace
        load.load(log)

        assert (load.seqs(), load.kinds()) == (list(range(6, 31)), [])


@pytest.mark.parametrize("overtaken", [1, 40], ids=["within its first anchor", "beyond it"])
def test_a_file_opened_before_another_importer_went_past_its_end(
    database_url: str, tmp_path: Path, overtaken: int
) -> None:
    """Neither a shorter copy nor a new stream: it goes on at the other's offset, and no line is looked at twice."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 2))
    ends = iter([(3, 2 + overtaken), (3 + overtaken, 5 + overtaken)])

    def append() -> None:
        first, last = next(ends)
        with log.open("ab") as file:
            file.write(lines.lines(first, last))

    with loader(database_url) as slow, loader(database_url) as fast:
        slow.load(log)

        def overtake(step: str) -> None:
            if step == "opened":
                slow.reached = lambda _: None
                append()
                fast.load(log)
                append()

        slow.reached = overtake
        report = slow.load(log)
        fast.load(log)

        books = "SELECT n_ok, n_dup, n_replayed, n_prefix_copies, generation FROM ingest_stream"
        assert slow.rows(books) == [(5 + overtaken, 0, 0, 0, 0)]
        assert ([file.state for file in report.files], slow.seqs()) == (["read"], list(range(1, 6 + overtaken)))
        slow.check_books()


def test_a_file_compressed_while_it_was_open(database_url: str, tmp_path: Path) -> None:
    """Renamed, written to late, seen as a torn archive and as a whole, longer one: each line once, and none looked at twice."""
    log, plain, packed = (tmp_path / name for name in ("tts.log", "tts.log.1", "tts.log.1.gz"))
    log.write_bytes(lines.lines(1, 2))
    whole = lines.lines(1, 45)
    with loader(database_url) as slow, loader(database_url) as fast:
        slow.load(log)

        def compress(step: str) -> None:
            if step == "opened":
                slow.reached = lambda _: None
                log.rename(plain)
                plain.write_bytes(whole)
                packed.write_bytes(gzip.compress(whole)[:-4])
                assert [file.state for file in fast.load(packed).files] == ["not_ready"]
                packed.write_bytes(gzip.compress(whole))
                plain.unlink()
                fast.load(packed)
                log.write_bytes(lines.lines(46, 48))

        slow.reached = compress
        slow.load(log)
        slow.load([log, packed])

        books = "SELECT n_ok, n_dup, n_replayed, n_prefix_copies, generation FROM ingest_stream ORDER BY stream_id"
        assert slow.rows(books) == [(45, 0, 0, 0, 0), (3, 0, 0, 0, 0)]
        assert slow.seqs() == list(range(1, 49))
        slow.check_books()


def test_a_file_that_lost_its_tail_while_it_was_open(database_url: str, tmp_path: Path) -> None:
    """It is the shorter copy that it is now, and no new stream."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 40))
    with loader(database_url) as load:
        load.load(log)

        def cut(step: str) -> None:
            if step == "opened":
                log.write_bytes(lines.lines(1, 30))

        load.reached = cut
        report = load.load(log)

        assert ([file.state for file in report.files], load.seqs()) == (["prefix"], list(range(1, 41)))
        assert load.rows("SELECT n_ok, n_dup, n_replayed, generation FROM ingest_stream") == [(40, 0, 0, 0)]


def test_the_ledger_grows_by_runs_not_by_batches(database_url: str, tmp_path: Path) -> None:
    """Live batches of one run extend its last row."""
    from etl.loading.batch import Run
    from etl.loading.ingest import Ingest, Reading
    from tests.etl.loading import NOW

    log = tmp_path / "tts.log"
    log.write_bytes(b"")
    with loader(database_url) as load:
        run = Run("default", "one", "0", lambda: NOW, lambda _: None)
        ingest = Ingest(load.database, load.decoder, run, Reading())
        for seq in range(1, 6):
            with log.open("ab") as file:
                file.write(lines.line(seq) + b"\n")
            ingest.one_pass([log])

        assert load.rows("SELECT from_off, to_off, n_ok FROM ingest_batch") == [(0, log.stat().st_size, 5)]
        load.check_books()


def test_two_sources_keep_books_of_their_own(database_url: str, tmp_path: Path) -> None:
    """The same file under two sources gives its rows once and a stream to each."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 3))
    with loader(database_url) as one, loader(database_url, source_id="other") as two:
        assert one.load(log).counts() == Counts(ok=3)
        assert two.load(log).counts() == Counts(dup=3)
        assert len(one.streams()) == 2


def test_seen_archives_are_not_read_again(database_url: str, tmp_path: Path) -> None:
    """The cache spares an archive its decompression; without it nothing but that differs."""
    archive = tmp_path / "tts.log.1.gz"
    archive.write_bytes(gzip.compress(lines.lines(1, 3)))
    with loader(database_url) as load:
        load.load(archive)
        states = load.rows("SELECT state FROM ingest_file_seen")
        load.execute("DELETE FROM ingest_file_seen")
        assert load.load(archive).counts() == Counts()
        assert states in ([("eof",)], [])


def test_the_causes_in_the_corpus_are_those_of_the_decoder() -> None:
    """The corpus of bad lines above is the one of the decoder's tests."""
    assert all(isinstance(decode(line), Reject) for line in BAD)
