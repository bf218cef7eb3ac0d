"""Databases made for a fixture and filled by the loader."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from redash.data.database import reading
from redash.errors import DatabaseAway, WrongUse
from redash.testing.fixtures import Log
from redash.testing.lines import written
from redash.testing.loading import FixtureRefused, Stand, stand
from redash.testing.models import Requests
from redash.testing.moments import moment

LINES = tuple(written(Requests(requests=3), moment("2026-11-20T12:00", None), "w"))  # type: ignore[arg-type]


def test_each_fixture_has_its_own_lines_alone(both: Stand):
    """In its report time zone; a fixture without lines is empty."""
    for dialect in both.dialects:
        for log, rows, first in (
            (Log(LINES), 3, "2026-11-20T19:10"),
            (Log(), 0, "None"),
            (Log(LINES[:1]), 1, "2026-11-20T19:10"),
        ):
            with reading(both.filled(dialect, "Asia/Shanghai", log), 10) as opened:
                found = opened.run("SELECT COUNT(*), MIN(local_at) FROM tts_request").rows[0]
                assert (opened.dialect, opened.report_timezone()) == (dialect, "Asia/Shanghai")
                assert (found[0], str(found[1])[:16]) == (rows, first)
                assert opened.run("SELECT COUNT(*) FROM ingest_batch").rows == ((int(rows > 0),),)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"ts":"2026', '"ts":"in 2026', "of 3 lines 1 were refused, 0 break a law, 0 came twice"),
        ('"fault":"none"', '"fault":"client"', "of 3 lines 0 were refused, 1 break a law, 0 came twice"),
    ],
)
def test_lines_that_are_no_lines_are_refused(both: Stand, old: str, new: str, said: str):
    """A fixture must say what it means, or it would test another thing."""
    with pytest.raises(FixtureRefused) as caught:
        both.filled("sqlite", "UTC", Log((*LINES[:2], LINES[2].replace(old, new))))

    assert str(caught.value) == said


def test_what_the_loader_says_is_told(both: Stand):
    """Its error and its hint, not the progress before them."""
    with pytest.raises(FixtureRefused) as caught:
        both.filled("sqlite", "UTC", Log(("{}", "{}"), as_they_are=2))

    assert str(caught.value).startswith("tts-etl import: ")
    assert str(caught.value).endswith(".log is no request log: more than half of its first lines are none")
    assert caught.value.hint == "load it all the same with tts-etl backfill --accept"


def test_lines_that_come_twice_are_refused(both: Stand):
    """The second would be no row."""
    with pytest.raises(FixtureRefused, match="1 came twice"):
        both.filled("sqlite", "UTC", Log((*LINES, LINES[0])))


def test_lines_given_as_they_are_may_be_broken(both: Stand):
    """So many and no more."""
    both.filled("sqlite", "UTC", Log((*LINES, '{"v":1,"event":"tts.request"}'), as_they_are=1))


def test_nothing_stays_behind(postgres):
    """No database on the server, no file."""

    def databases() -> set[str]:
        engine = create_engine(postgres.url("postgres"))
        with engine.connect() as connection:
            found = {row[0] for row in connection.execute(text("SELECT datname FROM pg_database"))}
        engine.dispose()
        return found

    before = databases()
    with stand(postgres.url("postgres")) as made:
        made.filled("postgresql", "UTC", Log(LINES))
        made.filled("sqlite", "UTC", Log(LINES))
        assert len(databases() - before) == 1
        folder = made.folder

    assert databases() == before
    assert not folder.exists()


def test_a_server_that_cannot_be_used_is_told():
    """Which option it is about."""
    with stand("sqlite:///x.db") as made, pytest.raises(WrongUse, match="--postgresql is the URL of another kind"):
        made.filled("postgresql", "UTC", Log())
    with stand("nonsense") as made, pytest.raises(WrongUse, match="--postgresql is no database URL"):
        made.filled("postgresql", "UTC", Log())
    with stand("postgresql+psycopg2://x@127.0.0.1:1/x") as made, pytest.raises(DatabaseAway):
        made.filled("postgresql", "UTC", Log())
