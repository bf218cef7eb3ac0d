"""tts-etl quarantine, erase and verify as their users meet them: exit codes, JSON, and what a terminal gets."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest

from tests.etl import lines
from tests.etl.loading import loader
from tests.etl.test_cli import count, run

NASTY = b'{"v":1,"x":"\x1b[2J\xe2\x80\xae \xff"'
CLIENT = "a1b2c3d4e5f60718"


@pytest.fixture
def url(database_url: str, tmp_path: Path) -> str:
    """A database with two rows, and a nasty, a conflicting and a too long line in quarantine."""
    log = tmp_path / "tts.log"
    bad = NASTY + b"\n" + lines.line(2, text_chars=9) + b"\n" + b"{" * 300_000 + b"\n"
    log.write_bytes(lines.lines(1, 2, client_hash=CLIENT) + bad)
    with loader(database_url) as load:
        load.load(log)
    return database_url


def numbers(url: str) -> dict[str, int]:
    """The number of each line in quarantine by its kind."""
    return {one["kind"]: one["id"] for one in json.loads(run("quarantine", "list", "--database-url", url, "--json")[1])}


def test_the_list_filters_and_names_no_bytes(url: str) -> None:
    """By kind, status, source and number; --limit cuts; the table has a row a line."""
    found = json.loads(run("quarantine", "list", "--database-url", url, "--json")[1])
    lists = [
        json.loads(run("quarantine", "list", "--database-url", url, "--json", *filters)[1])
        for filters in (
            ("--kind", "too_long", "--kind", "bad_utf8"),
            ("--status", "resolved"),
            ("--source-id", "other"),
            ("--limit", "1"),
            ("--id", str(found[0]["id"])),
        )
    ]

    assert [one["kind"] for one in found] == ["bad_utf8", "too_long", "key_conflict"]
    assert [len(each) for each in lists] == [2, 0, 0, 1, 1]
    assert set(found[0]) >= {"id", "source_id", "kind", "error", "status", "offset", "length", "stream_id"}
    assert [name for name in found[0] if name.startswith("raw")] == []
    code, out, _ = run("quarantine", "list", "--database-url", url)
    assert (code, [kind in out for kind in ("bad_utf8", "key_conflict", "too_long")]) == (0, [True] * 3)


def test_options_stand_before_the_sub_command_too(url: str) -> None:
    """At the group, at its group and at the command; the last one wins."""
    found = [
        json.loads(run(*arguments)[1])
        for arguments in (
            ("--database-url", url, "--json", "quarantine", "list"),
            ("quarantine", "--database-url", url, "--json", "list"),
            ("quarantine", "--source-id", "other", "list", "--database-url", url, "--json", "--source-id", "default"),
        )
    ]

    assert [len(each) for each in found] == [3, 3, 3]


def test_a_terminal_gets_no_control_characters(url: str) -> None:
    """Bytes are shown escaped, and whole in base64."""
    number = str(numbers(url)["bad_utf8"])
    shown = run("quarantine", "show", number, "--database-url", url)[1]
    found = json.loads(run("quarantine", "show", number, "--database-url", url, "--json")[1])

    assert "\\x1b[2J\\u202e \\xff" in shown
    assert [char for char in shown if not char.isprintable() and char != "\n"] == []
    assert base64.b64decode(found["raw_base64"]) == NASTY


def test_export_writes_the_bytes_as_they_were(url: str, tmp_path: Path) -> None:
    """To stdout or to a new file that only its owner reads; of a too long line what there is."""
    out = tmp_path / "bad.log"
    code, text, _ = run("quarantine", "export", "--database-url", url, "--out", out, "--json")
    again = run("quarantine", "export", "--database-url", url, "--out", out)
    conflict = run("quarantine", "export", "--database-url", url, "--kind", "key_conflict")[1]

    assert (code, json.loads(text)) == (0, {"exported": 3, "cut": 1, "out": str(out)})
    assert out.read_bytes() == b"\n".join([NASTY, b"{" * 65536, lines.line(2, text_chars=9), b""])
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert (again[0], "can't make" in again[2]) == (2, True)
    assert conflict.encode() == lines.line(2, text_chars=9) + b"\n"


def test_reprocess_and_discard_say_what_became_of_each(url: str) -> None:
    """A number of no line is wrong use; what can't be tried again says why."""
    found = json.loads(run("quarantine", "reprocess", "--database-url", url, "--json")[1])
    table = run("quarantine", "reprocess", "--database-url", url)
    wrong = [run("quarantine", *what, "--database-url", url)[0] for what in (("discard", "77"), ("show", "77"))]
    discarded = json.loads(
        run("quarantine", "discard", str(found["results"][0]["id"]), "--database-url", url, "--json")[1]
    )

    assert (found["lines"], found["became"]) == (3, {"still_bad": 1, "not_reprocessable": 2})
    assert "3 lines: 2 not reprocessable, 1 still bad" in table[2]
    assert (wrong, discarded) == ([2, 2], {"discarded": 1})
    assert json.loads(run("quarantine", "reprocess", "--database-url", url, "--json")[1])["lines"] == 2


def test_erase_says_what_went_and_where_it_remains(url: str, tmp_path: Path) -> None:
    """Rows by table, quarantine, and each file with the day it expires."""
    arguments = ("erase", "--database-url", url, "--client-hash", CLIENT)
    dry = json.loads(run(*arguments, "--dry-run", "--json")[1])
    code, out, err = run(*arguments, "--kept-for", "60d")

    assert (dry["rows"], dry["quarantined"], dry["dry_run"], count(url)) == (
        {"tts_request": 2, "tts_client": 0},
        0,
        True,
        0,
    )
    assert [copy["path"] for copy in dry["copies"]] == [str(tmp_path / "tts.log")]
    assert (code, "gone: 2 tts_request, 0 tts_client, 0 quarantined" in out, "2 lines, expires 2" in out) == (
        0,
        True,
        True,
    )
    assert "backups" in err
    assert run("erase", "--database-url", url)[0] == 2
    assert run(*arguments, "--request-id", "x")[0] == 2


def test_verify_is_green_or_ends_with_1(url: str) -> None:
    """Each finding is a line with a hint, and in JSON an object."""
    green = run("verify", "--database-url", url, "--json")
    with loader(url) as load:
        load.execute("DELETE FROM tts_request WHERE seq = 1")
    code, out, err = run("verify", "--database-url", url)
    red = json.loads(run("verify", "--database-url", url, "--json", "--ignore-gaps")[1])

    assert (green[0], json.loads(green[1])["ok"], json.loads(green[1])["rows"]) == (0, True, 2)
    assert (code, [line.split(":")[0] for line in out.splitlines()], "2 findings" in err) == (1, ["rows", "gaps"], True)
    assert (red["ok"], [one["check"] for one in red["findings"]]) == (False, ["rows"])
