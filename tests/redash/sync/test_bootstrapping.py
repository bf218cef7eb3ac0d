"""From a Redash where nobody ever was to one with everything, whatever is killed on the way."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import stamina
from click.testing import CliRunner

from redash.cli import cli
from redash.errors import RedashError, WrongUse
from redash.sync.bootstrap import Admin, keep_key
from tests.redash.fake.server import MANAGE_PATH
from tests.redash.sync.conftest import World

EMAIL, PASSWORD = "boss@example.com", "correct horse 7f 电池"
#: Redash's command line: asks the fake, which knows who is there.
SCRIPT = """#!{python} -IS
import json, sys, urllib.request
asked = urllib.request.Request("{url}{path}", json.dumps(sys.argv[1:]).encode(), {{"Content-Type": "application/json"}})
code, text = json.load(urllib.request.urlopen(asked, timeout=10))
print(text)
sys.exit(code)
"""


class Told(NamedTuple):
    """What a command said and ended with."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def no_pauses():
    """Attempts follow at once."""
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
def fresh(world: World) -> World:
    """A Redash without tables, and a pack beside it."""
    world.fake.entrance.fresh(has_tables=False)
    script = world.folder.parent / "manage.py"
    script.write_text(SCRIPT.format(python=sys.executable, url=world.fake.url, path=MANAGE_PATH))
    script.chmod(0o755)
    return world


def key_file(world: World) -> Path:
    return world.folder.parent / "redash.key"


def bootstrap(world: World, *more: str, manage: bool = True, password: str = PASSWORD, email: str = EMAIL) -> Told:
    """The command, in this process."""
    where = ["--specs", str(world.folder), "--redash-url", world.fake.url, "--api-key-file", str(key_file(world))]
    by = ["--manage", str(world.folder.parent / "manage.py")] if manage else []
    done = CliRunner().invoke(
        cli, ["bootstrap", *where, "--email", email, "--wait", "0", *by, *more], env={"REDASH_ADMIN_PASSWORD": password}
    )
    if isinstance(done.exception, RedashError):
        error = done.exception
        return Told(error.exit_code, done.stdout, f"{done.stderr}error: {error}\nhint: {error.hint}\n")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Told(done.exit_code, done.stdout, done.stderr)


def there(world: World) -> dict[str, Any]:
    """What a bootstrap is for."""
    state = world.fake.state
    return {
        "users": [row["email"] for row in state.users.values()],
        "groups": [row["name"] for row in state.groups.values()],
        "password": world.fake.entrance.passwords.get(EMAIL),
        "key": key_file(world).read_text() == world.fake.key_of(EMAIL),
        "mode": key_file(world).stat().st_mode & 0o777,
        "sources": [row["name"] for row in state.sources.values()],
        "queries": sorted(row["name"] for row in state.queries.values()),
        "never_run": [
            row["name"]
            for row in state.queries.values()
            if not row["latest_query_data_id"] and not row["options"]["parameters"]
        ],
        "dashboards": [row["name"] for row in state.dashboards.values()],
        "beacon": state.settings["beacon_consent"],
        "locks": list(state.snippets),
    }


DONE = {
    "users": [EMAIL],
    "groups": ["admin", "default"],
    "password": PASSWORD,
    "key": True,
    "mode": 0o600,
    "sources": ["Speech"],
    "queries": ["Calls", "Kinds", "Rejects"],
    "never_run": [],
    "dashboards": ["Board"],
    "beacon": False,
    "locks": [],
}


def test_a_fresh_redash_becomes_a_usable_one(fresh: World) -> None:
    """Tables, admin, key, source, objects, results; the second time nothing is written, only the source tried."""
    first = bootstrap(fresh)
    before = len(fresh.fake.writes)
    second = bootstrap(fresh)

    assert (first.code, there(fresh)) == (0, DONE), first
    assert (second.code, second.out) == (0, "Nothing to do.\n")
    source = next(iter(fresh.fake.state.sources))
    assert [one.path for one in fresh.fake.writes[before:]] == [f"/api/data_sources/{source}/test"]


def test_neither_password_nor_key_is_shown(fresh: World) -> None:
    """In no output, and in no argument of a command, which everybody on the machine can read."""
    told = bootstrap(fresh)
    said = [*told, *(word for words in fresh.fake.entrance.managed for word in words), repr(Admin(EMAIL, PASSWORD))]

    assert [text for text in map(str, said) if PASSWORD in text or fresh.fake.key_of(EMAIL) in text] == []
    assert [words[:2] for words in fresh.fake.entrance.managed] == [
        ["database", "create_tables"],
        ["users", "list"],
        ["org", "list"],
        ["users", "create_root"],
    ]


@pytest.mark.parametrize(
    ("write", "done"),
    [*((write, True) for write in (1, 4, 6, 7, 8, 9, 11, 24)), *((write, False) for write in (4, 6, 7, 9))],
    ids=lambda value: ("done" if value else "lost") if isinstance(value, bool) else str(value),
)
def test_killed_at_any_write_the_next_one_goes_on(fresh: World, write: int, done: bool) -> None:
    """Tables, admin, logins, password, settings, source, lock, runs, each done or lost: the end is always the same."""
    fresh.fake.die_after(write, done)
    killed = bootstrap(fresh)
    fresh.fake.revive()
    # With the process goes its lock (test_lock.py); here it is this process, and alive.
    fresh.fake.state.snippets.clear()
    again = bootstrap(fresh)

    assert killed.code != 0
    assert (again.code, there(fresh)) == (0, DONE), again


