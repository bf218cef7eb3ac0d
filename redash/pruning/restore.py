"""Brings back what a prune took away, on the server that it was on: a part of it only once, so it can be called again.

Redash un-archives queries and dashboards; widgets, alerts and deleted charts are made anew, with new ids, which the markers learn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from redash.errors import NotAllowed, NotThere, Refused
from redash.pruning.backup import (
    Backup,
    SavedAlert,
    SavedChart,
    SavedObject,
    SavedQuery,
    SavedSubscription,
    SavedWidget,
)
from redash.remote.api import Api
from redash.remote.client import Json
from redash.sync.marker import FIELD, Marker, Part
from redash.sync.reading import query_of
from redash.sync.wanted import kind_of


@dataclass(slots=True)
class Restored:
    """What came back, what could not and why, and what came back otherwise than it was."""

    done: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def restore(api: Api, user_id: int, backup: Backup, say: Callable[[str], None]) -> Restored:
    """Brings back all that is missing; `user_id` is the caller's, the only one whom Redash lets us subscribe by e-mail."""
    return _Restorer(api, user_id, backup, say).all()


class _Restorer:
    def __init__(self, api: Api, user_id: int, backup: Backup, say: Callable[[str], None]) -> None:
        self.api, self.user_id, self.backup, self.say = api, user_id, backup, say
        self.restored = Restored()
        self.new: dict[tuple[str, int], int] = {}
        self.taken: set[tuple[str, int]] = set()

    def all(self) -> Restored:
        saved = self.backup
        for query in saved.queries:
            self._try(f"the query {query.name!r}", self._query, query)
        for board in saved.dashboards:
            self._try(f"the dashboard {board.name!r}", self._dashboard, board)
        for chart in saved.charts:
            self._try(f"the chart {chart.name!r}", self._chart, chart)
        for widget in saved.widgets:
            self._try(f"a widget on {widget.dashboard!r}", self._widget, widget)
        for alert in saved.alerts:
            self._try(f"the alert {alert.name!r}", self._alert, alert)
            for one in alert.subscriptions:
                what = f"the subscription of {one.to} to the alert {alert.name!r}"
                self._try(what, self._subscription, alert, one)
        self._renumber()
        return self.restored

    def _try(self, what: str, bring_back: Callable[..., bool], *saved: object) -> None:
        try:
            if bring_back(*saved):
                self.say(f"restore {what}")
                self.restored.done.append(what)
        except (NotAllowed, NotThere, Refused) as error:
            self.restored.left[what] = str(error)

    def _query(self, saved: SavedQuery) -> bool:
        if not self.api.queries.get(saved.id).get("is_archived"):
            return False
        self.api.queries.update(saved.id, {"is_archived": False, "schedule": saved.schedule})
        return True

    def _dashboard(self, saved: SavedObject) -> bool:
        if not self.api.dashboards.get(saved.id).get("is_archived"):
            return False
        self.api.dashboards.unarchive(saved.id)
        return True

    def _chart(self, saved: SavedChart) -> bool:
        said = saved.model_dump(include={"type", "name", "options"})
        there = self.api.queries.get(saved.query_id)["visualizations"]
        if self._known("chart", saved.id, there, said):
            return False
        text = saved.description or ""
        made = self.api.visualizations.create(saved.query_id, saved.type, saved.name, text, saved.options)
        return self._made("chart", saved.id, made)

    def _widget(self, saved: SavedWidget) -> bool:
        shown = self.new.get(("chart", saved.visualization_id), saved.visualization_id)
        there = [
            raw
            for raw in self.api.dashboards.get(saved.dashboard_id)["widgets"]
            if (raw.get("visualization") or {}).get("id") == shown
        ]
        if self._known("widget", saved.id, there, {"options": saved.options}):
            return False
        made = self.api.widgets.create(saved.dashboard_id, shown, saved.text or "", saved.options)
        return self._made("widget", saved.id, made)

    def _alert(self, saved: SavedAlert) -> bool:
        there = [raw for raw in self.api.alerts.all() if query_of(raw) == saved.query_id]
        if self._known("alert", saved.id, there, {"name": saved.name, "options": saved.options}):
            return False
        made = self.api.alerts.create(saved.query_id, saved.name, saved.options, saved.rearm)
        if saved.user_id not in (None, self.user_id):
            self.restored.notes.append(
                f"the alert {saved.name!r} was {saved.owner}'s and is yours: Redash gives it to whoever makes it"
            )
        return self._made("alert", saved.id, made)

    def _subscription(self, alert: SavedAlert, saved: SavedSubscription) -> bool:
        if ("alert", alert.id) not in self.new:
            raise NotThere("the alert itself did not come back")
        alert_id = self.new["alert", alert.id]
        there = self.api.alerts.subscriptions(alert_id)
        if saved.destination_id is not None:
            same = [raw for raw in there if (raw.get("destination") or {}).get("id") == saved.destination_id]
        else:
            same = [raw for raw in there if not raw.get("destination") and raw["user"]["id"] == saved.user_id]
        if self._known("subscription", saved.id, same, {}):
            return False
        if saved.destination_id is not None:
            return self._made("subscription", saved.id, self.api.alerts.subscribe(alert_id, saved.destination_id))
        if saved.user_id != self.user_id:
            raise NotAllowed("Redash lets nobody but themselves subscribe by e-mail: tell them")
        return self._made("subscription", saved.id, self.api.alerts.subscribe_caller(alert_id))

    def _known(self, kind: str, old: int, there: Iterable[Json], said: dict[str, Any]) -> bool:
        """Whether it is there: under its own id, or as somebody made it anew since."""
        for raw in sorted(there, key=lambda raw: raw["id"] != old):
            alike = raw["id"] == old or all(raw.get(name) == value for name, value in said.items())
            if alike and (kind, raw["id"]) not in self.taken:
                self.taken.add((kind, raw["id"]))
                self.new[kind, old] = raw["id"]
                return True
        return False

    def _made(self, kind: str, old: int, made: Json) -> bool:
        self.new[kind, old] = made["id"]
        self.taken.add((kind, made["id"]))
        return True

    def _renumber(self) -> None:
        """Tells the markers the ids of what was made anew, or else the next plan would want to."""
        saved = self.backup
        for query_id in {one.query_id for one in saved.charts} | {one.query_id for one in saved.alerts}:
            raw = self.api.queries.get(query_id)
            options = self._renumbered(raw)
            if options is not None:
                self.api.queries.update(query_id, {"options": options})
        for board_id in {one.dashboard_id for one in saved.widgets}:
            raw = self.api.dashboards.get(board_id)
            options = self._renumbered(raw)
            if options is not None:
                self.api.dashboards.update(board_id, {"options": options, "version": raw["version"]})

    def _renumbered(self, raw: Json) -> Json | None:
        """The options with the new ids in our marker; None where nothing moved or nothing is ours."""
        marker = Marker.of(raw.get("options"), self.backup.environment)
        if marker is None:
            return None
        parts = {
            key: Part(self.new.get((kind_of(key), part.id), part.id), part.applied)
            for key, part in marker.parts.items()
        }
        if parts == dict(marker.parts):
            return None
        return {**raw["options"], FIELD: replace(marker, parts=parts).written()}
