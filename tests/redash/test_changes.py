"""What differs between two packs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from redash.preview.changes import BoardChange, DiffLine, board_diff, changed_boards, changed_queries, query_diffs
from redash.specs.reading import read_pack
from redash.specs.spec import Pack


@pytest.fixture
def both(specs: Callable[..., Path], tmp_path: Path) -> Callable[..., tuple[Pack, Pack]]:
    """The small pack before, and after with one text of a file replaced, a file added or taken away."""

    def packs(name: str = "", old: str = "", new: str | None = "") -> tuple[Pack, Pack]:
        before, after = tmp_path / "before", specs()
        shutil.copytree(after, before)
        path = after / name
        if new is None:
            path.unlink()
        elif name:
            path.write_text((path.read_text(encoding="utf-8") if path.exists() else "").replace(old, new) or new)
        return read_pack(before)[0], read_pack(after)[0]

    return packs


def shown(changes: list[BoardChange]) -> list[tuple[object, ...]]:
    return [
        (change.slug, change.kind, [tuple(widget and widget.chart for widget in pair) for pair in change.pairs])
        for change in changes
    ]


def test_the_same_files_differ_in_nothing(both):
    """Whatever folder they lie in."""
    before, after = both()

    assert (changed_queries(before, after), changed_boards(before, after)) == ({}, [])
    assert query_diffs(before, after, "calls") == []


def test_another_sql_changes_its_charts_wherever_they_stand(both):
    """One pair for the chart; the diff is that of the query's file, once for both dialects."""
    before, after = both("queries/calls.sql", "GROUP BY status", "GROUP BY status ORDER BY status")
    (diff,) = query_diffs(before, after, "calls")

    assert changed_queries(before, after) == {"calls": "changed"}
    assert shown(changed_boards(before, after)) == [("board", "changed", [("calls/by-status", "calls/by-status")])]
    assert (diff.name, [line for line in diff.lines if line.kind in ("added", "removed")]) == (
        "queries/calls.sql",
        [DiffLine("removed", "-GROUP BY status"), DiffLine("added", "+GROUP BY status ORDER BY status")],
    )
    assert diff.lines[0].kind == "hunk"


def test_another_sql_in_one_dialect_is_a_change(both):
    """A file of its own appears."""
    before, after = both("queries/calls.sqlite.sql", "", "SELECT status, 1 AS calls FROM tts_request")

    assert changed_queries(before, after) == {"calls": "changed"}
    assert [diff.name for diff in query_diffs(before, after, "calls")] == ["queries/calls.sqlite.sql"]


def test_a_changed_chart_changes_its_dashboard(both):
    """And no query; the diff is that of the chart's file."""
    before, after = both("charts/calls.yaml", "kind: column", "kind: line")

    assert changed_queries(before, after) == {}
    assert shown(changed_boards(before, after)) == [("board", "changed", [("calls/by-status", "calls/by-status")])]
    assert [diff.name for diff in query_diffs(before, after, "calls")] == ["charts/calls.yaml"]


def test_a_moved_widget_changes_the_dashboard_and_looks_the_same(both):
    """Only the file's diff tells it; one of another size is a pair."""
    moved = changed_boards(*both("dashboards/board.yaml", "row: 0", "row: 4"))

    assert shown(moved) == [("board", "changed", [])]
    diff = board_diff(moved[0])
    assert diff is not None
    assert [line.kind for line in diff.lines].count("added") == 1


def test_a_widget_of_another_size_looks_different(both):
    """Before and after."""
    assert shown(changed_boards(*both("dashboards/board.yaml", "height: 5", "height: 9"))) == [
        ("board", "changed", [("calls/by-status", "calls/by-status")])
    ]


def test_a_dashboard_may_be_gone_or_new(both):
    """Each chart has one side then."""
    before, after = both("dashboards/board.yaml", "", None)

    assert shown(changed_boards(before, after)) == [("board", "gone", [("calls/by-status", None)])]
    assert shown(changed_boards(after, before)) == [("board", "new", [(None, "calls/by-status")])]
