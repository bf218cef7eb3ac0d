"""Edits made in Redash, taken home into the files: the bytes that change, those that don't, and what is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from redash.errors import ChangedInBoth, WrongUse
from redash.home.pull import Pulled, pull
from tests.redash.sync.conftest import FILES, World


def taken(world: World, *slugs: str, side: Any = None) -> Pulled:
    """What a pull would write."""
    return pull(world.survey(thorough=True), world.pack(), world.folder, slugs, side)


def pulled(world: World, *slugs: str, side: Any = None) -> dict[str, str]:
    """A pull that writes, and what it left."""
    found = taken(world, *slugs, side=side)
    found.drafts.write()
    return found.left


def lines(world: World) -> list[str]:
    """The lines of all files that are not as the pack began, with + and -."""
    found = []
    for name, text in FILES.items():
        now = (world.folder / name).read_text(encoding="utf-8").splitlines()
        then = text.splitlines()
        if "DBPATH" not in text and "SECRET" not in text:
            found += [f"-{line}" for line in then if line not in now] + [f"+{line}" for line in now if line not in then]
    return found


def settled(world: World) -> bool:
    """Whether nothing but notes is to do, an apply ends even that, and a pull then changes no byte."""
    noted = {action for action, _ in world.steps()} <= {"note"}
    world.apply()
    return noted and world.steps() == [] and taken(world).drafts.texts == {}


def test_a_pull_of_nothing_changes_no_byte(world: World):
    """Neither before the first apply nor after it."""
    before = taken(world)
    world.apply()
    after = taken(world)

    assert (before.drafts.texts, before.left, after.drafts.texts, after.left) == ({}, {}, {}, {})


def test_texts_change_in_one_language_and_comments_stay(world: World):
    """SQL, title, description, tags and schedule of a query; the Chinese is as it was."""
    header = FILES["queries/rejects.sql"].replace("-- tags:", "-- # whom it wakes\n-- tags:")
    world.write("queries/rejects.sql", header)
    world.apply()
    with world.person() as api:
        api.queries.update(
            world.row("queries", "Rejects")["id"],
            {
                "name": "Rejects: share",
                "description": "Share of all.",
                "query": "-- all of them\r\nSELECT 3 AS rejects\r\n",
                "tags": ["new", "alerts", "voxmeter"],
                "schedule": {"interval": 600, "time": None, "day_of_week": None, "until": None},
            },
        )
    left = pulled(world)

    assert (world.folder / "queries/rejects.sql").read_text(encoding="utf-8") == (
        '-- title: {en: "Rejects: share", zh-CN: 拒收}\n'
        "-- description: {en: Share of all., zh-CN: 拒收比例。}\n"
        "-- schedule: {interval_seconds: 600}\n"
        "-- # whom it wakes\n"
        "-- tags: [alerts, new]\n"
        "\n"
        "-- all of them\n"
        "SELECT 3 AS rejects\n"
    )
    assert (left, settled(world)) == ({}, True)


def test_a_plain_text_keeps_what_it_says_in_the_other_language(world: World):
    """`RTF` was read in both: after an edit in English it is what the Chinese says."""
    world.change("charts/calls.yaml", "title: {en: Total, zh-CN: 总数}", "title: RTF")
    world.apply()
    world.fake.state.change(world.row("visualizations", "RTF"), name="Total RTF")
    left = pulled(world)

    assert left == {}
    assert "title: {en: Total RTF, zh-CN: RTF}" in (world.folder / "charts/calls.yaml").read_text(encoding="utf-8")


def test_in_chinese_the_english_stays(world: World):
    """With the environment's language the other way round."""
    world.environment["lang"] = "zh-CN"
    world.apply()
    world.fake.state.change(world.row("queries", "拒收"), name="拒收率")
    left = pulled(world)

    assert (left, lines(world)) == ({}, [
        "--- title: {en: Rejects, zh-CN: 拒收}",
        "+-- title: {en: Rejects, zh-CN: 拒收率}",
    ])  # fmt: skip


