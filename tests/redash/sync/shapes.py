"""All that is on a fake server, so that two of them, or one before and after, can be compared."""

from __future__ import annotations

from typing import Any

from tests.redash.sync.conftest import World


def shape(world: World) -> dict[str, Any]:
    """All that is on the server, by name and without ids, markers and moments."""
    state = world.fake.state
    names = {row["id"]: row["name"] for table in (state.queries, state.visualizations, state.dashboards, state.sources,
                                                  state.alerts, state.destinations) for row in table.values()}  # fmt: skip

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(inner) for key, inner in value.items() if key != "x_voxmeter"}
        return [bare(inner) for inner in value] if isinstance(value, list) else value

    def rows(table: dict[int, Any], *keys: str) -> list[Any]:
        found = [{key: bare(row.get(key)) for key in keys} for row in table.values()]
        named = [{k: names.get(v, v) if k.endswith("_id") else v for k, v in row.items()} for row in found]
        return sorted(named, key=str)

    return {
        "sources": rows(state.sources, "name", "type"),
        "links": sorted((link["group_id"], link["view_only"]) for link in state.links),
        "queries": rows(state.queries, "name", "query", "description", "schedule", "tags", "is_draft", "is_archived"),
        "charts": rows(state.visualizations, "query_id", "type", "name", "options"),
        "dashboards": rows(state.dashboards, "name", "tags", "is_draft", "is_archived", "options"),
        "widgets": rows(state.widgets, "dashboard_id", "visualization_id", "text", "options"),
        "alerts": rows(state.alerts, "name", "query_id", "options", "rearm"),
        "destinations": rows(state.destinations, "name", "type"),
        "subscriptions": rows(state.subscriptions, "alert_id", "destination_id"),
    }
