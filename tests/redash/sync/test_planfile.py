"""A kept plan is done as it was shown, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from redash.errors import StalePlan, WrongUse
from redash.sync.planfile import refuse_stale, write_plan
from tests.redash.sync.conftest import CANARY, World


@pytest.fixture
def kept(world: World, tmp_path: Path) -> Path:
    """The plan for one changed file, on a server where all else is as it should be."""
    world.apply()
    world.change("queries/rejects.sql", "SELECT 2 AS rejects", "SELECT 3 AS rejects")
    path = tmp_path / "plan.json"
    write_plan(path, world.survey())
    return path


def test_a_plan_that_still_holds_is_taken(world: World, kept: Path):
    """No word."""
    refuse_stale(kept, world.survey())


def test_an_object_that_moved_in_redash_is_named_with_its_field(world: World, kept: Path):
    """Somebody renamed another query."""
    with world.person() as api:
        api.queries.update(world.row("queries", "Calls")["id"], {"name": "Mine"})

    with pytest.raises(StalePlan, match=r"moved since .*plan\.json was made: in Redash: query/calls \(name\)$"):
        refuse_stale(kept, world.survey())


def test_a_file_that_changed_is_named_with_its_field(world: World, kept: Path):
    """Not what was read when the plan was made."""
    world.change("alerts/rejects.yaml", "value: 1", "value: 2")

    with pytest.raises(StalePlan, match=r"in the files: alert/rejects \(value\)$"):
        refuse_stale(kept, world.survey())


def test_an_object_that_came_or_went_is_named(world: World, kept: Path):
    """A widget that somebody deleted."""
    chart = world.row("visualizations", "Total")["id"]
    widget = next(row for row in world.fake.state.widgets.values() if row["visualization_id"] == chart)
    with world.person() as api:
        api.widgets.delete(widget["id"], widget["dashboard_id"])

    with pytest.raises(StalePlan, match=r"in Redash: widget/board/calls/total is gone$"):
        refuse_stale(kept, world.survey())


def test_a_secret_that_was_rotated_since_is_told(world: World, kept: Path):
    """Without a word of it."""
    world.secret.write_text("https://hook.example/another\n", encoding="utf-8")

    with pytest.raises(StalePlan, match=r"a secret, a right or a name that is taken$"):
        refuse_stale(kept, world.survey())


def test_a_plan_for_another_server_or_environment_is_wrong_use(world: World, kept: Path):
    """Its address is said."""
    said = json.loads(kept.read_text(encoding="utf-8"))
    kept.write_text(json.dumps({**said, "server": "https://redash.example.com"}), encoding="utf-8")

    with pytest.raises(WrongUse, match=r"is a plan for default at https://redash\.example\.com"):
        refuse_stale(kept, world.survey())


@pytest.mark.parametrize("text", ["{}", "no JSON", "[]", '{"format": 2}'])
def test_another_file_is_no_plan(world: World, tmp_path: Path, text: str):
    """Whatever it is."""
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(WrongUse, match=r"is (no plan|a plan of another version)"):
        refuse_stale(path, world.survey())


def test_no_secret_is_in_a_kept_plan(world: World, tmp_path: Path):
    """Neither in one that makes the destination nor in one that rotates."""
    for number in range(2):
        write_plan(tmp_path / f"{number}.json", world.survey())
        world.apply()
        world.secret.write_text(f"https://hook.example/{CANARY}/{number}\n", encoding="utf-8")

    assert [CANARY in (tmp_path / f"{number}.json").read_text(encoding="utf-8") for number in range(2)] == [False] * 2
