"""Data sources, groups, destinations and alerts as the files want them."""

from __future__ import annotations

from typing import Any

from redash.specs.alerts import Alert
from redash.specs.places import DataSource, Destination, Group
from redash.specs.secrets import Secret
from redash.specs.spec import Named
from redash.specs.texts import NAME_CHARS, SHORT_NAME_CHARS
from redash.sync.contents import source_key
from redash.sync.wanted import Fields, Target, Wanted


def wanted_source(named: Named[DataSource], target: Target) -> Wanted:
    """A data source of ours."""
    return _with_options(f"source/{named.slug}", target.title(named.spec.title, NAME_CHARS), named.spec)


def wanted_destination(named: Named[Destination], target: Target) -> Wanted:
    """A destination of ours."""
    return _with_options(f"destination/{named.slug}", target.title(named.spec.title, NAME_CHARS), named.spec)


def _with_options(key: str, name: str, spec: DataSource | Destination) -> Wanted:
    options: dict[str, Any] = {}
    secrets: dict[str, Secret] = {}
    for option in type(spec).model_fields:
        value = getattr(spec, option)
        if option in ("type", "title") or value is None:
            continue
        if isinstance(value, Secret):
            secrets[option] = value
        elif isinstance(value, list):
            options[option] = ",".join(value)
        elif isinstance(value, str | int):
            options[option] = value
        elif str(value):
            options[option] = str(value)
    return Wanted(key, {"name": name, "type": spec.type, "options": options}, secrets=secrets)


def wanted_group(named: Named[Group], target: Target) -> list[Wanted]:
    """A group, the data sources that it sees, and the members that are named; other members are no business of ours."""
    key = f"group/{named.slug}"
    made = [Wanted(key, {"name": target.title(named.spec.title, SHORT_NAME_CHARS)})]
    for source in named.spec.sees:
        seen = source_key(source, target)
        fields: Fields = {"group": key, "source": seen, "view_only": True}
        made.append(Wanted(f"grant/{named.slug}/{seen}", fields, within=key))
    for email in named.spec.members:
        made.append(Wanted(f"member/{named.slug}/{email}", {"group": key, "email": email}, within=key))
    return made


def wanted_alert(named: Named[Alert], target: Target) -> list[Wanted]:
    """An alert, and its subscriptions by the destinations that the environment allows."""
    key, spec = f"alert/{named.slug}", named.spec
    fields: Fields = {
        "name": target.title(spec.title, NAME_CHARS),
        "query": f"query/{spec.query}",
        "column": spec.column,
        "op": spec.op,
        "value": spec.value,
        "muted": spec.mute,
        "subject": str(spec.subject),
        "body": str(spec.body),
        "rearm": spec.rearm_seconds,
    }
    if target.version.has_alert_selector:
        fields["selector"] = spec.selector
    subscriptions = [
        Wanted(f"subscription/{named.slug}/{slug}", {"destination": f"destination/{slug}"}, within=key)
        for slug in spec.destinations
        if slug in target.environment.destinations
    ]
    return [Wanted(key, fields, within=f"query/{spec.query}"), *subscriptions]
