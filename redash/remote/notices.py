"""Alerts, who is told of them, and by which way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from redash.remote.client import Client, Json


@dataclass(frozen=True, slots=True)
class Alerts:
    """`/api/alerts`, with their subscriptions."""

    client: Client

    def all(self) -> list[Json]:
        """All whose query's data source the caller's groups have."""
        return cast("list[Json]", self.client.get("/api/alerts"))

    def get(self, alert_id: int) -> Json:
        """One; raises NotThere."""
        return cast(Json, self.client.get(f"/api/alerts/{alert_id}"))

    def create(self, query_id: int, name: str, options: Json, rearm: int | None) -> Json:
        """Makes one, unknown until its query runs next; `rearm` in seconds: None once a change, 1 at each evaluation."""
        body = {"query_id": query_id, "name": name, "options": options, "rearm": rearm}
        return cast(Json, self.client.post("/api/alerts", body))

    def update(self, alert_id: int, changes: Json) -> Json:
        """Changes what is named: name, options (replaced whole), query_id, rearm."""
        return cast(Json, self.client.post(f"/api/alerts/{alert_id}", changes))

    def delete(self, alert_id: int) -> bool:
        """Deletes it with its subscriptions, for good; False if it was gone already."""
        return self.client.removed(f"/api/alerts/{alert_id}", lambda: True)

    def mute(self, alert_id: int) -> None:
        """Sets `options.muted`: it is evaluated and tells nobody."""
        self.client.post(f"/api/alerts/{alert_id}/mute", {})

    def unmute(self, alert_id: int) -> None:
        """Unsets `options.muted`."""
        self.client.delete(f"/api/alerts/{alert_id}/mute")

    def eval(self, alert_id: int) -> None:
        """Evaluates now and tells every subscriber whatever comes of it, muted or not (25.1 and later)."""
        self.client.post(f"/api/alerts/{alert_id}/eval", {})

    def subscriptions(self, alert_id: int) -> list[Json]:
        """Who is told: each has an id, a user, and a destination or none (then it is the user's e-mail)."""
        return cast("list[Json]", self.client.get(f"/api/alerts/{alert_id}/subscriptions"))

    def subscribe(self, alert_id: int, destination_id: int) -> Json:
        """Tells a destination from now on; raises Refused if it is told already."""
        body = {"destination_id": destination_id}
        return cast(Json, self.client.post(f"/api/alerts/{alert_id}/subscriptions", body))

    def subscribe_caller(self, alert_id: int) -> Json:
        """Tells the caller by e-mail from now on, a second time if that is so already."""
        return cast(Json, self.client.post(f"/api/alerts/{alert_id}/subscriptions", {}))

    def unsubscribe(self, alert_id: int, subscription_id: int) -> bool:
        """Ends one subscription; False if it was gone already."""
        return self.client.removed(f"/api/alerts/{alert_id}/subscriptions/{subscription_id}", lambda: True)


@dataclass(frozen=True, slots=True)
class Destinations:
    """`/api/destinations`; admins only, but for the list."""

    client: Client

    def types(self) -> list[Json]:
        """Each type with its `configuration_schema`, whose `secret` names the masked options."""
        return cast("list[Json]", self.client.get("/api/destinations/types"))

    def all(self) -> list[Json]:
        """All, without options."""
        return cast("list[Json]", self.client.get("/api/destinations"))

    def get(self, destination_id: int) -> Json:
        """One, its secrets as `--------`."""
        return cast(Json, self.client.get(f"/api/destinations/{destination_id}"))

    def get_many(self, destination_ids: Sequence[int]) -> list[Json]:
        """Several, in the order asked for."""
        return self.client.get_many([f"/api/destinations/{destination_id}" for destination_id in destination_ids])

    def create(self, name: str, type_: str, options: Json) -> Json:
        """Makes one; raises Refused if there is one of this name."""
        return cast(Json, self.client.post("/api/destinations", {"name": name, "type": type_, "options": options}))

    def update(self, destination_id: int, name: str, type_: str, options: Json) -> Json:
        """Replaces all; a secret of `--------` stays as it is, one that is left out is deleted."""
        body = {"name": name, "type": type_, "options": options}
        return cast(Json, self.client.post(f"/api/destinations/{destination_id}", body))

    def delete(self, destination_id: int) -> bool:
        """Deletes one that no alert tells any more (else Refused); False if it was gone already."""
        return self.client.removed(
            f"/api/destinations/{destination_id}", lambda: any(one["id"] == destination_id for one in self.all())
        )
