"""Takes destinations and groups that people made in Redash into `destinations.yaml` and `groups.yaml`.

Redash tells nobody a secret, so the file names where it will be, `env:NAME`, and the next apply sends what is there then. A group has
no marker: it is known by its name. A data source is not taken: others' queries live on its host and password, and an
environment names it as `existing`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from pydantic import BaseModel

from redash.errors import NotThere, RedashError, WrongUse
from redash.home.drafts import Drafts
from redash.home.gather import Wish, slug_from
from redash.home.inverse import words_of
from redash.remote.access import MASK
from redash.remote.api import Api
from redash.remote.client import Json
from redash.specs.editing import block, edited, put_word
from redash.specs.places import Destination
from redash.specs.reading import environment_of, usable_pack
from redash.specs.secrets import Secret
from redash.specs.spec import Pack
from redash.sync.contents import source_key
from redash.sync.desired import desired
from redash.sync.marker import FIELD, Marker
from redash.sync.normal import live_options
from redash.sync.survey import Survey
from redash.sync.wanted import slug_of

KINDS = ("source", "destination", "group")


@dataclass(slots=True)
class Places:
    """The objects by key, as the server has them, and where each secret of theirs is to be put: {key: [environment variable]}."""

    found: dict[str, Json] = field(default_factory=dict)
    secrets: dict[str, list[str]] = field(default_factory=dict)


def adopt_places(
    api: Api, seen: Survey, pack: Pack, drafts: Drafts, wishes: list[Wish], named: str | None = None
) -> Places:
    """Says the files over what `drafts` change already; neither the server nor a file is written.

    Raises RedashError for what no file could say, NotThere, and WrongUse where the environment has no file.
    """
    taker = _Taker(api, seen, pack, drafts, named)
    for kind, object_id in wishes:
        taker.take(kind, object_id)
    if taker.places.found:
        taker.prove()
    return taker.places


def mark_places(api: Api, seen: Survey, places: Places) -> None:
    """Writes into each destination who it is from now on; its secrets stay as they are."""
    for key, raw in places.found.items():
        if key.startswith("destination/"):
            marker = Marker(key, seen.target.name, raw["id"])
            options = {**raw["options"], FIELD: marker.written()}
            api.destinations.update(raw["id"], raw["name"], raw["type"], options)


class _Taker:
    def __init__(self, api: Api, seen: Survey, pack: Pack, drafts: Drafts, named: str | None) -> None:
        self.api, self.seen, self.pack, self.drafts, self.named = api, seen, pack, drafts, named
        self.places = Places()
        self.environment = f"environments/{seen.target.name}.yaml"

    def take(self, kind: str, object_id: int) -> None:
        """Takes one; what has a file already needs nothing."""
        takers: dict[str, Callable[[int], None]] = {"destination": self._destination, "group": self._group}
        if kind not in takers:
            raise RedashError(
                "a data source is not adopted: others' queries live on its host and password",
                "name it in the environment: sources: {<slug>: {existing: <its name in Redash>, type: pg}}",
            )
        if not self.drafts.text(self.environment):
            raise WrongUse(f"there is no {self.environment}, which would name it", "write one: url and api_key")
        takers[kind](object_id)

    def _destination(self, object_id: int) -> None:
        if all(one["id"] != object_id for one in self.api.destinations.all()):
            raise NotThere(f"there is no destination {object_id}", "its number stands in the address of its page")
        raw = self.api.destinations.get(object_id)
        if self._has_file("destination", object_id):
            return
        key = self._key("destination", raw)
        model = _MODELS.get(raw["type"])
        if model is None:
            raise RedashError(
                f"{key}: the files have no destination of type {raw['type']}", f"one of {', '.join(_MODELS)}"
            )
        secrets = [name for name, value in raw["options"].items() if _is_secret(model, name, value)]
        known = {name: value for name, value in raw["options"].items() if name in model.model_fields}
        fields = live_options({**raw, "options": known}, dict.fromkeys(secrets))
        places = {name: f"REDASH_{slug_of(key)}_{name}".upper().replace("-", "_") for name in secrets}
        words = words_of(key, fields, self.seen.target) | {name: f"env:{place}" for name, place in places.items()}
        self._write("destinations", key, words)
        self.places.found[key], self.places.secrets[key] = raw, list(places.values())

    def _group(self, object_id: int) -> None:
        raw = next((one for one in self.api.groups.all() if one["id"] == object_id), None)
        if raw is None:
            raise NotThere(f"there is no group {object_id}", "its number stands in the address of its page")
        if self._has_file("group", object_id):
            return
        prefix = self.seen.target.environment.prefix
        if raw.get("type") == "builtin" or not raw["name"].startswith(prefix):
            why = "Redash made it itself" if raw.get("type") == "builtin" else f"it has not the prefix {prefix!r}"
            raise RedashError(
                f"the group {raw['name']!r} can't be ours: {why}", "rename it in Redash, or leave it there"
            )
        key = self._key("group", raw)
        sees = [self._seen_source(raw["name"], one) for one in self.api.groups.data_sources(object_id)]
        if not sees:
            raise RedashError(f"the group {raw['name']!r} sees no data source", "open one to it in Redash, view only")
        self._write("groups", key, {"title": raw["name"].removeprefix(prefix), "sees": sees})
        self.places.found[key] = raw

    def _seen_source(self, group: str, raw: Json) -> str:
        if not raw.get("view_only"):
            raise RedashError(
                f"the group {group!r} may write queries on {raw['name']!r}: the files have groups that only look",
                "make it view only in Redash first",
            )
        target = self.seen.target
        slugs = dict.fromkeys([*self.pack.sources, *target.environment.sources])
        ids = {slug: self.seen.live.ids.get(source_key(slug, target)) for slug in slugs}
        found = next((slug for slug, known in ids.items() if known == raw["id"]), None)
        if found is None:
            raise RedashError(
                f"the group {group!r} sees the data source {raw['name']!r}, for which no source of the files stands",
                "name it in the environment: sources: {<slug>: {existing: <its name in Redash>, type: pg}}",
            )
        return found

    def _has_file(self, kind: str, object_id: int) -> bool:
        return any(
            one.id == object_id and key in self.seen.wanted
            for key, one in self.seen.live.found.items()
            if one.kind == kind
        )

    def _key(self, kind: str, raw: Json) -> str:
        named, self.named = self.named, None
        taken = {*(self.pack.destinations if kind == "destination" else self.pack.groups)}
        taken |= {slug_of(key) for key in self.places.found}
        if named in taken:
            raise WrongUse(f"there is a {kind} {named!r} already", "another --as")
        title = raw["name"].removeprefix(self.seen.target.environment.prefix)
        free = slug_from(title, taken, f"{kind}-{raw['id']}")
        return f"{kind}/{named or free}"

    def _write(self, kinds: str, key: str, words: dict[str, Any]) -> None:
        """Its own file, and the environment, which says who is used there."""
        slug, file = slug_of(key), f"{kinds}.yaml"
        self.drafts.change(file, edited(self.drafts.text(file), lambda node: node.update({slug: block(words)})))

        def name(node: Any) -> None:
            if node.get(kinds):
                node[kinds].append(slug)
            else:
                put_word(node, kinds, [slug])

        self.drafts.change(self.environment, edited(self.drafts.text(self.environment), name))

    def prove(self) -> None:
        """Reads the changed files as a pack: they say what the server has."""
        with self.drafts.rehearsed() as folder:
            pack = usable_pack(folder)
            lists = environment_of(pack, self.seen.target.name).model_dump(include={"destinations", "groups"})
            environment = self.seen.target.environment.model_copy(update=lists)
            wanted = desired(pack.spoken(environment.lang), replace(self.seen.target, environment=environment))
        missing = [key for key in self.places.found if key not in wanted]
        if missing:
            raise RedashError(f"the files do not say {missing[0]}", "this is a mistake of tts-redash")


def _is_secret(model: type[BaseModel], name: str, value: Any) -> bool:
    """What Redash hides, and what the files want hidden though Redash shows it."""
    declared = model.model_fields[name].annotation if name in model.model_fields else None
    only = declared is Secret or set(get_args(declared)) == {Secret, type(None)}
    return name in model.model_fields and (value == MASK or (only and value is not None))


def _models() -> dict[str, type[BaseModel]]:
    union = get_args(get_args(Destination)[0])
    return {kind: model for model in union for kind in get_args(model.model_fields["type"].annotation)}


_MODELS = _models()
