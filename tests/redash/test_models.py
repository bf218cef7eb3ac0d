"""What a chart, a widget and a schedule may say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from redash.specs.charts import Counter, Drawn, Table
from redash.specs.models import QueryHead, Widget

DRAWN = {"type": "chart", "kind": "line", "title": "T", "x": "day", "y": [{"column": "p50"}, {"column": "p95"}]}
CATEGORY = {"type": "category"}
HEATMAP = {**DRAWN, "kind": "heatmap", "y": [{"column": "b"}], "value": "v", "x_axis": CATEGORY, "y_axis": CATEGORY}


def test_a_chart_names_the_columns_it_needs():
    """Each column once, the one that colours and the sample size too."""
    drawn = Drawn.model_validate({**DRAWN, "n": "calls"})
    counter = Counter.model_validate({"type": "counter", "title": "T", "column": "p95", "note": "calls"})
    table = Table.model_validate({"type": "table", "title": "T", "table": [{"column": "a"}, {"column": "b"}]})

    assert drawn.columns() == ["day", "p50", "p95", "calls"]
    assert Drawn.model_validate(HEATMAP).columns() == ["day", "b", "v"]
    assert counter.columns() == ["p95", "calls"]
    assert table.columns() == ["a", "b"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"kind": "heatmap"}, "has a `value`"),
        ({"value": "v"}, "has a `value`"),
        ({"kind": "pie"}, "one y column"),
        ({"series": "s"}, "one y column"),
        ({"kind": "pie", "y": [{"column": "a"}], "series": "s"}, "no series"),
        ({**HEATMAP, "y_axis": {"type": "linear"}}, "type category"),
        ({"colour": "red"}, "Extra inputs"),
        ({"kind": "custom"}, "Input should be"),
    ],
)
def test_a_chart_that_redash_would_leave_blank_is_refused(changes, complaint):
    """The rule is told in words."""
    with pytest.raises(ValidationError, match=complaint):
        Drawn.model_validate({**DRAWN, **changes})


def test_a_widget_is_a_chart_or_a_text():
    """Never both, never neither."""
    at = {"column": 0, "row": 0, "width": 6, "height": 5}

    assert Widget.model_validate({"text": "hello", "at": at}).chart is None
    for content in ({}, {"chart": "a/b", "text": "hello"}):
        with pytest.raises(ValidationError, match="either a `chart` or a `text`"):
            Widget.model_validate({**content, "at": at})


def test_a_schedule_has_all_four_keys_of_redash():
    """What a file leaves out is null, not absent."""
    head = QueryHead.model_validate({"title": "T", "description": "D", "schedule": {"interval_seconds": 3600}})

    assert head.schedule is not None
    assert head.schedule.model_dump() == {"interval_seconds": 3600, "time": None, "day_of_week": None, "until": None}


def test_titles_fit_into_the_columns_of_redash():
    """255 characters for a query, no more."""
    assert QueryHead.model_validate({"title": "x" * 255, "description": ""}).title.en == "x" * 255
    for title in ("x" * 256, {"en": "x", "zh-CN": "长" * 256}):
        with pytest.raises(ValidationError, match="at most 255"):
            QueryHead.model_validate({"title": title, "description": ""})


def test_there_is_no_text_parameter():
    """It would let whoever looks at a dashboard write SQL."""
    head = {"title": "T", "description": "D", "parameters": {"q": {"type": "text", "title": "Q", "default": "x"}}}
    with pytest.raises(ValidationError, match="'text'"):
        QueryHead.model_validate(head)
