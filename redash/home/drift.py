"""Who moved: what was edited in Redash, what is pending in the files, what both changed, what somebody deleted or added there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from redash.sync.live import Live
from redash.sync.paths import Change
from redash.sync.plan import changes_of
from redash.sync.survey import Survey
from redash.sync.wanted import kind_of

Where = Literal[
    "edited in Redash",
    "pending in the files",
    "changed in both",
    "deleted in Redash",
    "added in Redash",
    "no file any more",
]


@dataclass(frozen=True, slots=True)
class Drifted:
    """An object, who moved away from what was last applied, where, and who was there last as far as Redash tells."""

    key: str
    title: str
    where: Where
    changes: tuple[Change, ...] = ()
    last: str = ""

    @property
    def in_redash(self) -> bool:
        """Whether an apply would write over somebody's work."""
        return self.where in ("edited in Redash", "changed in both", "deleted in Redash")


def drift(seen: Survey) -> list[Drifted]:
    """Every object that is not as it was applied, in the order of the files."""
    known = _known_parts(seen.live)
    found = []
    for key, one in seen.wanted.items():
        live, title = seen.live.found.get(key), str(one.fields.get("name") or key)
        if live is None:
            found.append(Drifted(key, title, "deleted in Redash" if key in known else "pending in the files"))
        elif live.archived:
            found.append(Drifted(key, title, "deleted in Redash", last=_last(seen.live, key)))
        else:
            changes = tuple(changes_of(one, live))
            if changes:
                found.append(Drifted(key, title, _where(changes), changes, _last(seen.live, key)))
    found += [
        Drifted(one.key, one.title, "added in Redash", last=_last(seen.live, one.within)) for one in seen.live.added
    ]
    gone = [key for key in seen.live.found if key not in seen.wanted]
    return found + [
        Drifted(key, str(seen.live.found[key].fields.get("name") or key), "no file any more") for key in gone
    ]


def exit_code(drifted: list[Drifted]) -> int:
    """0 nothing moved, 10 only the files did, 11 somebody was in Redash."""
    if any(one.in_redash or one.where == "added in Redash" for one in drifted):
        return 11
    return 10 if drifted else 0


def _where(changes: tuple[Change, ...]) -> Where:
    origins = {change.origin for change in changes}
    if origins == {"redash"}:
        return "edited in Redash"
    return "pending in the files" if origins == {"file"} else "changed in both"


def _known_parts(live: Live) -> set[str]:
    """The parts that were applied once."""
    return {key for one in live.found.values() if one.marker for key in one.marker.parts}


def _last(live: Live, key: str) -> str:
    """When the object, or what it is a part of, was last written, and by whom."""
    found = live.found[key]
    while kind_of(found.key) in ("chart", "widget", "subscription") and found.within:
        found = live.found[found.within]
    user = found.raw.get("last_modified_by") or found.raw.get("user") or {}
    moment = str(found.raw.get("updated_at") or "")[:16].replace("T", " ")
    name = user.get("name") if isinstance(user, dict) else None
    return ", ".join(part for part in (moment and f"{moment} UTC", name) if part)


def of_drift(drifted: list[Drifted]) -> Iterator[str]:
    """How many of each, for one line."""
    for where in dict.fromkeys(one.where for one in drifted):
        yield f"{sum(one.where == where for one in drifted)} {where}"
