"""Facts about SQL without a database."""

from __future__ import annotations

import pytest

from redash.lint.lineage import Fault, Lineage, lineage

SCHEMA = {"tts_request": {"status": "TEXT", "text_chars": "INTEGER"}, "setting": {"name": "TEXT"}}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_columns_of_the_result_are_found_out(dialect):
    """Through a CTE, an alias and a star."""
    sql = "WITH a AS (SELECT status, text_chars AS n FROM tts_request)\nSELECT *, COUNT(*) OVER () AS calls FROM a"

    assert lineage(sql, dialect, SCHEMA) == Lineage(("status", "n", "calls"))


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_every_unknown_column_is_told_with_its_place(dialect):
    """Both, not the first one only; one that a CTE does not hand on is unknown too."""
    sql = "WITH a AS (SELECT status FROM tts_request)\nSELECT a.statu,\n  text_chars\nFROM a"
    found = lineage(sql, dialect, SCHEMA)

    assert sorted((fault.line, fault.column) for fault in found.faults) == [(2, 10), (3, 3)]
    assert {"a.statu", "text_chars"} == {fault.message.split("'")[1] for fault in found.faults}


def test_an_unknown_table_is_told_with_its_place():
    """Its columns are then nobody's fault."""
    found = lineage("SELECT a\nFROM nothing", "sqlite", SCHEMA)

    assert found == Lineage(None, (Fault(2, 6, "the database has no table or view 'nothing'"),))


@pytest.mark.parametrize("sql", ["SELECT FROM WHERE", "SELECT 'open", "DELETE FROM setting", "SELECT 1; SELECT 2", ""])
def test_what_is_no_single_select_is_a_fault(sql: str):
    """Never an exception, never silence."""
    found = lineage(sql, "sqlite", SCHEMA)

    assert found.columns is None
    assert len(found.faults) >= 1
