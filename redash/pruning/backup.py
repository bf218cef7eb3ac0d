"""What a prune is about to take away, in a file that only its owner may read: enough to bring all of it back, and no secret."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ValidationError

from redash.errors import WrongUse
from redash.remote.client import Json
from redash.sync.reading import query_of

_OWNER_ONLY = 0o600


class SavedObject(BaseModel):
    """What comes back by itself, for a word of Redash."""

    key: str
    id: int
    name: str


class SavedQuery(SavedObject):
    """A query, and the schedule that it loses."""

    schedule: dict[str, Any] | None = None


class SavedChart(BaseModel):
    """A visualization that is deleted while its query stays."""

    id: int
    query_id: int
    type: str
    name: str
    description: str | None = None
    options: dict[str, Any] = {}


class SavedWidget(BaseModel):
    """A widget, on whose dashboard ever."""

    id: int
    dashboard_id: int
    dashboard: str
    visualization_id: int
    text: str | None = None
    options: dict[str, Any] = {}

    @classmethod
    def of(cls, raw: Json) -> Self:
        """Of a widget with its `dashboard`."""
        board, shown = raw["dashboard"], raw["visualization"]
        about = {"dashboard_id": board["id"], "dashboard": board["name"], "visualization_id": shown["id"]}
        return cls.model_validate({**raw, **about})


class SavedSubscription(BaseModel):
    """Who is told: a destination, or without one a user by e-mail."""

    id: int
    destination_id: int | None = None
    user_id: int | None = None
    to: str


class SavedAlert(BaseModel):
    """An alert and who is told of it."""

    id: int
    query_id: int
    name: str
    options: dict[str, Any] = {}
    rearm: int | None = None
    user_id: int | None = None
    owner: str = "somebody"
    subscriptions: list[SavedSubscription] = []

    @classmethod
    def of(cls, raw: Json) -> Self:
        """Of an alert with its `subscriptions`."""
        told = []
        for one in raw["subscriptions"]:
            destination, user = one.get("destination") or {}, one.get("user") or {}
            to = destination.get("name") or user.get("email") or "somebody"
            told.append({"id": one["id"], "destination_id": destination.get("id"), "user_id": user.get("id"), "to": to})
        whose = raw.get("user") or {}
        owned = {"user_id": whose.get("id"), "owner": whose.get("email") or "somebody"}
        return cls.model_validate({**raw, **owned, "query_id": query_of(raw), "subscriptions": told})


class Backup(BaseModel):
    """Everything of one prune, by the ids that it has on its server."""

    format: Literal["voxmeter-prune-1"] = "voxmeter-prune-1"
    server: str
    environment: str
    made: str
    queries: list[SavedQuery] = []
    dashboards: list[SavedObject] = []
    charts: list[SavedChart] = []
    widgets: list[SavedWidget] = []
    alerts: list[SavedAlert] = []

    def write(self, path: Path) -> None:
        """Keeps it on the disk, 0600, before anything is taken away; raises WrongUse where the file is there or can't be made."""
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w") as file:
                file.write(self.model_dump_json(indent=1) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError as error:
            raise WrongUse(f"{path} is there already", "another name: a backup is never written over") from error
        except OSError as error:
            raise WrongUse(f"can't write {path}: {error.strerror}", "does the folder exist?") from error

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises WrongUse for a file that is none."""
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise WrongUse(
                f"can't read {path}: {error.strerror}", "`tts-redash prune` says where it kept it"
            ) from error
        except (ValidationError, UnicodeDecodeError) as error:
            raise WrongUse(f"{path} is no backup of a prune", "`tts-redash prune` says where it kept it") from error