def test_charts_change_by_words_and_what_has_none_is_kept_verbatim(world: World):
    """Kind, axis and prefix have words; formats are kept under `options`, and go again with the edit."""
    world.apply()
    world.run_all()
    editor = world.fake.editor
    chart, total, rows = (world.row("visualizations", name)["id"] for name in ("Calls by status", "Total", "Rows"))
    editor.open_and_save_chart(chart, globalSeriesType="line", numberFormat="0.0",
                               yAxis=[{"type": "linear", "rangeMin": 1}, {"type": "linear", "opposite": True}])  # fmt: skip
    editor.open_and_save_chart(total, stringPrefix="~", stringDecChar=",")
    shown = editor.open_and_save_chart(rows)["columns"]
    editor.open_and_save_chart(rows, columns=[{**shown[1], "visible": True, "title": "n", "displayAs": "number",
                                               "numberFormat": "0,0.00", "alignContent": "right"},
                                              {**shown[0], "linkUrlTemplate": "/{{ @ }}"}, *shown[2:]])  # fmt: skip
    left = pulled(world)

    assert (
        (world.folder / "charts/calls.yaml").read_text(encoding="utf-8")
        == """\
by-status:
  type: chart
  kind: line
  title: {en: Calls by status, zh-CN: 按状态}
  x: status
  y: [{column: calls}]
  x_axis: {type: category}
  y_axis: {min: 1}
  options: {numberFormat: "0.0"}
total: {type: counter, title: {en: Total, zh-CN: 总数}, column: calls, unit: count, prefix: "~", options: {stringDecChar: ","}}
rows:
  type: table
  title: {en: Rows, zh-CN: 行}
  table: [{column: calls, title: n, unit: number, decimals: 2}, {column: status, title: {en: Status, zh-CN: 状态}}]
  options: {columns: {status: {linkUrlTemplate: "/{{ @ }}"}}}
"""
    )
    assert (left, settled(world)) == ({}, True)

    editor.open_and_save_chart(chart, numberFormat="0,0[.]00")
    editor.open_and_save_chart(total, stringDecChar=".")

    assert pulled(world) == {}
    assert "numberFormat" not in (world.folder / "charts/calls.yaml").read_text(encoding="utf-8")


def test_what_another_word_would_change_stays_as_it_is(world: World):
    """A counter is renamed and its label is not: the file says both."""
    world.apply()
    world.fake.state.change(world.row("visualizations", "Total"), name="All calls")
    left = pulled(world)

    assert (left, lines(world)) == ({}, [
        "-total: {type: counter, title: {en: Total, zh-CN: 总数}, column: calls, unit: count}",
        "+total: {type: counter, title: {en: All calls, zh-CN: 总数}, column: calls, unit: count, options: {counterLabel: Total}}",
    ])  # fmt: skip
    assert settled(world)


