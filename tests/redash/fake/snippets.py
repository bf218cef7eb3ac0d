"""Query snippets (section 8): the one thing that everybody may make and whose name is unique."""

from __future__ import annotations

from tests.redash.fake.people import shown_user
from tests.redash.fake.routes import Call, route
from tests.redash.fake.state import Row, State, found_or_404


def shown(state: State, row: Row) -> Row:
    """A snippet."""
    kept = {key: row[key] for key in ("id", "trigger", "description", "snippet", "created_at", "updated_at")}
    return {**kept, "user": shown_user(state.users[row["user_id"]])}


@route("GET", "/api/query_snippets")
def snippets(call: Call) -> list[Row]:
    """All."""
    return [shown(call.state, row) for row in call.state.snippets.values()]


@route("POST", "/api/query_snippets")
def create_snippet(call: Call) -> Row:
    """A second one of the same trigger is an error of the server."""
    values = {key: call.body[key] for key in ("trigger", "description", "snippet")}
    if any(row["trigger"] == values["trigger"] for row in call.state.snippets.values()):
        raise ValueError("duplicate key value violates unique constraint")
    return shown(call.state, call.state.add(call.state.snippets, **values, user_id=call.user["id"]))


@route("POST", "/api/query_snippets/<id>")
def change_snippet(call: Call, key: str) -> Row:
    """A subset of the keys, by its owner or an admin."""
    row = found_or_404(call.state.snippets, key)
    call.must_own(row)
    call.state.change(row, **{name: call.body[name] for name in ("description", "snippet") if name in call.body})
    return shown(call.state, row)


@route("DELETE", "/api/query_snippets/<id>")
def delete_snippet(call: Call, key: str) -> None:
    """By its owner or an admin."""
    row = found_or_404(call.state.snippets, key)
    call.must_own(row)
    del call.state.snippets[row["id"]]
