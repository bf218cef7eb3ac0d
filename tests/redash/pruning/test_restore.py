"""Nothing of what a prune took away is lost."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redash.errors import RedashAway
from tests.redash.pruning.test_prune import somebody_builds_on_it
from tests.redash.sync.conftest import FILES, World
from tests.redash.sync.shapes import shape

BOARD = ("dashboards/board.yaml", "charts/calls.yaml", "queries/calls.sql")
REJECTS = ("alerts/rejects.yaml", "queries/rejects.sql")
#: What can go together so that the rest still holds together.
PARTS = (("alerts/rejects.yaml",), REJECTS, ("dashboards/board.yaml",), BOARD, (*BOARD, "queries/kinds.sql"))


def put_back(world: World, texts: dict[str, str]) -> None:
    """The files are there again."""
    for name, text in texts.items():
        world.write(name, text)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.sampled_from(PARTS), min_size=1, max_size=3),
    built_on=st.booleans(),
    deaths=st.lists(st.tuples(st.integers(1, 8), st.booleans()), max_size=3),
)
def test_prune_and_restore_lose_nothing(
    make_world: Callable[[], World],
    parts: list[tuple[str, ...]],
    built_on: bool,
    deaths: list[tuple[int, bool]],
):
    """Whatever goes, with what others built on it, and however often the restore is cut off: all is as before."""
    world = make_world()
    world.apply()
    if built_on:
        somebody_builds_on_it(world)
        # Their mail is theirs to order again: see the test for it.
        told = world.fake.state.subscriptions
        for key in [key for key, one in told.items() if one["destination_id"] is None]:
            del told[key]
    before = shape(world)
    texts = world.remove(*{name for part in parts for name in part})
    with tempfile.TemporaryDirectory() as folder:
        backup = Path(folder) / "backup.json"
        world.prune(backup)
        for write, done in deaths:
            world.fake.die_after(write, done)
            with suppress(RedashAway):
                world.restore(backup)
            world.fake.revive()
        restored = world.restore(backup)
        put_back(world, texts)

        assert (restored.left, shape(world)) == ({}, before)
        assert world.steps() == []
        assert world.restore(backup).done == []


def test_each_death_of_a_restore_is_survived(world: World, tmp_path: Path):
    """One write at a time, its answer lost: nothing comes back twice."""
    world.apply()
    before = shape(world)
    texts = world.remove(*FILES.keys() & {*BOARD, *REJECTS, "queries/kinds.sql"})
    world.prune(tmp_path / "backup.json")
    lives = 0
    while lives < 50:
        world.fake.die_after(1, done=True)
        try:
            world.restore(tmp_path / "backup.json")
            break
        except RedashAway:
            lives += 1
        finally:
            world.fake.revive()
    put_back(world, texts)

    assert lives >= 7
    assert shape(world) == before
    assert world.steps() == []


def test_a_deleted_chart_comes_back_with_its_widgets(world: World, tmp_path: Path):
    """With another id, which its widgets and the marker know."""
    world.apply()
    with world.person() as api:
        board = api.dashboards.create("Morning round")
        api.dashboards.update(board["id"], {"is_draft": False})
        api.widgets.create(board["id"], world.row("visualizations", "Total")["id"], "", {"position": {"col": 0}})
    before = shape(world)
    texts = world.remove("charts/calls.yaml", "dashboards/board.yaml")
    backup = tmp_path / "backup.json"
    world.prune(backup)

    assert [row["name"] for row in world.fake.state.visualizations.values()].count("Total") == 0
    restored = world.restore(backup)
    put_back(world, texts)

    assert (restored.left, shape(world)) == ({}, before)
    assert world.steps() == []


def test_a_mail_that_only_its_owner_can_order_is_told(world: World, tmp_path: Path):
    """Redash subscribes by e-mail nobody but the caller."""
    world.apply()
    with world.person() as api:
        api.alerts.subscribe_caller(world.row("alerts", "Many rejects")["id"])
    world.remove("alerts/rejects.yaml")
    world.prune(tmp_path / "backup.json")

    assert world.restore(tmp_path / "backup.json").left == {
        "the subscription of human@example.com to the alert 'Many rejects'": (
            "Redash lets nobody but themselves subscribe by e-mail: tell them"
        )
    }
    assert [row["destination_id"] is None for row in world.fake.state.subscriptions.values()] == [False]


def test_an_alert_that_was_somebody_elses_is_told_to_be_ours_now(world: World, tmp_path: Path):
    """Redash lets nobody make one for another, and only its owner and admins may change it; a second restore says nothing."""
    world.apply()
    with world.person() as api:
        somebody_elses = api.alerts.create(world.row("queries", "Rejects")["id"], "Theirs", {"column": "rejects"}, None)
    assert somebody_elses["user"]["email"] == "human@example.com"
    world.remove(*REJECTS)
    world.prune(tmp_path / "backup.json")

    assert world.restore(tmp_path / "backup.json").notes == [
        "the alert 'Theirs' was human@example.com's and is yours: Redash gives it to whoever makes it"
    ]
    assert world.restore(tmp_path / "backup.json").notes == []
