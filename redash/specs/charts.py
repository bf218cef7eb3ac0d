"""The charts of a query, `charts/<query-slug>.yaml`: what Redash can draw, in its words (a chart is a visualization).

What Redash has no option for is not here: bands, reference lines and marks are columns of the query, drawn as series.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, LiteralString

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from redash.specs.texts import NOTHING_SAID, Description, Model, Text, Title, Words

Unit = Literal["count", "number", "seconds", "hours", "ratio", "percent", "rtf", "chars", "bytes"]
Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
#: A series over the same x as the chart's own kind.
SeriesKind = Literal["line", "column", "area", "scatter"]

_ONE_Y = ("pie", "heatmap", "box", "bubble")


def _undrawable(message: LiteralString) -> PydanticCustomError:
    return PydanticCustomError("rule:chart", message)


def _beside_the_words(options: dict[str, Any]) -> dict[str, Any]:
    for name in ("globalSeriesType", "columnMapping", "customCode", "x_voxmeter"):
        if name in options:
            raise PydanticCustomError("rule:chart", "`options` has no place for {name}", {"name": name})
    return options


#: Redash's options by their names there; the rows of a list are a mapping by their `name` or number.
Verbatim = Annotated[
    dict[str, Any],
    AfterValidator(_beside_the_words),
]


class Measure(Model):
    """A column on the y axis. A goal, a limit or a bound of an interval is a measure too: Redash has no lines of its own."""

    column: str
    title: Words = NOTHING_SAID
    axis: Literal["left", "right"] = "left"
    kind: SeriesKind | None = None
    color: Color | None = None


class Axis(Model):
    """An axis: `auto` lets Redash guess from the values."""

    type: Literal["auto", "datetime", "linear", "logarithmic", "category"] = "auto"
    title: Words = NOTHING_SAID
    unit: Unit = "number"
    min: float | None = None
    max: float | None = None
    sort: bool = Field(default=True, description="false keeps the order of the query's rows")


class Marks(Model):
    """Releases and the like on a trend: a diamond at the top, and its words on hover.

    Redash leaves points of a stacked chart on the left axis: there `column` says how high they stand.
    """

    column: str = Field(
        description="1 in the rows that have a mark, else null; the height to draw it at where the chart is stacked"
    )
    label: str = Field(description="the column with the words of the mark")
    title: Words = NOTHING_SAID
    color: Color = "#8C95A0"


class Panel(Model):
    """What every chart says of itself. The question and the formula are for the pages of `docs/dashboards`, not for Redash."""

    title: Title
    description: Description = NOTHING_SAID
    question: Words = Field(default=NOTHING_SAID, description="what one learns from it")
    formula: str = Field(default="", description="how the figure is made, in columns; w is sample_weight")
    options: Verbatim = Field(
        default={},
        description="Redash's own, over those that come of the words: what there is no word for, as `pull` found it",
    )


class Drawn(Panel):
    """A chart with axes, a pie, a heat map or boxes (Redash: CHART)."""

    type: Literal["chart"]
    kind: Literal["line", "column", "bar", "area", "pie", "heatmap", "scatter", "bubble", "box"]
    x: str
    y: list[Measure] = Field(min_length=1)
    series: str | None = Field(default=None, description="the column whose values become series, with one y column")
    value: str | None = Field(default=None, description="the column that colours a heat map")
    size: str | None = Field(default=None, description="the column with the size of a bubble")
    size_factor: float = Field(default=1, gt=0, description="pixels of diameter for each unit of the size")
    error: str | None = Field(default=None, description="a column: half the width of the interval around the one y")
    marks: Marks | None = None
    stack: Literal["none", "values", "percent"] = "none"
    missing: Literal["gap", "zero"] = Field(default="gap", description="what a null is drawn as")
    x_axis: Axis = Axis()
    y_axis: Axis = Axis()
    right_axis: Axis = Axis()
    colors: dict[str, Color] = Field(default={}, description="the colour of a series, by its value")
    names: dict[str, Words] = Field(default={}, description="what a series is called, by its value")
    labels: bool = Field(default=False, description="write the values on the bars")
    legend: Literal["right", "below", "hidden"] = "below"
    n: str | None = Field(default=None, description="the column with the sample size of a point, shown on hover")

    @model_validator(mode="after")
    def _kind_has_what_it_needs(self) -> Drawn:
        heatmap = self.kind == "heatmap"
        if heatmap != (self.value is not None):
            raise _undrawable("a heat map, and only a heat map, has a `value`")
        if (self.kind == "bubble") != (self.size is not None):
            raise _undrawable("a bubble chart, and only a bubble chart, has a `size`")
        if heatmap and (self.x_axis.type, self.y_axis.type) != ("category", "category"):
            raise _undrawable("a heat map over texts is empty in Redash unless both axes are of type category")
        return self

    @model_validator(mode="after")
    def _series_are_clear(self) -> Drawn:
        if (self.kind in _ONE_Y or self.series or self.error) and len(self.y) != 1:
            raise _undrawable(
                "one y column goes with a pie, a heat map, boxes, bubbles, a series column or an error column"
            )
        if self.kind in ("pie", "heatmap") and self.series:
            raise _undrawable("a pie and a heat map have no series column")
        if self.error and self.kind not in ("line", "column", "scatter"):
            raise _undrawable("an error column goes with a line, columns or points")
        right = any(measure.axis == "right" for measure in self.y)
        if right and self.kind == "bar":
            raise _undrawable("Redash draws no right axis where it draws bars across")
        if self.marks and (right or self.kind not in ("line", "area", "column", "scatter")):
            raise _undrawable(
                "marks are drawn on the right axis of a line, an area, columns or points, which must be free"
            )
        return self

    def columns(self) -> list[str]:
        """The columns of the query's result that the chart needs."""
        marks = [self.marks.column, self.marks.label] if self.marks else []
        others = filter(None, [self.series, self.value, self.size, self.error, self.n])
        return [*dict.fromkeys([self.x, *(m.column for m in self.y), *others, *marks])]