@pytest.mark.parametrize("version", [(10, 1), (26, 3)])
def test_widgets_and_inputs_of_a_dashboard_come_home(make_world: Callable[..., World], version: tuple[int, int]):
    """Name, order and values of inputs, texts, places; a widget that was deleted goes. Old grids have 6 columns."""
    world = make_world(version)
    second = '  - {text: {en: "### More", zh-CN: "### 更多"}, at: {column: 0, row: 9, width: 12, height: 1}}\n'
    world.write("dashboards/board.yaml", FILES["dashboards/board.yaml"] + second)
    world.apply()
    state = world.fake.state
    wide = 12 if version >= (25, 8) else 6
    text = next(one for one in state.widgets.values() if one["text"] == "### Calls")
    more = next(one for one in state.widgets.values() if one["text"] == "### More")
    total = next(one for one in state.widgets.values() if one["options"]["position"]["col"] == wide // 2)
    world.fake.editor.edit_widget(total["id"], col=0, row=6, sizeX=wide, sizeY=7)
    state.change(more, text="### Even more")
    board = world.row("dashboards", "Board")
    with world.person() as api:
        api.widgets.delete(text["id"], board["id"])
        values = [{**one, "value": "d_today"} for one in board["options"]["parameters"]]
        api.dashboards.update(board["id"], {"name": "The board", "options": {**board["options"], "parameters": values}})
    left = pulled(world)

    value = "d_today" if version >= (26, 3) else "d_last_30_days"
    assert (
        (world.folder / "dashboards/board.yaml").read_text(encoding="utf-8")
        == f"""\
title: {{en: The board, zh-CN: 看板}}
tags: [tts]
parameters:
  period: {{default: {value}}}
widgets:
  - {{chart: calls/by-status, values: {{kind: ok}}, at: {{column: 0, row: 1, width: 6, height: 5}}}}
  - {{chart: calls/total, values: {{kind: ok}}, at: {{column: 0, row: 6, width: 12, height: 7}}}}
  - {{text: {{en: "### Even more", zh-CN: "### 更多"}}, at: {{column: 0, row: 13, width: 12, height: 1}}}}
"""
    )
    assert (left, settled(world)) == ({}, True)


def test_an_alert_comes_home_with_its_words_and_without_a_destination(world: World):
    """Threshold (which the page writes as a text), selector, mute, rearm and texts."""
    world.apply()
    alert = next(iter(world.fake.state.alerts.values()))
    world.fake.editor.edit_alert(alert["id"], value=2.5, selector="max", muted=True, custom_body="Look\nthere")
    world.fake.state.change(alert, rearm=60)
    world.fake.state.subscriptions.clear()
    left = pulled(world)

    assert (left, lines(world)) == ({}, [
        "-value: 1",
        "-rearm_seconds: 3600",
        "-body: {en: Look at the quarantine., zh-CN: 请查看隔离区。}",
        "-destinations: [hook]",
        "+selector: max",
        "+value: 2.5",
        "+rearm_seconds: 60",
        "+mute: true",
        '+body: {en: "Look\\nthere", zh-CN: 请查看隔离区。}',
        "+destinations: []",
    ])  # fmt: skip
    assert settled(world)


def test_parameters_come_home(world: World):
    """Title, default and a new one; the text in the other language stays."""
    world.apply()
    row = world.row("queries", "Calls")
    period, kind = row["options"]["parameters"]
    new = {"name": "least", "title": "Least", "type": "number", "value": "5"}
    changed = [{**kind, "title": "Outcome"}, {**period, "value": {"start": "2026-01-01", "end": "2026-01-31"}}, new]
    with world.person() as api:
        api.queries.update(row["id"], {"options": {**row["options"], "parameters": changed}})
    left = pulled(world)

    assert (left, lines(world)) == ({}, [
        "---   period: {type: date-range, title: {en: Period, zh-CN: 时段}, default: d_last_7_days}",
        "---   kind: {type: query, title: {en: Kind, zh-CN: 种类}, query: kinds, default: ok}",
        '+--   period: {type: date-range, title: {en: Period, zh-CN: 时段}, default: {start: "2026-01-01", end: "2026-01-31"}}',
        "+--   kind: {type: query, title: {en: Outcome, zh-CN: 种类}, query: kinds, default: ok}",
        "+--   least: {type: number, title: Least, default: 5}",
    ])  # fmt: skip


def test_what_no_file_can_say_is_left_by_name_and_nothing_of_it_is_written(world: World):
    """A draft, an archived query, a parameter of type text; what else was edited there is taken."""
    world.apply()
    calls, kinds = world.row("queries", "Calls"), world.row("queries", "Kinds")
    text = {"name": "kind", "title": "Kind", "type": "text", "value": "x"}
    with world.person() as api:
        api.queries.update(calls["id"], {"options": {**calls["options"], "parameters": [text]}, "name": "Mine"})
        api.queries.update(kinds["id"], {"is_draft": True, "description": "None of them."})
        api.queries.archive(world.row("queries", "Rejects")["id"])
    left = pulled(world)

    assert left == {
        "query/calls": "a parameter of type text lets whoever looks write SQL: use enum, query, number or a date",
        "query/kinds: published": "the files have no word for it",
        "query/rejects": "deleted in Redash: remove it from the files, or an apply makes it anew",
        "alert/rejects": "deleted in Redash: remove it from the files, or an apply makes it anew",
    }
    assert lines(world) == [
        "--- description: {en: For the filter., zh-CN: 供筛选。}",
        "+-- description: {en: None of them., zh-CN: 供筛选。}",
        "-destinations: [hook]",
        "+destinations: []",
    ]


def test_a_field_that_both_changed_needs_a_word(world: World):
    """Nothing is written until somebody says whose counts; another field of the same object is no conflict."""
    world.apply()
    world.change("queries/rejects.sql", "SELECT 2", "SELECT 4")
    with world.person() as api:
        api.queries.update(world.row("queries", "Rejects")["id"], {"query": "SELECT 3 AS rejects", "name": "Mine"})
    before = {path: path.read_bytes() for path in world.folder.rglob("*") if path.is_file()}
    with pytest.raises(ChangedInBoth, match=r"^changed in Redash and in the files: query/rejects: sql$"):
        taken(world)
    ours, theirs, named = taken(world, side="ours"), taken(world, side="theirs"), taken(world, "rejects")

    assert before == {path: path.read_bytes() for path in world.folder.rglob("*") if path.is_file()}
    assert (ours.left, theirs.left, named.left) == ({}, {}, {})
    assert ours.drafts.texts["queries/rejects.sql"].endswith("SELECT 4 AS rejects\n")
    assert "en: Mine" in ours.drafts.texts["queries/rejects.sql"]
    assert theirs.drafts.texts["queries/rejects.sql"].endswith("SELECT 3 AS rejects\n")
    assert named.drafts.texts == theirs.drafts.texts


def test_what_is_pending_in_the_files_stays_pending(world: World):
    """A pull of one field does not take back another one that the files changed."""
    world.apply()
    world.change("queries/rejects.sql", "SELECT 2", "SELECT 4")
    world.fake.state.change(world.row("queries", "Rejects"), name="Mine")

    assert pulled(world) == {}
    assert [(one.action, one.key, [change.path for change in one.changes]) for one in world.survey().plan.steps] == [
        ("update", "query/rejects", ["sql"])
    ]


def test_a_pull_can_be_of_some(world: World):
    """By slug or key, parts with what they are a part of; an unknown name is refused."""
    world.apply()
    for name in ("Rejects", "Kinds"):
        world.fake.state.change(world.row("queries", name), name=f"Other {name}")
    world.fake.state.change(world.row("visualizations", "Rows"), name="Other rows")

    assert set(taken(world, "rejects").drafts.texts) == {"queries/rejects.sql"}
    assert set(taken(world, "query/kinds", "calls").drafts.texts) == {"queries/kinds.sql", "charts/calls.yaml"}
    assert set(taken(world).drafts.texts) == {"queries/rejects.sql", "queries/kinds.sql", "charts/calls.yaml"}
    with pytest.raises(WrongUse, match=r"^the pack has nothing called 'reject'$"):
        taken(world, "reject")


def test_the_diff_says_what_would_be_written(world: World):
    """As `git diff` does."""
    world.apply()
    world.fake.state.change(world.row("queries", "Kinds"), name="Sorts")

    assert list(taken(world).drafts.diff()) == [
        "--- a/queries/kinds.sql",
        "+++ b/queries/kinds.sql",
        "@@ -1,3 +1,3 @@",
        "--- title: {en: Kinds, zh-CN: 种类}",
        "+-- title: {en: Sorts, zh-CN: 种类}",
        " -- description: {en: For the filter., zh-CN: 供筛选。}",
        " SELECT 'ok' AS value UNION ALL SELECT 'error'",
    ]
