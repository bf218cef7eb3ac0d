"""What the fake server has beyond a real one: its record, its death, its versions, its people's edits."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from redash.errors import Conflict, RemoteError, WrongKey
from redash.remote.api import Api
from redash.remote.client import Client
from tests.redash.fake.server import FakeRedash, Request


@pytest.fixture
def fake() -> Iterator[FakeRedash]:
    """A new server."""
    with FakeRedash() as fake:
        yield fake


@pytest.fixture
def api(fake: FakeRedash) -> Iterator[Api]:
    """An admin's access to it, without second attempts."""
    with Client(fake.url, fake.api_key, attempts=1) as client:
        yield Api(client)


def test_every_request_is_recorded(fake: FakeRedash, api: Api):
    """With its body; reads are no writes."""
    api.session()
    group = api.groups.create("readers")
    api.groups.delete(group["id"])

    assert fake.requests == [
        Request("GET", "/api/session", None),
        Request("POST", "/api/groups", {"name": "readers"}),
        Request("DELETE", f"/api/groups/{group['id']}", None),
    ]
    assert fake.writes == fake.requests[1:]


@pytest.mark.parametrize("done", [True, False])
def test_it_dies_at_a_write_that_is_done_or_not(fake: FakeRedash, api: Api, done: bool):
    """And answers nothing until it is revived."""
    fake.die_after(2, done=done)

    api.groups.create("first")
    for attempt in (lambda: api.groups.create("second"), api.session):
        with pytest.raises(RemoteError):
            attempt()
    fake.revive()

    made = [group["name"] for group in api.groups.all() if group["type"] == "regular"]
    assert made == (["first", "second"] if done else ["first"])


def test_ids_of_two_kinds_never_meet(fake: FakeRedash, api: Api):
    """So that no id can pass for another."""
    source = api.data_sources.create("s", "sqlite", {"dbpath": ":memory:"})
    query = api.queries.create({"name": "q", "query": "select 1", "data_source_id": source["id"], "options": {}})
    board = api.dashboards.create("b")

    ids = {source["id"], query["id"], query["visualizations"][0]["id"], board["id"], *fake.state.users}
    assert len(ids) == 4 + len(fake.state.users)


def test_a_wrong_key_is_404_where_no_token_is_asked_for(fake: FakeRedash):
    """For a write too."""
    fake.enforce_csrf = False

    with Client(fake.url, "x" * 40, attempts=1) as client, pytest.raises(WrongKey) as caught:
        client.post("/api/groups", {"name": "n"})

    assert caught.value.status == 404


def test_the_health_needs_no_key(fake: FakeRedash):
    """`/ping` answers a word."""
    assert httpx2.get(f"{fake.url}/ping", timeout=120).text == "PONG."


def test_a_key_may_stand_in_the_address(fake: FakeRedash):
    """As Redash allows."""
    assert (
        httpx2.get(f"{fake.url}/api/session?api_key={fake.api_key}", timeout=120).json()["user"]["email"]
        == "admin@example.com"
    )


@pytest.mark.parametrize(("version", "evaluates"), [((10, 1), False), ((25, 1), True), ((26, 9), True)])
def test_a_version_has_what_it_had(version: tuple[int, int], evaluates: bool):
    """10.1 evaluates no alert on demand."""
    with FakeRedash(version) as fake, Client(fake.url, fake.api_key, attempts=1) as client:
        api = Api(client)
        source = api.data_sources.create("s", "sqlite", {"dbpath": ":memory:"})
        query = api.queries.create({"name": "q", "query": "select 1", "data_source_id": source["id"], "options": {}})
        alert = api.alerts.create(query["id"], "a", {"column": "n", "op": ">", "value": 1, "selector": "first"}, None)

        assert (api.session().version.major, api.session().version.minor) == version
        if evaluates:
            api.alerts.eval(alert["id"])
        else:
            with pytest.raises(RemoteError):
                api.alerts.eval(alert["id"])


def test_somebody_elses_save_is_a_conflict(fake: FakeRedash, api: Api):
    """A dashboard that a person renamed in between."""
    board = api.dashboards.create("ours")
    fake.editor.rename_dashboard(board["id"], "theirs")

    with pytest.raises(Conflict):
        api.dashboards.update(board["id"], {"version": board["version"], "name": "ours again"})


def test_a_request_that_is_no_json_breaks_the_server(fake: FakeRedash):
    """And not its thread."""
    headers = {"Authorization": f"Key {fake.api_key}"}

    assert httpx2.post(f"{fake.url}/api/groups", headers=headers, content=b"{", timeout=120).status_code == 400
    assert httpx2.post(f"{fake.url}/api/groups", headers=headers, timeout=120).status_code == 500


def test_the_analyst_is_no_admin(fake: FakeRedash):
    """For what a plan says that others have to do."""
    with Client(fake.url, fake.key_of("analyst@example.com"), attempts=1) as client:
        api = Api(client)
        assert not api.session().is_admin
        with pytest.raises(RemoteError) as caught:
            api.groups.create("n")
        assert caught.value.status == 403
        assert api.destinations.all() == []
