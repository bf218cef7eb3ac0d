"""Looks whether an object is still as the plan saw it, right before it is written to for the first time."""

from __future__ import annotations

from redash.errors import NotThere
from redash.remote.api import Api
from redash.sync.desired import Desired
from redash.sync.live import Found, Live
from redash.sync.normal import live_alert, live_options
from redash.sync.paths import compare, flat
from redash.sync.reading import reread
from redash.sync.wanted import Fields, Target


def moves(api: Api, target: Target, wanted: Desired, live: Live, key: str) -> list[str]:
    """What has changed since `live` was read in an object that was there, and in its parts: one line each."""
    found = live.found.get(key)
    if found is None or found.unseen:
        return []
    try:
        if found.kind in ("query", "dashboard"):
            return _moved_parts(key, live, reread(api, target, wanted, live, key))
        return _moved(found, _now(api, target, live, found))
    except NotThere:
        return [f"{key} is gone"]


def _now(api: Api, target: Target, live: Live, found: Found) -> Fields:
    if found.kind == "alert":
        return live_alert(api.alerts.get(found.id), live.key_of, target.version.has_alert_selector)
    if found.kind == "destination" and all(one["id"] != found.id for one in api.destinations.all()):
        # To ask for one that is gone is an error of the server.
        raise NotThere(f"there is no destination {found.id}")
    if found.kind in ("source", "destination"):
        get = api.data_sources.get if found.kind == "source" else api.destinations.get
        secrets = set((found.raw.get("options") or {}).keys()) - set(found.fields["options"])
        return live_options(get(found.id), dict.fromkeys(secrets))
    return found.fields


def _moved_parts(key: str, before: Live, now: Live) -> list[str]:
    kinds = {"query": "chart", "dashboard": "widget"}
    found = before.found[key]
    mine = {one.key for one in before.found.values() if one.within == key and one.kind == kinds[found.kind]}
    lines = _moved(found, now.found[key].fields)
    for part in sorted(mine | (now.found.keys() - {key})):
        if part not in now.found:
            lines.append(f"{part} is gone")
        elif part not in mine:
            lines.append(f"{part} is new")
        else:
            lines += _moved(before.found[part], now.found[part].fields)
    return lines


def _moved(found: Found, now: Fields) -> list[str]:
    def nothing(path: tuple[str, ...], of: object) -> None:
        return None

    return [f"{found.key}: {change.path}" for change in compare(flat(found.fields), flat(now), None, nothing)]
