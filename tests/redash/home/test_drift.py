"""Who moved away from what was applied: Redash, the files, both; and what is no drift at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from redash.home.drift import drift, exit_code
from redash.shown.checks import drift_markdown, drift_text
from tests.redash.sync.conftest import World

KINDS = """
waves:
  type: chart
  kind: line
  title: {en: Waves, zh-CN: 波}
  x: status
  y: [{column: calls, color: "#7FB7DC"}, {column: seconds, axis: right, kind: column}]
  x_axis: {type: category}
  y_axis: {title: {en: calls, zh-CN: 次}, min: 0, unit: count}
slices: {type: chart, kind: pie, title: {en: Slices, zh-CN: 片}, x: status, y: [{column: calls}], colors: {ok: "#3BD973"}}
heat:
  type: chart
  kind: heatmap
  title: {en: Heat, zh-CN: 热图}
  x: status
  y: [{column: calls}]
  value: seconds
  x_axis: {type: category}
  y_axis: {type: category}
across: {type: chart, kind: bar, title: {en: Across, zh-CN: 横}, x: status, y: [{column: calls}], x_axis: {type: category}}
dots: {type: chart, kind: bubble, title: {en: Dots, zh-CN: 点}, x: calls, y: [{column: seconds}], size: calls, size_factor: 0.5}
marked:
  type: chart
  kind: area
  title: {en: Marked, zh-CN: 标记}
  x: status
  y: [{column: calls}]
  marks: {column: seconds, label: status}
cross: {type: pivot, title: {en: Cross, zh-CN: 交叉}, rows: [status], cols: [calls], value: seconds, colored: true}
back: {type: cohort, title: {en: Back, zh-CN: 回}, date: status, stage: calls, total: calls, value: calls}
"""


def widened(world: World) -> None:
    """Puts a chart of each kind into the pack."""
    path = world.folder / "charts/calls.yaml"
    path.write_text(path.read_text(encoding="utf-8") + KINDS.lstrip("\n"), encoding="utf-8")


def told(world: World) -> list[tuple[str, str, tuple[str, ...]]]:
    """Where, what, and the fields."""
    found = drift(world.survey(thorough=True))
    return [(one.where, one.key, tuple(change.path for change in one.changes)) for one in found]


def test_what_was_just_applied_has_not_drifted(world: World):
    """No object, no line, exit code 0."""
    world.apply()
    found = drift(world.survey(thorough=True))

    assert (found, exit_code(found), drift_text(found), drift_markdown(found)) == (
        [],
        0,
        "No drift.",
        "### Drift: none",
    )


@pytest.mark.parametrize("version", [(10, 1), (25, 1), (26, 3)])
def test_to_open_and_save_anything_in_redashs_editors_is_no_drift(
    make_world: Callable[..., World], version: tuple[int, int]
):
    """Charts of every kind, queries, alerts and dashboards: the pages write their defaults, and nothing has changed."""
    world = make_world(version)
    widened(world)
    world.apply()
    world.run_all()
    editor, state = world.fake.editor, world.fake.state
    before = {one["id"]: dict(one["options"]) for one in state.visualizations.values()}
    for one in before:
        editor.open_and_save_chart(one)
    for one in state.queries:
        editor.open_and_save_query(one)
    for one in state.alerts:
        editor.edit_alert(one)
    editor.edit_widget(min(state.widgets))

    assert sum(one["options"] != before[one["id"]] for one in state.visualizations.values()) == len(before) - 1
    assert told(world) == []


def test_each_edit_is_told_with_its_field_and_who_made_it(world: World):
    """The files moved in one object, Redash in another, both in a third."""
    world.apply()
    world.change("charts/calls.yaml", "en: Total,", "en: Sum,")
    world.change("queries/rejects.sql", "SELECT 2", "SELECT 4")
    with world.person() as api:
        api.queries.update(world.row("queries", "Rejects")["id"], {"query": "SELECT 3 AS rejects"})
        api.queries.update(world.row("queries", "Calls")["id"], {"description": "All of them."})
    found = drift(world.survey(thorough=True))

    assert told(world) == [
        ("changed in both", "query/rejects", ("sql",)),
        ("edited in Redash", "query/calls", ("description",)),
        ("pending in the files", "chart/calls/total", ("name", "options.counterLabel")),
    ]
    assert {one.last.partition(", ")[2] for one in found if one.in_redash} == {"Human"}
    assert exit_code(found) == 11
    assert "Human" in drift_text(found)
    assert drift_markdown(found).startswith("### Drift: 1 ")


def test_files_that_moved_alone_are_safe(world: World):
    """Exit code 10: an apply writes over nobody's work."""
    world.apply()
    world.change("charts/calls.yaml", "en: Total,", "en: Sum,")

    assert exit_code(drift(world.survey(thorough=True))) == 10


