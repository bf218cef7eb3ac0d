"""Destinations and groups that people made, taken into the files: no secret in any of them, and what can't be right is refused."""

from __future__ import annotations

import pytest

from redash.remote.client import Json
from tests.redash.sync.conftest import CANARY, World
from tests.redash.sync.handmade import call, error_of, texts

URL = f"https://hooks.slack.example/{CANARY}"


def environment(world: World) -> str:
    """What the environment's file says below the address and the key."""
    lines = (world.folder / "environments/default.yaml").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith(("url", "api_key")))


def chat(world: World, kind: str) -> Json:
    """A destination of somebody, with a secret."""
    world.apply()
    with world.person() as api:
        return api.destinations.create("On-call chat", kind, {"url": URL})


@pytest.mark.parametrize("kind", ["slack", "mattermost"])
def test_a_destination_is_taken_with_a_name_for_its_secret(world: World, kind: str, monkeypatch: pytest.MonkeyPatch):
    """Hidden by Redash or not: the file names an environment variable, Redash keeps what it has; once the variable is set there is one change, then none."""
    made = chat(world, kind)
    before = texts(world)
    dry = call(world, "adopt", f"destination/{made['id']}", "--dry-run")
    untouched = texts(world)
    done = call(world, "adopt", f"{world.fake.url}/destinations/{made['id']}")
    named = environment(world)
    again = call(world, "adopt", f"destination/{made['id']}", "--dry-run")
    world.environment["destinations"] = ["hook", "on-call-chat"]
    monkeypatch.setenv("REDASH_ON_CALL_CHAT_URL", URL)
    kept = world.fake.state.destinations[made["id"]]["options"]["url"]
    steps = world.survey().plan.steps
    world.apply()

    assert (dry.exit_code, untouched, done.exit_code, again.exit_code) == (0, before, 0, 0)
    said = f"on-call-chat:\n  type: {kind}\n  title: On-call chat\n  url: env:REDASH_ON_CALL_CHAT_URL\n"
    assert texts(world) == before | {"destinations.yaml": before["destinations.yaml"] + said}
    assert named == "destinations: [hook, on-call-chat]\ngroups: [viewers]"
    assert done.stdout.splitlines() == [
        "destination/on-call-chat is ours: On-call chat",
        "wrote destinations.yaml",
        "wrote environments/default.yaml",
        "destination/on-call-chat: set REDASH_ON_CALL_CHAT_URL, which Redash tells nobody; the next apply sends it once",
        "Say its texts in both languages: `tts-redash validate` names them.",
    ]
    assert (kept, CANARY in f"{dry.output}{done.output}{named}") == (URL, False)
    assert [(step.action, step.key, [one.path for one in step.changes]) for step in steps] == [
        ("update", "destination/on-call-chat", ["secrets.url"])
    ]
    assert world.steps() == []


def test_a_group_that_only_looks_is_taken(world: World):
    """By its name and the sources that it sees; members are nobody's business but Redash's."""
    world.apply()
    with world.person() as api:
        group = api.groups.create("Finance")["id"]
        source = world.row("sources", "Speech")["id"]
        api.groups.add_data_source(group, source)
        api.groups.set_view_only(group, source, True)
    before = texts(world)
    done = call(world, "adopt", f"groups/{group}", "--as", "money")
    named = environment(world)
    world.environment["groups"] = ["viewers", "money"]

    assert (done.exit_code, named) == (0, "destinations: [hook]\ngroups: [viewers, money]")
    said = "money:\n  title: Finance\n  sees: [tts]\n"
    assert texts(world) == before | {"groups.yaml": before["groups.yaml"] + said}
    assert world.steps() == []


def test_what_the_files_cannot_say_is_refused_by_name(world: World):
    """A data source, a group that writes, one that Redash made, a type that the files have not; nothing is written."""
    world.apply()
    with world.person() as api:
        group = api.groups.create("Writers")["id"]
        source = world.row("sources", "Speech")["id"]
        api.groups.add_data_source(group, source)
        builtin = next(one["id"] for one in api.groups.all() if one["name"] == "default")
        dog = api.destinations.create("Dog", "chatwork", {"api_token": CANARY})["id"]
    before, writes = texts(world), len(world.fake.writes)
    wishes = (
        f"data_sources/{source}",
        f"group/{group}",
        f"group/{builtin}",
        f"destination/{dog}",
        "destination/999999",
    )
    told = [error_of(call(world, "adopt", wish))[0] for wish in wishes]

    assert told == [
        "a data source is not adopted: others' queries live on its host and password",
        "the group 'Writers' may write queries on 'Speech': the files have groups that only look",
        "the group 'default' can't be ours: Redash made it itself",
        "destination/dog: the files have no destination of type chatwork",
        "there is no destination 999999",
    ]
    assert (texts(world), len(world.fake.writes)) == (before, writes)


def test_a_pull_takes_edits_of_a_data_source_and_a_destination_home(world: World):
    """Their names and options in one language, the secret's place as it was."""
    world.apply()
    state, other = world.fake.state, world.folder.parent / "other.db"
    other.touch()
    source, hook = world.row("sources", "Speech"), world.row("destinations", "Hook")
    state.change(source, name="Words", options={**source["options"], "dbpath": str(other)})
    state.change(hook, name="Crook", options={**hook["options"], "username": "tts"})
    before = texts(world)
    done = call(world, "pull")

    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "2 files changed, 0 left")
    path = world.folder.parent / "tts.db"
    sources = before["sources.yaml"].replace("en: Speech", "en: Words").replace(str(path), str(other))
    hooks = before["destinations.yaml"].replace("en: Hook", "en: Crook").replace('secret"}', 'secret", username: tts}')
    assert texts(world) == before | {"sources.yaml": sources, "destinations.yaml": hooks}
    assert {action for action, _ in world.steps()} == {"note"}
