"""The packaged snapshots of the tables."""

from __future__ import annotations

from pathlib import Path

from redash.data.database import reading
from redash.lint.schema import packaged_schema, write_schema
from redash.specs.spec import DIALECTS


def test_the_snapshot_is_what_the_migrations_make(database_url: str):
    """`tts-redash schema --write` after a migration keeps it so."""
    with reading(database_url, 30) as opened:
        migrated, dialect = opened.schema(), opened.dialect

    assert packaged_schema(dialect) == migrated


def test_both_kinds_of_database_have_the_same_names():
    """Only types differ."""
    names = [{table: set(columns) for table, columns in packaged_schema(dialect).items()} for dialect in DIALECTS]

    assert names[0] == names[1]


def test_a_snapshot_is_written_where_it_is_read(tmp_path: Path):
    """One file a dialect, sorted, so that a change shows as what it is."""
    path = write_schema(tmp_path, "sqlite", {"b": {"y": "TEXT"}, "a": {}})

    assert path == tmp_path / "snapshots" / "sqlite.json"
    assert path.read_text() == '{\n "a": {},\n "b": {\n  "y": "TEXT"\n }\n}\n'
