#!/usr/bin/env python3
"""Writes docs/cli.md from the --help of every command; with --check only says whether it is up to date."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.update(TERMINAL_WIDTH="100", COLUMNS="100", NO_COLOR="1")  # before rich_click looks

import rich_click as click
from click.testing import CliRunner

import etl.cli
import redash.cli
import tts_app.cli
import voxmeter.cli

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
PROGRAMS: tuple[tuple[str, click.Group], ...] = (
    ("tts-app", tts_app.cli.tts_app),
    ("tts-etl", etl.cli.tts_etl),
    ("tts-redash", redash.cli.cli),
    ("voxmeter", voxmeter.cli.cli),
)
INTRODUCTION = """# Commands

Four commands: `tts-app` speaks, `tts-etl` loads, `tts-redash` shows, `voxmeter` composes them. What stands here is their own
`--help` (`python scripts/docs_cli.py` writes this page).

* Options stand before or after the subcommand; the later one wins. Each has an environment variable where one is named.
* A command that prints a result takes `--json`: a list of things as an array, anything else as an object, nothing else on stdout.
* Exit codes: 0 done · 1 failed, or a threshold passed · 2 wrong use or configuration · 75 try again later.
* An error is one line on stderr and a hint; `NO_COLOR` is respected.
"""


def help_of(command: click.Command, name: str) -> str:
    """What `name --help` prints, without trailing blanks."""
    text = CliRunner().invoke(command, ["--help"], prog_name=name).stdout
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()).strip("\n")


def below(group: click.Group, name: str) -> Iterator[tuple[str, click.Command]]:
    """The commands of a group, and of the groups in it, with their whole names."""
    context = click.Context(group)
    for sub in sorted(group.list_commands(context)):
        command = group.get_command(context, sub)
        if command is None:
            continue
        yield f"{name} {sub}", command
        if isinstance(command, click.Group):
            yield from below(command, f"{name} {sub}")


def page() -> str:
    """The whole of docs/cli.md."""
    parts = [INTRODUCTION]
    for name, group in PROGRAMS:
        parts.append(f"## {name}\n\n```text\n{help_of(group, name)}\n```\n")
        parts += [f"### {sub}\n\n```text\n{help_of(command, sub)}\n```\n" for sub, command in below(group, name)]
    return "\n".join(parts)


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
