"""The header of a query and a dashboard. Everything is named by slug, never by a server's id."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from redash.specs.parameters import Parameter, Range
from redash.specs.texts import NOTHING_SAID, Description, Model, ShortTitle, Title, Words

GRID_COLUMNS = 12

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
ParameterName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]


class Schedule(Model):
    """Redash wants all four keys, or switches the schedule off without a word (trap T2)."""

    interval_seconds: int = Field(ge=60)
    time: str | None = Field(
        default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="UTC, only with whole days"
    )
    day_of_week: Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] | None = None
    until: str | None = Field(default=None, pattern=r"^\d{4}-\d\d-\d\d$")


class QueryHead(Model):
    """The header comment of `queries/<slug>.sql`."""

    title: Title
    description: Description = Field(
        default=NOTHING_SAID, description="Redash writes it over each widget of the query: a line, or nothing"
    )
    details: Words = Field(default=NOTHING_SAID, description="how the figures are made: for people and docs, not sent")
    source: Slug = Field(default="tts", description="the data source; an environment may put another one in its place")
    parameters: dict[ParameterName, Parameter] = Field(default={})
    schedule: Schedule | None = None
    tags: list[str] = Field(default=[])
    may_be_empty: bool = Field(
        default=False, description="no rows are a good sign: `check --fail-if-empty` lets it pass"
    )


class Position(Model):
    """A place on Redash's grid: 12 columns, rows of 50 pixels, both counted from 0."""

    column: int = Field(ge=0, lt=GRID_COLUMNS)
    row: int = Field(ge=0)
    width: int = Field(ge=1, le=GRID_COLUMNS)
    height: int = Field(ge=1)


class Widget(Model):
    """A chart (`query-slug/chart-name`) or a text box in markdown, at its place."""

    chart: str | None = Field(default=None, pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")
    text: Words | None = None
    at: Position
    values: dict[str, str | int | float | Range] = Field(
        default={}, description="parameters fixed for this widget; the others are the dashboard's"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Widget:
        if (self.chart is None) == (self.text is None):
            raise PydanticCustomError("rule:widget", "a widget has either a `chart` or a `text`")
        if self.text is not None and not self.text:
            raise PydanticCustomError("rule:widget", "a text box without a text")
        return self


class DashboardParameter(Model):
    """An input of the dashboard, shared by all widgets whose queries have a parameter of this name."""

    default: str | int | float | Range


class Dashboard(Model):
    """`dashboards/<slug>.yaml`."""

    title: ShortTitle
    description: Description = NOTHING_SAID
    tags: list[str] = Field(default=[])
    parameters: dict[ParameterName, DashboardParameter] = Field(default={}, description="in the order they are shown")
    widgets: list[Widget] = Field(min_length=1)
