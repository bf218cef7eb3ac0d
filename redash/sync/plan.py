"""What would have to be done to make a server what the files want: steps in order, as values; nothing is asked or sent here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from redash.sync.defaults import defaults_of
from redash.sync.desired import Desired
from redash.sync.live import Added, Found, Live
from redash.sync.marker import is_secret_of
from redash.sync.paths import Change, compare, flat
from redash.sync.wanted import Fields, Kind, Wanted, kind_of

Action = Literal["create", "update", "replace", "restore", "remove", "archive", "note"]

#: Kinds that go with the object that they are a part of; all others stay until they are pruned.
_CONTENTS = ("widget", "subscription")
_PRUNED = ("alert", "chart", "dashboard", "query", "destination", "source")
_ADMIN = ("source", "destination", "group", "grant", "member")


@dataclass(frozen=True, slots=True)
class Step:
    """One object, what is done with it, and why that could hurt somebody."""

    action: Action
    key: str
    title: str
    changes: tuple[Change, ...] = ()
    costs: tuple[str, ...] = ()
    instead: str | None = None

    @property
    def kind(self) -> Kind:
        """The first part of the key."""
        return kind_of(self.key)

    @property
    def edited(self) -> bool:
        """Whether somebody changed in Redash what would be written over."""
        return any(change.origin != "file" for change in self.changes)

    @property
    def destructive(self) -> bool:
        """Whether something would be lost that the files can't bring back."""
        return self.edited or self.action == "archive" or bool(self.costs)


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps, what has no file any more and `prune` would archive, how many objects are as the files say,
    what can't be done and why, what one should know, and what others added to objects of ours, which stays."""

    steps: tuple[Step, ...] = ()
    orphans: tuple[Step, ...] = ()
    unchanged: int = 0
    left: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    added: tuple[Added, ...] = ()

    @property
    def exit_code(self) -> int:
        """Of `plan --detailed-exitcode`: 0 nothing, 10 safe changes, 11 destructive ones or edits made in Redash."""
        if any(step.destructive for step in self.steps):
            return 11
        return 10 if self.steps else 0


def make_plan(wanted: Desired, live: Live) -> Plan:
    """Compares what is wanted with what is there. Reveals secrets to tell whether they were rotated, and keeps none."""
    left = _left(wanted, live)
    steps = [step for key, one in wanted.items() if key not in left for step in _step(one, live)]
    gone = [found for key, found in live.found.items() if key not in wanted and found.kind in _CONTENTS]
    removed = [one for one in gone if one.within in wanted and one.within not in left]
    steps = _with_replacements(steps, removed, wanted, live)
    steps += [Step("note", key, _title(wanted[key])) for key in _unnoted(wanted, live, steps, left)]
    gone = [one for kind in _PRUNED for key, one in live.found.items() if one.kind == kind and key not in wanted]
    orphans = tuple(Step("archive", one.key, _found_title(one)) for one in gone)
    unchanged = len(wanted.keys() - left.keys() - {step.key for step in steps})
    return Plan(tuple(steps), orphans, unchanged, left, tuple(live.warnings), tuple(live.added))


def changes_of(one: Wanted, found: Found) -> list[Change]:
    """What differs between a wanted object and the one on the server, secrets included."""
    if found.unseen:
        return []
    base = None if found.base is None else flat(found.base)
    return [*compare(flat(one.fields), flat(found.fields), base, defaults_of(one.kind)), *_rotated(one, found)]


def _rotated(one: Wanted, found: Found) -> Iterator[Change]:
    options: dict[str, Any] = found.raw.get("options") or {}
    stored = found.marker.secrets if found.marker else {}
    for name, secret in one.secrets.items():
        known = name in options and name in stored
        if not (known and is_secret_of(stored[name], secret.reveal())):
            yield Change(f"secrets.{name}", "rotated" if known else "set", None, None, "file")
    for name in sorted(set(stored) - set(one.secrets)):
        yield Change(f"secrets.{name}", None, "set", "set", "file")


def _step(one: Wanted, live: Live) -> list[Step]:
    found = live.found.get(one.key)
    if found is None:
        return [Step("create", one.key, _title(one))]
    changes = changes_of(one, found)
    if found.archived:
        return [Step("restore", one.key, _title(one), tuple(changes))]
    return [Step("update", one.key, _title(one), tuple(changes))] if changes else []


