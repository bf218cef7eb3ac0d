"""Sessions, users, groups and settings (sections 0, 1 and 8)."""

from __future__ import annotations

from typing import Any

from tests.redash.fake.routes import Call, paged, route
from tests.redash.fake.state import DEFAULT_PERMISSIONS, FORBIDDEN, NOT_FOUND, Abort, Row


def shown_user(row: Row) -> Row:
    """A user as it is nested in what it made."""
    return {"id": row["id"], "name": row["name"], "email": row["email"], "groups": row["groups"]}


@route("GET", "/api/session")
def session(call: Call) -> Row:
    """Whose key it is, and the server's version."""
    permissions = sorted(call.state.permissions(call.user))
    version = f"{call.version[0]}.{call.version[1]}.0"
    return {
        "user": {**shown_user(call.user), "permissions": permissions},
        "messages": [],
        "org_slug": "default",
        "client_config": {"version": version, "newVersionAvailable": False},
    }


@route("GET", "/status.json")
def status(call: Call) -> Row:
    """For super admins; to others a page says no."""
    if not call.state.is_admin(call.user):
        raise Abort(403, FORBIDDEN, b"<!doctype html><title>403 Forbidden</title>")
    return {"version": f"{call.version[0]}.{call.version[1]}.0", "manager": {"last_refresh_at": "0", "queues": {}}}


@route("GET", "/api/users")
def users(call: Call) -> Row:
    """Everybody, in pages."""
    return paged(call, [{**shown_user(row), "created_at": row["created_at"]} for row in call.state.users.values()])


@route("POST", "/api/users")
def invite(call: Call) -> Row:
    """A pending user of the group `default`, whose key works at once."""
    call.must_be_admin()
    name, email = call.body["name"], call.body["email"]
    if any(row["email"] == email for row in call.state.users.values()):
        raise Abort(400, "Email already taken.")
    key = f"pending-{len(call.state.users)}-".ljust(40, "p")
    row = call.state.add_user(name, email, key, [call.state.default["id"]])
    return {**shown_user(row), "api_key": key, "is_invitation_pending": True, "invite_link": f"{call.url}/invite/x"}


@route("DELETE", "/api/users/<id>")
def delete_user(call: Call, key: str) -> Row:
    """A pending one."""
    call.must_be_admin()
    return shown_user(call.state.users.pop(int(key)))


@route("GET", "/api/users/<id>")
def user(call: Call, key: str) -> Row:
    """One; its key only for itself and admins."""
    row = call.state.users.get(int(key))
    if row is None:
        raise Abort(404, NOT_FOUND)
    open_key = row["id"] == call.user["id"] or call.state.is_admin(call.user)
    return {**shown_user(row), **({"api_key": row["api_key"]} if open_key else {})}


@route("POST", "/api/users/<id>")
def change_user(call: Call, key: str) -> Row:
    """Groups are replaced, unless by none, by an admin; a password by who knows the old one."""
    row = call.state.users[int(key)]
    if "password" in call.body:
        if call.body.get("old_password") != call.passwords.get(row["email"]):
            raise Abort(403, "Incorrect current password.")
        call.passwords[row["email"]] = call.body["password"]
    else:
        call.must_be_admin()
    if call.body.get("group_ids"):
        if any(group not in call.state.groups for group in call.body["group_ids"]):
            raise Abort(400, "Bad request")
        call.state.change(row, groups=list(call.body["group_ids"]))
    changed: Row = user(call, key)
    return changed


def shown_group(row: Row) -> Row:
    """A group as it is answered."""
    return {name: row[name] for name in ("id", "name", "type", "permissions", "created_at")}


@route("GET", "/api/groups")
def groups(call: Call) -> list[Row]:
    """All for an admin, else the user's own."""
    everything = call.state.is_admin(call.user)
    return [shown_group(row) for row in call.state.groups.values() if everything or row["id"] in call.user["groups"]]


@route("GET", "/api/groups/<id>")
def group(call: Call, key: str) -> Row:
    """One, for an admin and for members; an error of the server for one that is not there."""
    if int(key) not in call.user["groups"]:
        call.must_be_admin()
    return shown_group(call.state.groups[int(key)])


