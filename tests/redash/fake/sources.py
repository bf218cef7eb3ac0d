"""Data sources and destinations: named options with secrets (sections 2 and 7)."""

from __future__ import annotations

from typing import Any

from tests.redash.fake import configuration, databases
from tests.redash.fake.configuration import DESTINATIONS, SOURCES
from tests.redash.fake.routes import Call, route
from tests.redash.fake.state import BAD_REQUEST, Abort, Row, checked, found_or_404, require


def shown(row: Row) -> Row:
    """A data source as a list has it: without options."""
    paused = row["pause_reason"] is not None
    common = {"syntax": "sql", "supports_auto_limit": True, "view_only": False}
    return {"id": row["id"], "name": row["name"], "type": row["type"], "paused": paused,
            "pause_reason": row["pause_reason"], **common}  # fmt: skip


def shown_whole(call: Call, row: Row) -> Row:
    """A data source as an admin reads it."""
    groups = {str(group): only for group, only in call.state.source_groups(row["id"]).items()}
    options = configuration.masked(SOURCES, row["type"], row["options"])
    queues = {"queue_name": "queries", "scheduled_queue_name": "scheduled_queries"}
    return {**shown(row), "options": options, **queues, "groups": groups}


def fields(call: Call, *names: str) -> list[Any]:
    """Values of the body, all of which must be there: 400 without detail (section 2)."""
    if any(name not in call.body for name in names):
        raise Abort(400, BAD_REQUEST)
    return [call.body[name] for name in names]


def without_nulls(options: Row) -> Row:
    """Null options are dropped, empty ones kept."""
    return {name: value for name, value in options.items() if value is not None}


@route("GET", "/api/data_sources/types")
def source_types(call: Call) -> list[Row]:
    """For admins."""
    call.must_be_admin()
    return configuration.types(SOURCES)


@route("GET", "/api/data_sources")
def sources(call: Call) -> list[Row]:
    """By name; all for an admin, else what the user's groups have."""
    state = call.state
    seen = [row for row in state.sources.values() if state.is_admin(call.user) or state.may_see(call.user, row["id"])]
    return [shown(row) for row in sorted(seen, key=lambda row: row["name"].lower())]


@route("GET", "/api/data_sources/<id>")
def source(call: Call, key: str) -> Row:
    """One, its secrets masked; for those who are no admin as in the list."""
    row = found_or_404(call.state.sources, key)
    whole = shown_whole(call, row)
    if call.state.is_admin(call.user):
        return whole
    require(call.state.may_see(call.user, row["id"]))
    return shown(row)


@route("POST", "/api/data_sources")
def create_source(call: Call) -> Row:
    """Open to the group `default` at once; its name may be there already."""
    call.must_be_admin()
    name, kind, options = fields(call, "name", "type", "options")
    options = configuration.checked(SOURCES, kind, without_nulls(options))
    row = call.state.add(call.state.sources, name=checked(name, 255), type=kind, options=options, pause_reason=None)
    link = {"group_id": call.state.default["id"], "data_source_id": row["id"], "view_only": False}
    call.state.links.append(link)
    return shown_whole(call, row)


@route("POST", "/api/data_sources/<id>")
def change_source(call: Call, key: str) -> Row:
    """Name, type and options must all be there (else 500), the options are replaced whole."""
    call.must_be_admin()
    row = call.state.sources[int(key)]
    name, kind, options = call.body["name"], call.body["type"], call.body["options"]
    options = configuration.replaced(SOURCES, kind, row["options"], without_nulls(options))
    call.state.change(row, name=name, type=kind, options=configuration.checked(SOURCES, kind, options))
    return shown_whole(call, row)


@route("DELETE", "/api/data_sources/<id>")
def delete_source(call: Call, key: str) -> None:
    """Its queries stay without any, its results go; 204, and 500 for one that is gone."""
    call.must_be_admin()
    state, gone = call.state, call.state.sources[int(key)]["id"]
    for query in state.queries.values():
        if query["data_source_id"] == gone:
            query.update(data_source_id=None, latest_query_data_id=None)
    for result in [one for one in state.results.values() if one["data_source_id"] == gone]:
        del state.results[result["id"]]
    state.links[:] = [link for link in state.links if link["data_source_id"] != gone]
    del state.sources[gone]
    raise Abort(204, "")