class Counter(Panel):
    """One large figure (Redash: COUNTER)."""

    type: Literal["counter"]
    column: str
    row: int = Field(default=1, ge=1)
    unit: Unit = "number"
    decimals: int = Field(default=0, ge=0, le=6)
    prefix: Words = NOTHING_SAID
    suffix: Words = NOTHING_SAID
    target: str | None = Field(default=None, description="a column: green from there on, red below")
    note: str | None = Field(
        default=None,
        description="a column shown small beside the figure: a text like `n = 20`, since by a number Redash colours the figure",
    )
    note_title: Words = Text(en="n")

    @model_validator(mode="after")
    def _one_figure_beside_it(self) -> Counter:
        if self.target and self.note:
            raise _undrawable("Redash has place for one figure beside a counter's: a `target` or a `note`")
        return self

    def columns(self) -> list[str]:
        """The columns of the query's result that the counter needs."""
        return [self.column, *filter(None, [self.target, self.note])]


class TableColumn(Model):
    """A column of a table."""

    column: str
    title: Words = NOTHING_SAID
    description: Words = NOTHING_SAID
    unit: Unit | None = Field(default=None, description="none: a text")
    decimals: int = Field(default=0, ge=0, le=6)
    datetime: bool = False
    search: bool = Field(default=False, description="the search field of the table looks into this column")


class Table(Panel):
    """Rows as they are (Redash: TABLE)."""

    type: Literal["table"]
    table: list[TableColumn] = Field(min_length=1)
    rows_per_page: int = Field(default=25, ge=5)

    def columns(self) -> list[str]:
        """The columns of the query's result that the table needs."""
        return [column.column for column in self.table]


class Pivot(Panel):
    """A cross table (Redash: PIVOT). `first` shows one value a cell as it is, whatever SQL made it."""

    type: Literal["pivot"]
    rows: list[str] = Field(min_length=1)
    cols: list[str] = Field(min_length=1)
    value: str
    aggregate: Literal["sum", "count", "min", "max", "first"] = "sum"
    colored: bool = Field(default=False, description="the background says how large a cell is")
    totals: bool = False
    unit: Unit = "number"
    decimals: int = Field(default=0, ge=0, le=6)

    def columns(self) -> list[str]:
        """The columns of the query's result that the cross table needs."""
        return [*dict.fromkeys([*self.rows, *self.cols, self.value])]


class Cohort(Panel):
    """Who came back (Redash: COHORT): a row a cohort, a column a stage; Redash cuts values to whole numbers."""

    type: Literal["cohort"]
    date: str = Field(description="the column with the first day of the cohort")
    stage: str = Field(description="the column with the number of intervals since then, a whole number")
    total: str = Field(description="the column with the size of the cohort")
    value: str = Field(description="the column with how many of them are there at the stage")
    interval: Literal["daily", "weekly", "monthly"] = "weekly"
    percent: bool = True
    date_title: Words = NOTHING_SAID
    total_title: Words = NOTHING_SAID

    def columns(self) -> list[str]:
        """The columns of the query's result that the cohorts need."""
        return [self.date, self.stage, self.total, self.value]


AnyChart = Drawn | Counter | Table | Pivot | Cohort
Chart = Annotated[AnyChart, Field(discriminator="type")]
