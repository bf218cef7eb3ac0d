"""Alerts and their subscriptions (section 7)."""

from __future__ import annotations

from typing import Any

from tests.redash.fake.notifying import check_alert
from tests.redash.fake.people import shown_user
from tests.redash.fake.queries import delete_alert_row, shown
from tests.redash.fake.routes import Call, route
from tests.redash.fake.sources import shown_destination
from tests.redash.fake.state import BAD_REQUEST, NOT_FOUND, Abort, Row, checked, copied, found_or_404, jsonb


def shown_alert(call: Call, row: Row) -> Row:
    """An alert with its whole query and user."""
    keys = ("id", "name", "options", "state", "last_triggered_at", "rearm", "created_at", "updated_at")
    query = shown(call.state, call.state.queries[row["query_id"]])
    user = shown_user(call.state.users[row["user_id"]])
    return {**{key: copied(row[key]) for key in keys}, "query": query, "user": user}


@route("GET", "/api/alerts")
def alerts(call: Call) -> list[Row]:
    """Those whose data source the caller's groups have."""
    rows = [(row, call.state.queries[row["query_id"]]) for row in call.state.alerts.values()]
    return [shown_alert(call, row) for row, query in rows if call.state.may_see(call.user, query["data_source_id"])]


@route("GET", "/api/alerts/<id>")
def alert(call: Call, key: str) -> Row:
    """One."""
    return shown_alert(call, found_or_404(call.state.alerts, key))


@route("POST", "/api/alerts")
def create_alert(call: Call) -> Row:
    """400 for a missing key, 500 for a query that is not there; evaluates nothing."""
    body = call.body
    if any(name not in body for name in ("name", "query_id", "options")):
        raise Abort(400, BAD_REQUEST)
    query = call.state.queries[body["query_id"]]
    row = call.state.add(
        call.state.alerts, name=checked(body["name"], 255), query_id=query["id"], options=jsonb(body["options"]),
        rearm=_seconds(body.get("rearm")), state="unknown", last_triggered_at=None, user_id=call.user["id"],
    )  # fmt: skip
    return shown_alert(call, row)


@route("POST", "/api/alerts/<id>")
def change_alert(call: Call, key: str) -> Row:
    """A subset of the keys, options whole, others ignored."""
    row = found_or_404(call.state.alerts, key)
    call.must_own(row)
    changes = {name: call.body[name] for name in ("name", "options", "query_id", "rearm") if name in call.body}
    if "rearm" in changes:
        changes["rearm"] = _seconds(changes["rearm"])
    if "query_id" in changes:
        changes["query_id"] = call.state.queries[changes["query_id"]]["id"]
    call.state.change(row, **jsonb(changes))
    return shown_alert(call, row)


@route("DELETE", "/api/alerts/<id>")
def delete_alert(call: Call, key: str) -> None:
    """For good, subscriptions too."""
    row = found_or_404(call.state.alerts, key)
    call.must_own(row)
    delete_alert_row(call.state, row["id"])


@route("POST", "/api/alerts/<id>/mute")
def mute(call: Call, key: str) -> None:
    """Sets `options.muted`."""
    row = found_or_404(call.state.alerts, key)
    call.must_own(row)
    call.state.change(row, options={**row["options"], "muted": True})


@route("DELETE", "/api/alerts/<id>/mute")
def unmute(call: Call, key: str) -> None:
    """Unsets `options.muted`."""
    row = found_or_404(call.state.alerts, key)
    call.must_own(row)
    call.state.change(row, options={**row["options"], "muted": False})


@route("POST", "/api/alerts/<id>/eval")
def evaluate(call: Call, key: str) -> None:
    """Evaluates and tells everybody; not in 10.1."""
    if call.version < (25, 1):
        raise Abort(404, NOT_FOUND)
    row = found_or_404(call.state.alerts, key)
    call.must_own(row)
    check_alert(call.state, row, always=True)


def shown_subscription(call: Call, row: Row) -> Row:
    """A subscription; one without destination is the user's e-mail."""
    answer: Row = {"id": row["id"], "alert_id": row["alert_id"], "user": shown_user(call.state.users[row["user_id"]])}
    destination = call.state.destinations.get(row["destination_id"])
    return {**answer, "destination": shown_destination(destination)} if destination else answer


@route("GET", "/api/alerts/<id>/subscriptions")
def subscriptions(call: Call, key: str) -> list[Row]:
    """Who is told."""
    found_or_404(call.state.alerts, key)
    return [shown_subscription(call, row) for row in call.state.subscriptions.values() if row["alert_id"] == int(key)]


@route("POST", "/api/alerts/<id>/subscriptions")
def subscribe(call: Call, key: str) -> Row:
    """The same destination twice is an error of the server, the same user by mail is not."""
    row, state = found_or_404(call.state.alerts, key), call.state
    destination = (call.body or {}).get("destination_id")
    if destination is not None:
        known = {(one["alert_id"], one["destination_id"]) for one in state.subscriptions.values()}
        if (row["id"], state.destinations[destination]["id"]) in known:
            raise RuntimeError("the index is unique")
    one = state.add(state.subscriptions, alert_id=row["id"], destination_id=destination, user_id=call.user["id"])
    return shown_subscription(call, one)


@route("DELETE", "/api/alerts/<id>/subscriptions/<subscription>")
def unsubscribe(call: Call, key: str, subscription: str) -> None:
    """404 for one that is gone."""
    row = found_or_404(call.state.subscriptions, subscription)
    call.must_own(row)
    del call.state.subscriptions[row["id"]]


def _seconds(rearm: Any) -> int | None:
    """A number or none, else the database fails."""
    return None if rearm is None else int(rearm)
