"""A Redash that others use too: their data source, rights that are missing, prefixes, spread schedules."""

from __future__ import annotations

import pytest

from redash.errors import WrongUse
from tests.redash.sync.conftest import World


def test_a_data_source_that_exists_is_used_and_never_changed(world: World):
    """By its name; ours is not made, and the other one has no marker."""
    with world.person() as api:
        theirs = api.data_sources.create("Warehouse", "sqlite", {"dbpath": str(world.folder.parent / "tts.db")})
    world.environment |= {"sources": {"tts": {"existing": "Warehouse", "type": "sqlite"}}, "groups": []}
    before = dict(world.fake.state.sources[theirs["id"]])
    world.apply()

    assert world.steps() == []
    assert list(world.fake.state.sources.values()) == [before]
    assert {row["data_source_id"] for row in world.fake.state.queries.values()} == {theirs["id"]}


def test_a_data_source_that_should_exist_and_does_not_is_wrong_use(world: World):
    """Before anything is made."""
    world.environment |= {"sources": {"tts": {"existing": "Warehouse", "type": "sqlite"}}, "groups": []}

    with pytest.raises(WrongUse, match="there is no data source named 'Warehouse'"):
        world.apply()
    assert world.fake.writes == []


def test_who_is_no_admin_applies_as_far_as_rights_go_and_hears_what_is_left(world: World):
    """Queries, charts, the dashboard and the alert are made; the destination, group and its rights are left."""
    with world.person() as api:
        api.data_sources.create("Speech", "sqlite", {"dbpath": str(world.folder.parent / "tts.db")})
    world.api_key = world.fake.key_of("analyst@example.com")
    outcome = world.apply()
    nobody = "only an admin may make it, and analyst@example.com is none"

    assert outcome.left == {
        "group/viewers": nobody,
        "grant/viewers/source/tts": nobody,
        "member/viewers/analyst@example.com": nobody,
        "destination/hook": nobody,
        "subscription/rejects/hook": "it needs destination/hook",
    }
    assert outcome.troubles == []
    assert [row["name"] for row in world.fake.state.dashboards.values()] == ["Board"]
    assert [row["name"] for row in world.fake.state.alerts.values()] == ["Many rejects"]
    assert world.steps() == []


def test_objects_of_another_owner_are_left_and_named(world: World):
    """An admin made them; who is no admin may not change them."""
    world.apply()
    world.api_key = world.fake.key_of("analyst@example.com")
    world.change("queries/rejects.sql", "SELECT 2 AS rejects", "SELECT 3 AS rejects")
    before = dict(world.row("queries", "Rejects"))
    outcome = world.apply()

    assert [key for key in outcome.left if not key.startswith(("group/", "grant/", "member/"))] == ["query/rejects"]
    assert outcome.left["query/rejects"].startswith("Redash does not allow POST /api/queries/")
    assert world.row("queries", "Rejects") == before


def test_a_source_of_ours_that_everybody_may_query_is_warned_of(world: World):
    """Redash opens each new data source to the group default; closed to it, the warning ends."""
    world.apply()
    source = world.row("sources", "Speech")["id"]

    assert world.survey().plan.warnings == (
        "source/tts: the group `default` may write queries on it, so everybody who logs in may read all its tables",
    )
    with world.person() as api:
        api.groups.set_view_only(world.fake.state.default["id"], source, True)
    assert world.survey().plan.warnings == ()


def test_a_prefix_stands_before_every_name_and_changes_with_one_apply(world: World):
    """The same objects, renamed."""
    world.apply()
    ids = {table: sorted(getattr(world.fake.state, table)) for table in ("queries", "dashboards", "alerts", "sources")}
    world.environment["prefix"] = "TTS · "
    world.apply()
    names = {row["name"] for table in ids for row in getattr(world.fake.state, table).values()}

    assert names == {
        "TTS · Kinds", "TTS · Calls", "TTS · Rejects", "TTS · Board", "TTS · Many rejects", "TTS · Speech",
    }  # fmt: skip
    assert {table: sorted(getattr(world.fake.state, table)) for table in ids} == ids
    assert world.steps() == []


def test_daily_queries_do_not_all_run_at_midnight(world: World):
    """By default they are spread over the first six hours, each at its own time on every machine."""
    for name in ("one", "two", "three"):
        world.write(
            f"queries/{name}.sql",
            f"-- title: {{en: {name}, zh-CN: {name}}}\n-- description: {{en: Daily., zh-CN: 每日。}}\n"
            f"-- schedule: {{interval_seconds: 86400}}\nSELECT '{name}' AS n\n",
        )
    world.apply()
    times = {name: world.row("queries", name)["schedule"]["time"] for name in ("one", "two", "three")}

    assert len(set(times.values())) == 3
    assert all("00:00" <= time < "06:00" for time in times.values())
    assert world.row("queries", "Rejects")["schedule"] == {
        "interval": 300, "time": None, "day_of_week": None, "until": None,
    }  # fmt: skip
