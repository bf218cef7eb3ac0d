"""Rules between charts, dashboards and queries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from redash.lint.validate import validate

Specs = Callable[..., Path]
Changed = Callable[[str, str, str], Path]
BOARD = "dashboards/board.yaml"
AT = "at: {column: 0, row: 0, width: 6, height: 5}"


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "rule", "words"),
    [
        ("charts/calls.yaml", "column: calls", "column: call", 1, "column", "no column 'call' on"),
        ("charts/calls.yaml", "{type: category}", "{type: logarithmic, min: 0}", 7, "chart", "has no min of 0"),
        ("charts/calls.yaml", "x_axis:", "y_axis: {type: logarithmic, max: -2}\n  x_axis:", 7, "chart", "no max of -2"),
        (BOARD, "calls/by-status", "calls/gone", 6, "reference", "'calls/gone'"),
        (BOARD, "column: 0", "column: 8", 6, "grid", "more than 12"),
        (BOARD, "height: 5", "height: 4", 6, "grid", "lower than 5"),
        (BOARD, "default: d_today", "default: d_someday", 3, "parameter", "d_someday"),
        (BOARD, '  instance: {default: "%"}\n', "", 5, "parameter", "neither an input"),
        (
            BOARD,
            "period: {default: d_today}",
            "period: {default: d_today}\n  other: {default: 1}",
            4,
            "parameter",
            "open",
        ),
        (BOARD, AT, f"values: {{nothing: 1}}, {AT}", 6, "parameter", "is no parameter"),
        (BOARD, AT, f"values: {{period: 7}}, {AT}", 6, "parameter", "is a range"),
    ],
)
def test_each_rule_finds_what_it_is_for(changed: Changed, name, old, new, line, rule, words):
    """With the line of the file, and words that say what is wrong."""
    problems = [p for p in validate(changed(name, old, new))[1] if p.file.endswith(name) and words in p.message]

    assert [(p.line, p.rule) for p in problems][:1] == [(line, rule)]


def test_overlapping_widgets_are_told(changed: Changed):
    """Redash would move one of them, and the page would not look as the file says."""
    text = "\n  - {text: {en: hello, zh-CN: 你好}, at: {column: 5, row: 4, width: 2, height: 1}}"
    overlapping = validate(changed(BOARD, f"{AT}}}", f"{AT}}}{text}"))[1]
    beside = validate(changed(BOARD, f"{AT}}}", f"{AT}}}{text.replace('column: 5', 'column: 6')}"))[1]

    assert [(p.line, p.rule, p.message) for p in overlapping] == [
        (7, "grid", "this widget overlaps widget 1 (calls/by-status)")
    ]
    assert beside == []


@pytest.mark.parametrize(
    "chart", ["type: counter, column: calls", "type: table, table: [{column: calls, unit: ratio}]"]
)
def test_a_share_is_per_cent_where_redash_has_no_format_for_it(specs: Specs, chart):
    """A table and a counter show 0.985 as 1.0; an axis writes 98.5 %."""
    unit = ", unit: ratio" if "counter" in chart else ""
    problems = validate(specs({"charts/calls.yaml": f"by-status: {{title: A, {chart}{unit}}}\n"}))[1]

    assert [(p.rule, p.message.partition(":")[0]) for p in problems] == [("chart", "calls")]


def test_charts_need_their_query(specs: Specs):
    """A file of charts is named for a query."""
    problems = validate(specs({"charts/lost.yaml": "a: {type: counter, title: A, column: b}\n"}))[1]

    assert [(p.rule, p.message) for p in problems] == [("reference", "there is no query 'lost'")]
