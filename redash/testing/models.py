"""A case, `cases/<name>.yaml`: lines of a log, and what alerts and queries must say of them on each database."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from redash.specs.models import Slug
from redash.specs.texts import Model
from redash.testing.moments import Moment, Span

#: A value of each line of a group: itself, or `{cycle: […]}`, or `{from: 1, step: 2}` which grows from line to line.
Keys = dict[str, Any]


class Stretch(Model):
    """A stretch of time, by default the last hour."""

    start: Moment = Field(default="60m", alias="from")
    end: Moment = Field(default="0s", alias="to")
    keys: Keys = Field(default={}, alias="with")


class Failing(Model):
    """Each so many'th request fails: by default by a fault of the service."""

    percent: float = Field(gt=0, le=100)
    keys: Keys = Field(default={}, alias="with")


class Requests(Stretch):
    """`requests` in all, or so many `an_hour`, spread evenly over a stretch of time."""

    requests: int | None = Field(default=None, ge=1)
    an_hour: float | None = Field(default=None, gt=0)
    failing: Failing | None = None

    @model_validator(mode="after")
    def _one_number(self) -> Requests:
        if (self.requests is None) == (self.an_hour is None):
            raise ValueError("either `requests` or `an_hour`")
        return self


class Heartbeats(Stretch):
    """A heartbeat so often; its counter of requests grows by `requests_an_hour`."""

    heartbeats: Span
    requests_an_hour: float = Field(default=0, ge=0)


class Mark(Model):
    """A mark as `tts-etl mark` sets it, for all instances or for one."""

    mark: Literal["release", "maintenance", "holiday", "note"]
    at: Moment
    label: str = "mark"
    instance: str | None = None


class AsItIs(Model):
    """A line as it is, right or broken, so many `times`."""

    line: str
    times: int = Field(default=1, ge=1)


class File(Model):
    """The lines of a file beside the case; `newest_at` moves all of them in time."""

    file: str
    newest_at: Moment | None = None


def _kind(given: Any) -> str:
    keys = given if isinstance(given, dict) else {}
    known = {"an_hour": "requests"} | {name: name for name in ("requests", "heartbeats", "mark", "line", "file")}
    return next((kind for name, kind in known.items() if name in keys), "requests")


Group = Annotated[
    Annotated[Requests, Tag("requests")]
    | Annotated[Heartbeats, Tag("heartbeats")]
    | Annotated[Mark, Tag("mark")]
    | Annotated[AsItIs, Tag("line")]
    | Annotated[File, Tag("file")],
    Discriminator(_kind),
]


class Expectation(Model):
    """What an alert or a query says of the lines: rows by the columns that are named, in their order."""

    alert: Slug | None = None
    query: Slug | None = None
    after: Span = Field(default="0s", description="asked as if so much time had passed since")
    parameters: dict[str, str | int | float] = Field(default={})
    state: Literal["ok", "triggered", "unknown", "stuck"] | None = None
    value: float | str | None = None
    rows: list[dict[str, Any]] | None = None
    within: float = Field(default=0, ge=0, description="how far numbers may be off, and two databases apart")

    @model_validator(mode="after")
    def _of_one(self) -> Expectation:
        if (self.alert is None) == (self.query is None):
            raise ValueError("either `alert` or `query`")
        if self.alert is None and (self.state is not None or self.value is not None):
            raise ValueError("only an alert has a `state` and a `value`")
        if self.state is None and self.rows is None:
            raise ValueError("nothing is expected: a `state` or `rows`")
        return self


class Case(Model):
    """One fixture and all that is expected of it."""

    title: str
    report_timezone: str = "UTC"
    lines_of: list[Slug] = Field(default=[], description="cases whose lines come before these")
    lines: list[Group] = Field(default=[])
    expect: list[Expectation] = Field(default=[])
