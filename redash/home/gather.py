"""What an adoption takes: foreign objects with all that they need, each with the key that it is to have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from redash.errors import NotThere, RedashError, WrongUse
from redash.lint.lineage import result_columns
from redash.lint.schema import packaged_schema
from redash.remote.api import Api
from redash.remote.client import Json
from redash.specs.charts import TableColumn
from redash.specs.parameters import PLACEHOLDER
from redash.specs.spec import Dialect, Pack
from redash.sync.charts import table_column
from redash.sync.live import Live
from redash.sync.marker import Marker
from redash.sync.normal import live_alert, live_chart, live_dashboard, live_query, live_widget
from redash.sync.reading import pack_upwards, query_of
from redash.sync.survey import Survey
from redash.sync.wanted import Fields, slug_of

Wish = tuple[str, int]

_PAGES = {
    "queries": "query",
    "dashboards": "dashboard",
    "alerts": "alert",
    "data_sources": "source",
    "destinations": "destination",
    "groups": "group",
}
_KINDS = {*_PAGES.values()}
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def wish_of(text: str, url: str) -> Wish:
    """Kind and id of an object that is named by its page (`https://…/queries/12/source`) or as `query/12`.

    Raises WrongUse for anything else, and for a page of another server.
    """
    if "://" in text and not f"{text}/".startswith(f"{url.rstrip('/')}/"):
        raise WrongUse(f"{text} is no page of {url}", "name the environment of that server")
    found = re.search(r"(?:^|/)([a-z_]+)/(\d+)(?:[-/#?].*)?$", text.removeprefix(url.rstrip("/")))
    kind = _PAGES.get(found[1], found[1]) if found else ""
    if found is None or kind not in _KINDS:
        raise WrongUse(
            f"{text!r} is no query, dashboard, alert, destination or group",
            "for example query/12, or the address of its page",
        )
    return kind, int(found[2])


def slug_from(title: str, taken: Collection[str], otherwise: str) -> str:
    """A free slug that says what the title does; `otherwise` where the title has no letter of ours."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain)) or otherwise
    numbered = (slug if number == 1 else f"{slug}-{number}" for number in range(1, len(taken) + 2))
    return next(one for one in numbered if one not in taken)


@dataclass(frozen=True, slots=True)
class Taken:
    """A foreign object by its new key: as the server has it, and the fields that a file is to say, which are `now` if None is."""

    key: str
    raw: Json
    now: Fields
    within: str | None = None
    meant: Fields | None = None

    @property
    def fields(self) -> Fields:
        """What a file is to say."""
        return self.now if self.meant is None else self.meant


@dataclass(slots=True)
class Gathering:
    """Everything that is taken, what it hangs on first; `live` knows the keys of all ids, the new ones too."""

    live: Live
    taken: dict[str, Taken] = field(default_factory=dict)


