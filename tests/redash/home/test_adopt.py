"""Objects that somebody made in Redash, taken into new files: the files, the plan after it, and what is refused by name."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from tests.redash.sync.conftest import World
from tests.redash.sync.handmade import Handmade, call, chart, error_of, handmade, texts, widget
from tests.redash.sync.shapes import shape

CHOICES = """\
-- title: Choices
-- description: By hand.
SELECT 'ok' AS value
"""
CALLS = """\
-- title: Slow calls!
-- description: By hand.
-- parameters:
--   span:
--     type: date-range
--     title: Span
--     default: d_last_7_days
--   choice:
--     type: query
--     title: Choice
--     default: ok
--     query: choices
SELECT 'ok' AS status, 3 AS calls
WHERE '{{ span.start }}' <= '{{ span.end }}' AND '{{ choice }}' <> ''
"""
CHARTS = """\
per-status:
  type: chart
  title: Per status
  kind: line
  x: status
  y: [{column: calls}]
  missing: zero
  x_axis: {type: category}
  legend: right
  options: {legend: {enabled: true}, numberFormat: "0.0"}
sum:
  type: counter
  title: Sum
  column: calls
"""
BOARD = """\
title: Morning round
tags: [mine]
parameters:
  span: {default: d_last_7_days}
  choice: {default: ok}
widgets:
  - {text: "### By hand", at: {column: 0, row: 0, width: 12, height: 1}}
  - {chart: slow-calls/per-status, at: {column: 0, row: 1, width: 6, height: 5}}
  - {chart: slow-calls/sum, values: {choice: ok}, at: {column: 6, row: 1, width: 6, height: 5}}
