"""deploy/redash/setup: Redash's tables and its admin, each only where it is missing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy" / "redash" / "setup"
ADMIN = "boss@example.com"
#: A manage.py that knows who is there from files, writes down what it is called with, and stops where it is told to.
MANAGE = """#!/bin/sh
echo "$* [${FLASK_USERS_CREATE_ROOT_PASSWORD-}${FLASK_USERS_CREATE_PASSWORD-}]" >>calls
[ "$FAIL" != "$1 $2" ] || exit 1
case "$1 $2" in
"users list") cat users ;;
"org list") cat orgs ;;
esac
"""


def run(
    folder: Path, users: str = "", orgs: str = "", fail: str = "", email: str = ADMIN
) -> tuple[int, list[str], str]:
    """Exit code, the calls, and what was said."""
    (folder / "manage.py").write_text(MANAGE)
    (folder / "manage.py").chmod(0o755)
    for name, text in (("users", users), ("orgs", orgs), ("calls", "")):
        (folder / name).write_text(text)
    done = subprocess.run(
        ["sh", SCRIPT], cwd=folder, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "ADMIN_EMAIL": email, "FLASK_USERS_CREATE_ROOT_PASSWORD": "s3cret", "FAIL": fail},
    )  # fmt: skip
    calls = [line.removesuffix(" [s3cret]") for line in (folder / "calls").read_text().splitlines()]
    return done.returncode, calls, done.stdout + done.stderr


TABLES = ["database create_tables", "db upgrade", "users list"]
THERE = f"Id: 1\nName: Admin\nEmail: {ADMIN}\nOrganization: default\n"


def test_a_new_redash_gets_tables_and_its_admin(tmp_path: Path) -> None:
    """By create_root, once; the password goes by the environment, in no argument and no output."""
    code, calls, said = run(tmp_path)

    assert (code, calls, said) == (0, [*TABLES, "org list", f"users create_root {ADMIN} Admin"], "")


def test_a_create_root_that_was_killed_is_not_repeated(tmp_path: Path) -> None:
    """An organization without users has its groups already."""
    code, calls, said = run(tmp_path, orgs="Id: 1\nName: default\nSlug: default\n")

    assert (code, calls[-1], said) == (0, f"users create {ADMIN} Admin --admin", "")


def test_an_admin_who_is_there_stays(tmp_path: Path) -> None:
    """Tables are upgraded, nobody is made."""
    assert run(tmp_path, users=THERE) == (0, TABLES, "")


def test_a_redash_of_others_is_left_alone(tmp_path: Path) -> None:
    """One line says it; an address that only looks alike is another one."""
    code, calls, said = run(tmp_path, users=THERE, email="oss@example.com")

    assert (code, calls, said) == (0, TABLES, "this Redash has users, oss@example.com is none of them\n")


@pytest.mark.parametrize("step", ["database create_tables", "db upgrade", "users list", "org list"])
def test_a_step_that_fails_ends_it(tmp_path: Path, step: str) -> None:
    """What can't be asked is not taken for a no: nobody is made."""
    code, calls, _ = run(tmp_path, fail=step)

    assert (code, calls[-1]) == (1, step)
