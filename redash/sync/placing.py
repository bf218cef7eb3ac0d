"""Reads data sources, destinations, groups and members: what is ours by marker, what is used by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from redash.errors import WrongUse
from redash.remote.api import Api
from redash.remote.client import Json
from redash.sync.desired import Desired
from redash.sync.lists import Lists
from redash.sync.live import Found, Live
from redash.sync.marker import Marker
from redash.sync.normal import live_options
from redash.sync.wanted import Target, slug_of

_WORDS = {"source": "data source", "destination": "destination"}


def read_places(api: Api, lists: Lists, target: Target, wanted: Desired, live: Live, thorough: bool) -> None:
    """Data sources and destinations; raises WrongUse if one that should exist does not."""
    sources = lists.sources()
    _existing(wanted, sources, live)
    _owned("source", sources, api.data_sources.get_many, target, wanted, live, thorough)
    if thorough or any(one.kind == "destination" for one in wanted.values()):
        _owned("destination", lists.destinations(), api.destinations.get_many, target, wanted, live, thorough)
    _warn_of_openness(lists, live)


def _existing(wanted: Desired, sources: list[Json], live: Live) -> None:
    for key in {str(one.fields["source"]) for one in wanted.values() if "source" in one.fields}:
        if key.startswith("existing/"):
            name = slug_of(key)
            ids = [raw["id"] for raw in sources if raw["name"] == name]
            if len(ids) != 1:
                many = f"{len(ids)} data sources" if ids else "no data source"
                raise WrongUse(
                    f"there is {many} named {name!r}", "name another one in the environment, or let us make one"
                )
            live.ids[key] = ids[0]


def _owned(
    kind: str,
    raws: list[Json],
    get_many: Callable[[Sequence[int]], list[Json]],
    target: Target,
    wanted: Desired,
    live: Live,
    thorough: bool,
) -> None:
    """Those with our marker: first the ones that bear a wanted name, all only where one is missing."""
    names = {str(one.fields["name"]): key for key, one in wanted.items() if one.kind == kind}
    if not live.session.is_admin:
        _by_name(raws, names, wanted, live)
        return
    first = [raw["id"] for raw in raws if raw["name"] in names]
    others = [raw["id"] for raw in raws if raw["name"] not in names]
    for raw in get_many(first):
        _take(raw, kind, target, wanted, live)
    if thorough or any(key not in live.found for key in names.values()):
        for raw in get_many(others):
            _take(raw, kind, target, wanted, live)
    for raw in raws:
        key = names.get(raw["name"])
        if key is not None and key not in live.found:
            live.blocked[key] = (
                f"there is a {_WORDS[kind]} named {raw['name']!r} already, and it is not ours: adopt it, or give a prefix"
            )


def _take(raw: Json, kind: str, target: Target, wanted: Desired, live: Live) -> None:
    marker = Marker.of(raw.get("options"), target.name)
    if marker is not None and marker.key.startswith(f"{kind}/") and marker.id in (None, raw["id"]):
        own = wanted[marker.key].secrets if marker.key in wanted else {}
        fields = live_options(raw, {**marker.secrets, **own})
        live.add(Found(marker.key, raw["id"], fields, raw, marker.applied, None, marker))


def _by_name(raws: list[Json], names: dict[str, str], wanted: Desired, live: Live) -> None:
    """Who is no admin sees no options: an object of the wanted name is taken for what is wanted, and never written."""
    for raw in raws:
        key = names.get(raw["name"])
        if key is not None and key not in live.found:
            live.add(Found(key, raw["id"], wanted[key].fields, raw, wanted[key].fields, unseen=True))


def _warn_of_openness(lists: Lists, live: Live) -> None:
    sources = [one for one in live.found.values() if one.kind == "source" and not one.unseen]
    if not sources:
        return
    default = {one["id"] for one in lists.groups() if one["name"] == "default" and one.get("type") == "builtin"}
    for one in sources:
        groups: dict[str, Any] = one.raw.get("groups") or {}
        if any(int(group) in default and not view_only for group, view_only in groups.items()):
            live.warnings.append(
                f"{one.key}: the group `default` may write queries on it, so everybody who logs in may read all its tables"
            )
        if not {int(group) for group in groups} & set(live.session.group_ids):
            raise WrongUse(
                f"{live.session.email} is in no group that has the data source {one.fields['name']!r}",
                "Redash would show none of its queries, and they would be made a second time: add the user to a group",
            )


def read_rights(api: Api, lists: Lists, wanted: Desired, live: Live) -> None:
    """Groups by name, the data sources open to them, and their members."""
    groups = [one for one in wanted.values() if one.kind == "group"]
    if not groups or not live.session.is_admin:
        return
    raws = lists.groups()
    for group in groups:
        named = [raw for raw in raws if raw["name"] == group.fields["name"]]
        if len(named) > 1:
            raise WrongUse(
                f"there are {len(named)} groups named {group.fields['name']!r}", "rename one of them in Redash"
            )
        if named:
            live.add(Found(group.key, named[0]["id"], {"name": named[0]["name"]}, named[0]))
            _read_members(api, group.key, wanted, live)
    for key, one in wanted.items():
        if one.kind == "grant":
            _read_grant(api, key, one.fields, live)


def _read_members(api: Api, group: str, wanted: Desired, live: Live) -> None:
    emails = {key: one.fields["email"] for key, one in wanted.items() if one.kind == "member" and one.within == group}
    for member in api.groups.members(live.ids[group]) if emails else []:
        for key, email in emails.items():
            if member["email"] == email:
                live.add(Found(key, member["id"], {"group": group, "email": email}, member, None, group))


def _read_grant(api: Api, key: str, fields: dict[str, Any], live: Live) -> None:
    group, source = live.ids.get(fields["group"]), live.ids.get(fields["source"])
    if group is None or source is None:
        return
    found = live.found.get(fields["source"])
    raw = found.raw if found else api.data_sources.get(source)
    rights = {int(one): view_only for one, view_only in (raw.get("groups") or {}).items()}
    if group in rights:
        seen = {**fields, "view_only": bool(rights[group])}
        live.add(Found(key, source, seen, raw, None, fields["group"]))