@route("POST", "/api/groups")
def create_group(call: Call) -> Row:
    """Names may be there twice; the permissions are always the usual ones."""
    call.must_be_admin()
    name = call.body["name"]
    return shown_group(call.state.add(call.state.groups, name=name, type="regular", permissions=DEFAULT_PERMISSIONS))


@route("POST", "/api/groups/<id>")
def rename_group(call: Call, key: str) -> Row:
    """Builtin ones keep their name."""
    call.must_be_admin()
    row = call.state.groups[int(key)]
    if row["type"] == "builtin":
        raise Abort(400, "Can't modify built-in groups.")
    call.state.change(row, name=call.body["name"])
    return shown_group(row)


@route("DELETE", "/api/groups/<id>")
def delete_group(call: Call, key: str) -> None:
    """Its members and links go; builtin ones stay; 500 for one that is gone."""
    call.must_be_admin()
    row = call.state.groups[int(key)]
    if row["type"] == "builtin":
        raise Abort(400, "Can't delete built-in groups.")
    for one in call.state.users.values():
        one["groups"] = [group for group in one["groups"] if group != row["id"]]
    call.state.links[:] = [link for link in call.state.links if link["group_id"] != row["id"]]
    del call.state.groups[row["id"]]


@route("GET", "/api/groups/<id>/members")
def members(call: Call, key: str) -> list[Row]:
    """Its users, for an admin and for members."""
    if int(key) not in call.user["groups"]:
        call.must_be_admin()
    return [shown_user(row) for row in call.state.users.values() if int(key) in row["groups"]]


@route("POST", "/api/groups/<id>/members")
def add_member(call: Call, key: str) -> Row:
    """Appends blindly."""
    call.must_be_admin()
    row = call.state.users[call.body["user_id"]]
    row["groups"] = [*row["groups"], call.state.groups[int(key)]["id"]]
    return shown_user(row)


@route("DELETE", "/api/groups/<id>/members/<user>")
def remove_member(call: Call, key: str, user_key: str) -> None:
    """An error of the server if the user is none."""
    call.must_be_admin()
    call.state.users[int(user_key)]["groups"].remove(int(key))


@route("GET", "/api/groups/<id>/data_sources")
def group_sources(call: Call, key: str) -> list[Row]:
    """What the group may use."""
    call.must_be_admin()
    sources = {link["data_source_id"] for link in call.state.links if link["group_id"] == int(key)}
    rows = [(call.state.sources[one], call.state.group_link(int(key), one)) for one in sorted(sources)]
    return [
        {"id": row["id"], "name": row["name"], "type": row["type"], "view_only": link["view_only"]}
        for row, link in rows
    ]


@route("POST", "/api/groups/<id>/data_sources")
def add_group_source(call: Call, key: str) -> Row:
    """Inserts a row even where there is one."""
    call.must_be_admin()
    row = call.state.sources[call.body["data_source_id"]]
    link = {"group_id": call.state.groups[int(key)]["id"], "data_source_id": row["id"], "view_only": False}
    call.state.links.append(link)
    return {"id": row["id"], "name": row["name"], "type": row["type"], "view_only": False}


@route("POST", "/api/groups/<id>/data_sources/<source>")
def change_group_source(call: Call, key: str, source: str) -> Row:
    """An error of the server if the group does not have it."""
    call.must_be_admin()
    link = call.state.group_link(int(key), int(source))
    link["view_only"] = call.body["view_only"]
    row = call.state.sources[int(source)]
    return {"id": row["id"], "name": row["name"], "type": row["type"], "view_only": link["view_only"]}


@route("DELETE", "/api/groups/<id>/data_sources/<source>")
def remove_group_source(call: Call, key: str, source: str) -> None:
    """Removes all rows, none included."""
    call.must_be_admin()
    gone = (int(key), int(source))
    call.state.links[:] = [x for x in call.state.links if (x["group_id"], x["data_source_id"]) != gone]


@route("GET", "/api/settings/organization")
def settings(call: Call) -> Row:
    """All settings, flat."""
    call.must_be_admin()
    return {"settings": dict(call.state.settings)}


@route("POST", "/api/settings/organization")
def change_settings(call: Call) -> Any:
    """Only the keys that are named change."""
    call.must_be_admin()
    call.state.settings.update(call.body)
    return settings(call)
