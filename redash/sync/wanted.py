"""One object that the files want on a server, and where: keys for ids, Redash's words for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from redash.errors import WrongUse
from redash.remote.versions import Version
from redash.specs.places import Environment
from redash.specs.secrets import Secret

PACK = "voxmeter"
TAG = "voxmeter"

Kind = Literal[
    "source",
    "group",
    "grant",
    "member",
    "query",
    "chart",
    "dashboard",
    "widget",
    "destination",
    "alert",
    "subscription",
]
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object that should be there; `within` is the key of the one that it is a part of.

    `beside` is written and never compared: what Redash wants to be told again of another object.
    """

    key: str
    fields: Fields
    within: str | None = None
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    beside: Fields = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """The first part of the key."""
        return kind_of(self.key)


@dataclass(frozen=True, slots=True)
class Target:
    """The Redash that is meant: an environment by its name, and what its server can do."""

    name: str
    environment: Environment
    version: Version

    def title(self, text: object, most: int) -> str:
        """A name with the environment's prefix; raises WrongUse if Redash has no room for it."""
        title = f"{self.environment.prefix}{text}"
        if len(title) > most:
            raise WrongUse(f"{title!r} has {len(title)} characters, Redash keeps {most}", "shorten it or the prefix")
        return title


def kind_of(key: str) -> Kind:
    """The kind of the object with this key."""
    return cast(Kind, key.partition("/")[0])


def slug_of(key: str) -> str:
    """The key without its kind."""
    return key.partition("/")[2]
