"""What a server has of ours, as far as the caller may see it; reads only.

An object is ours by its marker. Two bear the same one only where somebody copied an object in Redash, and then the marker's
own id tells the original, or where an apply was cut off in the middle of a create whose answer was lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from redash.errors import RedashError
from redash.remote.api import Session
from redash.remote.client import Json
from redash.sync.marker import Marker
from redash.sync.wanted import Fields, Kind, kind_of


@dataclass(frozen=True, slots=True)
class Found:
    """An object of ours on the server: `base` is what was last applied, None where nobody noted it."""

    key: str
    id: int
    fields: Fields
    raw: Json
    base: Fields | None = None
    within: str | None = None
    marker: Marker | None = None
    archived: bool = False
    unseen: bool = False

    @property
    def kind(self) -> Kind:
        """The first part of the key."""
        return kind_of(self.key)


@dataclass(frozen=True, slots=True)
class Added:
    """A chart or widget that somebody put onto an object of ours: no step touches it. `key` ends with `#id`."""

    key: str
    title: str
    raw: Json
    within: str

    @property
    def kind(self) -> Kind:
        """The first part of the key."""
        return kind_of(self.key)


@dataclass(slots=True)
class Live:
    """Everything found, by key; what others added to it; ids of what may be referred to; why something can't be done; what one
    should know."""

    session: Session
    found: dict[str, Found] = field(default_factory=dict)
    added: list[Added] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    blocked: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def add(self, found: Found) -> None:
        """Takes an object in; raises RedashError if another one has its key."""
        other = self.found.get(found.key)
        if other is not None and other.id != found.id:
            raise RedashError(
                f"there are two of {found.key} on the server: {other.id} and {found.id}",
                "archive the one that nobody uses in Redash, then plan again",
            )
        self.found[found.key] = found
        self.ids[found.key] = found.id

    def key_of(self, kind: str, object_id: int | None) -> str | None:
        """The key of an object of ours by its id, `#id` for any other."""
        if object_id is None:
            return None
        for key, known in self.ids.items():
            if known == object_id and (kind_of(key) == kind or (kind == "source" and key.startswith("existing/"))):
                return key
        return f"#{object_id}"


def original(bearers: Iterable[tuple[Json, Marker]]) -> dict[str, list[tuple[Json, Marker]]]:
    """The objects by the key of their marker, copies left out: those whose marker is of another id."""
    found: dict[str, list[tuple[Json, Marker]]] = {}
    for raw, marker in bearers:
        if marker.id is None or marker.id == raw["id"]:
            found.setdefault(marker.key, []).append((raw, marker))
    for key, several in found.items():
        sealed = [one for one in several if one[1].id is not None]
        found[key] = sealed or several
    return found


def part_of(marker: Marker | None, key: str) -> Fields | None:
    """What was last applied of a part."""
    part = marker.parts.get(key) if marker else None
    return part.applied if part else None


def claimed(raws: Iterable[Json], marker: Marker | None, prefix: str, environment: str) -> dict[str, Json]:
    """Parts by key: first those whose id the marker above them knows, then those that say who they are, the oldest first."""
    ordered = sorted(raws, key=lambda raw: int(raw["id"]))
    by_id = {int(raw["id"]): raw for raw in ordered}
    parts: Mapping[str, Any] = marker.parts if marker else {}
    found = {key: by_id[part.id] for key, part in parts.items() if key.startswith(prefix) and part.id in by_id}
    taken = {int(raw["id"]) for raw in found.values()}
    for raw in ordered:
        own = Marker.of(raw.get("options"), environment)
        if own is not None and own.key.startswith(prefix) and raw["id"] not in taken:
            found.setdefault(own.key, raw)
    return found
