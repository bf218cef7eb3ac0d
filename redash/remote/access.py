"""Data sources, and who may use them: groups and users; the organisation's settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from redash.remote.client import Client, Json

MASK = "--------"
"""What Redash shows for a stored secret, and takes for "leave it as it is"."""


@dataclass(frozen=True, slots=True)
class DataSources:
    """`/api/data_sources`; admins only, but for the list."""

    client: Client

    def types(self) -> list[Json]:
        """Each type with its `configuration_schema`, whose `secret` names the masked options."""
        return cast("list[Json]", self.client.get("/api/data_sources/types"))

    def all(self) -> list[Json]:
        """All that the caller's groups have (all, for an admin), without options."""
        return cast("list[Json]", self.client.get("/api/data_sources"))

    def get(self, source_id: int) -> Json:
        """One, its secrets masked, with `groups`: {group id as text: view only}; raises NotThere."""
        return cast(Json, self.client.get(f"/api/data_sources/{source_id}"))

    def get_many(self, source_ids: Sequence[int]) -> list[Json]:
        """Several, in the order asked for; raises NotThere if one is not there."""
        return self.client.get_many([f"/api/data_sources/{source_id}" for source_id in source_ids])

    def create(self, name: str, type_: str, options: Json) -> Json:
        """Makes one, at once open to the group `default`; raises Refused if the options break the type's schema."""
        return cast(Json, self.client.post("/api/data_sources", {"name": name, "type": type_, "options": options}))

    def update(self, source_id: int, name: str, type_: str, options: Json) -> Json:
        """Replaces all; a secret of MASK stays as it is, one that is left out is deleted."""
        body = {"name": name, "type": type_, "options": options}
        return cast(Json, self.client.post(f"/api/data_sources/{source_id}", body))

    def delete(self, source_id: int) -> bool:
        """Deletes it and its results; its queries stay, in no list; False if it was gone already."""
        return self.client.removed(
            f"/api/data_sources/{source_id}", lambda: any(one["id"] == source_id for one in self.all())
        )

    def test(self, source_id: int) -> Json:
        """Connects: {"ok": bool, "message"}; waits a minute and raises where no worker runs."""
        return cast(Json, self.client.post(f"/api/data_sources/{source_id}/test", {}))

    def schema(self, source_id: int, refresh: bool = False) -> Json:
        """Its tables: {"schema": [...]}, or {"job": {...}} whose result is that list."""
        path = f"/api/data_sources/{source_id}/schema"
        return cast(Json, self.client.get(path, {"refresh": "true"} if refresh else {}))

    def pause(self, source_id: int, reason: str) -> Json:
        """Its queries do not run until it is resumed."""
        return cast(Json, self.client.post(f"/api/data_sources/{source_id}/pause", {"reason": reason}))

    def resume(self, source_id: int) -> Json:
        """Ends a pause."""
        return cast(Json, self.client.delete(f"/api/data_sources/{source_id}/pause"))


@dataclass(frozen=True, slots=True)
class Groups:
    """`/api/groups`, their members and their data sources; admins only."""

    client: Client

    def all(self) -> list[Json]:
        """All (for an admin), else the caller's own."""
        return cast("list[Json]", self.client.get("/api/groups"))

    def create(self, name: str) -> Json:
        """Makes one with the usual permissions, a second one if there is one of this name."""
        return cast(Json, self.client.post("/api/groups", {"name": name}))

    def rename(self, group_id: int, name: str) -> Json:
        """Gives it another name; raises Refused for a builtin one."""
        return cast(Json, self.client.post(f"/api/groups/{group_id}", {"name": name}))

    def delete(self, group_id: int) -> bool:
        """Deletes it; Refused for a builtin one; False if it was gone already."""
        return self.client.removed(f"/api/groups/{group_id}", lambda: any(one["id"] == group_id for one in self.all()))

    def members(self, group_id: int) -> list[Json]:
        """Its users."""
        return cast("list[Json]", self.client.get(f"/api/groups/{group_id}/members"))

    def add_member(self, group_id: int, user_id: int) -> None:
        """Adds a user, a second time if that is so already: look first."""
        self.client.post(f"/api/groups/{group_id}/members", {"user_id": user_id})

    def remove_member(self, group_id: int, user_id: int) -> bool:
        """Takes a user out; False if it was none already."""
        return self.client.removed(
            f"/api/groups/{group_id}/members/{user_id}",
            lambda: any(one["id"] == user_id for one in self.members(group_id)),
        )

    def data_sources(self, group_id: int) -> list[Json]:
        """What it may use, each with `view_only`."""
        return cast("list[Json]", self.client.get(f"/api/groups/{group_id}/data_sources"))

    def add_data_source(self, group_id: int, source_id: int) -> None:
        """Opens a data source to it. Look first: doing it twice makes the list of the group unreadable."""
        self.client.post(f"/api/groups/{group_id}/data_sources", {"data_source_id": source_id})

    def set_view_only(self, group_id: int, source_id: int, view_only: bool) -> None:
        """Says whether it may only look at results; raises Refused if the data source isn't open to it."""
        self.client.post(f"/api/groups/{group_id}/data_sources/{source_id}", {"view_only": view_only})

    def remove_data_source(self, group_id: int, source_id: int) -> None:
        """Closes a data source to it; nothing to do if it is."""
        self.client.delete(f"/api/groups/{group_id}/data_sources/{source_id}")


@dataclass(frozen=True, slots=True)
class Users:
    """`/api/users`."""

    client: Client

    def all(self) -> list[Json]:
        """All that are not disabled."""
        return self.client.listed("/api/users")

    def get(self, user_id: int) -> Json:
        """One; with its `api_key` for an admin and for itself."""
        return cast(Json, self.client.get(f"/api/users/{user_id}"))

    def set_groups(self, user_id: int, group_ids: list[int]) -> Json:
        """Replaces the user's groups; an empty list is ignored."""
        return cast(Json, self.client.post(f"/api/users/{user_id}", {"group_ids": group_ids}))

    def set_password(self, user_id: int, old: str, new: str) -> None:
        """Changes one's own password; raises NotAllowed if `old` is wrong. The API key stays."""
        self.client.post(f"/api/users/{user_id}", {"old_password": old, "password": new})


@dataclass(frozen=True, slots=True)
class Settings:
    """`/api/settings/organization`; admins only."""

    client: Client

    def get(self) -> Json:
        """All settings, flat."""
        return cast(Json, self.client.get("/api/settings/organization")["settings"])

    def update(self, changes: Json) -> Json:
        """Changes what is named and returns all."""
        return cast(Json, self.client.post("/api/settings/organization", changes)["settings"])
