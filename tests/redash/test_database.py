"""Reading a database, and nothing but reading."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from redash.data.database import Result, reading
from redash.errors import DatabaseAway, QueryFailed, SchemaMissing, WrongUse


def test_rows_come_as_json_knows_them(database_url: str):
    """Columns in their order, nulls as nulls."""
    with reading(database_url, 30) as opened:
        result = opened.run("SELECT 1 AS one, 'a%:b' AS text, NULL AS missing, 1.5 AS more")

    assert (result.columns, result.rows) == (("one", "text", "missing", "more"), ((1, "a%:b", None, 1.5),))
    assert result.column("more") == [1.5]


def test_moments_are_alike_on_both_databases(database_url: str, fill: Callable[..., None], line):
    """Six decimals and a T: Redash takes nothing else for a moment on SQLite."""
    fill(database_url, line("2026-11-20T02:00:00"))
    with reading(database_url, 30) as opened:
        rows = opened.run("SELECT local_at, DATE(local_at) AS day FROM tts_request").rows
        newest = opened.newest_at()

    assert rows == (("2026-11-20T10:00:00.000000", "2026-11-20"),)
    assert newest == "2026-11-20T10:00:00.000000"


def test_what_json_has_no_word_for_is_nothing(database_url: str):
    """An infinite figure would else break the whole page."""
    with reading(database_url, 30) as opened:
        infinite = "9e999" if opened.dialect == "sqlite" else "CAST('Infinity' AS DOUBLE PRECISION)"
        rows = opened.run(f"SELECT {infinite} AS a, 0.5 AS b").rows

    assert rows == ((None, 0.5),)


@pytest.mark.parametrize("sql", ["DELETE FROM setting", "CREATE TABLE mine (a INTEGER)", "DROP TABLE setting"])
def test_nothing_can_be_written(database_url: str, sql: str):
    """The connection refuses, whatever the SQL says; what was there is still there."""
    with reading(database_url, 30) as opened:
        with pytest.raises(QueryFailed, match=r"readonly|read-only"):
            opened.run(sql)
        still = opened.report_timezone()

    assert still == "Asia/Shanghai"


def test_a_query_that_fails_leaves_the_next_one_its_turn(database_url: str):
    """One line of the driver, and the connection goes on."""
    with reading(database_url, 30) as opened:
        with pytest.raises(QueryFailed) as caught:
            opened.run("SELECT nothing FROM tts_request")
        after = opened.run("SELECT 2 AS two").rows

    assert "nothing" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert after == ((2,),)


def test_a_query_that_takes_too_long_is_ended(database_url: str):
    """After the time-out, by the database itself or by its progress handler."""
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT COUNT(*) FROM n"
    )
    with reading(database_url, 0.2) as opened:
        with pytest.raises(QueryFailed, match=r"took longer than 0\.2 seconds"):
            opened.run(endless)
        after = opened.run("SELECT 1").rows

    assert after == ((1,),)


def test_a_database_without_our_tables_is_told(empty_database_url: str, tmp_path: Path):
    """With the command that makes them."""
    (tmp_path / "tts.db").touch()
    with reading(empty_database_url, 30) as opened, pytest.raises(SchemaMissing) as caught:
        opened.report_timezone()

    assert "tts-etl migrate" in caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("url", ["no url", "mysql://localhost/a", "sqlite:////nowhere/tts.db", "sqlite://"])
def test_a_url_that_leads_nowhere_is_wrong_use(url: str):
    """And no file is made, as SQLite would."""
    with pytest.raises(WrongUse), reading(url, 30):
        pass
    assert not Path("/nowhere").exists()


def test_a_server_that_is_away_may_come_back():
    """Exit code 75: try again later. No secret of the URL is told."""
    url = "postgresql+psycopg2://somebody:secret-word@127.0.0.1:9/nothing"
    with pytest.raises(DatabaseAway) as caught, reading(url, 30):
        pass

    assert caught.value.exit_code == 75
    assert "secret-word" not in str(caught.value)


def test_a_result_gives_its_columns():
    """By name, in the order of the rows."""
    assert Result(("a", "b"), ((1, 2), (3, 4))).column("b") == [2, 4]
