"""Adoptions that are killed on the way, and what the next one makes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from redash.errors import RedashAway
from redash.home.adopt import adoption_of, mark
from redash.remote.api import connected
from tests.redash.home.test_adopt import FILES, started
from tests.redash.sync.conftest import World
from tests.redash.sync.handmade import Handmade, call, texts
from tests.redash.sync.shapes import shape


def one_life(world: World, made: Handmade, *, written: bool) -> None:
    """An adoption whose process is gone after the marks, or after the files."""
    with connected(world.fake.url, world.api_key, attempts=1) as (api, _):
        seen, wishes = world.survey(thorough=True), [("dashboard", made.board), ("alert", made.alert)]
        adoption = adoption_of(api, seen, world.pack(), world.folder, wishes)
        mark(api, seen, adoption)
        if written:
            adoption.drafts.write()


def test_cut_off_between_marks_and_files_the_next_adoption_goes_on(world: World):
    """No file yet, all marks there: the same files come, and nothing is made."""
    made = started(world)
    before, rows = texts(world), {name: len(several) for name, several in shape(world).items()}
    one_life(world, made, written=False)
    assert texts(world) == before
    done = call(world, "adopt", f"dashboard/{made.board}", f"alert/{made.alert}")

    assert (done.exit_code, texts(world)) == (0, before | FILES)
    assert world.steps() == []
    assert {name: len(several) for name, several in shape(world).items()} == rows


def test_cut_off_after_the_files_the_next_apply_ends_it(world: World):
    """Drafts are published, nothing is made; an adoption has nothing to take."""
    made = started(world)
    rows = {name: len(several) for name, several in shape(world).items()}
    one_life(world, made, written=True)
    steps = world.steps()
    world.apply()

    assert [step for step in steps if step[0] == "create"] == []
    assert {name: len(several) for name, several in shape(world).items()} == rows
    assert world.steps() == []
    assert call(world, "adopt", f"dashboard/{made.board}").stdout == "Nothing to take: all of it has files.\n"


@pytest.mark.parametrize("done", [True, False])
def test_killed_at_each_mark_in_turn_it_ends_as_an_undisturbed_one(make_world: Callable[[], World], done: bool):
    """The write that the server dies at is done or not; lives follow one another until one ends."""
    calm, hunted = make_world(), make_world()
    calmly, made = started(calm), started(hunted)
    for write in (1, 2, 3):
        hunted.fake.die_after(write, done)
        with pytest.raises(RedashAway):
            one_life(hunted, made, written=True)
        hunted.fake.revive()
    for world, ids in ((calm, calmly), (hunted, made)):
        assert call(world, "adopt", f"dashboard/{ids.board}", f"alert/{ids.alert}").exit_code == 0

    assert (shape(hunted), hunted.steps()) == (shape(calm), [])
    assert {name: text for name, text in texts(hunted).items() if name in FILES} == FILES
