"""Reads a server into a Live: few requests where all is as it was, a look through everything before anything is created."""

from __future__ import annotations

from collections.abc import Collection

from redash.remote.api import Api, Session
from redash.remote.client import Json
from redash.sync.boards import packed
from redash.sync.defaults import chart_default
from redash.sync.desired import Desired
from redash.sync.lists import Lists
from redash.sync.live import Added, Found, Live, claimed, original, part_of
from redash.sync.marker import Marker
from redash.sync.normal import live_alert, live_chart, live_dashboard, live_query, live_widget
from redash.sync.paths import compare, flat
from redash.sync.placing import read_places, read_rights
from redash.sync.wanted import Fields, Target


def birth_name(key: str, environment: str) -> str:
    """The name under which a dashboard is created, before it can be given its marker."""
    return f"voxmeter:{environment}:{key}"


def read_live(api: Api, session: Session, target: Target, wanted: Desired, lists: Lists, thorough: bool) -> Live:
    """All that is ours; `thorough` also looks for what has lost its tag or its file, in every list."""
    live = Live(session)
    read_places(api, lists, target, wanted, live, thorough)
    reader = _Reader(api, target, wanted, live, thorough)
    reader.queries(lists.queries())
    reader.alerts(lists.alerts())
    reader.dashboards(lists.dashboards())
    read_rights(api, lists, wanted, live)
    return live