"""
ALERT = """\
title: Too much
query: choices
column: value
op: ">"
value: 3
rearm_seconds: 60
subject: Much
body: Look.
destinations: [hook]
"""
FILES = {
    "queries/choices.sql": CHOICES,
    "queries/slow-calls.sql": CALLS,
    "charts/slow-calls.yaml": CHARTS,
    "dashboards/morning-round.yaml": BOARD,
    "alerts/too-much.yaml": ALERT,
}
WORDLESS = "change it in Redash first, then adopt it"


def started(world: World) -> Handmade:
    """The pack applied, and beside it what a person made."""
    world.apply()
    return handmade(world)


def refused(world: World, *arguments: str) -> tuple[str, str, int]:
    """What an adoption says that neither writes to the server nor to a file."""
    before, writes = texts(world), len(world.fake.writes)
    said = error_of(call(world, "adopt", *arguments))
    assert (texts(world), len(world.fake.writes)) == (before, writes)
    return said


def test_a_dashboard_and_an_alert_by_hand_become_files_and_nothing_is_left_to_do(world: World):
    """By address and by id: queries, charts, text box and subscription come along; plan and drift are empty, and so is a second adoption."""
    made = started(world)
    before = texts(world)
    done = call(
        world, "adopt", f"{world.fake.url}/dashboards/{made.board}-morning-round?p_span=1", f"alert/{made.alert}"
    )
    again = call(world, "adopt", f"dashboard/{made.board}", f"{world.fake.url}/alerts/{made.alert}/edit")

    assert (done.exit_code, texts(world)) == (0, before | FILES)
    assert world.steps() == []
    assert call(world, "drift", "--detailed-exitcode").exit_code == 0
    assert (again.exit_code, again.stdout) == (0, "Nothing to take: all of it has files.\n")
    assert world.fake.state.snippets == {}


def test_only_tag_draft_inputs_and_the_row_of_the_alert_change_on_the_server(world: World):
    """And the markers; the inputs are written out as they were shown. The output says so, and names each file."""
    made = started(world)
    before = shape(world)
    done = call(world, "adopt", f"dashboard/{made.board}", f"alert/{made.alert}")

    wanted: dict[str, Any] = deepcopy(before)
    for row in wanted["queries"]:
        if row["name"] in ("Choices", "Slow calls!"):
            row |= {"tags": ["voxmeter"], "is_draft": False}
    next(row for row in wanted["dashboards"] if row["name"] == "Morning round")["tags"] = ["mine", "voxmeter"]
    next(row for row in wanted["alerts"] if row["name"] == "Too much")["options"]["selector"] = "first"
    now = shape(world)
    alert = next(row for row in now["alerts"] if row["name"] == "Too much")
    alert["options"].pop("muted")
    inputs = next(row for row in now["dashboards"] if row["name"] == "Morning round")["options"]
    shown = [(one["name"], one["value"]) for one in inputs.pop("parameters")]
    assert (inputs.pop("globalParamOrder"), shown) == (
        ["span", "choice"],
        [("span", "d_last_7_days"), ("choice", "ok")],
    )
    assert now == wanted
    assert done.stdout.splitlines() == [
        "dashboard/morning-round is ours: Morning round",
        "query/choices is ours: Choices",
        "query/slow-calls is ours: Slow calls!",
        "chart/slow-calls/per-status is ours: Per status",
        "chart/slow-calls/sum is ours: Sum",
        "alert/too-much is ours: Too much",
        "subscription/too-much/hook is ours",
        "widget/morning-round/text~1 is ours: ### By hand",
        "widget/morning-round/slow-calls/per-status is ours",
        "widget/morning-round/slow-calls/sum is ours",
        "query/choices: it was a draft, and is published",
        "query/slow-calls: it was a draft, and is published",
        "alert/too-much: it named no row to look at, for which Redash sends nothing, and is given the first",
        *(f"wrote {name}" for name in sorted(FILES)),
        "Say its texts in both languages: `tts-redash validate` names them.",
    ]


def test_a_dry_run_shows_the_files_and_writes_neither_them_nor_the_server(world: World):
    """The diff on stdout, the rest beside it."""
    made = started(world)
    before, writes = texts(world), len(world.fake.writes)
    done = call(world, "adopt", f"query/{made.choices}", "--dry-run")

    assert (done.exit_code, done.stdout.splitlines()) == (0, [
        "--- /dev/null",
        "+++ b/queries/choices.sql",
        "@@ -0,0 +1,3 @@",
        *(f"+{line}" for line in CHOICES.splitlines()),
    ])  # fmt: skip
    assert done.stderr.splitlines() == [
        "query/choices would be ours: Choices",
        "query/choices: it was a draft, and is published",
        "would write queries/choices.sql",
        "Say its texts in both languages: `tts-redash validate` names them.",
    ]
    assert (texts(world), len(world.fake.writes)) == (before, writes)


def test_as_json_it_is_one_object(world: World):
    """Ids by key, files, and the diff."""
    made = started(world)
    done = call(world, "adopt", f"query/{made.choices}", "--as", "picks", "--json")
    told = json.loads(done.stdout)

    assert (done.exit_code, told.pop("diff").splitlines()[1]) == (0, "+++ b/queries/picks.sql")
    assert told == {
        "adopted": {"query/picks": made.choices},
        "secrets": {},
        "notes": [["query/picks", "it was a draft, and is published"]],
        "files": ["queries/picks.sql"],
        "left": {},
        "troubles": [],
    }


@pytest.mark.parametrize("kind", ["MAP", "SANKEY"])
def test_a_chart_of_a_type_that_files_do_not_have_is_refused_by_name(world: World, kind: str):
    """Nothing of its query is taken either."""
    made = started(world)
    with world.person() as api:
        chart(api, made.choices, kind, "Flow", {})

    assert refused(world, f"query/{made.choices}") == (
        f"chart/choices/flow: the files have no chart of type {kind}",
        "delete it in Redash first",
        1,
    )


def test_an_input_of_one_widget_is_refused_by_name(world: World):
    """Files know inputs of the dashboard and fixed values."""
    made = started(world)
    with world.person() as api:
        widget(api, made.board, made.line, (0, 6, 6, 5), {"span": "widget-level", "choice": "dashboard-level"})

    assert refused(world, f"dashboard/{made.board}") == (
        "the files have no word for widget/morning-round/slow-calls/per-status~2: mappings.span.type",
        WORDLESS,
        1,
    )


def test_a_parameter_of_type_text_is_refused_with_the_files_own_reason(world: World):
    """The file that can't be is named, and no temporary folder."""
    made = started(world)
    world.fake.state.queries[made.query]["options"]["parameters"][0] |= {"type": "text", "value": "x"}

    assert refused(world, f"query/{made.query}") == (
        "no file can say it: queries/slow-calls.sql:4:6: error [text-parameter] "
        "a parameter of type text lets whoever looks write SQL: use enum, query, number or a date",
        WORDLESS,
        1,
    )