def _with_replacements(steps: list[Step], removed: list[Found], wanted: Desired, live: Live) -> list[Step]:
    """A widget that goes and one that comes at its place are one replacement: Redash can't show another chart in it."""
    places = {(one.within, _place(one.fields)): one for one in removed if one.kind == "widget"}
    made = []
    for step in steps:
        one = wanted[step.key]
        old = places.pop((one.within, _place(one.fields)), None) if step.action == "create" else None
        if old is not None and one.kind == "widget":
            change = Change("chart", one.fields["chart"], old.fields["chart"], old.fields["chart"], "file")
            made.append(Step("replace", step.key, step.title, (change,), edits_of(old), old.key))
        else:
            made.append(step)
    replaced = {step.instead for step in made}
    rest = [one for one in removed if one.key not in replaced]
    return made + [Step("remove", one.key, _found_title(one), (), edits_of(one)) for one in rest]


def _place(fields: Fields) -> tuple[Any, ...] | None:
    position = fields.get("position")
    return tuple(position.values()) if isinstance(position, dict) else None


def edits_of(found: Found) -> tuple[str, ...]:
    """Why it hurts to remove an object: it was edited in Redash since it was applied."""
    if found.base is None:
        return ()
    edits = compare(flat(found.base), flat(found.fields), None, defaults_of(found.kind))
    return tuple(f"{found.key} was edited in Redash: {edit.path}" for edit in edits)


def _unnoted(wanted: Desired, live: Live, steps: list[Step], left: dict[str, str]) -> list[str]:
    """Queries, dashboards, sources and destinations that are as the files say, and whose marker does not know it."""
    busy = {step.key for step in steps} | {wanted[step.key].within for step in steps if step.key in wanted}
    busy |= {live.found[step.key].within for step in steps if step.key in live.found}
    noted = []
    for key, one in wanted.items():
        found = live.found.get(key)
        if found is None or found.marker is None or key in left or _root_of(key, wanted) in busy or key in busy:
            continue
        if found.base != one.fields or _stale_parts(key, found, wanted, live):
            noted.append(key)
    return noted


def _root_of(key: str, wanted: Desired) -> str:
    within = wanted[key].within
    return _root_of(within, wanted) if within in wanted else key


def root_of(key: str, wanted: Desired, live: Live) -> str:
    """The object whose marker notes what was last applied of this one."""
    within = wanted[key].within if key in wanted else live.found[key].within
    return key if within is None else root_of(within, wanted, live)


def _stale_parts(root: str, found: Found, wanted: Desired, live: Live) -> bool:
    if found.kind not in ("query", "dashboard") or found.marker is None:
        return False
    parts = {
        key: (one.id, wanted[key].fields)
        for key, one in live.found.items()
        if key in wanted and key != root and root_of(key, wanted, live) == root
    }
    return parts != {key: (part.id, part.applied) for key, part in found.marker.parts.items() if key in live.found} or (
        found.marker.id != found.id
    )


def _left(wanted: Desired, live: Live) -> dict[str, str]:
    """What can't be done, and why: a name that is taken, rights that are missing, and all that needs one of those."""
    left: dict[str, str] = {}
    for key, one in wanted.items():
        reason = live.blocked.get(key)
        if reason is None and one.kind in _ADMIN and not live.session.is_admin and key not in live.found:
            reason = f"only an admin may make it, and {live.session.email} is none"
        needed = next((other for other in references(one) if other in left), None)
        if reason is None and needed is not None:
            reason = f"it needs {needed}"
        if reason is not None:
            left[key] = reason
    return left


def references(one: Wanted) -> list[str]:
    """The keys of what must be there before this object."""
    said = [one.within, *(one.fields.get(name) for name in ("source", "chart", "query", "destination", "group"))]
    said += [
        parameter.get("queryId") for parameter in one.fields.get("parameters") or [] if isinstance(parameter, dict)
    ]
    return [str(key) for key in said if isinstance(key, str) and "/" in key]


def _title(one: Wanted) -> str:
    return str(one.fields.get("name") or one.fields.get("chart") or one.fields.get("text") or one.key)


def _found_title(found: Found) -> str:
    return str(found.fields.get("name") or found.fields.get("chart") or found.fields.get("text") or found.key)
