"""What tells our objects from others': `x_voxmeter` in their options, with what was last applied; and secrets' fingerprints.

{"key": "query/totals", "pack": "voxmeter", "environment": "default",
 "applied": {…}, "parts": {"chart/totals/calls": {"id": 12, "applied": {…}}}, "secrets": {"password": {"salt", "print"}}}
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import scrypt
from typing import Any

from redash.sync.wanted import PACK, Fields

FIELD = "x_voxmeter"
_COST, _BLOCK, _LANES = 2**14, 8, 1


@dataclass(frozen=True, slots=True)
class Part:
    """A chart, alert, subscription or widget in the marker of what it hangs on: its id, and what was last applied."""

    id: int
    applied: Fields


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker; a part's own has a key alone.

    `id` is that of the object that bears it, once it is known: a copy made in Redash has the marker of another's.
    """

    key: str
    environment: str
    id: int | None = None
    applied: Fields | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    secrets: Mapping[str, Fields] = field(default_factory=dict)

    @classmethod
    def of(cls, options: Any, environment: str) -> Marker | None:
        """The marker in an object's options, if this environment of this pack wrote it."""
        said = options.get(FIELD) if isinstance(options, Mapping) else None
        if not isinstance(said, Mapping) or (said.get("pack"), said.get("environment")) != (PACK, environment):
            return None
        parts = {
            str(key): Part(int(part["id"]), dict(part["applied"]))
            for key, part in (said.get("parts") or {}).items()
            if isinstance(part, Mapping) and {"id", "applied"} <= set(part)
        }
        bearer, secrets = said.get("id"), dict(said.get("secrets") or {})
        return cls(str(said.get("key")), environment, bearer, said.get("applied"), parts, secrets)

    def written(self) -> Fields:
        """As it stands in the options."""
        said: Fields = {"key": self.key, "pack": PACK, "environment": self.environment}
        said |= {"id": self.id} if self.id is not None else {}
        said |= {"applied": self.applied} if self.applied is not None else {}
        if self.parts:
            said["parts"] = {key: {"id": part.id, "applied": part.applied} for key, part in sorted(self.parts.items())}
        return said | ({"secrets": dict(self.secrets)} if self.secrets else {})


def own_marker(key: str, environment: str) -> Fields:
    """The marker of a part: who it is, and nothing else."""
    return Marker(key, environment).written()


def fingerprint(secret: str, salt: str) -> Fields:
    """`{"salt", "print"}`: HMAC-SHA256 of a secret under a key that scrypt makes of it and the salt (hexadecimal)."""
    return {"salt": salt, "print": _print(secret, salt)}


# An apply asks three times for the same: before the plan, under the lock, and as it writes.
@lru_cache(maxsize=64)
def _print(secret: str, salt: str) -> str:
    key = scrypt(secret.encode(), salt=bytes.fromhex(salt), n=_COST, r=_BLOCK, p=_LANES, maxmem=2**26)
    return hmac.new(key, b"voxmeter secret", "sha256").hexdigest()


def is_secret_of(stored: Mapping[str, Any], secret: str) -> bool:
    """Whether the secret is the one that a fingerprint was made of."""
    try:
        made = fingerprint(secret, str(stored.get("salt", "")))
    except ValueError:
        return False
    return hmac.compare_digest(str(made["print"]), str(stored.get("print", "")))
