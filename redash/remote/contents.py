"""Queries, their visualizations, dashboards and their widgets: what people look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from redash.remote.client import Client, Json

ALL_KEYS_OF_A_SCHEDULE = ("interval", "time", "day_of_week", "until")
"""A schedule without one of these is disabled at the scheduler's next look."""


@dataclass(frozen=True, slots=True)
class Queries:
    """`/api/queries`."""

    client: Client

    def all(self, tags: Sequence[str] = ()) -> list[Json]:
        """All that are not archived and whose data source the caller's groups have, without visualizations."""
        return self.client.listed("/api/queries", {"tags": list(tags)} if tags else {})

    def archived(self) -> list[Json]:
        """All that are archived, without visualizations."""
        return self.client.listed("/api/queries/archive")

    def get(self, query_id: int) -> Json:
        """One, archived or not, with `visualizations`; raises NotThere."""
        return cast(Json, self.client.get(f"/api/queries/{query_id}"))

    def get_many(self, query_ids: Sequence[int]) -> list[Json]:
        """Several, with `visualizations`, in the order asked for; raises NotThere if one is not there."""
        return self.client.get_many([f"/api/queries/{query_id}" for query_id in query_ids])

    def create(self, body: Json) -> Json:
        """Makes a draft with one visualization, a Table.

        `body` has name, query, data_source_id and options, and may have description, schedule and tags: nothing else.
        """
        return cast(Json, self.client.post("/api/queries", body))

    def update(self, query_id: int, changes: Json) -> Json:
        """Changes what is named: name, query, description, data_source_id, schedule, options, tags, is_draft,
        is_archived. A dictionary is replaced whole, a key that Redash does not know is ignored without a word."""
        return cast(Json, self.client.post(f"/api/queries/{query_id}", changes))

    def publish(self, query_id: int) -> Json:
        """Ends the state of a draft, in which each query is made."""
        return self.update(query_id, {"is_draft": False})

    def archive(self, query_id: int) -> None:
        """Archives, and deletes its widgets on every dashboard, its alerts and their subscriptions, and its schedule."""
        self.client.delete(f"/api/queries/{query_id}")

    def unarchive(self, query_id: int) -> Json:
        """Brings the query and its visualizations back: not its widgets, alerts and schedule."""
        return self.update(query_id, {"is_archived": False})


@dataclass(frozen=True, slots=True)
class Visualizations:
    """`/api/visualizations`; they are read in their query."""

    client: Client

    def create(self, query_id: int, type_: str, name: str, description: str, options: Json) -> Json:
        """Makes one; neither type nor options are checked by the server."""
        body = {"query_id": query_id, "type": type_, "name": name, "description": description, "options": options}
        return cast(Json, self.client.post("/api/visualizations", body))

    def update(self, visualization_id: int, changes: Json) -> Json:
        """Changes what is named: type, name, description, options (replaced whole)."""
        return cast(Json, self.client.post(f"/api/visualizations/{visualization_id}", changes))

    def delete(self, visualization_id: int) -> bool:
        """Deletes it with its widgets on every dashboard; False if it was gone already."""
        return self.client.removed(f"/api/visualizations/{visualization_id}", lambda: True)


@dataclass(frozen=True, slots=True)
class Dashboards:
    """`/api/dashboards`."""

    client: Client

    def all(self, tags: Sequence[str] = ()) -> list[Json]:
        """All that are not archived, without widgets and without other users' drafts."""
        return self.client.listed("/api/dashboards", {"tags": list(tags)} if tags else {})

    def get(self, dashboard_id: int) -> Json:
        """One, archived or not, with `widgets`; raises NotThere."""
        return cast(Json, self.client.get(f"/api/dashboards/{dashboard_id}"))

    def get_many(self, dashboard_ids: Sequence[int]) -> list[Json]:
        """Several, with `widgets`, in the order asked for; raises NotThere if one is not there."""
        return self.client.get_many([f"/api/dashboards/{dashboard_id}" for dashboard_id in dashboard_ids])

    def create(self, name: str) -> Json:
        """Makes an empty draft; all but the name has to be given to `update`."""
        return cast(Json, self.client.post("/api/dashboards", {"name": name}))

    def update(self, dashboard_id: int, changes: Json) -> Json:
        """Changes what is named: name, tags, options (replaced whole), is_draft, is_archived, dashboard_filters_enabled.

        With the `version` that was read it raises Conflict if the dashboard has changed since.
        """
        return cast(Json, self.client.post(f"/api/dashboards/{dashboard_id}", changes))

    def archive(self, dashboard_id: int) -> Json:
        """Archives it with its widgets; by POST, since DELETE would do it for whoever asks, owner or not."""
        return self.update(dashboard_id, {"is_archived": True})

    def unarchive(self, dashboard_id: int) -> Json:
        """Brings it back with its widgets."""
        return self.update(dashboard_id, {"is_archived": False})


@dataclass(frozen=True, slots=True)
class Widgets:
    """`/api/widgets`; they are read in their dashboard."""

    client: Client

    def create(self, dashboard_id: int, visualization_id: int | None, text: str, options: Json) -> Json:
        """Puts a visualization, or with None a text box, on a dashboard."""
        body: dict[str, Any] = {"dashboard_id": dashboard_id, "visualization_id": visualization_id, "width": 1}
        return cast(Json, self.client.post("/api/widgets", {**body, "text": text, "options": options}))

    def update(self, widget_id: int, text: str, options: Json) -> Json:
        """Changes text and options, both whole; another visualization or dashboard needs another widget."""
        return cast(Json, self.client.post(f"/api/widgets/{widget_id}", {"text": text, "options": options}))

    def delete(self, widget_id: int, dashboard_id: int) -> bool:
        """Takes it from its dashboard; False if it was gone already."""

        def still_there() -> bool:
            dashboard = self.client.get(f"/api/dashboards/{dashboard_id}")
            return any(widget["id"] == widget_id for widget in dashboard["widgets"])

        return self.client.removed(f"/api/widgets/{widget_id}", still_there)
