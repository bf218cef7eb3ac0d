"""`tts-app keys` and `tts-app users`: what is printed once, what is listed, and what stays in the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tts_app.cli import tts_app
from tts_app.errors import ConfigError
from tts_app.keys import Access, AccessFile


@pytest.fixture
def file(tmp_path: Path) -> AccessFile:
    return AccessFile(tmp_path / "access.json")


def run(file: AccessFile, *arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(tts_app, [*arguments, "--state-dir", str(file.path.parent)], input=given)


def test_a_key_is_shown_once_and_works_until_it_is_revoked(file: AccessFile) -> None:
    """The key alone on stdout, so that a script can take it; the list has names and moments."""
    access = Access(file, pytest.fail)
    key = run(file, "keys", "add", "newsroom").stdout.strip()
    also = json.loads(run(file, "keys", "add", "batch", "--json").stdout)
    listed, as_json = run(file, "keys", "list").stdout, json.loads(run(file, "keys", "list", "--json").stdout)

    assert [access.key_name(key), access.key_name(also["key"])] == ["newsroom", "batch"]
    assert [entry["name"] for entry in as_json] == ["newsroom", "batch"]
    assert listed.splitlines() == [f"{entry['created_at']}  {entry['name']}" for entry in as_json]
    assert key not in listed
    assert run(file, "keys", "revoke", "newsroom", "--json").stdout == '{"name": "newsroom", "removed": true}\n'
    assert [access.key_name(key), access.key_name(also["key"])] == [None, "batch"]


def test_a_user_has_a_password_of_a_pipe_or_a_made_one(file: AccessFile) -> None:
    """An own one is never printed, a made one once."""
    own = run(file, "users", "add", "ann", given="correct horse battery\n")
    made = run(file, "users", "add", "ben")
    access = Access(file, pytest.fail)

    assert own.stdout == ""
    assert access.user("ann", "correct horse battery")
    assert access.user("ben", made.stdout.strip())
    assert run(file, "users", "remove", "ann").stderr == "ann is refused from now on\n"
    assert [entry["name"] for entry in json.loads(run(file, "users", "list", "--json").stdout)] == ["ben"]


def test_the_file_may_be_named(tmp_path: Path) -> None:
    """By option or environment; nothing is made beside it."""
    path = tmp_path / "other" / "access.json"

    CliRunner(env={"TTS_ACCESS_FILE": str(path)}).invoke(tts_app, ["keys", "add", "newsroom"])

    assert [key.name for key in AccessFile(path).read().keys] == ["newsroom"]


@pytest.mark.parametrize(
    "arguments", [("keys", "add", "two words"), ("keys", "revoke", "nobody"), ("users", "remove", "nobody")]
)
def test_what_can_not_be_done_is_an_error(file: AccessFile, arguments: tuple[str, ...]) -> None:
    """With a hint, and exit code 2 by its kind."""
    error = run(file, *arguments).exception

    assert isinstance(error, ConfigError)
    assert (error.exit_code, bool(error.hint)) == (2, True)
    assert not file.path.exists()


@pytest.mark.parametrize(
    "command",
    [("keys",), ("keys", "add"), ("keys", "list"), ("keys", "revoke"), ("users",), ("users", "add"), ("users", "list"), ("users", "remove")],
)  # fmt: skip
def test_each_command_explains_itself(command: tuple[str, ...]) -> None:
    """With an example."""
    done = CliRunner().invoke(tts_app, [*command, "--help"])

    assert done.exit_code == 0
    assert "Example" in done.output
    assert f"tts-app {command[0]}" in done.output
