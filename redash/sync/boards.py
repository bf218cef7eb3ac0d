"""Dashboards and their widgets as the files want them, on the grid that the server's version has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from redash.specs.models import GRID_COLUMNS, Position, Widget
from redash.specs.parameters import Parameter
from redash.specs.spec import NamedDashboard, Pack
from redash.specs.texts import SHORT_NAME_CHARS
from redash.sync.contents import redash_value
from redash.sync.wanted import TAG, Fields, Target, Wanted

Places = list[tuple[int, int, int, int]]


def wanted_dashboard(board: NamedDashboard, pack: Pack, target: Target) -> list[Wanted]:
    """A dashboard, published, under our tag, and its widgets."""
    key, spec = f"dashboard/{board.slug}", board.dashboard
    shared: dict[str, Parameter] = {}
    for widget in spec.widgets:
        for name, parameter in parameters_of(pack, widget.chart).items():
            if name not in widget.values:
                shared.setdefault(name, parameter)
    fields: Fields = {
        "name": target.title(spec.title, SHORT_NAME_CHARS),
        "tags": sorted({TAG, *spec.tags}),
        "published": True,
        "filters": False,
        "order": list(spec.parameters),
    }
    about: Fields = {}
    if target.version.has_dashboard_parameters:
        fields["parameters"] = {
            name: redash_value(one.default) for name, one in spec.parameters.items() if name in shared
        }
        about = {name: {"title": str(shared[name].title), "type": shared[name].type} for name in fields["parameters"]}
    places = packed([place(widget.at, target.version.grid_columns) for widget in spec.widgets])
    keys = widget_keys(board)
    widgets = [
        Wanted(keys[index], _widget(widget, places[index], parameters_of(pack, widget.chart)), within=key)
        for index, widget in enumerate(spec.widgets)
    ]
    return [Wanted(key, fields, beside=about), *widgets]


def widget_keys(board: NamedDashboard) -> list[str]:
    """A key for each widget: its chart, or the how-many-eth text it is; a chart's second time is `~2`."""
    seen: Counter[str] = Counter()
    keys = []
    for widget in board.dashboard.widgets:
        name = widget.chart or "text"
        seen[name] += 1
        many = f"~{seen[name]}" if widget.chart is None or seen[name] > 1 else ""
        keys.append(f"widget/{board.slug}/{name}{many}")
    return keys


def parameters_of(pack: Pack, chart: str | None) -> Mapping[str, Parameter]:
    """The parameters of the query under a chart, by name."""
    named = pack.charts.get(chart or "")
    return pack.queries[named.query].head.parameters if named else {}


def _widget(widget: Widget, at: tuple[int, int, int, int], parameters: Mapping[str, Parameter]) -> Fields:
    mappings: dict[str, Fields] = {}
    for name in parameters:
        fixed = widget.values.get(name)
        mappings[name] = {
            "type": "dashboard-level" if fixed is None else "static-value",
            "mapTo": name,
            "value": None if fixed is None else redash_value(fixed),
        }
    return {
        "chart": f"chart/{widget.chart}" if widget.chart else None,
        "text": "" if widget.text is None else str(widget.text),
        "position": dict(zip(("col", "row", "sizeX", "sizeY"), at, strict=True)),
        "mappings": mappings,
        "hidden": False,
    }


def place(at: Position, columns: int) -> tuple[int, int, int, int]:
    """(col, row, sizeX, sizeY) on a grid of that many columns; a 12-column grid is halved for servers before 25.8."""
    left = at.column * columns // GRID_COLUMNS
    right = (at.column + at.width) * columns // GRID_COLUMNS
    return left, at.row, max(1, right - left), at.height


def packed(places: Places) -> Places:
    """Each widget as far up as it goes, the topmost first: so the browser shows it, and writes it back once edited."""
    done: dict[int, tuple[int, int, int, int]] = {}
    for index in sorted(range(len(places)), key=lambda one: (places[one][1], places[one][0])):
        col, _, width, height = places[index]
        below = [top + high for left, top, wide, high in done.values() if left < col + width and col < left + wide]
        done[index] = (col, max(below, default=0), width, height)
    return [done[index] for index in range(len(places))]
