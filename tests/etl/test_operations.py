"""What the operators' pages tell to type between the lines is a command that there is, and works (blocks: tests/docs)."""

from __future__ import annotations

import re
import shlex
from contextlib import chdir
from pathlib import Path

import click
import pytest

from etl.cli import tts_etl
from tests.etl import lines
from tests.etl.test_cli import run
from tests.etl.test_clients import FIRST

ROOT = Path(__file__).parents[2]
PAGES = ("docs/operations.md", "docs/systemd.md", "docs/schema.md")
PLACEHOLDERS = {"FILE": "clients.csv", "ZONE": "Asia/Shanghai", "$VOXMETER_KEEP": "90d"}
#: Stays up; asks for a table of an earlier script; asks for PostgreSQL; wants a client or a request named. Tested elsewhere.
ELSEWHERE = ("watch", "adopt-table", "--create-roles", "erase")


def told() -> list[list[str]]:
    """The words behind `tts-etl` of each code between the lines."""
    texts = [(ROOT / page).read_text(encoding="utf-8") for page in PAGES]
    codes = dict.fromkeys(code for text in texts for code in re.findall(r"`tts-etl ([^`]+)`", text))
    return [[PLACEHOLDERS.get(word, word) for word in shlex.split(code)] for code in codes]


def parsed(words: list[str]) -> bool:
    """Whether they are a whole command; False for one that is only mentioned. Raises for what there isn't."""
    command: click.Command = tts_etl
    rest = list(words)
    while isinstance(command, click.Group) and rest:
        command = command.commands[rest.pop(0)]
    try:
        command.make_context(words[0], rest)
    except click.MissingParameter:
        return False
    return not isinstance(command, click.Group)


def test_what_the_pages_name_is_there(tmp_path: Path) -> None:
    """Every command with its options; a good part of them is whole."""
    (tmp_path / "clients.csv").touch()
    with chdir(tmp_path):
        found = [parsed(words) for words in told()]

    assert (len(found) >= 19, sum(found) >= 15) == (True, True)


@pytest.mark.parametrize("words", [words for words in told() if not set(words) & set(ELSEWHERE)], ids=" ".join)
def test_what_the_pages_tell_to_type_works(sqlite_template: Path, tmp_path: Path, words: list[str]) -> None:
    """In a place with rows, a line in quarantine and clients: 0, or 1 where something was found."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/tts.log").write_bytes(lines.lines(1, 3) + b"{bad\n")
    (tmp_path / "clients.csv").write_text(FIRST, encoding="utf-8")
    (tmp_path / "tts.db").write_bytes(sqlite_template.read_bytes())
    env = {"TTS_DATABASE_URL": f"sqlite:///{tmp_path}/tts.db", "TTS_LOG": str(tmp_path / "logs/tts.log")}
    with chdir(tmp_path):
        whole = parsed(words)
        run("import", env=env)
        code, _, err = run(*words, env=env)

    assert code in ((0, 1) if whole else (0, 2)), err
