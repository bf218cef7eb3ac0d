"""Dashboards and their widgets (sections 6 and 9)."""

from __future__ import annotations

from tests.redash.fake.people import shown_user
from tests.redash.fake.queries import shown, shown_visualization
from tests.redash.fake.routes import Call, paged, route
from tests.redash.fake.state import CONFLICT, Abort, Row, checked, copied, found_or_404, jsonb, list_of_texts

_CHANGED = {"name", "tags", "is_draft", "is_archived", "dashboard_filters_enabled", "options", "layout"}


def slug(name: str) -> str:
    """Of the current name, so it is not the one that was stored at creation."""
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower()).strip("-")


def shown_dashboard(call: Call, row: Row, with_widgets: bool) -> Row:
    """A dashboard; lists and answers to a create have no widgets."""
    keys = ("id", "name", "tags", "is_draft", "is_archived", "dashboard_filters_enabled", "options", "layout",
            "version", "user_id", "created_at", "updated_at")  # fmt: skip
    own = [one for one in call.state.widgets.values() if one["dashboard_id"] == row["id"]]
    can_edit = row["user_id"] == call.user["id"] or call.state.is_admin(call.user)
    return {
        **{key: copied(row[key]) for key in keys},
        "slug": slug(row["name"]),
        "user": shown_user(call.state.users[row["user_id"]]),
        "widgets": [shown_widget(call, one) for one in own] if with_widgets else None,
        **({"can_edit": can_edit} if with_widgets else {}),
        "is_favorite": False,
    }


def shown_widget(call: Call, row: Row) -> Row:
    """A widget with its visualization and that one's query; a text box has none."""
    keys = ("id", "width", "options", "dashboard_id", "text", "created_at", "updated_at")
    answer = {key: copied(row[key]) for key in keys}
    if row["visualization_id"] is None:
        return answer
    visualization = call.state.visualizations[row["visualization_id"]]
    query = shown(call.state, call.state.queries[visualization["query_id"]])
    return {**answer, "visualization": {**shown_visualization(visualization), "query": query}}


@route("GET", "/api/dashboards")
def dashboards(call: Call) -> Row:
    """Without other users' drafts, and without other users' dashboards that hold no widget the caller may see."""
    wanted = set(call.query.get("tags", []))
    found = [row for row in call.state.dashboards.values() if not row["is_archived"] and wanted <= set(row["tags"])]
    answer = paged(call, [row for row in found if row["user_id"] == call.user["id"] or _is_open(call, row)])
    return {**answer, "results": [shown_dashboard(call, row, with_widgets=False) for row in answer["results"]]}


def _is_open(call: Call, row: Row) -> bool:
    state = call.state
    shown_ids = [one["visualization_id"] for one in state.widgets.values() if one["dashboard_id"] == row["id"]]
    owners = [state.queries[state.visualizations[one]["query_id"]] for one in shown_ids if one is not None]
    return not row["is_draft"] and any(state.may_see(call.user, one["data_source_id"]) for one in owners)


@route("GET", "/api/dashboards/<id>")
def dashboard(call: Call, key: str) -> Row:
    """One, archived or not; by its stored slug with `?legacy`."""
    if "legacy" in call.query:
        row = next((row for row in call.state.dashboards.values() if row["slug"] == key), None)
        return shown_dashboard(call, row or found_or_404({}, "0"), with_widgets=True)
    return shown_dashboard(call, found_or_404(call.state.dashboards, key), with_widgets=True)


@route("POST", "/api/dashboards")
def create_dashboard(call: Call) -> Row:
    """Reads the name alone."""
    name = checked(call.body["name"], 100)
    taken = {row["slug"] for row in call.state.dashboards.values()}
    numbered = (slug(name) + (f"_{number}" if number else "") for number in range(len(taken) + 1))
    row = call.state.add(
        call.state.dashboards,
        name=name, slug=next(one for one in numbered if one not in taken), tags=[], options={}, layout=[], version=1,
        is_draft=True, is_archived=False, dashboard_filters_enabled=False, user_id=call.user["id"],
    )  # fmt: skip
    return shown_dashboard(call, row, with_widgets=False)


@route("POST", "/api/dashboards/<id>")
def change_dashboard(call: Call, key: str) -> Row:
    """Bumps the version, no-op included; another version than the stored one is a conflict; 500 for an unknown id."""
    row, body = call.state.dashboards[int(key)], call.body
    call.must_own(row)
    if body.get("version", row["version"]) != row["version"]:
        raise Abort(409, CONFLICT)
    changes = {name: jsonb(value) for name, value in body.items() if name in _CHANGED}
    checked(changes.get("name", ""), 100)
    if "tags" in changes:
        changes["tags"] = list_of_texts(changes["tags"])
    call.state.change(row, **changes, version=row["version"] + 1)
    return shown_dashboard(call, row, with_widgets=True)


@route("DELETE", "/api/dashboards/<id>")
def archive_dashboard(call: Call, key: str) -> Row:
    """Its widgets stay; repeatable; 500 for an unknown id; nobody asks whose it is."""
    row = call.state.dashboards[int(key)]
    call.state.change(row, is_archived=True, version=row["version"] + 1)
    return shown_dashboard(call, row, with_widgets=True)


@route("POST", "/api/widgets")
def create_widget(call: Call) -> Row:
    """Visualization and width must be there, the former may be null: a text box."""
    body, state = call.body, call.state
    row = state.dashboards[body["dashboard_id"]]
    call.must_own(row)
    visualization = body["visualization_id"]
    if visualization is not None:
        state.visualizations[visualization]
    widget = state.add(
        state.widgets, dashboard_id=row["id"], visualization_id=visualization, width=body["width"],
        text=body.get("text"), options=jsonb(body["options"]),
    )  # fmt: skip
    return shown_widget(call, widget)


@route("POST", "/api/widgets/<id>")
def change_widget(call: Call, key: str) -> Row:
    """Text and options, both needed; nothing else can change."""
    widget = call.state.widgets[int(key)]
    call.must_own(call.state.dashboards[widget["dashboard_id"]])
    call.state.change(widget, text=call.body["text"], options=jsonb(call.body["options"]))
    return shown_widget(call, widget)


@route("DELETE", "/api/widgets/<id>")
def delete_widget(call: Call, key: str) -> None:
    """500 for one that is gone."""
    widget = call.state.widgets[int(key)]
    call.must_own(call.state.dashboards[widget["dashboard_id"]])
    del call.state.widgets[widget["id"]]
