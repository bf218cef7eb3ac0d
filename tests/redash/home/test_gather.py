"""What an adoption takes of tables: the columns that Redash shows, also those that nobody named."""

from __future__ import annotations

from typing import Any

from tests.redash.sync.conftest import World
from tests.redash.sync.handmade import call, chart, error_of, handmade, texts, widget

_STATUS = {"name": "status", "title": "Status", "visible": True, "displayAs": "string", "alignContent": "left"}


def test_a_table_that_names_some_columns_is_taken_with_those_that_redash_shows_too(world: World):
    """Of a query with parameters that never ran at its defaults, so that no result tells them: its SQL does."""
    world.apply()
    made = handmade(world)
    with world.person() as api:
        chart(api, made.query, "TABLE", "Rows", {"itemsPerPage": 10, "columns": [_STATUS]})
    done = call(world, "adopt", f"query/{made.query}")

    rows = """\
rows:
  type: table
  title: Rows
  rows_per_page: 10
  table:
    - {column: status, title: Status}
    - {column: calls}
"""
    assert (done.exit_code, rows in texts(world)["charts/slow-calls.yaml"]) == (0, True)
    assert world.steps() == []
    assert call(world, "drift", "--detailed-exitcode").exit_code == 0


def test_the_table_that_comes_with_a_query_is_taken_where_a_dashboard_shows_it(world: World):
    """It names no column and shows all."""
    world.apply()
    made = handmade(world)
    with world.person() as api:
        board = api.dashboards.create("Rows")["id"]
        [table] = [one for one in api.queries.get(made.query)["visualizations"] if one["type"] == "TABLE"]
        widget(api, board, table["id"], (0, 0, 6, 5), {"span": "dashboard-level", "choice": "dashboard-level"})
    done = call(world, "adopt", f"dashboard/{board}")

    shown = "  table: [{column: status}, {column: calls}]\n"
    assert (done.exit_code, shown in texts(world)["charts/slow-calls.yaml"]) == (0, True)
    assert world.steps() == []


def test_a_table_whose_columns_neither_sql_nor_a_result_tells_is_refused(world: World):
    """Of a table that is not ours, all of whose columns are meant; once the query ran they are known."""
    world.apply()
    made = handmade(world)
    star: dict[str, Any] = {"query": "SELECT * FROM t", "options": {"parameters": []}}
    with world.person() as api:
        api.queries.update(made.choices, star)
        chart(api, made.choices, "TABLE", "Rows", {"itemsPerPage": 10})

    assert error_of(call(world, "adopt", f"query/{made.choices}")) == (
        "nobody knows the columns of 'Rows' of 'Choices'",
        "run it in Redash first",
        1,
    )


def test_somebody_elses_draft_of_a_dashboard_is_taken_and_not_made_again(world: World):
    """Redash lists no draft of others: it is published with its mark, or the next look would not find it."""
    world.apply()
    made = handmade(world)
    with world.person() as api:
        board = api.dashboards.create("Draft")["id"]
        widget(api, board, made.sum, (0, 0, 6, 5), {"span": "dashboard-level", "choice": "static-value"})
    before = len(world.fake.state.dashboards)
    done = call(world, "adopt", f"dashboard/{board}")

    assert "dashboard/draft: it was a draft, and is published" in done.stdout.splitlines()
    assert (world.fake.state.dashboards[board]["is_draft"], len(world.fake.state.dashboards)) == (False, before)
    assert world.steps() == []
