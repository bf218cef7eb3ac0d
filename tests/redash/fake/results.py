"""Running queries: jobs, results, and which query a result belongs to (section 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.redash.fake import databases, parameters
from tests.redash.fake.notifying import check_alerts
from tests.redash.fake.people import shown_user
from tests.redash.fake.routes import Call, route
from tests.redash.fake.state import NOT_FOUND, Abort, Row, State, copied, found_or_404, require

_LIMIT = " LIMIT 1000"


def shown_result(row: Row) -> Row:
    """A stored result."""
    keys = ("id", "query_hash", "query", "data", "data_source_id", "runtime", "retrieved_at")
    return {key: copied(row[key]) for key in keys}


def execute(state: State, source: Row, text: str, user_name: str, asked_for: int | None = None) -> Row:
    """Runs a text and keeps the result for every query of that text; returns the job's answer.

    `asked_for` is the query on whose page somebody ran it: that page shows it, whatever the values of its parameters.
    """
    comment = f"/* Username: {user_name}, Query ID: adhoc, Queue: queries, Job ID: 0, Scheduled: False */ "
    data, error = databases.rows_of(source["type"], source["options"], comment + text)
    if error is not None:
        return state.new_job(error=error)
    row = state.add(
        state.results, query_hash=databases.query_hash(text), query=text, data=data, data_source_id=source["id"],
        runtime=0.01, retrieved_at=state.now(), asked_for=asked_for,
    )  # fmt: skip
    same = [query for query in state.queries.values() if _is_of(query, row)]
    for query in same:
        query["latest_query_data_id"] = row["id"]
    for query in same:
        check_alerts(state, query)
    return state.new_job(query_result_id=row["id"], result=row["id"])


def _is_of(query: Row, result: Row) -> bool:
    return (query["query_hash"], query["data_source_id"]) == (result["query_hash"], result["data_source_id"])


def _cached(state: State, source_id: int, text: str, max_age: float) -> Row | None:
    if max_age == 0:
        return None
    wanted = (databases.query_hash(text), source_id)
    found = [row for row in state.results.values() if (row["query_hash"], row["data_source_id"]) == wanted]
    newest = max(found, key=lambda row: int(row["id"]), default=None)
    if newest is None or max_age == -1:
        return newest
    age = state.moment() - datetime.fromisoformat(newest["retrieved_at"])
    return newest if age <= timedelta(seconds=max_age) else None


def _failed(status: int, error: str) -> Abort:
    return Abort(status, error, {"job": {"status": 4, "error": error}})


def _run(call: Call, source_id: Any, text: str, options: Row) -> Row:
    body, state = call.body or {}, call.state
    if source_id is None or source_id not in state.sources:
        raise _failed(401, "Please select data source to run this query.")
    source = state.sources[source_id]
    if source["pause_reason"] is not None:
        raise _failed(400, f"{source['name']} is paused ({source['pause_reason']}). Please try later.")
    groups = state.source_groups(source_id)
    mine = [groups[group] for group in groups if group in call.user["groups"]]
    safe_and_seen = bool(mine) and parameters.is_safe(options) and "query_id" in body
    if not (call.state.is_admin(call.user) or (mine and (not all(mine) or safe_and_seen))):
        raise _failed(403, "You do not have permission to run queries with this data source.")
    values = body.get("parameters") or {}
    parameters.refuse_bad(text, values, options, state.version)
    final = parameters.filled(text, values, options)
    if body.get("apply_auto_limit", options.get("apply_auto_limit")):
        final += _LIMIT
    cached = _cached(state, source_id, final, body.get("max_age", -1))
    if cached is not None:
        return {"query_result": shown_result(cached)}
    return {"job": execute(state, source, final, shown_user(call.user)["email"], body.get("query_id"))}


@route("POST", "/api/queries/<id>/results")
def run_query(call: Call, key: str) -> Row:
    """Runs a saved query with given values."""
    row = found_or_404(call.state.queries, key)
    call = replace(call, body={**(call.body or {}), "query_id": row["id"]})
    return _run(call, row["data_source_id"], row["query"], row["options"])


@route("POST", "/api/query_results")
def run_text(call: Call) -> Row:
    """Runs a text."""
    body = dict(call.body)
    definitions = [{"name": name, "type": "text"} for name in body.get("parameters") or {}]
    body.pop("query_id", None)
    call = replace(call, body=body)
    return _run(call, body.get("data_source_id"), body["query"], {"parameters": definitions})


@route("GET", "/api/queries/<id>/results.json")
def latest_result(call: Call, key: str) -> Row:
    """The last stored one, 404 if there is none."""
    row = found_or_404(call.state.queries, key)
    if row["latest_query_data_id"] is None:
        raise Abort(404, "No cached result found for this query.")
    return {"query_result": shown_result(call.state.results[row["latest_query_data_id"]])}


@route("GET", "/api/query_results/<id>")
def result(call: Call, key: str) -> Row:
    """One, for those whose groups have its data source."""
    row = found_or_404(call.state.results, key)
    require(call.state.may_see(call.user, row["data_source_id"]))
    return {"query_result": shown_result(row)}


@route("GET", "/api/jobs/<id>")
def job(call: Call, key: str) -> Row:
    """How far a job is; an error of the server for one that it does not know."""
    return {"job": call.state.jobs[key]}


@route("DELETE", "/api/jobs/<id>")
def cancel(call: Call, key: str) -> None:
    """Too late for one that has ended."""
    call.state.jobs[key]


@route("GET", "/api/queries/<id>/dropdown")
def dropdown(call: Call, key: str) -> list[Row]:
    """Name and value of each row of the cached result; an error of the server if there is none."""
    row = found_or_404(call.state.queries, key)
    data = call.state.results[row["latest_query_data_id"]]["data"]
    if not data["columns"]:
        raise Abort(404, NOT_FOUND)
    first = data["columns"][0]["name"]
    return [{"name": one.get("name", one[first]), "value": str(one.get("value", one[first]))} for one in data["rows"]]
