"""Tables, cross tables and cohorts as text."""

from __future__ import annotations

import pytest

from redash.data.database import Result
from redash.preview.grids import Cell, grid
from redash.specs.charts import Cohort, Pivot

CALLS = Result(
    ("emotion", "engine", "calls"),
    (("calm", "a", 2), ("angry", "a", 4), ("calm", "b", 1), ("calm", "a", 3), ("calm", "c", None)),
)
PIVOT = {"type": "pivot", "title": "T", "rows": ["emotion"], "cols": ["engine"], "value": "calls", "unit": "count"}
COHORT = {"type": "cohort", "title": "T", "date": "day", "stage": "week", "total": "size", "value": "there"}
WEEKS = Result(
    ("day", "week", "size", "there"), (("2026-11-09", 0, 4, 4), ("2026-11-02", 1, 10, 5), ("2026-11-02", 0, 10, 10))
)


def texts(chart: Pivot | Cohort, result: Result) -> list[list[str]]:
    made = grid(chart, result)
    return [[cell.text for cell in row] for row in (made.head, *made.rows)]


@pytest.mark.parametrize(
    ("aggregate", "calm_a", "total"),
    [("sum", "5", "10"), ("max", "3", "4"), ("min", "2", "1"), ("count", "2", "4"), ("first", "2", "2")],
)
def test_a_cross_table_has_a_cell_for_each_pair(aggregate: str, calm_a: str, total: str):
    """Sorted, a dash where there is none, totals over the rows and not over the cells."""
    shown = texts(Pivot.model_validate({**PIVOT, "aggregate": aggregate, "totals": True}), CALLS)

    assert shown[0] == ["emotion", "a", "b", "c", "Σ"]
    assert [row[0] for row in shown[1:]] == ["angry", "calm", "Σ"]
    assert (shown[2][1], shown[1][2], shown[3][4]) == (calm_a, "–", total)


def test_a_coloured_cross_table_says_how_large_a_cell_is():
    """Against the largest one."""
    made = grid(Pivot.model_validate({**PIVOT, "colored": True}), CALLS)

    assert made.rows[0][1] == Cell("4", True, "", 0.8)
    assert made.rows[1][1] == Cell("5", True, "", 1.0)


def test_cohorts_are_rows_and_their_stages_columns():
    """By the day of the cohort, as a share of its size or as a number."""
    percent = texts(Cohort.model_validate(COHORT), WEEKS)
    number = texts(Cohort.model_validate({**COHORT, "percent": False}), WEEKS)

    assert percent == [["day", "size", "0", "1"], ["2026-11-02", "10", "100%", "50%"], ["2026-11-09", "4", "100%", "–"]]
    assert number[1] == ["2026-11-02", "10", "10", "5"]


def test_a_missing_column_is_named():
    """`validate` proves that there is none."""
    with pytest.raises(KeyError, match="calls"):
        grid(Pivot.model_validate(PIVOT), Result(("emotion", "engine"), ()))