def test_what_was_deleted_in_redash_and_what_has_no_file_are_told_apart(world: World):
    """An archived query, a widget that is gone, an alert whose file is gone, and a query that never was there."""
    world.apply()
    board = world.row("dashboards", "Board")["id"]
    with world.person() as api:
        text = next(one for one in world.fake.state.widgets.values() if one["visualization_id"] is None)
        api.widgets.delete(text["id"], board)
        api.dashboards.archive(board)
        api.dashboards.unarchive(board)
        api.queries.archive(world.row("queries", "Rejects")["id"])
    world.remove("queries/kinds.sql")
    world.change("queries/calls.sql", "{type: query, title: {en: Kind, zh-CN: 种类}, query: kinds, default: ok}",
                 "{type: enum, title: {en: Kind, zh-CN: 种类}, options: [ok], default: ok}")  # fmt: skip

    assert [(where, key) for where, key, _ in told(world)] == [
        ("pending in the files", "query/calls"),
        ("deleted in Redash", "query/rejects"),
        ("deleted in Redash", "widget/board/text~1"),
        ("deleted in Redash", "alert/rejects"),
        ("deleted in Redash", "subscription/rejects/hook"),
        ("no file any more", "query/kinds"),
    ]


def test_a_widget_of_somebody_else_moves_ours_and_is_no_drift(world: World):
    """Rows are those among our own widgets: whatever stands between is told, and not ours to judge."""
    world.apply()
    board = world.row("dashboards", "Board")["id"]
    with world.person() as api:
        at = {"position": {"col": 0, "row": 0, "sizeX": 12, "sizeY": 2}}
        theirs = api.widgets.create(board, None, "theirs", at)["id"]
    ours = [one for one in world.fake.state.widgets.values() if one["text"] != "theirs"]
    for one in ours:
        one["options"]["position"]["row"] += 2

    assert told(world) == [("added in Redash", f"widget/board/#{theirs}", ())]


def test_text_boxes_that_say_the_same_are_the_same_where_one_goes(world: World):
    """The second one is not the first one edited."""
    second = '  - {text: {en: "### More", zh-CN: "### 更多"}, at: {column: 0, row: 9, width: 12, height: 1}}\n'
    world.write("dashboards/board.yaml", (world.folder / "dashboards/board.yaml").read_text(encoding="utf-8") + second)
    world.apply()
    world.change("dashboards/board.yaml",
                 '  - {text: {en: "### Calls", zh-CN: "### 调用"}, at: {column: 0, row: 0, width: 12, height: 1}}\n', "")  # fmt: skip
    steps = [(one.action, one.key, [change.path for change in one.changes]) for one in world.survey().plan.steps]
    world.apply()

    assert steps == [
        ("update", "widget/board/calls/by-status", ["position.row"]),
        ("update", "widget/board/calls/total", ["position.row"]),
        ("update", "widget/board/text~1", ["position.row"]),
        ("remove", "widget/board/text~2", []),
    ]
    assert world.steps() == []
