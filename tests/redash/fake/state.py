"""What the server holds, and how it says no."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
Table = dict[int, Row]

ADMIN_PERMISSIONS = ["admin", "super_admin"]
DEFAULT_PERMISSIONS = [
    "create_dashboard", "create_query", "edit_dashboard", "edit_query", "view_query", "view_source", "execute_query",
    "list_users", "schedule_query", "list_dashboards", "list_alerts", "list_data_sources",
]  # fmt: skip


class Abort(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str, body: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message} if body is None else body


NOT_FOUND = "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again."
FORBIDDEN = "You don't have the permission to access the requested resource. It is either read-protected or not readable by the server."
BAD_REQUEST = "The browser (or proxy) sent a request that this server could not understand."
CONFLICT = "A conflict happened while processing the request. The server may have more than one representation of the resource."


def jsonb(value: Any) -> Any:
    """As PostgreSQL keeps JSON: the order of keys is its own (section 0)."""
    if isinstance(value, dict):
        return {key: jsonb(value[key]) for key in sorted(value, key=lambda key: (len(key), key))}
    return [jsonb(inner) for inner in value] if isinstance(value, list) else value


class State:
    """The tables, each a dictionary by id; a row is a dictionary. Ids of two tables never meet, so none can pass for another."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._skipped = timedelta()
        self.version = (26, 3)
        self.url = ""
        self.users: Table = {}
        self.groups: Table = {}
        self.links: list[Row] = []
        self.sources: Table = {}
        self.queries: Table = {}
        self.visualizations: Table = {}
        self.dashboards: Table = {}
        self.widgets: Table = {}
        self.alerts: Table = {}
        self.subscriptions: Table = {}
        self.destinations: Table = {}
        self.results: Table = {}
        self.snippets: Table = {}
        self.jobs: dict[str, Row] = {}
        self.schemas: dict[int, list[Row]] = {}
        self.settings: Row = {"date_format": "DD/MM/YY", "time_format": "HH:mm", "beacon_consent": None}
        self.told: list[Row] = []
        self._ids = {id(table): itertools.count(1000 * number + 1) for number, table in enumerate(self._tables())}
        self._people()

    def _tables(self) -> list[Table]:
        return [
            self.users, self.groups, self.sources, self.queries, self.visualizations, self.dashboards, self.widgets,
            self.alerts, self.subscriptions, self.destinations, self.results, self.snippets,
        ]  # fmt: skip

    def make_groups(self) -> None:
        """The two that are built in; a second time they are there twice, as in Redash."""
        self.admins = self.add(self.groups, name="admin", type="builtin", permissions=ADMIN_PERMISSIONS)
        self.default = self.add(self.groups, name="default", type="builtin", permissions=DEFAULT_PERMISSIONS)

    def _people(self) -> None:
        self.make_groups()
        both = [self.admins["id"], self.default["id"]]
        self.add_user("Admin", "admin@example.com", "a" * 40, both)
        self.add_user("Human", "human@example.com", "h" * 40, both)
        self.add_user("Analyst", "analyst@example.com", "n" * 40, [self.default["id"]])

    def add_user(self, name: str, email: str, api_key: str, groups: list[int]) -> Row:
        """Makes a user with an API key."""
        return self.add(self.users, name=name, email=email, api_key=api_key, groups=groups)

    def add(self, table: Table, **values: Any) -> Row:
        """Makes a row with an id and its two moments."""
        now = self.now()
        row = {"id": next(self._ids[id(table)]), **values, "created_at": now, "updated_at": now}
        table[row["id"]] = row
        return row

    def new_job(self, **outcome: Any) -> Row:
        """A job that has ended by the time it is asked for; answered as queued, as the server does at once."""
        key = f"00000000-0000-4000-8000-{len(self.jobs):012}"
        nothing = {"error": "", "result": None, "query_result_id": None}
        self.jobs[key] = {"id": key, "updated_at": 0, **nothing, "status": 4 if "error" in outcome else 3, **outcome}
        return {"id": key, "updated_at": 0, **nothing, "status": 1}

    def change(self, row: Row, **values: Any) -> None:
        """Changes a row; `updated_at` moves even if nothing else does."""
        row.update(values, updated_at=self.now())

    def now(self) -> str:
        """The moment as Redash writes it."""
        return self.moment().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def moment(self) -> datetime:
        """The moment; `skip` moves it on."""
        return self._clock() + self._skipped

    def skip(self, seconds: float) -> None:
        """Lets time pass."""
        self._skipped += timedelta(seconds=seconds)

    def permissions(self, user: Row) -> set[str]:
        """What the groups of a user allow."""
        return {word for group in user["groups"] if group in self.groups for word in self.groups[group]["permissions"]}

    def is_admin(self, user: Row) -> bool:
        """Whether a user is in a group of admins."""
        return "admin" in self.permissions(user)

    def source_groups(self, source_id: int | None) -> dict[int, bool]:
        """The groups that have a data source: {group: view only}."""
        return {link["group_id"]: link["view_only"] for link in self.links if link["data_source_id"] == source_id}

    def group_link(self, group_id: int, source_id: int) -> Row:
        """What lets a group use a data source; raises where there is none, or the same twice (section 8)."""
        wanted = (group_id, source_id)
        (link,) = (link for link in self.links if (link["group_id"], link["data_source_id"]) == wanted)
        return link

    def may_see(self, user: Row, source_id: int | None) -> bool:
        """Whether lists show the user what hangs on a data source (section 0)."""
        shared = {link["group_id"] for link in self.links if link["data_source_id"] == source_id}
        return source_id is not None and bool(shared & set(user["groups"]))


def require(allowed: bool) -> None:
    """Stops with 403."""
    if not allowed:
        raise Abort(403, FORBIDDEN)


def found_or_404(table: Table, key: str) -> Row:
    """The row of a numeric id; a text that is none is an error of the server (section 0)."""
    row = table.get(int(key))
    if row is None:
        raise Abort(404, NOT_FOUND)
    return row


def checked(value: str, longest: int) -> str:
    """A text that its column can hold, else the database fails."""
    if len(value) > longest or "\0" in value:
        raise RuntimeError("the column can't hold this text")
    return value


def list_of_texts(tags: Any) -> list[str]:
    """Tags as they are, none for null; what is no list is nothing that the database can hold."""
    if not isinstance(tags, list | None):
        raise TypeError("no array")
    return list(tags or [])


def copied(value: Any) -> Any:
    """A value that shares nothing with the row it came from."""
    return json.loads(json.dumps(value))
