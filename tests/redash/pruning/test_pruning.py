"""`prune` and `restore` as they are called."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from redash.cli import cli
from redash.errors import RedashError, WrongUse
from tests.redash.sync.conftest import World
from tests.redash.sync.shapes import shape

Call = Callable[..., Result]
GIVEN_UP = ("dashboards/board.yaml", "charts/calls.yaml", "queries/calls.sql")


@pytest.fixture
def call(world: World, tmp_path: Path) -> Call:
    """Calls a command on the world's server, where all was applied and some files are gone."""
    key = tmp_path / "key"
    key.write_text(world.api_key, encoding="utf-8")
    text = f"url: {world.fake.url}\napi_key: file:{key}\ndestinations: [hook]\ngroups: [viewers]\n"
    world.write("environments/default.yaml", text)
    world.apply()

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, [*arguments, "--specs", str(world.folder)])

    return run


def error_of(result: Result) -> RedashError:
    """The error that a command ended with."""
    assert isinstance(result.exception, RedashError)
    return result.exception


def test_by_default_it_only_says_what_would_go(world: World, call: Call):
    """GETs alone; as JSON too."""
    world.remove(*GIVEN_UP)
    before = len(world.fake.writes)
    said, as_json = call("prune"), call("prune", "--json")

    assert said.stdout.splitlines() == [
        "! archive dashboard/board  Board",
        "! archive query/calls  Calls",
        "2 to archive.",
    ]
    assert json.loads(as_json.stdout) == {
        "archive": [
            {"key": "dashboard/board", "title": "Board", "costs": []},
            {"key": "query/calls", "title": "Calls", "costs": []},
        ],
        "stays": {},
    }
    assert (said.exit_code, len(world.fake.writes)) == (0, before)


def test_with_yes_it_archives_and_restore_brings_all_back(world: World, call: Call, tmp_path: Path):
    """The backup is where it was wished; a second restore finds nothing to do."""
    before, path = shape(world), tmp_path / "pruned.json"
    texts = world.remove(*GIVEN_UP)
    pruned = call("prune", "--yes", "--backup", str(path))

    assert (pruned.exit_code, pruned.stdout) == (0, "2 steps done\n")
    assert world.row("queries", "Calls")["is_archived"]
    restored = call("restore", str(path))
    assert (restored.exit_code, restored.stdout) == (0, "4 restored\n")
    assert call("restore", str(path)).stdout == "Nothing to restore.\n"
    for name, text in texts.items():
        world.write(name, text)
    assert shape(world) == before
    assert world.steps() == []
    assert world.fake.state.snippets == {}


def test_more_than_the_cap_is_refused_and_nothing_is_archived(world: World, call: Call, tmp_path: Path):
    """So many missing files mean the wrong folder; no backup either."""
    world.remove(*GIVEN_UP)
    path = tmp_path / "pruned.json"
    refused = error_of(call("prune", "--yes", "--max", "1", "--backup", str(path)))

    assert (str(refused), refused.exit_code) == ("2 objects have no file any more, and --max is 1", 2)
    assert not path.exists()
    assert not world.row("queries", "Calls")["is_archived"]


def test_what_others_built_on_needs_one_more_word(world: World, call: Call, tmp_path: Path):
    """A widget on a colleague's dashboard: --allow-destroy."""
    with world.person() as api:
        board = api.dashboards.create("Morning round")
        api.dashboards.update(board["id"], {"is_draft": False})
        api.widgets.create(board["id"], world.row("visualizations", "Total")["id"], "", {})
    world.remove(*GIVEN_UP)
    path = str(tmp_path / "pruned.json")
    refused = error_of(call("prune", "--yes", "--backup", path))

    assert str(refused) == "query/calls: takes along a widget on the dashboard 'Morning round' of Human"
    assert not world.row("queries", "Calls")["is_archived"]
    assert call("prune", "--yes", "--allow-destroy", "--backup", path).exit_code == 0
    assert world.row("queries", "Calls")["is_archived"]


def test_nothing_to_prune_leaves_no_file(world: World, call: Call, tmp_path: Path):
    """Neither backup nor lock."""
    path = tmp_path / "pruned.json"

    assert call("prune", "--yes", "--backup", str(path)).stdout == "Nothing to archive.\n"
    assert not path.exists()
    assert world.fake.state.snippets == {}


def test_a_backup_of_another_server_is_refused(world: World, call: Call, tmp_path: Path):
    """Its ids mean other things here."""
    world.remove(*GIVEN_UP)
    path = tmp_path / "pruned.json"
    call("prune", "--yes", "--backup", str(path))
    said = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**said, "server": "https://redash.example.com"}), encoding="utf-8")
    refused = error_of(call("restore", str(path)))

    assert isinstance(refused, WrongUse)
    assert str(refused).endswith("is of default at https://redash.example.com")
    assert world.row("queries", "Calls")["is_archived"]
