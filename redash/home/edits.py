"""An edit made in Redash as an edit of the file that the object comes from, in memory; each is judged by the file's own model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml.comments import CommentedMap

from redash.errors import SpecErrors
from redash.home.drafts import Drafts
from redash.home.inverse import words_of
from redash.home.rewriting import Rewriter, Words, drop_path, put_path, reorder_keys
from redash.specs.alerts import Alert
from redash.specs.documents import plain
from redash.specs.editing import edited, edited_header, with_statement
from redash.specs.models import Dashboard, QueryHead, Widget
from redash.specs.problems import Place, of_validation
from redash.specs.spec import NamedChart, NamedDashboard, Pack, Source
from redash.sync.boards import widget_keys
from redash.sync.contents import dialect_of, source_key
from redash.sync.paths import flat
from redash.sync.wanted import Fields, Target, kind_of, slug_of

Node = CommentedMap


class Edits:
    """The files of a pack, being changed; all methods raise SpecErrors where a file could not say it, and change nothing then."""

    def __init__(self, pack: Pack, target: Target, drafts: Drafts) -> None:
        self.pack, self.target, self.drafts = pack, target, drafts
        self.rewriter = Rewriter(target.environment.lang)

    def take(self, key: str, base: Fields, now: Fields) -> None:
        """Says in the file what differs between two states of an object."""
        takers: dict[str, Callable[[str, Fields, Fields], None]] = {
            "query": self._query,
            "chart": self._chart,
            "dashboard": self._dashboard,
            "alert": self._alert,
            "source": self._place,
            "destination": self._place,
        }
        takers[kind_of(key)](key, base, now)

    def verbatim(self, key: str, options: Mapping[tuple[str, ...], Any]) -> None:
        """Keeps options of a visualization under `options` of its chart."""
        named = self.pack.charts[slug_of(key)]

        def edit(node: Node) -> None:
            for path, value in options.items():
                put_path(node, ("options", *path), value)

        self._yaml(named.source, type(named.chart), edit)

    def _query(self, key: str, base: Fields, now: Fields) -> None:
        query = self.pack.queries[slug_of(key)]
        before, after = (self._with_source(words_of(key, fields, self.target)) for fields in (base, now))
        name = self._name(query.source)

        def edit(node: Node) -> None:
            self.rewriter.rewrite(node, before, after, QueryHead)
            _judge(QueryHead, node)

        header = edited_header(self.drafts.text(name), edit)
        self.drafts.change(name, header)
        if base["sql"] != now["sql"]:
            own = self._relative(query.sql[dialect_of(query.head.source, self.pack, self.target)].file)
            self.drafts.change(own, with_statement(self.drafts.text(own), now["sql"]))

    def _with_source(self, words: Words) -> Words:
        """The slug of a data source for its key; of one that has none nothing is said."""
        slugs = dict.fromkeys([*self.pack.sources, *self.target.environment.sources])
        slug = next((one for one in slugs if source_key(one, self.target) == words.get("source")), None)
        return {name: value for name, value in words.items() if name != "source"} | ({"source": slug} if slug else {})

    def _chart(self, key: str, base: Fields, now: Fields) -> None:
        named: NamedChart = self.pack.charts[slug_of(key)]
        before, after = (words_of(key, fields, self.target, named.chart) for fields in (base, now))
        model = type(named.chart)
        old, new = flat(base["options"]), flat(now["options"])
        edited_there = [path for path in {*old, *new} if old.get(path) != new.get(path)]

        def edit(node: Node) -> None:
            # What was kept verbatim and was edited is kept anew, if it still has to be.
            for path in edited_there:
                drop_path(node, ("options", *path))
            self.rewriter.rewrite(node, before, after, model)

        self._yaml(named.source, model, edit)

    def _alert(self, key: str, base: Fields, now: Fields) -> None:
        before, after = (words_of(key, fields, self.target) for fields in (base, now))
        source = self.pack.alerts[slug_of(key)].source
        self._yaml(source, Alert, lambda node: self.rewriter.rewrite(node, before, after, Alert))

    def _place(self, key: str, base: Fields, now: Fields) -> None:
        """A data source or destination; what it keeps secret has no part in either state."""
        before, after = (words_of(key, fields, self.target) for fields in (base, now))
        named = (self.pack.sources if kind_of(key) == "source" else self.pack.destinations)[slug_of(key)]
        model = type(named.spec)
        self._yaml(named.source, model, lambda node: self.rewriter.rewrite(node, before, after, model))

    def unsubscribe(self, key: str) -> None:
        """Takes a destination from an alert that nobody in Redash wants to hear of any more."""
        alert, destination = slug_of(key).split("/")
        self._yaml(self.pack.alerts[alert].source, Alert, lambda node: node["destinations"].remove(destination))

    def _dashboard(self, key: str, base: Fields, now: Fields) -> None:
        before, after = (words_of(key, fields, self.target) for fields in (base, now))
        # An input without a saved value has no words; a file can't say that, so it keeps what it says.
        unsaid = {name: one for name, one in before.get("parameters", {}).items() if name in now["order"]}
        after |= {"parameters": unsaid | after.get("parameters", {})} if unsaid else {}

        def edit(node: Node) -> None:
            self.rewriter.rewrite(node, before, after, Dashboard)
            if base["order"] != now["order"] and "parameters" in node:
                reorder_keys(node["parameters"], now["order"])

        self._yaml(self.pack.dashboards[slug_of(key)].source, Dashboard, edit)

    def widgets(self, slug: str, states: Mapping[str, tuple[Fields, Fields]], gone: Collection[str]) -> None:
        """Widgets of one dashboard: what differs between two states of each, and those that are gone."""
        board: NamedDashboard = self.pack.dashboards[slug]
        keys = widget_keys(board)
        words = {
            key: (words_of(key, base, self.target), words_of(key, now, self.target))
            for key, (base, now) in states.items()
        }
        moved = bool(gone) or any(_rows(before) != _rows(after) for before, after in words.values())

        def edit(node: Node) -> None:
            for key, (before, after) in words.items():
                self._widget(node["widgets"][keys.index(key)], before, after, moved)
            for index in sorted((keys.index(key) for key in gone), reverse=True):
                node["widgets"].pop(index)

        self._yaml(board.source, Dashboard, edit)

    def _widget(self, node: Node, before: Words, after: Words, moved: bool) -> None:
        was, now = before["at"], after["at"]
        self.rewriter.rewrite(node, {**before, "at": None}, {**after, "at": None}, Widget)
        if moved:
            node["at"]["row"] = now["row"]
        if was["height"] != now["height"]:
            node["at"]["height"] = now["height"]
        # On a grid of 6 columns each of the two is rounded by itself: only together they are what was seen.
        if (was["column"], was["width"]) != (now["column"], now["width"]):
            node["at"]["column"], node["at"]["width"] = now["column"], now["width"]

    def _yaml(self, source: Source, model: type[BaseModel], edit: Callable[[Node], None]) -> None:
        def whole(document: Node) -> None:
            node = document
            for part in source.under:
                node = node[part]
            edit(node)
            _judge(model, node)

        name = self._name(source)
        self.drafts.change(name, edited(self.drafts.text(name), whole))

    def _name(self, source: Source) -> str:
        return self._relative(source.place.file)

    def _relative(self, file: str) -> str:
        return Path(file).relative_to(self.drafts.folder.as_posix()).as_posix()


def _rows(words: Words) -> tuple[Any, Any]:
    return words["at"]["row"], words["at"]["height"]


def _judge(model: type[BaseModel], node: Node) -> None:
    try:
        model.model_validate(plain(node))
    except ValidationError as error:
        raise SpecErrors(of_validation(error, None, Place(""))[0].message) from error
