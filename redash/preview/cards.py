"""Each widget of a dashboard as a card of the page: a figure, a tile, a table, a text, or why there is none.

A query that fails costs its own cards only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from markdown_it import MarkdownIt
from markupsafe import Markup

from redash.data.answers import Answers
from redash.data.check import points_of
from redash.data.database import Result, Value
from redash.errors import QueryFailed
from redash.preview.figures import figure
from redash.preview.formats import shown
from redash.preview.grids import Grid, grid
from redash.preview.pies_and_maps import Figure
from redash.preview.words import words
from redash.specs.charts import AnyChart, Counter, Drawn
from redash.specs.models import Position, QueryHead, Widget
from redash.specs.parameters import RangeParameter
from redash.specs.spec import NamedDashboard
from redash.specs.texts import Lang

Words = dict[str, str]

# Raw HTML in a text box stays text.
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True, slots=True)
class Card:
    """What the template draws at a place of the grid."""

    kind: Literal["figure", "counter", "table", "text", "empty", "error"]
    at: Position
    slug: str = ""
    type: str = ""
    title: str = ""
    description: str = ""
    message: str = ""
    note: str = ""
    figure: Figure = field(default_factory=dict)
    grid: Grid | None = None
    html: Markup = Markup()  # noqa: RUF009 - immutable, and empty


def cards(answers: Answers, board: NamedDashboard, lang: Lang) -> list[Card]:
    """A card for each widget, from the top left to the bottom right."""
    widgets = sorted(board.dashboard.widgets, key=lambda widget: (widget.at.row, widget.at.column))
    own = words(lang)
    return [card_of(answers, board, widget, own) for widget in widgets]


def card_of(answers: Answers, board: NamedDashboard, widget: Widget, own: Words) -> Card:
    """The card of one widget; `own` are the words of the page. Raises ParameterError for values that don't fit."""
    if widget.text is not None:
        return Card("text", widget.at, html=Markup(_MARKDOWN.render(str(widget.text))))  # noqa: S704 - made above, without HTML
    named = answers.pack.charts[widget.chart or ""]
    chart = named.chart
    kind = chart.kind if isinstance(chart, Drawn) else chart.type
    head: dict[str, Any] = {
        "at": widget.at,
        "slug": named.slug,
        "type": kind,
        "title": str(chart.title),
        "description": str(chart.description),
    }
    try:
        result = answers.of_widget(board, widget)
        if not points_of(chart, result):
            return Card("empty", message=own[_why_empty(answers.pack.queries[named.query].head, result)], **head)
        return Card(**head, **_content(chart, result, answers.now.date().isoformat(), own["today"]))
    except QueryFailed as error:
        return Card("error", message=str(error), **head)
    except KeyError as error:
        return Card("error", message=f"the query returns no column {error}", **head)


def _why_empty(query: QueryHead, result: Result) -> str:
    """The name of the words for it: rows without a value are lines that never carried the figure."""
    if query.may_be_empty:
        return "none"
    if result.rows:
        return "no_figure"
    return "empty" if any(isinstance(item, RangeParameter) for item in query.parameters.values()) else "not_yet"


def _content(chart: AnyChart, result: Result, today: str, today_note: str) -> dict[str, Any]:
    if isinstance(chart, Drawn):
        return {
            "kind": "figure",
            "figure": figure(chart, result, today, today_note),
            "note": _sample_size(chart, result),
        }
    if isinstance(chart, Counter):
        return {"kind": "counter", **_counter(chart, result)}
    return {"kind": "table", "grid": grid(chart, result)}


def _sample_size(chart: Drawn, result: Result) -> str:
    if chart.n is None:
        return ""
    numbers = [value for value in result.column(chart.n) if isinstance(value, int | float)]
    return f"n = {shown(sum(numbers), 'count', 0)}"


def _counter(chart: Counter, result: Result) -> dict[str, str]:
    row = chart.row - 1
    figure_text = shown(result.column(chart.column)[row], chart.unit, chart.decimals)
    note = "" if chart.note is None else _note(chart, result.column(chart.note)[row])
    if chart.target is not None:
        note = f"({shown(result.column(chart.target)[row], chart.unit, chart.decimals)})"
    return {"message": f"{chart.prefix}{figure_text}{chart.suffix}", "note": note}


def _note(chart: Counter, value: Value) -> str:
    return value if isinstance(value, str) else f"{chart.note_title} = {shown(value, 'count', 0)}"
