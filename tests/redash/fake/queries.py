"""Queries and their visualizations (sections 3, 5 and 9)."""

from __future__ import annotations

from typing import Any

from tests.redash.fake.databases import query_hash
from tests.redash.fake.parameters import default_text, is_safe
from tests.redash.fake.people import shown_user
from tests.redash.fake.routes import Call, paged, route
from tests.redash.fake.state import (
    CONFLICT,
    NOT_FOUND,
    Abort,
    Row,
    State,
    checked,
    copied,
    found_or_404,
    jsonb,
    list_of_texts,
    require,
)

_CREATED = {"name", "query", "data_source_id", "options", "description", "schedule", "tags", "is_draft"}
_IGNORED_AT_CREATE = {"id", "created_at", "api_key", "visualizations", "latest_query_data", "last_modified_by"}
_CHANGED = _CREATED | {"is_archived"}
_VISUALIZATION = {"query_id", "type", "name", "description", "options"}


_SHOWN = (
    "id", "name", "query", "description", "data_source_id", "options", "schedule", "tags", "is_draft", "is_archived",
    "version", "api_key", "query_hash", "latest_query_data_id", "created_at", "updated_at",
)  # fmt: skip


def shown(state: State, row: Row) -> Row:
    """A query as a list has it: without visualizations."""
    result = state.results.get(row["latest_query_data_id"], {"retrieved_at": None, "runtime": None})
    return {
        **{key: copied(row[key]) for key in _SHOWN},
        "is_safe": is_safe(row["options"]),
        "is_favorite": False,
        "user": shown_user(state.users[row["user_id"]]),
        "last_modified_by_id": row["last_modified_by_id"],
        "retrieved_at": result["retrieved_at"],
        "runtime": result["runtime"],
    }


def shown_whole(call: Call, row: Row) -> Row:
    """A query as it is read by its id."""
    nested = shown(call.state, row)
    for key in ("last_modified_by_id", "retrieved_at", "runtime"):
        del nested[key]
    of_query = [one for one in call.state.visualizations.values() if one["query_id"] == row["id"]]
    return {
        **nested,
        "last_modified_by": shown_user(call.state.users[row["last_modified_by_id"]]),
        "visualizations": [shown_visualization(one) for one in of_query],
        "can_edit": row["user_id"] == call.user["id"] or call.state.is_admin(call.user),
    }


def shown_visualization(row: Row) -> Row:
    """A visualization as it is nested in its query."""
    return {
        key: copied(row[key]) for key in ("id", "type", "name", "description", "options", "created_at", "updated_at")
    }


def seen(call: Call, archived: bool) -> list[Row]:
    """What a list shows the caller: not a query whose data source is gone or of other groups (section 0)."""
    found = [row for row in call.state.queries.values() if row["is_archived"] == archived]
    wanted = set(call.query.get("tags", []))
    return [row for row in found if call.state.may_see(call.user, row["data_source_id"]) and wanted <= set(row["tags"])]


def kept_tags(tags: Any) -> list[str]:
    """As an update keeps them: empty ones are dropped, duplicates kept, a text is its letters; null breaks the server."""
    return [tag for tag in tags if tag]


def attach(state: State, row: Row) -> None:
    """Gives the query the newest result of the same text, whoever asked for it (section 4); before 26.3 only a run does.

    10.1 knows a query with parameters by its text alone, so that no run is one of it.
    """
    row["query_hash"] = query_hash(default_text(row) if state.version >= (25, 1) else row["query"])
    if state.version < (26, 3):
        return
    same = [one for one in state.results.values()
            if (one["query_hash"], one["data_source_id"]) == (row["query_hash"], row["data_source_id"])]  # fmt: skip
    if same:
        row["latest_query_data_id"] = max(same, key=lambda one: str(one["retrieved_at"]))["id"]


@route("GET", "/api/queries")
def queries(call: Call) -> Row:
    """All that are not archived, in pages."""
    answer = paged(call, seen(call, archived=False))
    return {**answer, "results": [shown(call.state, row) for row in answer["results"]]}


@route("GET", "/api/queries/archive")
def archived_queries(call: Call) -> Row:
    """All that are archived, in pages."""
    answer = paged(call, seen(call, archived=True))
    return {**answer, "results": [shown(call.state, row) for row in answer["results"]]}


@route("GET", "/api/queries/<id>")
def query(call: Call, key: str) -> Row:
    """One, archived or not."""
    row = found_or_404(call.state.queries, key)
    require(call.state.is_admin(call.user) or call.state.may_see(call.user, row["data_source_id"]))
    return shown_whole(call, row)


