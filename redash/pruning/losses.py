"""What would go for good with a query that is archived, or a chart that is deleted: widgets on any dashboard, alerts, who is told.

Redash says none of this before it does it, and has no list of widgets: every dashboard that the caller may see is looked through.
Archived dashboards and other people's drafts are in no list, so what they would lose is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from redash.remote.api import Api
from redash.remote.client import Json
from redash.sync.live import Live
from redash.sync.reading import query_of


@dataclass(slots=True)
class Losses:
    """Raw widgets, each with its `dashboard`, and raw alerts, each with its `subscriptions`."""

    widgets: list[Json] = field(default_factory=list)
    alerts: list[Json] = field(default_factory=list)


def losses(api: Api, live: Live, keys: Collection[str]) -> dict[str, Losses]:
    """What would go with each of these objects of ours; reads only, and only if there is a query, chart or alert among them."""
    found = {key: Losses() for key in keys}
    ids: dict[tuple[str, Any], str] = {(live.found[key].kind, live.found[key].id): key for key in keys}
    kinds = {kind for kind, _ in ids}
    if kinds & {"query", "chart"}:
        for board in _dashboards(api, live):
            for widget in board["widgets"] or []:
                shown = widget.get("visualization") or {}
                owner = ids.get(("chart", shown.get("id"))) or ids.get(("query", (shown.get("query") or {}).get("id")))
                if owner is not None:
                    found[owner].widgets.append({**widget, "dashboard": board})
    if kinds & {"query", "alert"}:
        alerts = [(ids.get(("alert", raw["id"])) or ids.get(("query", query_of(raw))), raw) for raw in api.alerts.all()]
        going = [(owner, raw) for owner, raw in alerts if owner is not None]
        told = api.client.get_many([f"/api/alerts/{raw['id']}/subscriptions" for _, raw in going])
        for (owner, raw), subscriptions in zip(going, told, strict=True):
            found[owner].alerts.append({**raw, "subscriptions": subscriptions})
    return found


def _dashboards(api: Api, live: Live) -> list[Json]:
    known = {one.id: one.raw for one in live.found.values() if one.kind == "dashboard"}
    others = [raw["id"] for raw in api.dashboards.all() if raw["id"] not in known]
    return [*known.values(), *api.dashboards.get_many(others)]


def foreign(lost: Losses, live: Live) -> Iterator[str]:
    """What of this is not ours, one line each: it is why an archive hurts somebody."""
    boards = {one.id for one in live.found.values() if one.kind == "dashboard"}
    widgets = {one.id for one in live.found.values() if one.kind == "widget"}
    alerts = {one.id for one in live.found.values() if one.kind == "alert"}
    told = {one.id for one in live.found.values() if one.kind == "subscription"}
    for widget in lost.widgets:
        board = widget["dashboard"]
        if widget["id"] not in widgets:
            whose = "" if board["id"] in boards else f" of {_name(board)}"
            yield f"a widget on the dashboard {board['name']!r}{whose}"
    for alert in lost.alerts:
        if alert["id"] not in alerts:
            yield f"the alert {alert['name']!r} of {_name(alert)}"
        for one in alert["subscriptions"]:
            if one["id"] not in told:
                yield f"the subscription of {_listener(one)} to the alert {alert['name']!r}"


def _name(raw: Json) -> str:
    return str((raw.get("user") or {}).get("name") or "somebody")


def _listener(subscription: Json) -> str:
    destination = subscription.get("destination") or {}
    return str(destination.get("name") or (subscription.get("user") or {}).get("email") or "somebody")