class Gatherer:
    """Reads foreign objects; `named` is the slug of the first one, by the wish of whoever asks. Raises WrongUse if it is none."""

    def __init__(self, api: Api, seen: Survey, pack: Pack, named: str | None) -> None:
        if named is not None and not _SLUG.fullmatch(named):
            raise WrongUse(f"--as {named!r} is no slug", "small letters, digits and single hyphens")
        self.api, self.seen, self.pack, self.named = api, seen, pack, named
        self.types: dict[int, str] = {}
        self.gathered = Gathering(Live(seen.live.session, ids=dict(seen.live.ids)))
        self._sources()

    def gather(self, kind: str, object_id: int) -> str:
        """Takes one with all that it needs, and says its key; raises NotThere, and RedashError for what can't be taken."""
        takers: dict[str, Callable[[int], str]] = {
            "query": self.query,
            "dashboard": self.dashboard,
            "alert": self.alert,
        }
        try:
            return takers[kind](object_id)
        except NotThere as error:
            raise NotThere(f"there is no {kind} {object_id}", "its number stands in the address of its page") from error

    def _sources(self) -> None:
        """The types of all data sources, and the keys of those that the pack can name, also where no query names them yet."""
        for raw in self.api.data_sources.all():
            self.types[raw["id"]] = raw["type"]
            for placed in self.seen.target.environment.sources.values():
                existing = getattr(placed, "existing", None)
                if existing == raw["name"]:
                    self.gathered.live.ids.setdefault(f"existing/{existing}", raw["id"])

    def _key(self, kind: str, raw: Json) -> tuple[str, bool]:
        """The key of a query, dashboard or alert, and whether it has a file already."""
        named, self.named = self.named, None
        known = self.gathered.live.key_of(kind, raw["id"])
        if known is not None and not known.startswith("#"):
            return known, known in self.seen.wanted
        marker = Marker.of(raw.get("options"), self.seen.target.name)
        if marker is not None and marker.id == raw["id"] and marker.key.startswith(f"{kind}/"):
            return marker.key, marker.key in self.seen.wanted
        slugs = {slug_of(key) for key in (*self.seen.wanted, *self.gathered.live.ids) if key.startswith(f"{kind}/")}
        title = raw["name"].removeprefix(self.seen.target.environment.prefix)
        if named in slugs:
            raise WrongUse(f"there is a {kind} {named!r} already", "another --as")
        free = slug_from(title, slugs, f"{kind}-{raw['id']}")
        return f"{kind}/{named or free}", False

    def _add(self, key: str, raw: Json, fields: Fields, within: str | None = None, meant: Fields | None = None) -> None:
        self.gathered.live.ids[key] = raw["id"]
        self.gathered.taken[key] = Taken(key, raw, fields, within, meant)

    def added_chart(self, query: str, query_raw: Json, chart: int) -> None:
        """One chart that somebody added to a query that has a file."""
        others = {one["id"] for one in query_raw["visualizations"]} - {chart}
        self._charts(query, query_raw, {chart}, others)

    def added_widget(self, board: str, board_raw: Json, widget: int) -> None:
        """One widget that somebody added to a dashboard that has a file."""
        self._widgets(board, board_raw, {one["id"] for one in board_raw["widgets"]} - {widget})

    def query(self, query_id: int, shown: Collection[int] = ()) -> str:
        """A query, the queries behind its choices, and those of its charts that have no file.

        The table that Redash makes with each query is taken only where it is `shown`.
        """
        raw = self.api.queries.get(query_id)
        key, filed = self._key("query", raw)
        if raw.get("is_archived"):
            raise RedashError(f"query {query_id} is archived", "bring it back in Redash first")
        self.gathered.live.ids[key] = raw["id"]
        for parameter in (raw.get("options") or {}).get("parameters") or []:
            if parameter.get("queryId"):
                self.query(int(parameter["queryId"]))
        if not filed and key not in self.gathered.taken:
            self._add(key, raw, live_query(raw, self.gathered.live.key_of))
        self._charts(key, raw, shown)
        return key

    def _charts(self, query: str, raw: Json, shown: Collection[int], without: Collection[int] = ()) -> None:
        slug = slug_of(query)
        for chart in raw["visualizations"]:
            known = str(self.gathered.live.key_of("chart", chart["id"]))
            if known in self.seen.wanted or known in self.gathered.taken or chart["id"] in without:
                continue
            if chart["type"] == "TABLE" and not chart.get("options") and chart["id"] not in shown:
                continue
            known_keys = (*self.gathered.live.ids, *self.seen.wanted)
            names = {key.rpartition("/")[2] for key in known_keys if key.startswith(f"chart/{slug}/")}
            fresh = f"chart/{slug}/{slug_from(chart['name'], names, 'chart')}"
            meant = self._whole_table(chart, raw) if chart["type"] == "TABLE" else None
            self._add(fresh if known.startswith("#") else known, chart, live_chart(chart), query, meant)

    def _whole_table(self, chart: Json, query: Json) -> Fields:
        """A table with the columns, and the words of columns, that it does not say: Redash shows them too."""
        named = list((chart.get("options") or {}).get("columns") or [])
        columns = self._columns(query)
        if columns is None and not named:
            raise RedashError(
                f"nobody knows the columns of {chart['name']!r} of {query['name']!r}", "run it in Redash first"
            )
        known = {one["name"] for one in named}
        whole = [*named, *(one for one in columns or [] if one["name"] not in known)]
        shown = [_shown_column(one) | {name: said for name, said in one.items() if said is not None} for one in whole]
        return live_chart({**chart, "options": {**(chart.get("options") or {}), "columns": shown}})

    def _columns(self, query: Json) -> list[Json] | None:
        """Name and type of what its SQL returns, else of what its last result had.

        Redash keeps no result of other values than the defaults, and the types stand in a result alone.
        """
        latest = query.get("latest_query_data_id")
        ran = [] if latest is None else self.api.query_results.get(latest)["data"]["columns"]
        types = {one["name"]: one.get("type") for one in ran}
        dialect: Dialect = "sqlite" if self.types.get(query.get("data_source_id") or 0) == "sqlite" else "postgresql"
        names = result_columns(_any_values(query), dialect, packaged_schema(dialect)) or tuple(types)
        return [{"name": name, "type": types.get(name)} for name in names] or None

    def alert(self, alert_id: int) -> str:
        """An alert and its query."""
        raw = self.api.alerts.get(alert_id)
        key, filed = self._key("alert", raw)
        query = self.query(query_of(raw))
        if filed:
            return key
        key_of = self.gathered.live.key_of
        self._add(key, raw, live_alert(raw, key_of, self.seen.target.version.has_alert_selector), query)
        for one in self.api.alerts.subscriptions(alert_id):
            to = key_of("destination", (one.get("destination") or {}).get("id")) or ""
            if to in self.seen.wanted:
                name = f"subscription/{slug_of(key)}/{slug_of(to)}"
                self._add(name, one, {"destination": to}, key)
        return key

    def dashboard(self, dashboard_id: int) -> str:
        """A dashboard, the queries that it shows, and those of its widgets that have no file."""
        raw = self.api.dashboards.get(dashboard_id)
        key, filed = self._key("dashboard", raw)
        if raw.get("is_archived"):
            raise RedashError(f"dashboard {dashboard_id} is archived", "bring it back in Redash first")
        if not filed:
            self._add(key, raw, live_dashboard(raw, self.seen.target.version.has_dashboard_parameters))
        ours = {one.id for one in self.seen.live.found.values() if one.within == key and one.key in self.seen.wanted}
        for widget in raw["widgets"]:
            shown = widget.get("visualization")
            if shown:
                self.query(int(shown["query"]["id"]), {int(shown["id"])})
            elif "text" not in widget:
                raise RedashError(
                    f"the key's user may not see all of dashboard {dashboard_id}", "ask for its data sources"
                )
        self._widgets(key, raw, ours)
        return key

    def _widgets(self, board: str, raw: Json, without: Collection[int]) -> None:
        """The widgets of a dashboard but some, as the page shows them, from top to bottom."""
        fresh = [(widget, live_widget(widget, self.gathered.live.key_of)) for widget in raw["widgets"]]
        pack_upwards([fields["position"] for _, fields in fresh])
        fresh = [one for one in fresh if one[0]["id"] not in without]
        fresh.sort(key=lambda one: (one[1]["position"]["row"] or 0, one[1]["position"]["col"] or 0))
        for widget, fields in fresh:
            self._add(f"widget/{slug_of(board)}/#{widget['id']}", widget, fields, board)


#: How a page shows a column of this type of which nothing is said, in the files' words; any other is a text.
_BY_TYPE: dict[str | None, dict[str, Any]] = {
    "integer": {"unit": "count"},
    "float": {"unit": "number", "decimals": 2},
    "date": {"datetime": True},
    "datetime": {"datetime": True},
}


def _shown_column(column: Json) -> Json:
    return table_column(TableColumn.model_validate({"column": column["name"], **_BY_TYPE.get(column.get("type"), {})}))


def _any_values(query: Json) -> str:
    """The SQL with any value in place of each placeholder."""
    parameters = (query.get("options") or {}).get("parameters") or []
    numbers = {one["name"] for one in parameters if one.get("type") == "number"}
    return PLACEHOLDER.sub(lambda found: "1" if found[1] in numbers else "2026-01-01 00:00:00", query["query"])
