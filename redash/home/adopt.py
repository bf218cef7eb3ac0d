"""Takes foreign objects into new files, and marks them as ours, so that the next plan has nothing to do with them.

The server is marked before the files are written: cut off in between, the next adoption finds the marks and goes on. The other
way round an apply would make everything a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redash.errors import RedashError, SpecErrors
from redash.home.drafts import Drafts
from redash.home.gather import Gatherer, Gathering, Taken, Wish
from redash.home.inverse import Words, words_of
from redash.home.rewriting import put_path
from redash.remote.api import Api
from redash.specs.editing import block, edited, new_header, new_text, styled
from redash.specs.reading import usable_pack
from redash.specs.spec import Pack
from redash.sync.boards import widget_keys
from redash.sync.contents import source_key
from redash.sync.defaults import defaults_of
from redash.sync.desired import Desired, desired
from redash.sync.marker import FIELD, Marker, Part
from redash.sync.paths import Flat, differences, flat
from redash.sync.paths import Path as Steps
from redash.sync.survey import Survey
from redash.sync.wanted import TAG, Fields, Target, kind_of, slug_of

#: What an adoption may change on the server: our tag, our prefix, the draft that is one no more, the hour of a spread schedule;
#: and the row that an alert looks at, where it names none.
_OURS = {("tags",), ("name",), ("published",), ("auto_limit",), ("schedule", "time")}

#: Where a widget that is pending in the files moves an added one down, that is the files' business.
_ROW = ("position", "row")


@dataclass(slots=True)
class Adoption:
    """The files to write, and the objects to mark, by key."""

    drafts: Drafts
    gathered: Gathering
    keys: dict[str, Taken] = field(default_factory=dict)

    @property
    def notes(self) -> list[tuple[str, str]]:
        """What is not as it was, for which files have no word."""
        said = {
            "published": (False, "it was a draft, and is published"),
            "auto_limit": (True, "its limit of 1000 rows goes"),
            "selector": (None, "it named no row to look at, for which Redash sends nothing, and is given the first"),
        }
        return [
            (key, note)
            for key, one in self.keys.items()
            for name, (was, note) in said.items()
            if name in one.now and one.now[name] is was
        ]


def adoption_of(
    api: Api, seen: Survey, pack: Pack, folder: Path, wishes: list[Wish], named: str | None = None
) -> Adoption:
    """Reads foreign objects and says the files that they would have; neither the server nor a file is changed.

    Raises RedashError for what no file could say, by name; NotThere, WrongUse.
    """
    gatherer = Gatherer(api, seen, pack, named)
    for kind, object_id in wishes:
        gatherer.gather(kind, object_id)
    return adopted(seen, pack, gatherer.gathered, Drafts(folder))


def adopted(seen: Survey, pack: Pack, gathered: Gathering, drafts: Drafts) -> Adoption:
    """What was gathered as changes of files, read again as a pack; raises RedashError for what no file could say."""
    adopting = _Adopting(seen, pack, gathered, drafts)
    adopting.write()
    adopting.prove()
    return Adoption(adopting.drafts, gathered, adopting.keys)


class _Adopting:
    def __init__(self, seen: Survey, pack: Pack, gathered: Gathering, drafts: Drafts) -> None:
        self.seen, self.pack, self.gathered, self.drafts = seen, pack, gathered, drafts
        self.target: Target = seen.target
        self.keys: dict[str, Taken] = {}

    def write(self) -> None:
        """Puts all that is taken into files."""
        for key, one in self.gathered.taken.items():
            getattr(self, f"_{kind_of(key)}")(slug_of(key), one)

    def _query(self, slug: str, one: Taken) -> None:
        words = words_of(one.key, one.fields, self.target)
        source = self._source(one)
        words = {name: value for name, value in words.items() if name != "source"}
        words |= {"source": source} if source != "tts" else {}
        sql = one.fields["sql"]
        self.drafts.change(f"queries/{slug}.sql", f"{new_header(words)}{_gap(sql)}{sql}\n")

    def _source(self, one: Taken) -> str:
        slugs = dict.fromkeys([*self.pack.sources, *self.target.environment.sources])
        found = next((slug for slug in slugs if source_key(slug, self.target) == one.fields["source"]), None)
        if found is None:
            raise RedashError(
                f"no source of environment {self.target.name} stands for the data source of {one.raw['name']!r}",
                "name it there: sources: {<slug>: {existing: <its name in Redash>, type: pg}}",
            )
        return found

    def _chart(self, slug: str, one: Taken) -> None:
        query, name = slug.split("/")
        words = words_of(one.key, one.fields, self.target)
        if "type" not in words:
            raise RedashError(
                f"{one.key}: the files have no chart of type {one.fields['type']}", "delete it in Redash first"
            )
        file, chart = f"charts/{query}.yaml", block({"type": words["type"], **words})
        self.drafts.change(file, edited(self.drafts.text(file), lambda node: node.update({name: chart})))

    def _alert(self, slug: str, one: Taken) -> None:
        to = [key for key, other in self.gathered.taken.items() if other.within == one.key]
        heard = {"destinations": [key.rpartition("/")[2] for key in to]} if to else {}
        self.drafts.change(f"alerts/{slug}.yaml", new_text(words_of(one.key, one.fields, self.target) | heard))

    def _subscription(self, slug: str, one: Taken) -> None:
        """It stands in its alert's file."""

    def _dashboard(self, slug: str, one: Taken) -> None:
        words = {**words_of(one.key, one.fields, self.target), "parameters": self._inputs(one)}
        words["widgets"] = [words_of(widget.key, widget.fields, self.target) for widget in self._widgets_of(one.key)]
        text = new_text({name: value for name, value in words.items() if value})
        self.drafts.change(f"dashboards/{slug}.yaml", text)

    def _inputs(self, one: Taken) -> Words:
        """The inputs of a dashboard in their order, with the value that the page shows: a saved one, else the query's."""
        values = one.fields.get("parameters") or {}
        first: dict[str, Any] = {}
        for widget in self._widgets_of(one.key):
            for name, mapping in widget.fields["mappings"].items():
                if mapping["type"] == "dashboard-level":
                    first.setdefault(mapping["mapTo"], self._default(widget, name))
        order = [name for name in one.fields["order"] if name in first]
        return {name: {"default": values.get(name, first[name])} for name in [*order, *first]}

    def _default(self, widget: Taken, name: str) -> Any:
        query = "query/" + slug_of(str(widget.fields["chart"])).partition("/")[0]
        known = self.gathered.taken.get(query) or self.seen.wanted[query]
        return next((one["value"] for one in known.fields["parameters"] if one["name"] == name), None)

    def _widgets_of(self, board: str) -> list[Taken]:
        return [one for one in self.gathered.taken.values() if one.within == board and kind_of(one.key) == "widget"]

    def _widget(self, slug: str, one: Taken) -> None:
        """One on a dashboard that has a file; those of a new one stand there already."""
        if one.within in self.gathered.taken:
            return
        words = words_of(one.key, one.fields, self.target)
        file = f"dashboards/{slug.partition('/')[0]}.yaml"
        self.drafts.change(file, edited(self.drafts.text(file), lambda node: node["widgets"].append(styled(words))))

    def prove(self) -> None:
        """Reads the new files as a pack: what the words lose of a chart is kept under `options`, all else is refused."""
        lost = self._lost()
        for key in [key for key in lost if kind_of(key) == "chart"]:
            self._keep(key, {path[1:]: value for path, value in lost[key].items() if path[0] == "options"})
        lost = self._lost() if lost else {}
        if lost:
            said = "; ".join(f"{key}: {', '.join('.'.join(path) for path in paths)}" for key, paths in lost.items())
            raise RedashError(f"the files have no word for {said}", "change it in Redash first, then adopt it")

    def _keep(self, key: str, options: Mapping[Steps, Any]) -> None:
        query, name = slug_of(key).split("/")

        def edit(node: Any) -> None:
            for path, value in options.items():
                put_path(node[name], ("options", *path), value)

        file = f"charts/{query}.yaml"
        self.drafts.change(file, edited(self.drafts.text(file), edit))

    def _lost(self) -> dict[str, dict[Steps, Any]]:
        with self.drafts.rehearsed() as folder:
            try:
                pack = usable_pack(folder)
            except SpecErrors as error:
                told = str(error).replace(f"{folder.as_posix()}/", "")
                raise SpecErrors(f"no file can say it: {told}", "change it in Redash first, then adopt it") from error
            wanted = desired(pack.spoken(self.target.environment.lang), self.target)
        self._rekey(pack)
        return {key: paths for key, one in self.keys.items() if (paths := self._lost_of(one, wanted, key))}

    def _lost_of(self, one: Taken, wanted: Desired, key: str) -> dict[Steps, Any]:
        live = flat(one.fields)
        found = differences(flat(wanted[key].fields), live, live, defaults_of(kind_of(key)))
        ours = _OURS if one.within in self.gathered.taken else {*_OURS, _ROW}
        return {path: change.live for path, change in found if not (path in ours or _is_noise(path, live))}

    def _rekey(self, pack: Pack) -> None:
        """The keys that the pack gives: a widget is known by what it shows, and by its place among those."""
        self.keys = {key: one for key, one in self.gathered.taken.items() if kind_of(key) != "widget"}
        boards = {str(one.within) for one in self.gathered.taken.values() if kind_of(one.key) == "widget"}
        for board in boards:
            fresh, keys = self._widgets_of(board), widget_keys(pack.dashboards[slug_of(board)])
            self.keys |= dict(zip(keys[-len(fresh) :], fresh, strict=True))


