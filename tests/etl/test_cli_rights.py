"""What the commands say where this user has no right to look: one line and a hint, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.etl import lines
from tests.etl.rights import closed
from tests.etl.test_cli import count, run

LOOK = "can't look at {}: Permission denied"
#: Without root's rights the socket of the tests' PostgreSQL is closed too.
ON_SQLITE = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A folder with a log of three lines."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "tts.log").write_bytes(lines.lines(1, 3))
    return folder


@ON_SQLITE
@pytest.mark.parametrize(
    ("command", "says"),
    {
        "import {}/tts.log": LOOK.format("{}/tts.log"),
        "import {}": "can't list {}: Permission denied",
        "import {}/*.log": LOOK.format("{}/*.log"),
        "watch {}/tts.log": LOOK.format("{}/tts.log"),
        "backfill {}/tts.log": LOOK.format("{}/tts.log"),
        "clients import {}/tts.log": "can't read {}/tts.log: Permission denied",
        "quarantine export --out {}/x": "can't make {}/x: Permission denied",
        "erase --request-id x --logrotate-config {}/x": "can't read {}/x",
    }.items(),
)
def test_a_closed_folder_is_one_line_and_a_hint(
    database_url: str, logs: Path, tmp_path: Path, command: str, says: str
) -> None:
    """Exit 2, and what could be opened instead."""
    words = command.format(logs).split()
    with closed(logs):
        found = run(*words, "--database-url", database_url, env={"TTS_STATE_DIR": str(tmp_path / "state")})

    error, hint = found[2].splitlines()
    assert (found[0], found[1], error) == (2, "", f"error: {says.format(logs)}")
    assert len(hint) > len("hint: ")


@pytest.mark.parametrize(
    "command",
    [
        "import {}/tts.log",
        "status",
        "verify",
        "purge --older-than 9d",
        "adopt-table",
        "retime --timezone UTC",
        "migrate",
    ],
)
def test_a_closed_database_is_one_line_and_a_hint(logs: Path, tmp_path: Path, command: str) -> None:
    """Never the advice to make tables that may well be there."""
    folder = tmp_path / "data"
    folder.mkdir()
    url = f"sqlite:///{folder}/tts.db"
    run("migrate", "--database-url", url)
    words = command.format(logs).split()
    with closed(folder):
        found = run(*words, "--database-url", url, env={"TTS_STATE_DIR": str(tmp_path / "state")})

    assert (found[0], len(found[2].splitlines()), "Voxmeter tables" in found[2]) == (2, 2, False)
    assert "can't " in found[2]


@ON_SQLITE
def test_a_state_folder_that_may_not_be_written(database_url: str, logs: Path, tmp_path: Path) -> None:
    """The variable that names another one is said."""
    state = tmp_path / "state"
    state.mkdir()
    with closed(state, 0o555):
        code, _, err = run("import", logs, "--database-url", database_url, env={"TTS_STATE_DIR": str(state)})

    assert (code, "TTS_STATE_DIR" in err, count(database_url)) == (2, True, 0)


@ON_SQLITE
def test_a_log_that_may_not_be_read_keeps_none_of_the_others(database_url: str, logs: Path, tmp_path: Path) -> None:
    """The rest of the folder is loaded, then it is told with 2; so is a link into a folder that nobody may enter."""
    (logs / "other.log").write_bytes(lines.lines(4, 5))
    shut = tmp_path / "shut"
    shut.mkdir()
    (shut / "a.log").write_bytes(lines.lines(6, 7))
    (logs / "link.log").symlink_to(shut / "a.log")
    state = {"TTS_STATE_DIR": str(tmp_path / "state")}
    with closed(logs / "tts.log"):
        code, _, err = run("import", logs, "--database-url", database_url, env=state)
        assert (code, f"can't read {logs}/tts.log" in err, count(database_url)) == (2, True, 4)
    with closed(shut):
        code, _, err = run("import", logs, "--database-url", database_url, env=state)
        assert (code, f"can't read {logs}/link.log" in err, count(database_url)) == (2, True, 7)


@ON_SQLITE
def test_erase_and_verify_pass_by_what_they_may_not_read(database_url: str, logs: Path, tmp_path: Path) -> None:
    """Copies in a folder that nobody may enter may be there: that is said, and what is in tables goes all the same."""
    state = {"TTS_STATE_DIR": str(tmp_path / "state")}
    run("import", logs / "tts.log", "--database-url", database_url, env=state)
    request_id = lines.request()["request_id"]
    with closed(logs):
        erased = run("erase", "--request-id", request_id, "--database-url", database_url, "--json")
        verified = run("verify", "--database-url", database_url, "--json")

    assert [(copy["path"], copy["lines"]) for copy in json.loads(erased[1])["copies"]] == [
        (str(logs / "tts.log"), None)
    ]
    assert (erased[0], verified[0], json.loads(verified[1])["files"], count(database_url)) == (0, 0, 0, 0)


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_closed_socket_is_no_outage(database_url: str) -> None:
    """No waiting helps against it: 2, not 75."""
    with closed(Path(database_url.partition("?host=")[2])):
        code, out, err = run("status", "--database-url", database_url)

    assert (code, out, len(err.splitlines()), "Permission denied" in err) == (2, "", 2, True)
