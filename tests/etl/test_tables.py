"""The tables, their two shapes, and the page that describes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from etl.lines.fields import EVENTS
from etl.tables import KEY, event_columns, metadata

PAGE = (Path(__file__).parents[2] / "docs/schema.md").read_text()
DIALECTS = {"postgresql": postgresql.dialect(), "sqlite": sqlite.dialect()}


def described() -> dict[str, list[tuple[str, str, str]]]:
    """(column, PostgreSQL's type, SQLite's type) of each table on the page."""
    found = {}
    for part in PAGE.split("\n## ")[1:]:
        rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|", part, re.MULTILINE)
        found[part.split("\n")[0]] = [(name, pg.strip(), lite.strip()) for name, pg, lite in rows]
    return found


def declared(table: str) -> list[tuple[str, str, str]]:
    columns = []
    for column in metadata("postgresql").tables[table].columns:
        types = [
            metadata(name).tables[table].c[column.name].type.compile(dialect=dialect)
            for name, dialect in DIALECTS.items()
        ]
        kind = re.sub(
            r"timestamp with(out)? time zone", lambda m: "timestamp" if m[1] else "timestamptz", types[0].lower()
        )
        columns.append((column.name, kind + ("" if column.nullable else " not null"), types[1]))
    return columns


@pytest.mark.parametrize("table", metadata("postgresql").tables)
def test_the_page_names_every_column_with_its_types(table: str) -> None:
    """docs/schema.md describes the tables as they are."""
    assert described()[table] == declared(table)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_key_of_the_line_has_a_column(dialect: str) -> None:
    """The event tables hold all keys of their line, and NOT NULL only what an older line has too."""
    always = {"event_day", "local_at", "ts", "writer_id", "seq", "status", "line_sha256", "stream_id", "byte_offset"}
    for table, fields in EVENTS.values():
        columns = metadata(dialect).tables[table].columns
        assert {field.name for field in fields} <= set(columns.keys())
        assert {column.name for column in columns if not column.nullable} == ({*always, "row_id"} & set(columns.keys()))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_both_shapes_have_the_key_of_the_line(dialect: str) -> None:
    """(event_day, writer_id, seq) is unique in each event table, whatever the primary key is."""
    for table, _ in EVENTS.values():
        unique = [
            tuple(column.name for column in constraint.columns)  # type: ignore[attr-defined]
            for constraint in metadata(dialect).tables[table].constraints
            if type(constraint).__name__ in ("PrimaryKeyConstraint", "UniqueConstraint")
        ]
        assert KEY in unique


def test_the_loader_fills_all_columns_but_the_number() -> None:
    """row_id is the database's, all others are the loader's."""
    assert {*event_columns("tts_mark"), "row_id"} == set(metadata("sqlite").tables["tts_mark"].columns.keys())
