"""What somebody adds to objects of ours: a plan and a drift show it, an apply leaves it alone, a pull takes it home."""

from __future__ import annotations

from typing import Any

from redash.home.drift import drift, exit_code
from redash.sync.plan import make_plan
from tests.redash.sync.conftest import FILES, World
from tests.redash.sync.handmade import call, chart, texts, widget

LINE = {
    "globalSeriesType": "line",
    "columnMapping": {"status": "x", "seconds": "y"},
    "xAxis": {"type": "category", "labels": {"enabled": True}},
    "missingValuesAsZero": False,
    "numberFormat": "0,0[.]00",
    "legend": {"enabled": False, "placement": "below"},
}


def added(world: World) -> tuple[int, int, int]:
    """The pack applied; then a chart on our query, its widget, and a text box on our dashboard."""
    world.apply()
    world.run_all()
    with world.person() as api:
        line = chart(api, world.row("queries", "Calls")["id"], "CHART", "Seconds", LINE)
        board = world.row("dashboards", "Board")["id"]
        mapped = {"period": "dashboard-level", "kind": "static-value"}
        shown = widget(api, board, line, (0, 6, 6, 5), mapped)
        box = widget(api, board, None, (6, 6, 6, 2), text="By hand")
    return line, shown, box


def rows(world: World) -> tuple[list[int], dict[int, Any]]:
    """What people see: the ids of all charts and widgets, and the latter's texts and places."""
    state = world.fake.state
    places = {key: (row["text"], row["options"]["position"]) for key, row in state.widgets.items()}
    return sorted(state.visualizations), places


def test_additions_are_told_and_no_step_touches_them(world: World):
    """They are no drift of ours: a plan has nothing to do and names them, a drift says who was there, an apply writes nothing."""
    line, shown, box = added(world)
    before = rows(world)
    seen = world.survey()
    told = [(one.key, one.title, one.where, one.in_redash) for one in drift(seen)]
    outcome = world.apply()

    assert (seen.plan.steps, seen.plan.exit_code, outcome.done) == ((), 0, [])
    assert told == [
        (f"chart/calls/#{line}", "Seconds", "added in Redash", False),
        (f"widget/board/#{shown}", "Seconds – Calls", "added in Redash", False),
        (f"widget/board/#{box}", "By hand", "added in Redash", False),
    ]
    assert (exit_code(drift(seen)), rows(world)) == (11, before)
    assert [one.key for one in make_plan(seen.wanted, seen.live).added] == [key for key, *_ in told]


def test_the_table_that_comes_with_each_query_is_no_addition(world: World):
    """Until somebody makes something of it."""
    world.apply()
    untouched = world.survey().live.added
    table = next(
        row
        for row in world.fake.state.visualizations.values()
        if row["type"] == "TABLE" and row["query_id"] == world.row("queries", "Rejects")["id"]
    )
    world.fake.editor.open_and_save_chart(table["id"], itemsPerPage=10)

    assert untouched == []
    assert [one.key for one in world.survey().live.added] == [f"chart/rejects/#{table['id']}"]


def test_a_plan_in_words_names_them(world: World):
    """With what to do."""
    line, *_ = added(world)
    said = call(world, "plan")

    assert (
        f"added in Redash: chart/calls/#{line}, 'Seconds', which stays; `tts-redash pull query/calls` takes it home"
        in said.stdout.splitlines()
    )
    assert said.stdout.splitlines()[-1].startswith("Nothing to do")


def test_a_pull_takes_them_home(world: World):
    """The same objects: an apply has nothing to write over, a second pull nothing to take."""
    added(world)
    before = rows(world)
    dry = call(world, "pull", "--dry-run")
    unwritten = texts(world)
    taken = call(world, "pull")
    home = texts(world)
    noted = {action for action, _ in world.steps()}
    world.apply()
    settled = world.survey(thorough=True)
    again = call(world, "pull")

    assert (dry.exit_code, "seconds:" in unwritten["charts/calls.yaml"], taken.exit_code) == (0, False, 0)
    assert taken.stdout.splitlines() == [
        "wrote charts/calls.yaml",
        "wrote dashboards/board.yaml",
        "2 files changed, 0 left",
    ]
    assert home["charts/calls.yaml"] == unwritten["charts/calls.yaml"] + (
        "seconds:\n  type: chart\n  title: Seconds\n  kind: line\n  x: status\n  y: [{column: seconds}]\n"
        "  x_axis: {type: category}\n"
    )
    assert noted <= {"note"}
    assert (settled.plan.steps, settled.live.added, rows(world)[0]) == ((), [], before[0])
    assert (again.stdout, texts(world)) == ("Nothing to take.\n", home)


def test_a_pull_of_one_object_takes_what_was_added_to_it(world: World):
    """What was added elsewhere stays an addition."""
    _, shown, box = added(world)
    done = call(world, "pull", "calls")

    assert done.stdout.splitlines()[0] == "wrote charts/calls.yaml"
    assert [one.key for one in world.survey().live.added] == [f"widget/board/#{shown}", f"widget/board/#{box}"]


def test_what_no_file_can_say_stays_with_its_reason(world: World):
    """A chart of a kind that the files have not, and a widget of a query that is nobody's of ours; neither is a failure."""
    world.apply()
    with world.person() as api:
        funnel = chart(api, world.row("queries", "Calls")["id"], "FUNNEL", "Funnel", {})
        source = world.row("sources", "Speech")["id"]
        body = {"name": "Own", "query": "SELECT 1 AS n", "data_source_id": source, "options": {}}
        own = api.queries.create(body)
        box = widget(api, world.row("dashboards", "Board")["id"], own["visualizations"][0]["id"], (0, 9, 6, 5))
    before = texts(world)
    done = call(world, "pull")

    assert (done.exit_code, texts(world)) == (0, before)
    assert done.stdout.splitlines() == [
        f"stays in Redash: chart/calls/#{funnel}: chart/calls/funnel: the files have no chart of type FUNNEL",
        f"stays in Redash: widget/board/#{box}: it shows a query that has no file: adopt query/{own['id']} first",
        "Nothing to take.",
    ]


def test_one_text_box_goes_and_another_comes(world: World):
    """Text boxes are known by their number: the new one gets that of one which stays, which is no other object for it."""
    second = '  - {text: {en: "### Below", zh-CN: "### 下面"}, at: {column: 0, row: 6, width: 12, height: 1}}\n'
    world.write("dashboards/board.yaml", FILES["dashboards/board.yaml"] + second)
    world.apply()
    ids = {row["text"]: row["id"] for row in world.fake.state.widgets.values()}
    with world.person() as api:
        board = world.row("dashboards", "Board")["id"]
        api.widgets.delete(ids["### Calls"], board)
        ids["Box"] = widget(api, board, None, (0, 7, 12, 1), text="Box")
    call(world, "pull")
    home, noted = texts(world)["dashboards/board.yaml"], {action for action, _ in world.steps()}
    world.apply()
    found = {
        one.fields["text"]: one.id
        for one in world.survey().live.found.values()
        if one.key.startswith("widget/board/text")
    }

    assert (found, noted) == ({"### Below": ids["### Below"], "Box": ids["Box"]}, {"note"})
    assert ("### Calls" in home, "### Below" in home, "Box" in home) == (False, True, True)
    assert (world.survey(thorough=True).plan.steps, world.survey().live.added) == ((), [])