def _is_noise(path: Steps, live: Flat) -> bool:
    """What a table's editor notes of the last result, what an old alert has not, and inputs that are saved nowhere and said as shown."""
    if path[:2] == ("options", "columns"):
        return path[-1] in ("type", "nullValue")
    if path == ("selector",):
        return live[path] is None
    return path == ("order",) or (path[0] == "parameters" and path not in live)


def _gap(sql: str) -> str:
    return "\n" if sql.startswith("--") else ""


def mark(api: Api, seen: Survey, adoption: Adoption) -> list[str]:
    """Writes into the objects on the server who they are from now on, and says which: queries and dashboards, for their parts too."""
    roots: dict[str, dict[str, Part]] = {}
    for key, one in adoption.keys.items():
        parts = roots.setdefault(_root_of(one, adoption.keys), {})
        if one.within is not None:
            parts[key] = Part(one.raw["id"], one.now)
    for key, parts in roots.items():
        _mark(api, seen, adoption, key, parts)
    return list(roots)


def _root_of(one: Taken, keys: Mapping[str, Taken]) -> str:
    if one.within is None:
        return one.key
    return _root_of(keys[one.within], keys) if one.within in keys else one.within


def _with_parts(old: Mapping[str, Part], new: Mapping[str, Part]) -> dict[str, Part]:
    """Both. The number of a text box is its place in the file: one that is another's in the marker becomes the next free one."""
    parts = dict(old)
    for key, part in new.items():
        stem, _, number = key.partition("~")
        free = key
        while free in parts and parts[free].id != part.id:
            number = str(int(number or 1) + 1)
            free = f"{stem}~{number}"
        parts[free] = part
    return parts


def _mark(api: Api, seen: Survey, adoption: Adoption, key: str, parts: Mapping[str, Part]) -> None:
    at = api.queries if kind_of(key) == "query" else api.dashboards
    raw = at.get(adoption.gathered.live.ids[key])
    old = Marker.of(raw.get("options"), seen.target.name)
    known: Fields | None = old.applied if old else None
    applied = adoption.keys[key].now if key in adoption.keys else known
    marker = Marker(key, seen.target.name, raw["id"], applied, _with_parts(old.parts if old else {}, parts))
    tags = sorted({TAG, *(raw.get("tags") or [])})
    body = {"options": {**(raw.get("options") or {}), FIELD: marker.written()}, "tags": tags}
    # Somebody else's draft of a dashboard is in no list: it would not be found again.
    at.update(raw["id"], body | ({"is_draft": False} if kind_of(key) == "dashboard" else {}))
