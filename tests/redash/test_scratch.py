"""Databases that are made and dropped."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from redash.data.scratch import Server


def run(url: str, *statements: str) -> list[int]:
    engine = create_engine(url)
    with engine.begin() as connection:
        answers = [connection.execute(text(statement)) for statement in statements]
        found = [row[0] for row in answers[-1]] if answers[-1].returns_rows else []
    engine.dispose()
    return found


def test_a_database_is_made_emptied_and_dropped(postgres):
    """Under a name that no other has; a partition is emptied with its table, what is kept is not."""
    server = Server(postgres.url("postgres"))
    one, other = server.create(), server.create()
    run(one, "CREATE TABLE kept AS SELECT 7 AS x", "CREATE TABLE parts (x INT) PARTITION BY LIST (x)",
        "CREATE TABLE part7 PARTITION OF parts FOR VALUES IN (7)", "INSERT INTO parts VALUES (7)")  # fmt: skip
    server.empty(one, ["kept"])

    assert make_url(one).database != make_url(other).database
    assert (run(one, "SELECT x FROM kept"), run(one, "SELECT x FROM parts")) == ([7], [])
    server.drop(one)
    server.drop(other)
    server.drop(other)
    with pytest.raises(OperationalError):
        run(one, "SELECT 1")