class _Reader:
    def __init__(self, api: Api, target: Target, wanted: Desired, live: Live, thorough: bool) -> None:
        self.api, self.target, self.wanted, self.live, self.thorough = api, target, wanted, live, thorough

    def _borne(self, raws: list[Json]) -> list[tuple[Json, Marker]]:
        marked = [(raw, Marker.of(raw.get("options"), self.target.name)) for raw in raws]
        return [(raw, marker) for raw, marker in marked if marker is not None]

    def _missing(self, kind: str, have: Collection[str]) -> bool:
        return self.thorough or any(one.kind == kind and key not in have for key, one in self.wanted.items())

    def queries(self, tagged: list[Json]) -> None:
        """Queries and their charts; the archive only where one is missing."""
        found = original(self._borne(tagged))
        if self._missing("query", found):
            found = original(self._borne(self.api.queries.all()))
        archived: set[int] = set()
        if any(one.kind == "query" and key not in found for key, one in self.wanted.items()):
            for key, several in original(self._borne(self.api.queries.archived())).items():
                if key in self.wanted and key not in found:
                    newest = max(several, key=lambda one: int(one[0]["id"]))
                    found[key] = [newest]
                    archived.add(newest[0]["id"])
        ids = {int(raw["id"]): key for key, several in found.items() for raw, _ in several}
        self.live.ids.update({key: object_id for object_id, key in ids.items()})
        for raw in self.api.queries.get_many(list(ids)):
            self.query(ids[raw["id"]], raw, raw["id"] in archived or bool(raw.get("is_archived")))

    def query(self, key: str, raw: Json, archived: bool = False) -> None:
        """One query, as the server gave it, with its charts."""
        marker = Marker.of(raw.get("options"), self.target.name)
        base = None if archived or marker is None else marker.applied
        fields = live_query(raw, self.live.key_of)
        self.live.add(Found(key, raw["id"], fields, raw, base, None, marker, archived))
        slug = key.partition("/")[2]
        charts = claimed(raw["visualizations"], marker, f"chart/{slug}/", self.target.name)
        self._reuse_table(f"chart/{slug}/", raw["visualizations"], charts)
        for name, chart in charts.items():
            self.live.add(Found(name, chart["id"], live_chart(chart), chart, part_of(marker, name), key))
        ours = {chart["id"] for chart in charts.values()}
        for chart in raw["visualizations"]:
            if chart["id"] not in ours and not _is_as_made(chart):
                self.live.added.append(Added(f"chart/{slug}/#{chart['id']}", chart["name"], chart, key))

    def _reuse_table(self, prefix: str, raws: list[Json], charts: dict[str, Json]) -> None:
        """The Table that Redash makes with each query becomes the first table of ours, or else it would stand there twice."""
        taken = {chart["id"] for chart in charts.values()}
        for key, one in self.wanted.items():
            if key.startswith(prefix) and key not in charts and one.fields["type"] == "TABLE":
                spare = [raw for raw in raws if raw["id"] not in taken and _is_default_table(raw)]
                if spare:
                    charts[key] = spare[0]
                return

    def alerts(self, raws: list[Json]) -> None:
        """Alerts, and those of their subscriptions that go to a destination of ours."""
        of_query: dict[int, list[Json]] = {}
        for raw in raws:
            of_query.setdefault(query_of(raw), []).append(raw)
        owned: list[tuple[str, Found, Json]] = []
        for query in [one for one in self.live.found.values() if one.kind == "query"]:
            for key, raw in claimed(of_query.get(query.id, []), query.marker, "alert/", self.target.name).items():
                owned.append((key, query, raw))
        paths = [f"/api/alerts/{raw['id']}/subscriptions" for _, _, raw in owned]
        for (key, query, raw), subscriptions in zip(owned, self.api.client.get_many(paths), strict=True):
            self.alert(key, query, raw, subscriptions)

    def alert(self, key: str, query: Found, raw: Json, subscriptions: list[Json]) -> None:
        """One alert of a query of ours."""
        fields = live_alert(raw, self.live.key_of, self.target.version.has_alert_selector)
        beside = {**raw, "subscriptions": subscriptions}
        self.live.add(Found(key, raw["id"], fields, beside, part_of(query.marker, key), query.key))
        for one in subscriptions:
            to = self.live.key_of("destination", (one.get("destination") or {}).get("id"))
            if to is not None and to.startswith("destination/"):
                name = f"subscription/{key.partition('/')[2]}/{to.partition('/')[2]}"
                base = part_of(query.marker, name)
                if base is None and name not in self.wanted:
                    continue  # Somebody else's wish to hear of it.
                self.live.add(Found(name, one["id"], {"destination": to}, one, base, key))

    def dashboards(self, tagged: list[Json]) -> None:
        """Dashboards and their widgets; also those that were created and not yet given their name."""
        found = original(self._borne(tagged))
        if self._missing("dashboard", found):
            everything = self.api.dashboards.all()
            found = original(self._borne(everything))
            births = {birth_name(key, self.target.name): key for key in self.wanted if key.startswith("dashboard/")}
            for raw in everything:
                key = births.get(raw["name"])
                if key is not None and key not in found:
                    found[key] = [(raw, Marker(key, self.target.name))]
        ids = {int(raw["id"]): key for key, several in found.items() for raw, _ in several}
        for raw in self.api.dashboards.get_many(list(ids)):
            self.dashboard(ids[raw["id"]], raw)

    def dashboard(self, key: str, raw: Json) -> None:
        """One dashboard, as the server gave it, with its widgets."""
        marker = Marker.of(raw.get("options"), self.target.name)
        fields = live_dashboard(raw, self.target.version.has_dashboard_parameters)
        self.live.add(Found(key, raw["id"], fields, raw, marker.applied if marker else None, None, marker))
        prefix = f"widget/{key.partition('/')[2]}/"
        claims = claimed(raw["widgets"] or [], marker, prefix, self.target.name)
        bases = {widget["id"]: part_of(marker, name) for name, widget in claims.items()}
        own = {
            name: (widget, live_widget(widget, self.live.key_of)) for name, widget in self._renumbered(claims).items()
        }
        # One that was deleted in Redash keeps its place until the files give it up too: the others did not move.
        parts = marker.parts if marker else {}
        gone = [
            parts[name].applied
            for name in parts.keys() & self.wanted.keys()
            if name.startswith(prefix) and name not in own
        ]
        saved = {name: dict(one["position"]) for name, (_, one) in own.items()}
        pack_upwards([dict(one["position"]) for one in gone] + [one["position"] for _, one in own.values()])
        made = own.keys() | parts.keys()
        whole = all(name in made for name in self.wanted if name.startswith(prefix))
        for name, (widget, fields) in own.items():
            base = bases[widget["id"]]
            if not whole and base is not None and base["position"] == saved[name]:
                # It shows higher for want of what is to come above it: nobody moved it.
                fields["position"] = saved[name]
            self.live.add(Found(name, widget["id"], fields, widget, base, key))
        for widget in raw["widgets"] or []:
            if widget["id"] not in bases:
                self.live.added.append(Added(f"{prefix}#{widget['id']}", _title_of(widget), widget, key))

    def _renumbered(self, claims: dict[str, Json]) -> dict[str, Json]:
        """The same widgets where a text box, or a chart shown twice, has come or gone: those that say the same stay themselves."""
        made = dict(claims)
        stems: dict[str, list[str]] = {}
        for name in [*self.wanted, *claims]:
            if "~" in name:
                stems.setdefault(name.partition("~")[0], []).append(name)
        for stem, names in stems.items():
            group = [name for name in dict.fromkeys([stem, *names]) if name in claims or name in self.wanted]
            free = {name: made.pop(name) for name in group if name in made}
            for pick in (_says_the_same_there, _says_the_same):
                for name in [name for name in group if name in self.wanted and name not in made]:
                    found = next((old for old, raw in free.items() if pick(raw, self.wanted[name].fields)), None)
                    made |= {name: free.pop(found)} if found else {}
            for name, raw in free.items():
                made[name if name not in made else next(one for one in group if one not in made)] = raw
        return made