def test_a_create_root_killed_between_its_commits_doubles_no_group(fresh: World) -> None:
    """The organization is there and nobody in it: the admin is made in it."""
    fresh.fake.entrance.dies_within = True
    killed = bootstrap(fresh)
    again = bootstrap(fresh)

    assert killed[::2] == (
        1,
        "error: --manage: users create_root failed (137): Killed\n"
        "hint: the words have to reach Redash's manage.py: docker compose exec -T server ./manage.py\n",
    )
    assert (again.code, there(fresh)) == (0, DONE)


def test_an_admin_with_another_password_is_left_alone(fresh: World) -> None:
    """One line and a hint, with and without a command line; the password stays."""
    bootstrap(fresh)
    key_file(fresh).unlink()
    managed = bootstrap(fresh, password="another")  # noqa: S106
    plain = bootstrap(fresh, password="another", manage=False)  # noqa: S106
    hint = "hint: give the password that it has, or name another admin with --email\n"

    assert managed == (2, "", f"error: the user {EMAIL} is there, with another password\n{hint}")
    assert plain == (2, "", f"error: Redash does not let {EMAIL} in with this password\n{hint}")
    assert (fresh.fake.entrance.passwords, key_file(fresh).exists()) == ({EMAIL: PASSWORD}, False)


def test_a_redash_of_others_gets_no_second_admin(fresh: World) -> None:
    """Who runs its command line is no reason to add somebody."""
    bootstrap(fresh)
    key_file(fresh).unlink()
    told = bootstrap(fresh, email="other@example.com")

    assert (told.code, told.err.splitlines()[0]) == (
        2,
        "error: this Redash has users, and other@example.com is none of them",
    )
    assert there_users(fresh) == [EMAIL]


def there_users(world: World) -> list[str]:
    return [row["email"] for row in world.fake.state.users.values()]


def test_an_existing_admin_needs_no_command_line(fresh: World) -> None:
    """Signing in is enough; a file with a key that the server does not know is replaced, one that it knows is used."""
    bootstrap(fresh)
    key_file(fresh).write_text("x" * 40)
    stale = bootstrap(fresh, manage=False)
    logins = fresh.fake.entrance.logins_left
    known = bootstrap(fresh, manage=False, password="unused")  # noqa: S106

    assert (stale.code, known.code, there(fresh)) == (0, 0, DONE)
    assert fresh.fake.entrance.logins_left == logins


def test_without_an_admin_and_a_way_to_make_one_it_says_how(fresh: World) -> None:
    """With tables and without."""
    bare = bootstrap(fresh, manage=False)
    fresh.fake.entrance.has_tables = True
    empty = bootstrap(fresh, manage=False)

    assert (bare.code, empty.code) == (75, 2)
    assert bare.err.splitlines()[0].endswith("answers 500: it has no tables yet, or can't reach its database")
    assert empty.err.splitlines() == [
        f"error: {fresh.fake.url} has no admin yet",
        "hint: --manage makes one: the words that reach its manage.py, such as docker compose exec -T server ./manage.py",
    ]


def test_a_source_that_can_not_connect_ends_it_before_anything_is_built_on_it(fresh: World) -> None:
    """The driver's own words; mended, the next one goes on, and each later one tries it again."""
    fresh.change("sources.yaml", "dbpath: ", "dbpath: /nowhere")
    broken = bootstrap(fresh)
    built = list(fresh.fake.state.queries)
    again = bootstrap(fresh)
    fresh.change("sources.yaml", "dbpath: /nowhere", "dbpath: ")
    mended = bootstrap(fresh)

    assert broken.code == again.code == 1
    assert broken.err.splitlines()[-2].startswith("error: source/tts: Redash can't connect: ")
    assert again.err.splitlines()[-2] == broken.err.splitlines()[-2]
    assert built == []
    assert (mended.code, there(fresh)) == (0, DONE)


def test_an_edit_made_in_redash_is_not_written_over(fresh: World) -> None:
    """Exit code 2; with --allow-destroy it is."""
    bootstrap(fresh)
    query = next(row for row in fresh.fake.state.queries.values() if row["name"] == "Rejects")
    fresh.fake.state.change(query, name="Refused", version=query["version"] + 1)
    kept = bootstrap(fresh)
    name = query["name"]
    forced = bootstrap(fresh, "--allow-destroy")

    assert (kept.code, name, forced.code, query["name"]) == (2, "Refused", 0, "Rejects")


def test_what_people_said_of_the_beacon_stays(fresh: World) -> None:
    """It is declined only where nobody was asked."""
    fresh.fake.state.settings["beacon_consent"] = True
    bootstrap(fresh)

    assert fresh.fake.state.settings["beacon_consent"] is True


def test_a_place_for_the_key_is_needed(fresh: World) -> None:
    """An environment variable can't be written to; a folder that is not there neither."""
    missing = fresh.folder.parent / "no" / "redash.key"
    nowhere = CliRunner().invoke(cli, ["bootstrap", "--specs", str(fresh.folder), "--redash-url", fresh.fake.url])

    assert isinstance(nowhere.exception, WrongUse)
    assert str(nowhere.exception) == "where should the API key be written to?"
    with pytest.raises(WrongUse, match=f"can't write the API key to {missing}: No such file or directory"):
        keep_key(missing, "k")
