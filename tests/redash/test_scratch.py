"""Databases that are made and dropped."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from redash.data.scratch import Server


def rows_of(url: str) -> list[int]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [row[0] for row in connection.execute(text("SELECT x FROM t"))]
    engine.dispose()
    return found


def test_a_database_is_made_empty_copied_and_dropped(postgres):
    """Under a name that no other has."""
    server = Server(postgres.url("postgres"))
    one = server.create()
    engine = create_engine(one)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t AS SELECT 7 AS x"))
    engine.dispose()
    other = server.create(one)
    server.drop(one)

    assert make_url(one).database != make_url(other).database
    assert rows_of(other) == [7]
    server.drop(other)
    server.drop(other)
    with pytest.raises(OperationalError):
        rows_of(other)