@route("POST", "/api/queries")
def create_query(call: Call) -> Row:
    """Always a draft, with one Table; any key that it does not know is an error of the server."""
    body, state = dict(call.body), call.state
    source = state.sources[body["data_source_id"]]
    groups = state.source_groups(source["id"])
    full = any(not groups[group] for group in groups if group in call.user["groups"])
    require(full or state.is_admin(call.user))
    unknown = set(body) - _CREATED - _IGNORED_AT_CREATE
    if unknown:
        raise TypeError(f"unexpected keyword {unknown}")
    schedule = body.get("schedule")
    row = state.add(
        state.queries,
        name=checked(body["name"], 255),
        query=checked(body["query"], 10**9),
        description=body.get("description"),
        data_source_id=source["id"],
        options=jsonb(body.get("options") or {}),
        schedule=None if schedule is None else jsonb(dict(schedule)),
        tags=list_of_texts(body.get("tags")),
        **_OF_A_NEW_QUERY,
        user_id=call.user["id"],
        last_modified_by_id=call.user["id"],
    )
    row["api_key"] = f"query-key-{row['id']}".ljust(40, "0")
    attach(state, row)
    add_visualization(state, row["id"], {"type": "TABLE", "name": "Table", "description": "", "options": {}})
    return shown_whole(call, row)


_OF_A_NEW_QUERY: Row = {
    "is_draft": True, "is_archived": False, "version": 1, "latest_query_data_id": None, "schedule_failures": 0,
}  # fmt: skip


@route("POST", "/api/queries/<id>")
def change_query(call: Call, key: str) -> Row:
    """A subset of the keys, others are ignored without a word; the version never moves (section 3)."""
    row, body = found_or_404(call.state.queries, key), call.body
    call.must_own(row)
    if body.get("version", row["version"]) != row["version"]:
        raise Abort(409, CONFLICT)
    changes = {name: value for name, value in body.items() if name in _CHANGED}
    if "tags" in changes:
        changes["tags"] = kept_tags(changes["tags"])
    if changes.get("schedule") is not None:
        changes["schedule"] = dict(changes["schedule"])
    if "data_source_id" in changes:
        changes["data_source_id"] = call.state.sources[changes["data_source_id"]]["id"]
    checked(changes.get("name", ""), 255)
    call.state.change(row, **jsonb(changes), last_modified_by_id=call.user["id"])
    if {"query", "options", "data_source_id"} & set(changes):
        attach(call.state, row)
    return shown_whole(call, row)


@route("DELETE", "/api/queries/<id>")
def archive_query(call: Call, key: str) -> None:
    """Takes its widgets, alerts, subscriptions and schedule with it, on everybody's dashboards; repeatable (section 9)."""
    row, state = found_or_404(call.state.queries, key), call.state
    call.must_own(row)
    state.change(row, is_archived=True, schedule=None)
    for visualization in [one for one in state.visualizations.values() if one["query_id"] == row["id"]]:
        delete_widgets(state, visualization["id"])
    for alert in [one for one in state.alerts.values() if one["query_id"] == row["id"]]:
        delete_alert_row(state, alert["id"])


def delete_widgets(state: State, visualization_id: int) -> None:
    """All widgets of a visualization."""
    for widget in [one for one in state.widgets.values() if one["visualization_id"] == visualization_id]:
        del state.widgets[widget["id"]]


def delete_alert_row(state: State, alert_id: int) -> None:
    """An alert with its subscriptions."""
    for one in [one for one in state.subscriptions.values() if one["alert_id"] == alert_id]:
        del state.subscriptions[one["id"]]
    del state.alerts[alert_id]


def add_visualization(state: State, query_id: int, values: Row) -> Row:
    """Keeps one; neither type nor options are checked."""
    options = jsonb(values.get("options"))
    named = {"type": values["type"], "name": checked(values["name"], 255), "description": values.get("description")}
    return state.add(state.visualizations, query_id=query_id, **named, options=options)


@route("POST", "/api/visualizations")
def create_visualization(call: Call) -> Row:
    """Any key that it does not know is an error of the server (section 5)."""
    owner = call.state.queries.get(call.body["query_id"])
    if owner is None:
        raise Abort(404, NOT_FOUND)
    call.must_own(owner)
    if set(call.body) - _VISUALIZATION:
        raise TypeError("unexpected keyword")
    row = add_visualization(call.state, owner["id"], call.body)
    return {**shown_visualization(row), "query": shown(call.state, owner)}


@route("POST", "/api/visualizations/<id>")
def change_visualization(call: Call, key: str) -> Row:
    """A subset of the keys, options whole; the answer still has the old `updated_at`."""
    row = found_or_404(call.state.visualizations, key)
    owner = call.state.queries[row["query_id"]]
    call.must_own(owner)
    before = row["updated_at"]
    changes = {name: jsonb(call.body[name]) for name in ("type", "name", "description", "options") if name in call.body}
    call.state.change(row, **changes)
    return {**shown_visualization(row), "updated_at": before, "query": shown(call.state, owner)}


@route("DELETE", "/api/visualizations/<id>")
def delete_visualization(call: Call, key: str) -> None:
    """Its widgets go with it, on everybody's dashboards."""
    row = found_or_404(call.state.visualizations, key)
    call.must_own(call.state.queries[row["query_id"]])
    delete_widgets(call.state, row["id"])
    del call.state.visualizations[row["id"]]
