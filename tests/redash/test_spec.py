"""Specs folders: what is read, and what is told about the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from redash.errors import SpecErrors
from redash.specs.reading import read_pack, usable_pack

Specs = Callable[..., Path]


def told(folder: Path) -> list[tuple[str, int, int, str]]:
    """(file, line, column, rule) of each problem."""
    _, problems = read_pack(folder)
    return [(Path(p.file).relative_to(folder).as_posix(), p.line, p.column, p.rule) for p in problems]


def test_a_pack_is_read_by_slug(specs: Specs):
    """Queries by file, charts by query and name, dashboards by file."""
    pack, problems = read_pack(specs())

    assert problems == []
    assert (list(pack.queries), list(pack.charts), list(pack.dashboards)) == (
        ["calls", "instances"],
        ["calls/by-status"],
        ["board"],
    )
    assert pack.queries["calls"].head.parameters["instance"].type == "query"


def test_a_dialects_own_file_replaces_the_sql_only(specs: Specs):
    """Title and parameters stay those of <slug>.sql."""
    pack, problems = read_pack(specs({"queries/calls.sqlite.sql": "SELECT 1 AS calls\n"}))
    query = pack.queries["calls"]

    assert problems == []
    assert str(query.head.title) == "Calls"
    assert query.sql["sqlite"].text == "SELECT 1 AS calls\n"
    assert query.sql["postgresql"].text.startswith("-- title: {en: Calls")


def test_everything_wrong_is_told_at_once_with_its_place(specs: Specs):
    """A header, a chart, a dashboard and two file names."""
    folder = specs(
        {
            "queries/calls.sql": "-- title: Calls\n-- descripton: typo\nSELECT 1\n",
            "queries/calls.oracle.sql": "SELECT 1\n",
            "queries/lost.sqlite.sql": "SELECT 1\n",
            "queries/Bad_Name.sql": "SELECT 1\n",
            "charts/calls.yaml": "a:\n  type: counter\n  title: A\n  colum: x\n",
            "dashboards/board.yaml": "title: B\nwidgets:\n  - {text: hi, at: {column: 12, row: 0, width: 2, height: 1}}\n",
        }
    )

    assert told(folder) == [
        ("queries/Bad_Name.sql", 1, 1, "slug"),
        ("queries/calls.oracle.sql", 1, 1, "dialect"),
        ("queries/calls.sql", 2, 4, "key"),
        ("queries/lost.sqlite.sql", 1, 1, "dialect"),
        ("charts/calls.yaml", 1, 1, "key"),
        ("charts/calls.yaml", 4, 3, "key"),
        ("dashboards/board.yaml", 3, 21, "key"),
    ]


def test_a_query_without_a_header_is_told_what_it_lacks(specs: Specs):
    """The title is what people see in Redash; a description is written over each widget, so it may be left out."""
    _, problems = read_pack(specs({"queries/calls.sql": "SELECT 1\n"}))

    assert [p.message for p in problems] == ["title: Field required"]


def test_commands_that_run_queries_stop_at_a_broken_pack(specs: Specs):
    """The first problem is named, and where to see the others."""
    with pytest.raises(SpecErrors, match="and 1 more") as caught:
        usable_pack(specs({"queries/calls.sql": "-- descripton: typo\nSELECT 1\n"}))

    assert "validate" in caught.value.hint
