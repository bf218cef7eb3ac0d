"""The server that the contract is tried on: the fake one always, and a real one if REDASH_URL and REDASH_API_KEY say where.

It may hold anything before, and holds the same after, but for archived queries and dashboards.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from redash.errors import RemoteError
from redash.remote.api import Api, Session
from redash.remote.client import Client, Json
from redash.remote.runs import QueryResults
from tests.redash.fake.server import FakeRedash
from tests.redash.remote.real import REAL_REDASH

_SCHEDULER_SECONDS = 120.0
_FAKES = {"fake": (26, 3), "fake-10.1": (10, 1)}


@dataclass
class Place:
    """One server, and what a test makes on it."""

    api: Api
    session: Session
    fake: FakeRedash | None
    later: ExitStack = field(default_factory=ExitStack)

    @property
    def client(self) -> Client:
        """For requests that `api` never makes."""
        return self.api.client

    def name(self, what: str) -> str:
        """A name that nothing else has."""
        return f"contract {what} {uuid.uuid4().hex[:12]}"

    def source(self, **options: Any) -> Json:
        """A SQLite data source: a worker makes the missing file, wherever it is."""
        path = f"/tmp/contract-{uuid.uuid4().hex}.db"  # noqa: S108  A path on the server.
        made = self.api.data_sources.create(self.name("source"), "sqlite", {"dbpath": path, **options})
        self.later.callback(self.api.data_sources.delete, made["id"])
        return made

    def query(self, text: str = "select 1 as n", source_id: int | None = None, **more: Any) -> Json:
        """A query of a data source, of a new one if none is given."""
        body = {"name": self.name("query"), "query": text, "options": {}, **more}
        made = self.api.queries.create({**body, "data_source_id": source_id or self.source()["id"]})
        self.later.callback(self.api.queries.archive, made["id"])
        return made

    def chart(self, query_id: int, type_: str = "CHART", **options: Any) -> Json:
        """A visualization of a query."""
        return self.api.visualizations.create(query_id, type_, self.name("chart"), "", options)

    def dashboard(self) -> Json:
        """An empty dashboard."""
        made = self.api.dashboards.create(self.name("dashboard"))
        self.later.callback(self.api.dashboards.archive, made["id"])
        return made

    def alert(self, query_id: int, **options: Any) -> Json:
        """An alert on the column `n` being over 5."""
        chosen = {"column": "n", "op": ">", "value": 5, "selector": "first", "muted": False, **options}
        made = self.api.alerts.create(query_id, self.name("alert"), chosen, None)
        self.later.callback(self.api.alerts.delete, made["id"])
        return made

    def destination(self, url: str = "http://127.0.0.1:1/hook") -> Json:
        """A webhook."""
        made = self.api.destinations.create(self.name("hook"), "webhook", {"url": url})
        self.later.callback(self.api.destinations.delete, made["id"])
        return made

    def group(self) -> Json:
        """A group without members."""
        made = self.api.groups.create(self.name("group"))
        self.later.callback(self.api.groups.delete, made["id"])
        return made

    def until(self, true: Callable[[], Any], scheduler: bool = False) -> Any:
        """What `true` gives once it gives something; on the fake one, at once or after its scheduler's look."""
        if self.fake and scheduler:
            self.fake.tick()
        end = time.monotonic() + (0 if self.fake else _SCHEDULER_SECONDS)
        while not (found := true()) and time.monotonic() < end:
            time.sleep(0.5)
        return found


def status_of(place: Place, method: str, path: str, body: object = None) -> int | None:
    """The status of a request that must fail."""
    with pytest.raises(RemoteError) as caught:
        getattr(place.client, method)(path, *([body] if method == "post" else []))
    return caught.value.status


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test runs on the fake server, as a new and as an old version, and once more on the real one if there is one."""
    if "server" in metafunc.fixturenames:
        real = metafunc.config.stash[REAL_REDASH] is not None
        metafunc.parametrize("server", [*_FAKES, *(["real"] if real else [])], indirect=True, scope="session")


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[tuple[Client, FakeRedash | None]]:
    """A client of the server, and the fake one itself if it is."""
    if request.param == "real":
        url, key = request.config.stash[REAL_REDASH] or ("", "")
        with Client(url, key, attempts=1) as client:
            yield client, None
        return
    with FakeRedash(_FAKES[request.param]) as fake, Client(fake.url, fake.api_key, attempts=1) as client:
        yield client, fake


@pytest.fixture
def place(server: tuple[Client, FakeRedash | None]) -> Iterator[Place]:
    """The server, left as it was found."""
    client, fake = server
    api = Api(client)
    if fake:
        api.query_results = QueryResults(client, sleep=lambda seconds: None)
    place = Place(api, api.session(), fake)
    with place.later:
        yield place
