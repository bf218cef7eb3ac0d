"""What the files of the pack may say: the header of a query, the charts of a query, a dashboard.

Everything is named by slug, never by a server's id. The words are Redash's: a chart here is a Redash visualization.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from redash.specs.parameters import Model, Parameter, Range

GRID_COLUMNS = 12
# Trap T21: the widths of Redash's own columns.
QUERY_TITLE_CHARS, DESCRIPTION_CHARS, DASHBOARD_TITLE_CHARS = 255, 4096, 100

Title = Annotated[str, Field(min_length=1, max_length=QUERY_TITLE_CHARS)]
Description = Annotated[str, Field(max_length=DESCRIPTION_CHARS)]
ParameterName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]
Unit = Literal["count", "number", "seconds", "hours", "ratio", "percent", "rtf", "chars", "bytes"]


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
    description: Description
    parameters: dict[ParameterName, Parameter] = Field(default={})
    schedule: Schedule | None = None
    tags: list[str] = Field(default=[])
    may_be_empty: bool = Field(
        default=False, description="no rows are a good sign: `check --fail-if-empty` lets it pass"
    )


class Measure(Model):
    """A column on the y axis."""

    column: str
    title: str = ""
    axis: Literal["left", "right"] = "left"
    kind: Literal["line", "column", "area"] | None = None
    color: str | None = Field(default=None, pattern=r"^#[0-9A-Fa-f]{6}$")


class Axis(Model):
    """An axis: `auto` lets Redash guess from the values."""

    type: Literal["auto", "datetime", "linear", "logarithmic", "category"] = "auto"
    title: str = ""
    unit: Unit = "number"
    min: float | None = None
    max: float | None = None
    sort: bool = Field(default=True, description="false keeps the order of the query's rows")


class Drawn(Model):
    """A chart with axes, a pie or a heat map (Redash: CHART)."""

    type: Literal["chart"]
    kind: Literal["line", "column", "bar", "area", "pie", "heatmap"]
    title: Title
    description: Description = ""
    x: str
    y: list[Measure] = Field(min_length=1)
    series: str | None = Field(default=None, description="the column whose values become series, with one y column")
    value: str | None = Field(default=None, description="the column that colours a heat map")
    stack: Literal["none", "values", "percent"] = "none"
    x_axis: Axis = Axis()
    y_axis: Axis = Axis()
    right_axis: Axis = Axis()
    colors: dict[str, str] = Field(default={}, description="the colour of a series, by its value")
    labels: bool = Field(default=False, description="write the values on the bars")
    n: str | None = Field(default=None, description="the column with the sample size of a point, shown on hover")

    @model_validator(mode="after")
    def _kind_has_what_it_needs(self) -> Drawn:
        heatmap = self.kind == "heatmap"
        if heatmap != (self.value is not None):
            raise ValueError("a heat map, and only a heat map, has a `value`")
        if (heatmap or self.kind == "pie" or self.series) and len(self.y) != 1:
            raise ValueError("one y column goes with a pie, a heat map, or a series column")
        if (heatmap or self.kind == "pie") and self.series:
            raise ValueError("a pie and a heat map have no series column")
        if heatmap and (self.x_axis.type, self.y_axis.type) != ("category", "category"):
            raise ValueError("a heat map over texts is empty in Redash unless both axes are of type category")
        return self

    def columns(self) -> list[str]:
        """The columns of the query's result that the chart needs."""
        return [*dict.fromkeys([self.x, *(m.column for m in self.y), *filter(None, [self.series, self.value, self.n])])]


class Counter(Model):
    """One large figure (Redash: COUNTER)."""

    type: Literal["counter"]
    title: Title
    description: Description = ""
    column: str
    row: int = Field(default=1, ge=1)
    unit: Unit = "number"
    decimals: int = Field(default=0, ge=0, le=6)
    prefix: str = ""
    suffix: str = ""
    note: str | None = Field(default=None, description="a column shown small beside the figure, the n of a percentile")
    note_title: str = "n"

    def columns(self) -> list[str]:
        """The columns of the query's result that the counter needs."""
        return [self.column, *filter(None, [self.note])]


class TableColumn(Model):
    """A column of a table."""

    column: str
    title: str = ""
    unit: Unit | None = Field(default=None, description="none: a text")
    decimals: int = Field(default=0, ge=0, le=6)
    datetime: bool = False


class Table(Model):
    """Rows as they are (Redash: TABLE)."""

    type: Literal["table"]
    title: Title
    description: Description = ""
    table: list[TableColumn] = Field(min_length=1)
    rows_per_page: int = Field(default=25, ge=5)

    def columns(self) -> list[str]:
        """The columns of the query's result that the table needs."""
        return [column.column for column in self.table]


Chart = Annotated[Drawn | Counter | Table, Field(discriminator="type")]


class Position(Model):
    """A place on Redash's grid: 12 columns, rows of 50 pixels, both counted from 0."""

    column: int = Field(ge=0, lt=GRID_COLUMNS)
    row: int = Field(ge=0)
    width: int = Field(ge=1, le=GRID_COLUMNS)
    height: int = Field(ge=1)


class Widget(Model):
    """A chart (`query-slug/chart-name`) or a text box in markdown, at its place."""

    chart: str | None = Field(default=None, pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")
    text: str | None = None
    at: Position
    values: dict[str, str | int | float | Range] = Field(
        default={}, description="parameters fixed for this widget; the others are the dashboard's"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Widget:
        if (self.chart is None) == (self.text is None):
            raise ValueError("a widget has either a `chart` or a `text`")
        return self


class DashboardParameter(Model):
    """An input of the dashboard, shared by all widgets whose queries have a parameter of this name."""

    default: str | int | float | Range


class Dashboard(Model):
    """`dashboards/<slug>.yaml`."""

    title: Annotated[str, Field(min_length=1, max_length=DASHBOARD_TITLE_CHARS)]
    description: Description = ""
    tags: list[str] = Field(default=[])
    parameters: dict[ParameterName, DashboardParameter] = Field(default={}, description="in the order they are shown")
    widgets: list[Widget] = Field(min_length=1)
