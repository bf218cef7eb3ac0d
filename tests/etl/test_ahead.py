"""Lines decoded ahead by other processes become the same rows, books and quarantine as those decoded here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from etl.reading.decoding import Decoders, Job
from etl.store.retention import key_hash
from etl.tables import event_columns
from tests.etl.lines import FULL, WRITER, encode, heartbeat, line, mark, request
from tests.etl.loading import loader

_ODD = (
    b"",
    b"a banner",
    b"{broken",
    b'{"v":1,"event":"tts.request"}',
    b'torn {"time": "2025-04-05T10:23:45", "text_len": 1, "emotion": "calm", "duration": 1, "success": true}',
    b'{"time": "2025-04-05T10:23:45", "text_len": 120, "emotion": "happy", "duration": 2.3, "success": true}',
    line(5001, speaker="None", language="tab\t backslash \\ line\n", new_key={"a": [1]}),
    line(5002, audio_seconds=3, text_tokens="many", stage_seconds={}, total_seconds=0.001),
    b'{"v":1,"half' + line(5003),
    heartbeat(5004),
    mark(5005),
)


def _log(path: Path, count: int = 2600, odd: tuple[bytes, ...] = _ODD) -> Path:
    """About 4 MiB: the first stretch is read by the loader itself, what follows it is packed."""
    usual = [line(seq, **FULL, request_id=f"r-{seq:0900}") for seq in range(1, count + 1)]
    middle = count - count // 4
    path.write_bytes(b"".join(text + b"\n" for text in [*usual[:middle], *odd, *usual[middle:]]))
    return path


def _holdings(made: Any) -> list[list[tuple[Any, ...]]]:
    """All rows, books and quarantine, without run ids."""
    return [
        *(
            made.rows(f"SELECT {', '.join(event_columns(table))} FROM {table} ORDER BY byte_offset")
            for table in _TABLES
        ),
        made.rows("SELECT off, raw, kind, error, event_day, writer_id FROM ingest_quarantine ORDER BY off, raw"),
        made.rows(
            "SELECT committed, n_ok, n_dup, n_quarantined, n_blank, n_skipped, n_law_violations FROM ingest_stream"
        ),
        made.rows("SELECT off, win, sha256 FROM ingest_anchor ORDER BY off"),
        made.rows("SELECT event_day, n_rows FROM ingest_day ORDER BY event_day"),
    ]


_TABLES = ("tts_request", "tts_heartbeat", "tts_mark")


@pytest.fixture
def two_urls(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[str, str]:
    """Two databases of one kind."""
    if database_url.startswith("sqlite"):
        other = tmp_path / "other.db"
        other.write_bytes((tmp_path / "tts.db").read_bytes())
        return database_url, f"sqlite:///{other}"
    server = request.getfixturevalue("postgres")
    return database_url, server.url(server.create(request.getfixturevalue("postgres_template")))


def test_same_as_here(two_urls: tuple[str, str], tmp_path: Path) -> None:
    """Rows, quarantine, counters, anchors and days are the same, odd lines in the middle included."""
    log = _log(tmp_path / "tts.log")
    with loader(two_urls[0]) as ahead, loader(two_urls[1]) as here:
        assert ahead.load(log, bulk_bytes=1).counts() == here.load(log).counts()
        assert _holdings(ahead) == _holdings(here)
        ahead.check_books()


def test_overlap_goes_line_by_line(database_url: str, tmp_path: Path) -> None:
    """Packed rows of which some are there already go in one by one: the rest is new, nothing is doubled."""
    log = _log(tmp_path / "tts.log", odd=())
    first = tmp_path / "first.log"
    first.write_bytes(b"another head\n" + b"".join(log.read_bytes().splitlines(keepends=True)[1000:1800]))
    with loader(database_url) as made:
        assert made.load(first, accept=True).counts().ok == 800
        counts = made.load(log, bulk_bytes=1).counts()
        assert (counts.ok, counts.dup) == (1800, 800)
        assert made.seqs() == list(range(1, 2601))
        made.check_books()


@pytest.mark.parametrize("kept_out", ["purged", "erased", "future"])
def test_lines_that_need_a_closer_look(kept_out: str, two_urls: tuple[str, str], tmp_path: Path) -> None:
    """Lines that a purge or an erasure keeps out, and those of the future, are treated as they are here."""
    days = {"purged": "2026-11-01", "erased": "2026-11-19", "future": "2026-11-29"}
    texts = [
        encode(request(seq, **{**FULL, "ts": f"{day}T10:00:00.000000Z", "request_id": f"r-{seq:0900}"}))
        for seq, day in enumerate(["2026-11-20", days[kept_out]] * 1000, 1)
    ]
    log = tmp_path / "tts.log"
    log.write_bytes(b"\n".join(texts) + b"\n")
    with loader(two_urls[0]) as ahead, loader(two_urls[1]) as here:
        for made in (ahead, here):
            made.execute("INSERT INTO retention_state (name, purged_before) VALUES ('events', '2026-11-10')")
            if kept_out == "erased":
                made.execute(
                    "INSERT INTO erased_key (key_hash, erased_at) VALUES (?, '2026-11-20T10:00:00.000000Z')",
                    key_hash(("2026-11-19", WRITER, 1800)),
                )
        counts = ahead.load(log, bulk_bytes=1).counts()
        assert counts == here.load(log).counts()
        assert (counts.ok, counts.erased, counts.future) == {
            "purged": (1000, 0, 0),
            "erased": (1999, 1, 0),
            "future": (2000, 0, 1000),
        }[kept_out]
        assert _holdings(ahead) == _holdings(here)


def test_the_last_commit_of_a_file_waits_for_the_disk(postgres: Any, postgres_template: str, tmp_path: Path) -> None:
    """Those before it, of packed stretches, do not: it covers them."""
    log = _log(tmp_path / "tts.log", count=9000, odd=())
    done: list[str] = []

    def notice(*values: Any) -> None:
        if "synchronous_commit" in values[2]:
            done.append(values[2])

    with loader(postgres.url(postgres.create(postgres_template))) as made:
        made.reached = lambda step: done.append(step) if step in ("packed", "committed") else None
        event.listen(Engine, "before_cursor_execute", notice)
        try:
            made.load(log, bulk_bytes=1)
        finally:
            event.remove(Engine, "before_cursor_execute", notice)

    unwaited = ["SET LOCAL synchronous_commit = off", "packed", "committed"]
    assert done == ["committed", *unwaited * 5, "packed", "committed"]


def test_a_stretch_without_rows() -> None:
    """A stretch of nothing but blanks and banners has no rows to pack."""
    decoders = Decoders()
    try:
        lines = b"\n\nbanner\n"
        decoders.give(Job("sqlite", "UTC", "UTC", 1, 0, len(lines), None), lines)
        answer = decoders.take()
        assert answer is not None
        assert (answer.data, answer.blank, answer.skipped, answer.rows) == ({}, 2, 1, 0)
    finally:
        decoders.close()
