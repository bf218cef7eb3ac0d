"""The linter: the pack that ships is clean, and each rule finds what it is for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from redash.config import PACKAGED
from redash.lint.validate import validate

Specs = Callable[..., Path]


def test_the_pack_that_ships_has_no_problem():
    """Not even a warning."""
    pack, problems = validate(PACKAGED)

    assert problems == []
    assert "tts-overview" in pack.dashboards


def test_the_small_pack_of_the_tests_is_right(specs: Specs):
    """So that what the other tests find is what they put in."""
    assert validate(specs())[1] == []


def test_problems_of_all_layers_come_at_once_and_in_order(specs: Specs):
    """A broken dashboard does not hide a broken query."""
    folder = specs(
        {
            "queries/calls.sql": "-- title: C\n-- description: D\nSELECT nothing AS status FROM tts_request\n",
            "charts/calls.yaml": "by-status: {type: counter, title: T, column: calls}\nx: {type: counter, title: T}\n",
            "dashboards/board.yaml": (
                "title: B\nwidgets:\n  - {chart: calls/gone, at: {column: 8, row: 0, width: 6, height: 5}}\n"
            ),
        }
    )
    found = [(Path(p.file).name, p.line, p.rule) for p in validate(folder)[1]]

    assert found == [
        ("calls.yaml", 1, "column"),
        ("calls.yaml", 1, "column"),
        ("calls.yaml", 2, "key"),
        ("board.yaml", 3, "reference"),
        ("board.yaml", 3, "grid"),
        ("calls.sql", 3, "sql-postgresql"),
        ("calls.sql", 3, "sql-sqlite"),
    ]
