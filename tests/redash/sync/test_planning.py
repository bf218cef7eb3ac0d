"""`plan` and `apply` as they are called: exit codes, questions, files, and no secret anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from redash.cli import cli
from redash.errors import RedashError, StalePlan, WrongUse
from tests.redash.sync.conftest import CANARY, World

Call = Callable[..., Result]


@pytest.fixture
def call(world: World, tmp_path: Path) -> Call:
    """Calls a command on the world's server; a key that must never be seen is in a file."""
    key = tmp_path / "key"
    world.fake.state.users[min(world.fake.state.users)]["api_key"] = f"key-{CANARY}"
    world.api_key = f"key-{CANARY}"
    key.write_text(f"{world.api_key}\n", encoding="utf-8")
    text = f"url: {world.fake.url}\napi_key: file:{key}\ndestinations: [hook]\ngroups: [viewers]\n"
    world.write("environments/default.yaml", text)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, [*arguments, "--specs", str(world.folder)])

    return run


def error_of(result: Result) -> RedashError:
    """The error that a command ended with."""
    assert isinstance(result.exception, RedashError)
    return result.exception


def test_the_exit_code_tells_what_there_is_to_do(world: World, call: Call):
    """10 for safe changes, 0 for none, 11 for an edit made in Redash; without the flag always 0."""
    codes = [call("plan", "--detailed-exitcode").exit_code]
    assert call("apply", "--yes", "--no-run").exit_code == 0
    codes.append(call("plan", "--detailed-exitcode").exit_code)
    with world.person() as api:
        api.queries.update(world.row("queries", "Calls")["id"], {"name": "Mine"})
    codes.append(call("plan", "--detailed-exitcode").exit_code)

    assert codes == [10, 0, 11]
    assert call("plan").exit_code == 0


def runs(world: World) -> list[str]:
    """The queries that were run since the last time, by name."""
    asked = [row["asked_for"] for row in world.fake.state.results.values()]
    return [world.fake.state.queries[one]["name"] for one in asked]


def test_choices_have_a_result_though_nothing_is_to_be_run(world: World, call: Call):
    """Without one Redash refuses each value of the parameter; an apply that was cut off before is made good by the next."""
    call("apply", "--yes", "--no-run")
    first = runs(world)
    world.fake.state.results.clear()
    world.fake.state.change(world.row("queries", "Kinds"), latest_query_data_id=None)
    again = call("apply", "--yes", "--no-run")
    second = runs(world)
    idle = call("apply", "--yes")

    assert (first, second, runs(world)) == (["Kinds"], ["Kinds"], ["Kinds"])
    assert (again.stdout, idle.stdout) == ("Nothing to do.\n", "Nothing to do.\n")


def test_an_apply_with_nothing_to_do_writes_nothing(world: World, call: Call):
    """Not even its lock."""
    call("apply", "--yes", "--no-run")
    before = len(world.fake.writes)
    result = call("apply", "--yes")

    assert (result.exit_code, result.stdout) == (0, "Nothing to do.\n")
    assert len(world.fake.writes) == before


def test_nobody_is_asked_where_nobody_can_be(world: World, call: Call):
    """Without --yes nothing is applied; an edit made in Redash needs --allow-destroy as well."""
    assert isinstance(error_of(call("apply")), WrongUse)
    assert world.fake.writes == []
    call("apply", "--yes", "--no-run")
    with world.person() as api:
        api.queries.update(world.row("queries", "Calls")["id"], {"name": "Mine"})
    refused = error_of(call("apply", "--yes"))

    assert (str(refused), refused.exit_code) == ("1 steps would lose something, query/calls first", 2)
    assert world.row("queries", "Mine")
    assert call("apply", "--yes", "--allow-destroy", "--no-run").exit_code == 0
    assert world.row("queries", "Calls")


def test_a_kept_plan_is_applied_once(world: World, call: Call, tmp_path: Path):
    """The second time it is stale: what it would do is done."""
    path = str(tmp_path / "plan.json")
    assert call("plan", "--out", path).exit_code == 0
    assert call("apply", path, "--yes", "--no-run").exit_code == 0
    before = len(world.fake.writes)

    assert isinstance(error_of(call("apply", path, "--yes")), StalePlan)
    assert len(world.fake.writes) == before


def test_files_that_are_wrong_are_never_applied(world: World, call: Call):
    """The linter's first error, before any write."""
    world.change("charts/calls.yaml", "column: calls, unit", "column: nowhere, unit")

    assert "nowhere" in str(error_of(call("apply", "--yes")))
    assert world.fake.writes == []


def test_the_plan_as_json_is_for_machines(world: World, call: Call):
    """One object on stdout: steps with their changes, what is left, and the exit code."""
    call("apply", "--yes", "--no-run")
    world.change("queries/rejects.sql", "SELECT 2 AS rejects", "SELECT 3 AS rejects")
    said = json.loads(call("plan", "--format", "json").stdout)

    assert said["exit_code"] == 10
    assert said["steps"] == [
        {
            "action": "update",
            "key": "query/rejects",
            "title": "Rejects",
            "destructive": False,
            "changes": [
                {
                    "path": "sql",
                    "file": "SELECT 3 AS rejects",
                    "live": "SELECT 2 AS rejects",
                    "base": "SELECT 2 AS rejects",
                    "origin": "file",
                }
            ],
            "costs": [],
            "instead": None,
        }
    ]


def test_no_secret_is_ever_said(world: World, call: Call, tmp_path: Path):
    """In no form of a plan, no output of an apply, no error, no file: neither the hook's address nor the API key."""
    texts = []
    for number in range(2):
        for form in ("text", "json", "markdown", "html"):
            result = call("plan", "--format", form, "--out", str(tmp_path / "plan.json"))
            texts += [result.output, result.stderr, (tmp_path / "plan.json").read_text(encoding="utf-8")]
        applied = call("apply", "--yes", "--json")
        texts += [applied.output, applied.stderr]
        world.secret.write_text(f"https://hook.example/{CANARY}/{number}\n", encoding="utf-8")
    world.fake.die_after(1, done=False)
    away = call("apply", "--yes")
    world.fake.revive()
    world.fake.state.users[min(world.fake.state.users)]["api_key"] = "another"
    unknown = call("plan")
    for result in (away, unknown):
        error = error_of(result)
        texts += [str(error), error.hint, repr(error), result.output, result.stderr]

    assert [text for text in texts if CANARY in text] == []


def test_two_commands_at_once_make_nothing_twice(world: World, call: Call):
    """Two processes: one does it, the other comes again later (75), finds it done (0), or says that something moved (1)."""
    assert call("plan").exit_code == 0
    command = [str(Path(sys.executable).parent / "tts-redash"), "apply", "--yes", "--specs", str(world.folder)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
    texts = [one.communicate(timeout=120)[0].decode() for one in both]
    codes = sorted(one.returncode for one in both)

    assert (codes[0], codes[1] in (0, 1, 75)) == (0, True), texts
    assert [text for text in texts if CANARY in text] == []
    assert sorted(row["name"] for row in world.fake.state.queries.values()) == ["Calls", "Kinds", "Rejects"]
    assert sorted(row["name"] for row in world.fake.state.dashboards.values()) == ["Board"]
    assert world.steps() == []
    assert world.fake.state.snippets == {}