@route("POST", "/api/data_sources/<id>/test")
def test_source(call: Call, key: str) -> Row:
    """Connects; an error of the driver is an answer like any other."""
    call.must_be_admin()
    row = found_or_404(call.state.sources, key)
    problem = databases.problem(row["type"], row["options"])
    return {"ok": problem is None, "message": problem or "success"}


@route("GET", "/api/data_sources/<id>/schema")
def schema(call: Call, key: str) -> Row:
    """The tables if they are known, else a job that finds them."""
    row = found_or_404(call.state.sources, key)
    if row["id"] in call.state.schemas and "refresh" not in call.query:
        return {"schema": call.state.schemas[row["id"]]}
    call.state.schemas[row["id"]] = databases.tables(row["type"], row["options"])
    return {"job": call.state.new_job(result=call.state.schemas[row["id"]])}


@route("POST", "/api/data_sources/<id>/pause")
def pause(call: Call, key: str) -> Row:
    """Its queries don't run until it is resumed."""
    call.must_be_admin()
    row = found_or_404(call.state.sources, key)
    row["pause_reason"] = (call.body or {}).get("reason") or ""
    return shown_whole(call, row)


@route("DELETE", "/api/data_sources/<id>/pause")
def resume(call: Call, key: str) -> Row:
    """Ends a pause."""
    call.must_be_admin()
    row = found_or_404(call.state.sources, key)
    row["pause_reason"] = None
    return shown_whole(call, row)


def shown_destination(row: Row) -> Row:
    """A destination as a list has it: without options."""
    return {"id": row["id"], "name": row["name"], "type": row["type"], "icon": "fa-bell"}


def shown_destination_whole(row: Row) -> Row:
    """A destination as an admin reads it."""
    return {**shown_destination(row), "options": configuration.masked(DESTINATIONS, row["type"], row["options"])}


@route("GET", "/api/destinations/types")
def destination_types(call: Call) -> list[Row]:
    """For admins."""
    call.must_be_admin()
    return configuration.types(DESTINATIONS)


@route("GET", "/api/destinations")
def destinations(call: Call) -> list[Row]:
    """For everybody."""
    return [shown_destination(row) for row in call.state.destinations.values()]


@route("GET", "/api/destinations/<id>")
def destination(call: Call, key: str) -> Row:
    """One, its secrets masked; 500 for one that is not there."""
    call.must_be_admin()
    return shown_destination_whole(call.state.destinations[int(key)])


@route("POST", "/api/destinations")
def create_destination(call: Call) -> Row:
    """Names are there once; a null option is refused."""
    call.must_be_admin()
    name, kind, options = fields(call, "name", "type", "options")
    options = configuration.checked(DESTINATIONS, kind, options)
    _refuse_twice(call, name, None)
    return shown_destination_whole(
        call.state.add(call.state.destinations, name=name, type=kind, options=options, user_id=call.user["id"])
    )


@route("POST", "/api/destinations/<id>")
def change_destination(call: Call, key: str) -> Row:
    """As for a data source, and the name may not be another one's."""
    call.must_be_admin()
    row = call.state.destinations[int(key)]
    name, kind, options = call.body["name"], call.body["type"], call.body["options"]
    options = configuration.replaced(DESTINATIONS, kind, row["options"], options)
    options = configuration.checked(DESTINATIONS, kind, options)
    _refuse_twice(call, name, row["id"])
    call.state.change(row, name=name, type=kind, options=options)
    return shown_destination_whole(row)


@route("DELETE", "/api/destinations/<id>")
def delete_destination(call: Call, key: str) -> None:
    """204; 500 for one that is gone or that an alert still tells."""
    call.must_be_admin()
    row = call.state.destinations[int(key)]
    if any(one["destination_id"] == row["id"] for one in call.state.subscriptions.values()):
        raise RuntimeError("a subscription refers to it")
    del call.state.destinations[row["id"]]
    raise Abort(204, "")


def _refuse_twice(call: Call, name: str, own: int | None) -> None:
    if any(row["name"] == name and row["id"] != own for row in call.state.destinations.values()):
        raise Abort(400, f"Alert Destination with the name {name} already exists.")
