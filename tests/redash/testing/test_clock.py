"""Queries asked as of another moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from redash.config import PACKAGED
from redash.errors import QueryFailed
from redash.specs.reading import read_pack
from redash.specs.spec import DIALECTS
from redash.testing.clock import clocked, words_of

NOON = datetime(2026, 11, 20, 12, 30, 15, 123456, tzinfo=UTC)
ZONED = "TIMESTAMPTZ '2026-11-20 12:30:15.123456+00:00'"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT NOW() - INTERVAL '5 minutes'", f"SELECT {ZONED} - INTERVAL '5 minutes'"),
        ("SELECT now ( ), clock_timestamp()", f"SELECT {ZONED}, {ZONED}"),
        ("SELECT CURRENT_TIMESTAMP", f"SELECT {ZONED}"),
        ("SELECT CURRENT_DATE, LOCALTIMESTAMP", f"SELECT CAST({ZONED} AS DATE), CAST({ZONED} AS TIMESTAMP)"),
        (
            "SELECT '今天' || now() -- NOW()\n, \"now\", now, 'NOW()'",
            f"SELECT '今天' || {ZONED} -- NOW()\n, \"now\", now, 'NOW()'",
        ),
        ("SELECT NOW() AT TIME ZONE 'UTC'", f"SELECT {ZONED} AT TIME ZONE 'UTC'"),
    ],
)
def test_postgresql_reads_the_moment_where_it_would_read_its_clock(sql, expected):
    """In calls and in words; names, comments and other texts stay, and what stands between them."""
    assert clocked(sql, "postgresql").at(NOON) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT JULIANDAY('now') - 1", "SELECT JULIANDAY('2026-11-20T12:30:15.123') - 1"),
        ("SELECT DATE('NOW', '-1 day')", "SELECT DATE('2026-11-20T12:30:15.123', '-1 day')"),
        ("SELECT CURRENT_TIMESTAMP, current_date", "SELECT '2026-11-20 12:30:15', '2026-11-20'"),
        ("SELECT '今天', NOW /* 'now' */, 'now or never'", "SELECT '今天', NOW /* 'now' */, 'now or never'"),
    ],
)
def test_sqlite_reads_the_moment_where_it_would_read_its_clock(sql, expected):
    """To the millisecond, as its functions do."""
    assert clocked(sql, "sqlite").at(NOON) == expected


def test_a_moment_of_another_zone_is_the_same_moment():
    """Said in UTC."""
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))

    assert clocked("SELECT NOW()", "postgresql").at(shanghai) == f"SELECT {ZONED}"


@pytest.mark.parametrize(
    ("dialect", "sql", "message"),
    [
        ("postgresql", "SELECT LOCALTIME", "LOCALTIME reads the clock, and can't be asked as of another moment"),
        ("postgresql", "SELECT 'now'::timestamptz", "the text 'now' may read the clock: write NOW()"),
        ("postgresql", "SELECT DATE 'yesterday'", "the text 'yesterday' may read the clock: write NOW()"),
        ("sqlite", "SELECT DATE()", "DATE reads the clock, and can't be asked as of another moment"),
        ("sqlite", "SELECT 'open", "this is no SQL: a text or a name does not end"),
    ],
)
def test_what_cannot_be_moved_in_time_is_refused(dialect, sql, message):
    """Rather than read a clock unseen."""
    with pytest.raises(QueryFailed) as caught:
        clocked(sql, dialect)

    assert str(caught.value) == message


def test_every_query_that_ships_can_be_asked_as_of_another_moment():
    """And says whether it reads the clock: all alerts do, and a text without a clock stays as it is."""
    pack, _ = read_pack(PACKAGED)
    texts = [(query, dialect, query.sql[dialect].text) for query in pack.queries.values() for dialect in DIALECTS]
    still = {query.slug for query, dialect, text in texts if not clocked(text, dialect).reads_the_clock}

    assert still & {alert.spec.query for alert in pack.alerts.values()} == set()
    assert all(clocked(text, dialect).at(NOON) == text for query, dialect, text in texts if query.slug in still)


def test_words_are_those_of_the_text_alone():
    """No comment, no string."""
    assert words_of("SELECT a FROM Tts_Request -- ingest_source\nWHERE b = 'c'", "sqlite") == {
        "select", "a", "from", "tts_request", "where", "b", "=",
    }  # fmt: skip