def query_of(alert: Json) -> int:
    """The id of the query that an alert is on."""
    return int(alert["query"]["id"] if alert.get("query") else alert["query_id"])


def pack_upwards(positions: list[Fields]) -> None:
    """Says the rows that the browser shows: one that nobody moved may have been saved before another one went."""
    whole = [one for one in positions if None not in one.values()]
    for position, place in zip(whole, packed([tuple(one.values()) for one in whole]), strict=True):
        position["row"] = place[1]


def _says_the_same(raw: Json, fields: Fields) -> bool:
    return fields["chart"] is not None or (raw.get("text") or "") == fields["text"]


def _says_the_same_there(raw: Json, fields: Fields) -> bool:
    position = (raw.get("options") or {}).get("position") or {}
    return _says_the_same(raw, fields) and all(position.get(name) == at for name, at in fields["position"].items())


def _title_of(widget: Json) -> str:
    """A chart's as Redash writes it over the widget, the first line of a text box; nothing where the key's user may not see it."""
    shown, text = widget.get("visualization"), (widget.get("text") or "").strip()
    if shown:
        return f"{shown['name']} – {shown['query']['name']}"
    return str(text.splitlines()[0]) if text else ""


def _is_as_made(raw: Json) -> bool:
    """Whether it is the table that comes with each query, with nothing but the editor's defaults in it."""
    own, made = {"type": "TABLE", "name": "Table"}, {"type": raw["type"], "name": raw["name"]}
    options = live_chart(raw)["options"]
    return not compare(flat(own), flat({**made, "options": options}), None, chart_default)


def _is_default_table(raw: Json) -> bool:
    return raw["type"] == "TABLE" and raw["name"] == "Table" and not raw.get("options")


def reread(api: Api, target: Target, wanted: Desired, live: Live, key: str) -> Live:
    """One query or dashboard as it is now with its parts, in a Live that knows the others' ids."""
    now = Live(live.session, ids=dict(live.ids))
    reader = _Reader(api, target, wanted, now, False)
    known = live.found[key]
    if known.kind == "query":
        raw = api.queries.get(known.id)
        reader.query(key, raw, bool(raw.get("is_archived")))
    else:
        reader.dashboard(key, api.dashboards.get(known.id))
    return now
