"""Everything that provisioning asks of a Redash server: one method an endpoint, in Redash's own words.

The answers are what the server gave, as plain dictionaries and lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from redash.errors import NotRedash, RemoteError
from redash.remote.access import DataSources, Groups, Settings, Users
from redash.remote.client import Client, Json
from redash.remote.contents import Dashboards, Queries, Visualizations, Widgets
from redash.remote.notices import Alerts, Destinations
from redash.remote.runs import QueryResults
from redash.remote.versions import Version


@dataclass(frozen=True, slots=True)
class Session:
    """Whose key it is, and the server it is for."""

    user_id: int
    email: str
    permissions: frozenset[str]
    group_ids: tuple[int, ...]
    version: Version

    @property
    def is_admin(self) -> bool:
        """Data sources, destinations and groups are for admins alone."""
        return "admin" in self.permissions


class Api:
    """The endpoints of one server by resource."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.data_sources = DataSources(client)
        self.groups = Groups(client)
        self.users = Users(client)
        self.settings = Settings(client)
        self.queries = Queries(client)
        self.visualizations = Visualizations(client)
        self.dashboards = Dashboards(client)
        self.widgets = Widgets(client)
        self.alerts = Alerts(client)
        self.destinations = Destinations(client)
        self.query_results = QueryResults(client)

    def __repr__(self) -> str:
        return f"Api({self.client!r})"

    def session(self) -> Session:
        """Whose key it is; raises WrongKey, RedashAway or NotRedash, so it is the first thing to ask."""
        answer = self.client.get("/api/session")
        try:
            user, version = answer["user"], Version.parse(answer["client_config"]["version"])
            if version is None:
                raise _unknown_server(self.client)
            return Session(user["id"], user["email"], frozenset(user["permissions"]), tuple(user["groups"]), version)
        except (KeyError, TypeError) as error:
            raise _unknown_server(self.client) from error

    def status(self) -> Json:
        """Version, queues and `manager.last_refresh_at`; for super admins alone."""
        return cast(Json, self.client.get("/status.json"))


def _unknown_server(client: Client) -> RemoteError:
    return NotRedash(f"{client.base_url} answers JSON, but not as Redash does", "is the address right?")


@contextmanager
def connected(base_url: str, api_key: str, **options: Any) -> Iterator[tuple[Api, Session]]:
    """A server whose key is checked; `options` are those of `Client`.

    Raises WrongUse, WrongKey, RedashAway or NotRedash.
    """
    with Client(base_url, api_key, **options) as client:
        api = Api(client)
        yield api, api.session()
