"""Does a plan, one request after the other; after a kill at any of them the next plan goes on from what is there.

What an object is stands in the request that makes it, what was last applied is written when the rest is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from redash.errors import NotAllowed, StalePlan
from redash.remote.access import MASK
from redash.remote.api import Api
from redash.remote.client import Json
from redash.sync.bodies import alert_body, chart_body, dashboard_body, option_body, query_body, widget_body
from redash.sync.desired import Desired
from redash.sync.guard import moves
from redash.sync.live import Live
from redash.sync.marker import Marker, Part, fingerprint, is_secret_of
from redash.sync.plan import Plan, Step, references, root_of
from redash.sync.reading import birth_name
from redash.sync.wanted import Fields, Target, Wanted


@dataclass(slots=True)
class Outcome:
    """What was done, what could not be, and what went wrong without harm to the rest."""

    done: list[Step] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)


def no_line(_line: str) -> None:
    """Says nothing."""


class Applier:
    """One apply. `say` gets a line before each step; `salt` makes a new salt of 32 hexadecimal digits."""

    def __init__(
        self,
        api: Api,
        target: Target,
        wanted: Desired,
        live: Live,
        plan: Plan,
        *,
        salt: Callable[[], str],
        say: Callable[[str], None] = no_line,
    ) -> None:
        self.api, self.target, self.wanted, self.live, self.plan = api, target, wanted, live, plan
        self.salt, self.say = salt, say
        self.ids = dict(live.ids)
        self.raw: dict[str, Json] = {key: one.raw for key, one in live.found.items()}
        self.outcome = Outcome(left=dict(plan.left))
        self._looked: set[str] = set()
        self._written: set[str] = set()

    def apply(self) -> Outcome:
        """Does all steps. Raises StalePlan where somebody changed an object meanwhile; what can't be done is left."""
        for step in self.plan.steps:
            root = root_of(step.key, self.wanted, self.live)
            missing = [key for key in self._needs(step) if key in self.outcome.left]
            if missing:
                self.outcome.left[step.key] = f"it needs {missing[0]}"
                continue
            try:
                self._look(root)
                self.say(f"{step.action} {step.key}")
                self._do(step)
            except NotAllowed as error:
                self.outcome.left[step.key] = str(error)
                continue
            self._written.add(root)
            self.outcome.done.append(step)
        for root in [key for key in self.wanted if key in self._written]:
            self._seal(root)
        self.outcome.ids = self.ids
        return self.outcome

    def _needs(self, step: Step) -> list[str]:
        return references(self.wanted[step.key]) if step.key in self.wanted else []

    def _look(self, root: str) -> None:
        if root not in self._looked:
            self._looked.add(root)
            moved = moves(self.api, self.target, self.wanted, self.live, root)
            if moved:
                raise StalePlan(f"changed in Redash since it was read: {'; '.join(moved)}", "make a new plan")

    def _do(self, step: Step) -> None:
        if step.action == "note":
            self._note(step.key)
        elif step.action == "remove":
            self._remove(step.key)
        else:
            doer: Callable[[Wanted], int] = getattr(self, f"_{step.kind}")
            self.ids[step.key] = doer(self.wanted[step.key])
            if step.instead is not None:
                self._remove(step.instead)

    def _note(self, key: str) -> None:
        if self.wanted[key].kind in ("source", "destination"):
            self._options(self.wanted[key])

    def _remove(self, key: str) -> None:
        found = self.live.found[key]
        above = self.ids[str(found.within)]
        if found.kind == "widget":
            self.api.widgets.delete(found.id, above)
        else:
            self.api.alerts.unsubscribe(above, found.id)

    def _source(self, one: Wanted) -> int:
        object_id = self._options(one)
        tested = self.api.data_sources.test(object_id)
        if not tested.get("ok"):
            self.outcome.troubles.append(f"{one.key}: Redash can't connect: {tested.get('message')}")
        return object_id

    def _destination(self, one: Wanted) -> int:
        return self._options(one)

    def _options(self, one: Wanted) -> int:
        api = self.api.data_sources if one.kind == "source" else self.api.destinations
        name, type_, raw = one.fields["name"], one.fields["type"], self.raw.get(one.key)
        old = Marker.of((raw or {}).get("options"), self.target.name)
        secrets, prints = self._secrets(one, old, raw)
        marker = Marker(one.key, self.target.name, raw["id"] if raw else None, one.fields, {}, prints)
        body = option_body(one, marker, raw, secrets)
        made = api.update(raw["id"], name, type_, body) if raw else api.create(name, type_, body)
        self.raw[one.key] = made
        return int(made["id"])

    def _secrets(self, one: Wanted, old: Marker | None, raw: Json | None) -> tuple[dict[str, str], dict[str, Fields]]:
        """What to send for each secret, and the fingerprints: a secret that is the same stays where it is."""
        sent, prints = {}, {}
        options: dict[str, Any] = (raw or {}).get("options") or {}
        for name, secret in one.secrets.items():
            value = secret.reveal()
            stored = old.secrets.get(name) if old else None
            same = stored is not None and options.get(name) == MASK and is_secret_of(stored, value)
            sent[name] = MASK if same else value
            prints[name] = dict(stored) if same and stored else fingerprint(value, self.salt())
        return sent, prints

    def _group(self, one: Wanted) -> int:
        return int(self.api.groups.create(one.fields["name"])["id"])

    def _grant(self, one: Wanted) -> int:
        group, source = self.ids[one.fields["group"]], self.ids[one.fields["source"]]
        if str(group) not in (self.api.data_sources.get(source).get("groups") or {}):
            self.api.groups.add_data_source(group, source)
        self.api.groups.set_view_only(group, source, True)
        return source

    def _member(self, one: Wanted) -> int:
        for user in self.api.users.all():
            if user["email"] == one.fields["email"]:
                self.api.groups.add_member(self.ids[one.fields["group"]], user["id"])
                return int(user["id"])
        self.outcome.troubles.append(
            f"{one.key}: the server knows no such user; invite them in Redash, then apply again"
        )
        return 0

    def _query(self, one: Wanted) -> int:
        raw = self.raw.get(one.key)
        if raw is None:
            draft = {**one.fields, "published": False}
            marker = Marker(one.key, self.target.name, None, draft)
            made = self.api.queries.create(query_body(one, self.ids, marker, None))
        else:
            old = Marker.of(raw.get("options"), self.target.name)
            marker = Marker(one.key, self.target.name, raw["id"], one.fields, old.parts if old else {})
            body = query_body(one, self.ids, marker, raw) | {"is_draft": False, "is_archived": False}
            made = self.api.queries.update(raw["id"], body)
        self.raw[one.key] = made
        for chart in made.get("visualizations") or []:
            if raw is None and chart["type"] == "TABLE":
                self._adopt_table(one.key, chart)
        return int(made["id"])

    def _adopt_table(self, query: str, chart: Json) -> None:
        """The Table that came with a new query is the first table of ours, if there is one."""
        tables = [key for key, one in self.wanted.items() if one.within == query and one.fields.get("type") == "TABLE"]
        if tables:
            self.ids[tables[0]] = int(chart["id"])
            self.raw[tables[0]] = chart

    def _chart(self, one: Wanted) -> int:
        body, raw = chart_body(one, self.target.name), self.raw.get(one.key)
        if raw is not None:
            self.api.visualizations.update(raw["id"], body)
            return int(raw["id"])
        query = self.ids[str(one.within)]
        made = self.api.visualizations.create(query, body["type"], body["name"], body["description"], body["options"])
        return int(made["id"])

    def _dashboard(self, one: Wanted) -> int:
        raw, fields = self.raw.get(one.key), one.fields
        if raw is None:
            raw = self.api.dashboards.create(birth_name(one.key, self.target.name))
        old = Marker.of(raw.get("options"), self.target.name)
        born = old is not None and old.applied is not None
        marker = Marker(
            one.key,
            self.target.name,
            raw["id"],
            fields if born else {**fields, "published": False},
            old.parts if old else {},
        )
        body = dashboard_body(one, marker, raw) | {"version": raw["version"]}
        self.raw[one.key] = self.api.dashboards.update(raw["id"], body | ({"is_draft": False} if born else {}))
        return int(raw["id"])

    def _widget(self, one: Wanted) -> int:
        raw = self.raw.get(one.key)
        text, options = widget_body(one, self.target.name, raw)
        if raw is not None:
            self.api.widgets.update(raw["id"], text, options)
            return int(raw["id"])
        chart = one.fields["chart"]
        shown = self.ids[chart] if chart else None
        return int(self.api.widgets.create(self.ids[str(one.within)], shown, text, options)["id"])

    def _alert(self, one: Wanted) -> int:
        raw = self.raw.get(one.key)
        body = alert_body(one, self.ids, self.target.name, raw)
        if raw is not None:
            self.api.alerts.update(raw["id"], body)
            return int(raw["id"])
        return int(self.api.alerts.create(body["query_id"], body["name"], body["options"], body["rearm"])["id"])

    def _subscription(self, one: Wanted) -> int:
        alert, destination = self.ids[str(one.within)], self.ids[one.fields["destination"]]
        return int(self.api.alerts.subscribe(alert, destination)["id"])

    def _seal(self, root: str) -> None:
        """Publishes, and writes what is applied now: of the object, and of its parts."""
        one = self.wanted[root]
        if one.kind not in ("query", "dashboard") or root in self.outcome.left:
            return
        raw = self.raw[root]
        old = Marker.of(raw.get("options"), self.target.name)
        marker = Marker(root, self.target.name, raw["id"], one.fields, self._parts(root, old))
        if old == marker and not raw.get("is_draft"):
            return
        body = {"options": {**raw["options"], "x_voxmeter": marker.written()}, "is_draft": False}
        if one.kind == "query":
            self.raw[root] = self.api.queries.update(raw["id"], body)
        else:
            self.raw[root] = self.api.dashboards.update(raw["id"], body | {"version": raw["version"]})

    def _parts(self, root: str, old: Marker | None) -> dict[str, Part]:
        parts = {}
        for key, one in self.wanted.items():
            if key == root or root_of(key, self.wanted, self.live) != root:
                continue
            if key not in self.outcome.left and key in self.ids:
                parts[key] = Part(self.ids[key], one.fields)
            elif old is not None and key in old.parts:
                parts[key] = old.parts[key]
        return parts