def test_a_data_source_that_no_environment_names_is_refused(world: World):
    """With what to write where."""
    made = started(world)
    state = world.fake.state
    ours = world.row("sources", "Speech")
    kept = {name: ours[name] for name in ours.keys() - {"id", "name", "options", "created_at", "updated_at"}}
    theirs = state.add(state.sources, **kept, name="Theirs", options={"dbpath": "/other.db"})
    state.links.append({**state.links[0], "data_source_id": theirs["id"]})
    state.queries[made.choices]["data_source_id"] = theirs["id"]

    assert refused(world, f"query/{made.choices}") == (
        "no source of environment default stands for the data source of 'Choices'",
        "name it there: sources: {<slug>: {existing: <its name in Redash>, type: pg}}",
        1,
    )


def test_what_is_not_there_is_archived_or_no_such_thing_is_refused(world: World):
    """One line and a hint each; a slug that is taken or none wants another --as."""
    made = started(world)
    with world.person() as api:
        api.queries.archive(made.query)
        api.dashboards.archive(made.board)

    assert refused(world, "query/99") == (
        "there is no query 99", "its number stands in the address of its page", 1)  # fmt: skip
    assert refused(world, "chart/1") == (
        "'chart/1' is no query, dashboard, alert, destination or group", "for example query/12, or the address of its page", 2)  # fmt: skip
    assert refused(world, "https://else.example/queries/1") == (
        f"https://else.example/queries/1 is no page of {world.fake.url}", "name the environment of that server", 2)  # fmt: skip
    assert refused(world, f"query/{made.query}") == (
        f"query {made.query} is archived", "bring it back in Redash first", 1)  # fmt: skip
    assert refused(world, f"dashboard/{made.board}") == (
        f"dashboard {made.board} is archived", "bring it back in Redash first", 1)  # fmt: skip
    assert refused(world, f"query/{made.choices}", "--as", "kinds") == (
        "there is a query 'kinds' already", "another --as", 2)  # fmt: skip
    assert refused(world, f"query/{made.choices}", "--as", "No Slug") == (
        "--as 'No Slug' is no slug", "small letters, digits and single hyphens", 2)  # fmt: skip


def test_a_name_whose_slug_is_taken_gets_a_number(world: World):
    """`Kinds` is there already."""
    made = started(world)
    world.fake.editor.rename_query(made.choices, "Kinds")
    call(world, "adopt", f"query/{made.choices}")

    assert texts(world)["queries/kinds-2.sql"] == CHOICES.replace("Choices", "Kinds")
    assert world.steps() == []


def test_what_is_ours_is_not_taken_again_and_takes_nobody_elses_slug(world: World):
    """Of a dashboard of ours only what somebody put on it comes, under names of its own; `--as` is for the dashboard alone."""
    made = started(world)
    ours = world.row("dashboards", "Board")["id"]
    before = texts(world)
    nothing = call(world, "adopt", f"dashboard/{ours}", f"query/{world.row('queries', 'Calls')['id']}")
    with world.person() as api:
        widget(api, ours, made.sum, (0, 6, 12, 5), {"span": "dashboard-level", "choice": "static-value"})
    done = call(world, "adopt", f"dashboard/{ours}", "--as", "other")

    assert (nothing.exit_code, nothing.stdout) == (0, "Nothing to take: all of it has files.\n")
    board = before["dashboards/board.yaml"] + (
        "  - {chart: slow-calls/sum, values: {choice: ok}, at: {column: 0, row: 6, width: 12, height: 5}}\n"
    )
    new = {name: FILES[name] for name in ("queries/choices.sql", "queries/slow-calls.sql", "charts/slow-calls.yaml")}
    assert (done.exit_code, texts(world)) == (0, before | new | {"dashboards/board.yaml": board})
    assert world.steps() == []
