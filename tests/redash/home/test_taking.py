"""`pull` as it is called: exit codes, the diff, JSON, and whose change counts."""

from __future__ import annotations

import json

import stamina

from redash.home.pull import pull
from tests.redash.sync.conftest import World
from tests.redash.sync.handmade import call, error_of, handmade, texts

OLD = "-- title: {en: Kinds, zh-CN: 种类}"
NEW = "-- title: {en: Sorts, zh-CN: 种类}"


def renamed(world: World) -> None:
    """The pack applied, and a query renamed in Redash."""
    world.apply()
    world.fake.state.change(world.row("queries", "Kinds"), name="Sorts")


def test_a_pull_says_which_files_it_wrote_and_a_second_one_nothing(world: World):
    """Exit code 0; no request that writes."""
    renamed(world)
    before, writes = texts(world), len(world.fake.writes)
    first, second = call(world, "pull"), call(world, "pull", "kinds")

    assert (first.exit_code, first.stdout) == (0, "wrote queries/kinds.sql\n1 files changed, 0 left\n")
    assert (second.exit_code, second.stdout) == (0, "Nothing to take.\n")
    kinds = before["queries/kinds.sql"].replace(OLD, NEW)
    assert (texts(world), len(world.fake.writes)) == (before | {"queries/kinds.sql": kinds}, writes)


def test_a_dry_run_has_the_diff_on_stdout_and_writes_no_file(world: World):
    """The sum stands beside it, so that the output is a patch."""
    renamed(world)
    before = texts(world)
    done = call(world, "pull", "--dry-run")
    diff = list(pull(world.survey(thorough=True), world.pack(), world.folder).drafts.diff())

    assert (done.exit_code, done.stderr, texts(world)) == (0, "1 files would change, 0 left\n", before)
    assert (done.stdout.splitlines(), diff[3:5]) == (diff, [f"-{OLD}", f"+{NEW}"])


def test_as_json_it_is_one_object_and_what_is_left_ends_with_one(world: World):
    """A draft has no word in the files: the title beside it is taken."""
    renamed(world)
    world.fake.state.change(world.row("queries", "Sorts"), is_draft=True)
    done = call(world, "pull", "--json")
    told = json.loads(done.stdout)

    assert (done.exit_code, f"+{NEW}" in told.pop("diff").splitlines()) == (1, True)
    assert told == {
        "files": ["queries/kinds.sql"],
        "taken": ["query/kinds"],
        "left": {"query/kinds: published": "the files have no word for it"},
        "kept": {},
    }


def test_what_both_changed_needs_a_word(world: World):
    """Nothing is written without; `--ours` keeps the files', `--theirs` takes Redash's."""
    renamed(world)
    world.change("queries/kinds.sql", OLD, OLD.replace("Kinds", "Mine"))
    before = texts(world)
    refused = error_of(call(world, "pull"))
    ours = call(world, "pull", "--ours")
    kept = texts(world)
    theirs = call(world, "pull", "--theirs")

    assert refused == (
        "changed in Redash and in the files: query/kinds: name",
        "--theirs takes Redash's, --ours keeps the files'",
        1,
    )
    assert (ours.exit_code, kept, theirs.exit_code) == (0, before, 0)
    assert texts(world)["queries/kinds.sql"].startswith(NEW)


def test_an_adoption_whose_first_mark_fails_has_written_no_file(world: World):
    """The other way round, the next apply would make everything a second time."""
    world.apply()
    made, before = handmade(world), texts(world)
    world.fake.die_after(2, done=False)
    with stamina.set_testing(True, attempts=1):
        died = error_of(call(world, "adopt", f"query/{made.choices}"))
    world.fake.revive()

    assert (died[2], texts(world)) == (75, before)
