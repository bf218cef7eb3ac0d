"""What each chart would have to draw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from redash.data.answers import answers
from redash.data.check import check, points_of
from redash.data.database import Result, reading
from redash.specs.charts import Counter, Drawn, Table
from redash.specs.reading import read_pack

NOW = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
Y = [{"column": "a"}, {"column": "b"}]


@pytest.mark.parametrize(
    ("chart", "points"),
    [
        (Drawn.model_validate({"type": "chart", "kind": "line", "title": "T", "x": "x", "y": Y}), 3),
        (Counter.model_validate({"type": "counter", "title": "T", "column": "a"}), 1),
        (Counter.model_validate({"type": "counter", "title": "T", "column": "a", "row": 2}), 0),
        (Counter.model_validate({"type": "counter", "title": "T", "column": "a", "row": 3}), 0),
        (Table.model_validate({"type": "table", "title": "T", "table": [{"column": "a"}]}), 2),
    ],
)
def test_a_null_is_nothing_to_draw(chart, points):
    """Values count, and rows of a table."""
    assert points_of(chart, Result(("x", "a", "b"), (("1", 1, 2), ("2", None, 3)))) == points


def test_every_chart_is_told_with_its_figures(database_url: str, fill: Callable[..., None], line, specs):
    """One with data, one that fails, one that is empty and one that may be."""
    head = "-- title: {0}\n-- description: D\n{1}"
    more = {
        "queries/broken.sql": head.format("B", "SELECT nothing AS a FROM tts_request\n"),
        "queries/none.sql": head.format("N", "SELECT status AS a FROM tts_request WHERE 1 = 0\n"),
        "queries/quiet.sql": head.format(
            "Q", "-- may_be_empty: true\nSELECT status AS a FROM tts_request WHERE 1 = 2\n"
        ),
        **{f"charts/{slug}.yaml": "c: {type: counter, title: T, column: a}\n" for slug in ("broken", "none", "quiet")},
        "dashboards/board.yaml": "title: B\nparameters: {period: {default: d_last_7_days}, instance: {default: '%'}}\nwidgets:\n"
        "  - {text: hello, at: {column: 0, row: 9, width: 2, height: 1}}\n"
        "  - {chart: calls/by-status, at: {column: 0, row: 0, width: 6, height: 5}}\n"
        + "".join(
            f"  - {{chart: {slug}/c, at: {{column: {column}, row: 5, width: 2, height: 2}}}}\n"
            for column, slug in ((0, "broken"), (2, "none"), (4, "quiet"))
        ),
    }
    fill(database_url, line("2026-11-20T02:00:00"), line("2026-11-20T02:00:01", status="error"))
    pack, problems = read_pack(specs(more))
    with reading(database_url, 30) as opened:
        found = check(answers(opened, pack, {}, NOW))

    assert problems == []
    assert [(f.chart, f.rows, f.points, f.empty, f.error is None) for f in found] == [
        ("calls/by-status", 2, 2, False, True),
        ("broken/c", 0, 0, True, False),
        ("none/c", 0, 0, True, True),
        ("quiet/c", 0, 0, False, True),
    ]
    assert found[0].as_json() == {
        "dashboard": "board",
        "chart": "calls/by-status",
        "query": "calls",
        "type": "chart",
        "rows": 2,
        "columns": ["status", "calls"],
        "points": 2,
        "milliseconds": round(found[0].milliseconds, 1),
        "empty": False,
        "may_be_empty": False,
        "error": None,
    }
