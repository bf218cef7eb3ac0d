"""The figures whose axes are none, or not numbers: pies and heat maps."""

from __future__ import annotations

from typing import Any

from redash.data.database import Result
from redash.preview.axes import axis_of
from redash.preview.palette import PALETTE, SCALE
from redash.specs.charts import Drawn

Figure = dict[str, Any]


def pie(chart: Drawn, result: Result) -> Figure:
    labels = [str(value) for value in result.column(chart.x)]
    colors = [chart.colors.get(label, PALETTE[index % len(PALETTE)]) for index, label in enumerate(labels)]
    slices = {
        "type": "pie",
        "labels": labels,
        "values": result.column(chart.y[0].column),
        "marker": {"colors": colors, "line": {"width": 1}},
        "textinfo": "percent",
        "textposition": "inside",
        "insidetextorientation": "horizontal",
        "texttemplate": "%{percent:.0%}",
        "hovertemplate": "%{label}: %{value:,} (%{percent})<extra></extra>",
        "sort": True,
        "direction": "clockwise",
        "hole": 0.45,
    }
    return {"data": [slices], "layout": {"uniformtext": {"minsize": 10, "mode": "hide"}, "showlegend": True}}


def heatmap(chart: Drawn, result: Result) -> Figure:
    rows, value = chart.y[0].column, chart.value or ""
    x, y = (sorted({str(item) for item in result.column(name)}) for name in (chart.x, rows))
    cells = {
        (str(across), str(down)): cell
        for across, down, cell in zip(result.column(chart.x), result.column(rows), result.column(value), strict=True)
    }
    cells_drawn = {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": [[cells.get((across, down)) for across in x] for down in y],
        "xgap": 2,
        "ygap": 2,
        "zmin": 0,
        "zmax": max((cell for cell in cells.values() if isinstance(cell, int | float)), default=0) or 1,
        "colorscale": SCALE,
        "colorbar": {"thickness": 10, "outlinewidth": 0, "tickformat": "~r"},
        "hovertemplate": "%{y}, %{x}: %{z:,.2~f}<extra></extra>",
    }
    axes = {
        "xaxis": axis_of(chart.x_axis) | {"showgrid": False},
        "yaxis": axis_of(chart.y_axis) | {"showgrid": False, "autorange": "reversed"},
    }
    return {"data": [cells_drawn], "layout": {**axes, "showlegend": False}}
