"""Marks: their key, their moment, and what is refused."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from etl.errors import ConfigError
from etl.upkeep.marks import mark
from tests.etl.loading import NOW, loader
from tests.etl.test_cli import run

SELECT = "SELECT kind, label, instance, seq, CAST(local_at AS text) FROM tts_mark ORDER BY ts"


def test_a_mark_is_a_row_in_the_report_time_zone(database_url: str) -> None:
    """Now without --at; a time without an offset is of the report time zone, one with an offset is what it says."""
    with loader(database_url) as load:
        moments = [
            mark(load.database, "release", "0.2.0", at, "tts-1", NOW).ts
            for at in (None, "2026-10-01T02:00", "2026-10-01T02:00+02:00")
        ]
        locals_ = [str(row[4]).replace("T", " ")[:16] for row in load.rows(SELECT)]

    assert [moment[:16] for moment in moments] == ["2026-11-22T12:00", "2026-09-30T18:00", "2026-10-01T00:00"]
    assert locals_ == ["2026-10-01 02:00", "2026-10-01 08:00", "2026-11-22 20:00"]


def test_the_very_same_mark_is_set_once(database_url: str) -> None:
    """The same moment, kind, label and instance are one mark; any other is a writer of its own with seq 1."""
    with loader(database_url) as load:
        first, again = (mark(load.database, "note", "disk", "2026-11-22T10:00", None, NOW) for _ in range(2))
        other = mark(load.database, "note", "disk", "2026-11-22T10:00", "tts-2", NOW)
        later = mark(load.database, "note", "disk", None, None, NOW)
        rows = load.rows(SELECT)
        load.check_books()
        counted = load.rows("SELECT SUM(n_rows) FROM ingest_day")[0][0]

    assert (first.inserted, again.inserted, other.inserted, later.inserted) == (True, False, True, True)
    assert len({first.writer_id, other.writer_id, later.writer_id}) == 3
    assert (len(rows), {row[3] for row in rows}, counted) == (3, {1}, 3)


@pytest.mark.parametrize(
    ("label", "at"), [(" ", None), ("a\0b", None), ("x", "yesterday"), ("x", "1999-01-01"), ("x", "2026-01-01")]
)
def test_what_is_no_mark_is_refused(database_url: str, label: str, at: str | None) -> None:
    """An empty label, a time that is none or absurd, and a day that was purged: nothing is written."""
    with loader(database_url) as load:
        load.execute("INSERT INTO retention_state (name, purged_before) VALUES ('events', '2026-06-01')")
        with pytest.raises(ConfigError):
            mark(load.database, "note", label, at, None, NOW)

        assert load.rows(SELECT) == []


def test_a_mark_of_another_second_is_another(database_url: str) -> None:
    """Without --at the moment itself is part of the key."""
    with loader(database_url) as load:
        for seconds in range(3):
            mark(load.database, "release", "1", None, None, NOW + timedelta(seconds=seconds))

        assert len(load.rows(SELECT)) == 3


def test_the_command(database_url: str) -> None:
    """--json gives what was set; an unknown kind is wrong use."""
    arguments = ("mark", "--database-url", database_url, "--label", "休", "--at", "2026-10-01T00:00")
    code, out, _ = run(*arguments, "--kind", "holiday", "--json")
    found = json.loads(out)
    said = run(*arguments, "--kind", "holiday")

    assert (code, found["label"], found["ts"], found["inserted"]) == (0, "休", "2026-09-30T16:00:00.000000Z", True)
    assert said[2] == "marked already: holiday 休 at 2026-10-01T00:00:00.000000\n"
    assert run(*arguments, "--kind", "party")[0] == 2
