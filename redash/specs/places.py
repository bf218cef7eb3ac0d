"""Where things come from and go to: `sources.yaml`, `destinations.yaml`, `groups.yaml`, `environments/<name>.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from redash.specs.models import Slug
from redash.specs.secrets import Secret
from redash.specs.texts import DEFAULT_LANG, NOTHING_SAID, Lang, Model, ShortTitle, Title, Words


class PostgresSource(Model):
    """A PostgreSQL database, read by a role that may only read."""

    type: Literal["pg"]
    title: Title
    host: str
    port: int = Field(default=5432, ge=1, le=65535)
    dbname: str
    user: str
    password: Secret | None = None
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = "prefer"


class SqliteSource(Model):
    """A SQLite file, at its path inside Redash's workers; a missing one would be made, empty, by the first query."""

    type: Literal["sqlite"]
    title: Title
    dbpath: str


DataSource = Annotated[PostgresSource | SqliteSource, Field(discriminator="type")]


class EmailDestination(Model):
    """Mails; Redash needs its REDASH_MAIL_* settings for them."""

    type: Literal["email"]
    title: Title
    addresses: Secret | list[str] = Field(description="addresses, or the secret that holds them, with commas between")
    subject_template: Words = NOTHING_SAID


class WebhookDestination(Model):
    """A POST of JSON."""

    type: Literal["webhook"]
    title: Title
    url: Secret
    username: str | None = None
    password: Secret | None = None


class ChatDestination(Model):
    """A chat with an incoming webhook."""

    type: Literal["slack", "discord", "hangouts_chat"]
    title: Title
    url: Secret


class MattermostDestination(Model):
    """Mattermost's incoming webhook."""

    type: Literal["mattermost"]
    title: Title
    url: Secret
    username: str | None = None
    channel: str | None = None
    icon_url: str | None = None


class TeamsDestination(Model):
    """Microsoft Teams' incoming webhook."""

    type: Literal["microsoft_teams_webhook"]
    title: Title
    url: Secret
    message_template: Words = NOTHING_SAID


class PagerDutyDestination(Model):
    """PagerDuty's Events API."""

    type: Literal["pagerduty"]
    title: Title
    integration_key: Secret
    description: Words = NOTHING_SAID


Destination = Annotated[
    EmailDestination
    | WebhookDestination
    | ChatDestination
    | MattermostDestination
    | TeamsDestination
    | PagerDutyDestination,
    Field(discriminator="type"),
]


class Group(Model):
    """People who may look, at the dashboards of the named sources, and not write queries."""

    title: ShortTitle
    sees: list[Slug] = Field(min_length=1, description="data sources, view-only")
    members: list[str] = Field(default=[], description="e-mail addresses of users whom the server knows")


class OurSource(Model):
    """One of `sources.yaml`."""

    ours: Slug


class ExistingSource(Model):
    """One that somebody made in Redash, by its name there; it is read and never changed."""

    existing: str = Field(min_length=1)
    type: Literal["pg", "sqlite"]


class Environment(Model):
    """One Redash: where it is, who we are there, and what of the pack it gets."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")]
    api_key: Secret
    prefix: str = Field(default="", max_length=40, description="before the name of everything that is made there")
    lang: Lang = DEFAULT_LANG
    sources: dict[Slug, OurSource | ExistingSource] = Field(
        default={},
        description="what stands for a source that queries name; without a word the one of this name is made",
    )
    destinations: list[Slug] = Field(default=[], description="those that alerts may use here; the others are left out")
    groups: list[Slug] = Field(default=[], description="those that are made here")
    schedules: Literal["spread", "as_written", "off"] = Field(
        default="spread", description="spread: queries of the same interval don't all run at once"
    )

    @model_validator(mode="after")
    def _url_is_a_root(self) -> Environment:
        if "@" in self.url or "?" in self.url:
            raise ValueError("the address of the server, without a name, a key or a question mark")
        return self
